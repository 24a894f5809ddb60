"""Expressions of the small language as Python text.

>>> from engine.expressions import Binary, Call, Name, Product
>>> plain = Notation(str, lambda function, argument: f"np.{function}({argument})")
>>> plain.text(Call("tanh", Binary("+", Product("U", Name("x")), Name("b"))))
'np.tanh(U @ x + b)'
"""

from __future__ import annotations

from collections.abc import Callable

from engine.expressions import Binary, Call, Expression, Name, Negative, Number, Product, walk


class Notation:
    """Writes expressions: `refer` says what a name is there, `call` an activation, `slope` its derivative at a name.

    `fill` makes an array of a number that a matrix of that name, or else an activation, is applied to.
    """

    def __init__(
        self,
        refer: Callable[[str], str],
        call: Callable[[str, str], str],
        slope: Callable[[str, str], str] | None = None,
        fill: Callable[[str, str | None], str] = lambda number, _: number,
    ) -> None:
        self.refer, self.call, self.slope, self.fill = refer, call, slope, fill

    def text(self, node: Expression) -> str:
        """The expression as text."""
        match node:
            case Name(name):
                return self.refer(name)
            case Number():
                return str(node)
            case Binary(operator, left, right):
                return self._joined(operator, left, right)
            case Negative(operand):
                return f"-{self.atom(operand)}"
            case Product(matrix, operand, transposed):
                given = self.fill(self.text(operand), matrix) if is_constant(operand) else self.atom(operand)
                return f"{self.refer(matrix)}{'.T' if transposed else ''} @ {given}"
            case Call(function, argument, slope):
                return self._slope(function, argument) if slope else self._call(function, argument)
            case _:
                raise TypeError(f"not an expression of a line: {node}")

    def atom(self, node: Expression) -> str:
        """The expression as one thing, in parentheses where it is made of several."""
        whole = isinstance(node, Name | Number | Call) and not (isinstance(node, Call) and node.slope)
        return self.text(node) if whole else f"({self.text(node)})"

    def _joined(self, operator: str, left: Expression, right: Expression) -> str:
        before, after = self.text(left), self.text(right)
        if operator == "*":
            before = f"({before})" if _is_sum(left) else before
            # A slope is a product of atoms itself, and products may be strung together.
            after = after if isinstance(right, Call) else self.atom(right)
        elif _is_sum(right) or isinstance(right, Negative):
            after = f"({after})"
        return f"{before} {operator} {after}"

    def _call(self, function: str, argument: Expression) -> str:
        inside = self.text(argument)
        return self.call(function, self.fill(inside, None) if is_constant(argument) else inside)

    def _slope(self, function: str, argument: Expression) -> str:
        if self.slope is None or not isinstance(argument, Name):
            raise TypeError(f"no derivative of {function} is written here")
        return self.slope(function, argument.id)


def _is_sum(node: Expression) -> bool:
    return isinstance(node, Binary) and node.operator in "+-"


def is_constant(node: Expression) -> bool:
    """Whether an expression reads no name."""
    return not any(isinstance(inner, Name | Product) for inner in walk(node))


def without_identity(node: Expression) -> Expression:
    """The same expression without the activation that changes nothing."""
    match node:
        case Call("identity", argument, slope=False):
            return without_identity(argument)
        case Call(function, argument, slope):
            return Call(function, without_identity(argument), slope)
        case Binary("*", left, Call("identity", _, slope=True)):
            return without_identity(left)
        case Binary(operator, left, right):
            return Binary(operator, without_identity(left), without_identity(right))
        case Negative(operand):
            return Negative(without_identity(operand))
        case Product(matrix, operand, transposed):
            return Product(matrix, without_identity(operand), transposed)
        case _:
            return node
