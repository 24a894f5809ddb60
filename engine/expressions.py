"""The small language that equations and their derivatives are both written in.

An expression is a tree of frozen nodes. It can be shown as text (`str`) or sent as nested lists
(`tree`); nothing here computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Tree: TypeAlias = "str | float | list[Tree]"


@dataclass(frozen=True)
class Name:
    """A value or parameter by its name, e.g. `h`, `h_prev`, `grad.h.a`."""

    id: str

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float

    def __str__(self) -> str:
        return str(int(self.value)) if self.value == int(self.value) and self.value < 1e6 else repr(self.value)


@dataclass(frozen=True)
class Binary:
    """`left operator right`, elementwise; the operator is one of + - *."""

    operator: str
    left: Expression
    right: Expression

    def __str__(self) -> str:
        left, right = str(self.left), str(self.right)
        if self.operator == "*":
            left = f"({left})" if _is_sum(self.left) else left
            right = right if _is_atom(self.right) else f"({right})"
        elif _is_sum(self.right) or isinstance(self.right, Negative):
            right = f"({right})"
        return f"{left} {self.operator} {right}"


@dataclass(frozen=True)
class Negative:
    """`-operand`."""

    operand: Expression

    def __str__(self) -> str:
        return f"-{self.operand}" if _is_atom(self.operand) else f"-({self.operand})"


@dataclass(frozen=True)
class Product:
    """`matrix @ operand`, or `matrix.T @ operand` where `transposed`."""

    matrix: str
    operand: Expression
    transposed: bool = False

    def __str__(self) -> str:
        operand = str(self.operand) if _is_atom(self.operand) else f"({self.operand})"
        return f"{self.matrix}{'.T' if self.transposed else ''} @ {operand}"


@dataclass(frozen=True)
class Call:
    """An activation applied to its argument, or, where `slope`, its derivative there."""

    function: str
    argument: Expression
    slope: bool = False

    def __str__(self) -> str:
        return f"{self.function}{chr(39) if self.slope else ''}({self.argument})"


@dataclass(frozen=True)
class Outer:
    """`outer(delta, z)`: one step's share of a matrix's gradient."""

    delta: Expression
    z: Expression

    def __str__(self) -> str:
        return f"outer({self.delta}, {self.z})"


Expression: TypeAlias = Name | Number | Binary | Negative | Product | Call | Outer


def _is_sum(node: Expression) -> bool:
    return isinstance(node, Binary) and node.operator in "+-"


def _is_atom(node: Expression) -> bool:
    return isinstance(node, Name | Number | Call | Outer)


def tree(node: Expression) -> Tree:
    """The expression as nested lists, ready for JSON: `["+", ["@", "U", "x"], "b"]`."""
    match node:
        case Name(name):
            return name
        case Number(value):
            return value
        case Binary(operator, left, right):
            return [operator, tree(left), tree(right)]
        case Negative(operand):
            return ["neg", tree(operand)]
        case Product(matrix, operand, transposed):
            return ["@T" if transposed else "@", matrix, tree(operand)]
        case Call(function, argument, slope):
            return ["slope" if slope else "call", function, tree(argument)]
        case Outer(delta, z):
            return ["outer", tree(delta), tree(z)]


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside this one."""
    match node:
        case Binary(_, left, right):
            return left, right
        case Negative(operand) | Product(_, operand, _) | Call(_, operand, _):
            return (operand,)
        case Outer(delta, z):
            return delta, z
        case _:
            return ()


def walk(node: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)


def total(terms: list[Expression]) -> Expression:
    """The sum of the terms, a negative one written as a subtraction; `0` for none."""
    if not terms:
        return Number(0)
    first, *rest = sorted(terms, key=lambda term: isinstance(term, Negative))
    result = first
    for term in rest:
        if isinstance(term, Negative):
            result = Binary("-", result, term.operand)
            continue
        result = Binary("+", result, term)
    return result


@dataclass(frozen=True)
class Line:
    """One equation: `target = expression`. `kind` says its part in a pass."""

    target: str
    expression: Expression
    kind: str = "line"

    def __str__(self) -> str:
        sign = "+=" if self.kind == "share" else "="
        return f"{self.target} {sign} {self.expression}"

    def as_json(self) -> dict[str, Tree]:
        """The line for the page: target, text, tree and kind."""
        return {
            "target": self.target,
            "text": str(self),
            "tree": tree(self.expression),
            "kind": self.kind,
        }
