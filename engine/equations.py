"""The text of a cell, read into its lines, states, parameters and shapes.

The text is parsed with Python's `ast` and held against a short whitelist; it is never evaluated.

>>> cell = parse("h = tanh(U @ x + W @ h_prev + b)")
>>> [str(line) for line in cell.lines], cell.states, [p.name for p in cell.parameters]
(['h = tanh(U @ x + W @ h_prev + b)'], ('h',), ['U', 'W', 'b'])
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock

from engine.activations import ACTIVATIONS
from engine.errors import EquationError, shorten
from engine.expressions import Binary, Call, Expression, Line, Name, Negative, Number, Product
from engine.shapes import FED_BACK, INPUT, PREVIOUS, Parameter, find_parameters, names_read

MAX_CHARACTERS = 4000
MAX_LINES = 32
MAX_NODES = 600
"""Of all equations together: names, numbers, operators and calls."""
RESERVED = "grad"
MAX_DEPTH = 24
MAX_NAME = 32

ALLOWED = "allowed are + - * @, numbers, parentheses, x, NAME_prev and the activations " + ", ".join(ACTIVATIONS)
_NAME = re.compile(r"(?!.*__)[A-Za-z][A-Za-z0-9_]*\Z")
# CPython 3.11 counts the recursion of all threads that parse as one, and fails where it does not add up.
_PARSER = Lock()
_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_TITLES: dict[type[ast.AST], str] = {
    ast.Subscript: "indexing",
    ast.Attribute: "an attribute",
    ast.Lambda: "a function",
    ast.FunctionDef: "a function",
    ast.ClassDef: "a class",
    ast.For: "a loop",
    ast.While: "a loop",
    ast.ListComp: "a loop",
    ast.GeneratorExp: "a loop",
    ast.Import: "an import",
    ast.ImportFrom: "an import",
    ast.Compare: "a comparison",
    ast.IfExp: "a condition",
    ast.If: "a condition",
    ast.BoolOp: "a condition",
    ast.List: "a list",
    ast.Tuple: "a tuple",
    ast.Dict: "a dictionary",
    ast.NamedExpr: "an assignment inside an expression",
    ast.AugAssign: "an assignment with an operator",
    ast.AnnAssign: "an annotation",
    ast.Div: "division",
    ast.Pow: "a power",
    ast.Mod: "a remainder",
    ast.FloorDiv: "division",
}


@dataclass(frozen=True)
class Equations:
    """A cell: its lines in order, the names of its states and its parameters in order of use.

    `numbers` are the lines' numbers in the text they were read from; `fed_back` is whether that text
    reads `y_prev`.
    """

    lines: tuple[Line, ...]
    states: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    numbers: tuple[int, ...]
    fed_back: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every left-hand side, in order."""
        return tuple(line.target for line in self.lines)

    def __str__(self) -> str:
        return "\n".join(str(line) for line in self.lines)


@lru_cache(maxsize=256)
def parse(text: str, fed_back: bool = False) -> Equations:
    """Read a cell's equations, one a line; `y_prev` is allowed where the output is `fed_back`.

    Raises EquationError with line and column where the text is not allowed: anything but
    assignments of sums and products of names, numbers and activations; a name used before its
    line; a `_prev` of nothing; a vector that is added to one of another length.
    """
    if len(text) > MAX_CHARACTERS:
        given = f"{len(text):,}"
        raise EquationError(f"at most {MAX_CHARACTERS:,} characters are allowed, got {given}", 1, 1)
    statements = _statements(text)
    reader = _Reader(text, fed_back)
    lines = tuple(reader.line(statement) for statement in statements)
    _check_names(lines, statements)
    return _assemble(lines, tuple(statement.lineno for statement in statements))


def without_biases(cell: Equations) -> Equations:
    """The same cell with every bias taken out of its sums; raises EquationError where nothing is left of one."""
    biases = {parameter.name for parameter in cell.parameters if parameter.role == "bias"}
    lines = []
    for line, number in zip(cell.lines, cell.numbers, strict=True):
        rest = _drop(line.expression, biases)
        if rest is None:
            raise EquationError(f"{line.target} is made of biases alone, and bias is false", number, 1)
        lines.append(replace(line, expression=rest))
    return _assemble(tuple(lines), cell.numbers)


