"""The shapes of a cell's parameters, found from how its equations use them.

A vector has `hidden_size` entries (the letter H), as many as the input (I) or as the output (O). Every
equation gives H entries, x has I, y_prev has O, and a matrix maps what it multiplies to H.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import EquationError
from engine.expressions import Binary, Call, Expression, Line, Name, Negative, Product, walk

INPUT = "x"
FED_BACK = "y_prev"
PREVIOUS = "_prev"
GIVEN = {INPUT: "I", FED_BACK: "O"}
"""What a step is given besides the states, and how long it is."""


@dataclass(frozen=True)
class Parameter:
    """A learned array of a cell.

    `role` is `matrix` (left of @), `bias` (a vector only ever added) or `scale` (a vector that
    multiplies). `shape` is in letters: `("H", "I")` has a row a unit and a column an input;
    `operand` is what a matrix multiplies, e.g. `h_prev`.
    """

    name: str
    role: str
    shape: tuple[str, ...]
    operand: str | None = None


def is_recurrent(operand: str | None) -> bool:
    """Whether what a matrix multiplies is made of a state of the step before."""
    words = re.findall(r"\w+", operand or "")
    return any(word.endswith(PREVIOUS) and word != FED_BACK for word in words)


def names_read(lines: tuple[Line, ...]) -> list[str]:
    """Every name the lines read, matrices included, each once in order."""
    found: dict[str, None] = {}
    for line in lines:
        for node in walk(line.expression):
            if isinstance(node, Product):
                found[node.matrix] = None
            elif isinstance(node, Name):
                found[node.id] = None
    return list(found)


def find_parameters(lines: tuple[Line, ...], numbers: tuple[int, ...], vectors: set[str]) -> tuple[Parameter, ...]:
    """The parameters in order of use: every name read that is none of the given vectors.

    `numbers` are the lines' numbers in the text. Raises EquationError where lengths do not match.
    """
    shapes = _Shapes(vectors)
    for line in lines:
        shapes.settle(line)
    for line, number in zip(lines, numbers, strict=True):
        shapes.line(line, number)
    return tuple(shapes.parameter(name) for name in names_read(lines) if name not in vectors)


class _Shapes:
    """Finds the length of every vector and the shape of every parameter from their use."""

    def __init__(self, vectors: set[str]) -> None:
        self.lengths: dict[str, str] = {name: GIVEN.get(name, "H") for name in vectors}
        self.matrices: dict[str, tuple[str, str, str]] = {}
        self.columns: dict[str, str] = {}
        self.scales: set[str] = set()
        self.number = 0

    def settle(self, line: Line) -> None:
        """Note the columns of every matrix that multiplies what has a known length somewhere."""
        for node in walk(line.expression):
            if isinstance(node, Product) and (columns := self.length(node.operand)):
                self.columns.setdefault(node.matrix, columns)

    def line(self, line: Line, number: int) -> None:
        self.number = number
        constant = not any(isinstance(node, Name | Product) for node in walk(line.expression))
        if constant and line.target == "h":
            raise self.error("h is a constant; the hidden state must read a name")
        self.expect(line.expression, "H")

    def length(self, node: Expression) -> str | None:
        """The letter of the node's length where that is settled: H, I, or None."""
        match node:
            case Name(name):
                return self.lengths.get(name)
            case Product():
                return "H"
            case Binary(_, left, right):
                return self.length(left) or self.length(right)
            case Negative(operand) | Call(_, operand, _):
                return self.length(operand)
            case _:
                return None

    def expect(self, node: Expression, length: str) -> None:
        """Hold the node to a length, or raise EquationError."""
        match node:
            case Name(name):
                self.vector(name, length)
            case Product(matrix, operand):
                self.matrix(matrix, operand, length)
            case Binary(operator, left, right):
                if operator == "*":
                    self.scales |= {side.id for side in (left, right) if isinstance(side, Name)}
                self.expect(left, length)
                self.expect(right, length)
            case Negative(operand) | Call(_, operand, _):
                self.expect(operand, length)

    def vector(self, name: str, length: str) -> None:
        if name in self.matrices:
            raise self.error(f"{name} is a matrix (left of @) and cannot stand alone")
        known = self.lengths.setdefault(name, length)
        if known != length:
            raise self.error(f"{name} has {_entries(known)}, but {_entries(length)} are needed")

    def matrix(self, name: str, operand: Expression, rows: str) -> None:
        if name in self.lengths:
            raise self.error(f"{name} is a vector and cannot stand left of @")
        if rows != "H":
            raise self.error(f"{name} @ ... has {_entries('H')}, but {_entries(rows)} are needed")
        columns = self.length(operand) or self.columns.get(name, "H")
        self.expect(operand, columns)
        known = self.matrices.setdefault(name, (rows, columns, str(operand)))
        if known[1] != columns:
            raise self.error(f"{name} has {_entries(known[1])} a row, but {operand} has {_entries(columns)}")

    def parameter(self, name: str) -> Parameter:
        if name in self.matrices:
            rows, columns, operand = self.matrices[name]
            return Parameter(name, "matrix", (rows, columns), operand)
        role = "scale" if name in self.scales else "bias"
        return Parameter(name, role, (self.lengths[name],))

    def error(self, message: str) -> EquationError:
        return EquationError(f"shapes do not match: {message}", self.number, 1)


def _entries(letter: str) -> str:
    words = {"H": "hidden_size entries", "I": "as many entries as the input", "O": "as many entries as the output"}
    return words[letter]