def with_activation(cell: Equations, targets: tuple[str, ...], function: str) -> Equations:
    """The same cell with the activations of the named lines replaced by `function`."""
    lines = tuple(
        replace(line, expression=_activated(line.expression, function)) if line.target in targets else line
        for line in cell.lines
    )
    return replace(cell, lines=lines)


def _activated(node: Expression, function: str) -> Expression:
    """The expression with every activation in it replaced."""
    match node:
        case Call(_, argument):
            return Call(function, _activated(argument, function))
        case Binary(operator, left, right):
            return Binary(operator, _activated(left, function), _activated(right, function))
        case Negative(operand):
            return Negative(_activated(operand, function))
        case Product(matrix, operand):
            return Product(matrix, _activated(operand, function))
        case _:
            return node


def _statements(text: str) -> list[ast.stmt]:
    try:
        with _PARSER:
            statements = ast.parse(text).body
    except SyntaxError as error:
        reason = f"{error.msg}; one equation a line, e.g. h = tanh(U @ x + W @ h_prev + b)"
        raise EquationError(reason, error.lineno or 1, error.offset or 1) from None
    except (ValueError, RecursionError, MemoryError):
        reason = "cannot be read: too deeply nested, or not text"
        raise EquationError(reason, 1, 1) from None
    if not statements:
        raise EquationError("no equation; at least one must assign h", 1, 1)
    if len(statements) > MAX_LINES:
        given = statements[MAX_LINES]
        reason = f"at most {MAX_LINES} lines are allowed, got {len(statements)}"
        raise EquationError(reason, given.lineno, 1)
    return statements


class _Reader:
    """Reads the statements of the parsed text into Lines."""

    def __init__(self, text: str, fed_back: bool) -> None:
        self.text = text
        self.fed_back = fed_back
        self.nodes = 0

    def line(self, statement: ast.stmt) -> Line:
        if not isinstance(statement, ast.Assign):
            raise self.refusal(statement)
        target = statement.targets[0]
        if len(statement.targets) != 1 or not isinstance(target, ast.Name):
            raise self.error(target, "the left side must be one name, e.g. h = ...")
        return Line(self.target(target), self.expression(statement.value, 0))

    def target(self, node: ast.Name) -> str:
        name = self.name(node)
        if name in ACTIVATIONS or name == INPUT or name.endswith(PREVIOUS):
            raise self.error(node, f"{name} cannot be assigned: it is given")
        return name

    def name(self, node: ast.Name) -> str:
        if not _NAME.match(node.id) or len(node.id) > MAX_NAME:
            raise self.error(
                node,
                f"a name has at most {MAX_NAME} letters a-z, digits and single underscores and "
                f"begins with a letter, got {shorten(node.id)}",
            )
        if node.id == RESERVED:
            raise self.error(node, f"{RESERVED} is what gradients are called; another name is needed")
        return node.id

    def expression(self, node: ast.expr, depth: int) -> Expression:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            most = f"at most {MAX_NODES} names, numbers and operators, nested at most {MAX_DEPTH} deep"
            raise self.error(node, f"the equations are too long or too deeply nested: {most}")
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.Name():
                return self.value(node)
            case ast.UnaryOp(op=ast.USub()):
                return Negative(self.expression(node.operand, depth + 1))
            case ast.BinOp(op=ast.MatMult()):
                return self.product(node, depth)
            case ast.BinOp() if type(node.op) in _OPERATORS:
                left = self.expression(node.left, depth + 1)
                return Binary(_OPERATORS[type(node.op)], left, self.expression(node.right, depth + 1))
            case ast.Call():
                return self.call(node, depth)
            case _:
                raise self.refusal(node)

    def number(self, node: ast.Constant) -> Number:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e100:
            raise self.error(node, f"a number must be real and finite, got {shorten(value)}")
        return Number(float(value))

    def value(self, node: ast.Name) -> Name:
        name = self.name(node)
        if name in ACTIVATIONS:
            raise self.error(node, f"{name} is an activation: write {name}(...)")
        if name == FED_BACK and not self.fed_back:
            raise self.error(node, "y_prev is the output fed back, and feedback.source is 'none'")
        return Name(name)

    def product(self, node: ast.BinOp, depth: int) -> Product:
        if not isinstance(node.left, ast.Name):
            raise self.error(node, "the left side of @ must be the name of a matrix, as in W @ h_prev")
        matrix = self.value(node.left).id
        return Product(matrix, self.expression(node.right, depth + 1))

    def call(self, node: ast.Call, depth: int) -> Call:
        function = node.func.id if isinstance(node.func, ast.Name) else None
        if function not in ACTIVATIONS:
            called = self.source(node.func)
            raise self.error(node, f"{called}(...) is not an activation; {ALLOWED}")
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            raise self.error(node, f"{function} takes one argument")
        return Call(function, self.expression(node.args[0], depth + 1))

    def refusal(self, node: ast.stmt | ast.expr) -> EquationError:
        kind = type(node.op) if isinstance(node, ast.BinOp | ast.UnaryOp) else type(node)
        title = _TITLES.get(kind) or self.source(node)
        return self.error(node, f"{title} is not allowed here; {ALLOWED}")

    def source(self, node: ast.stmt | ast.expr) -> str:
        """The node as it was typed, cut short."""
        return shorten(ast.get_source_segment(self.text, node) or "", 40).strip("'")

    def error(self, node: ast.stmt | ast.expr, message: str) -> EquationError:
        return EquationError(message, node.lineno, node.col_offset + 1)


def _check_names(lines: tuple[Line, ...], statements: list[ast.stmt]) -> None:
    assigned = {line.target for line in lines}
    known: set[str] = set()
    for line, statement in zip(lines, statements, strict=True):
        if line.target in known:
            raise EquationError(f"{line.target} is assigned twice", statement.lineno, 1)
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                _check_name(node, assigned, known)
        known.add(line.target)
    if "h" not in assigned:
        raise EquationError("no line assigns h, the hidden state", statements[-1].lineno, 1)


def _check_name(node: ast.Name, assigned: set[str], known: set[str]) -> None:
    name, column = node.id, node.col_offset + 1
    stem = name.removesuffix(PREVIOUS)
    if name == FED_BACK:
        return
    if stem != name and stem not in assigned:
        reason = f"{name} is undefined: no line assigns {stem}"
        raise EquationError(reason, node.lineno, column)
    if name in assigned and name not in known:
        reason = f"{name} is used before its line; its value one step before is {name}{PREVIOUS}"
        raise EquationError(reason, node.lineno, column)


def _assemble(lines: tuple[Line, ...], numbers: tuple[int, ...]) -> Equations:
    read = names_read(lines)
    states = [line.target for line in lines if line.target + PREVIOUS in read and line.target + PREVIOUS != FED_BACK]
    vectors = {line.target for line in lines} | {INPUT, FED_BACK} | {state + PREVIOUS for state in states}
    parameters = find_parameters(lines, numbers, vectors)
    return Equations(lines, tuple(dict.fromkeys(["h", *states])), parameters, numbers, FED_BACK in read)


def _drop(node: Expression, names: set[str]) -> Expression | None:
    """The expression with the named terms zero; None where that makes all of it zero."""
    match node:
        case Name(name):
            return None if name in names else node
        case Binary(operator, left, right):
            return _join(operator, _drop(left, names), _drop(right, names))
        case Negative(operand):
            rest = _drop(operand, names)
            return None if rest is None else Negative(rest)
        case Product(matrix, operand):
            rest = _drop(operand, names)
            return None if rest is None else Product(matrix, rest)
        case Call(function, argument):
            return Call(function, _drop(argument, names) or Number(0))
        case _:
            return node


def _join(operator: str, left: Expression | None, right: Expression | None) -> Expression | None:
    """`left operator right`, where None is zero."""
    if operator == "*":
        return None if left is None or right is None else Binary("*", left, right)
    if right is None:
        return left
    if left is None:
        return right if operator == "+" else Negative(right)
    return Binary(operator, left, right)
