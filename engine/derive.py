"""Forward lines to backward lines, symbolically, in the same language.

Reverse mode over the equations: each line `n = E` turns the gradient of n into terms for the
gradients of what E reads. Nothing here computes a number.

>>> from engine.equations import parse
>>> for line in derive(parse("h = tanh(U @ x + W @ h_prev + b)")).backward:
...     print(line)
grad.h = grad.h.from_above + grad.h.from_future
grad.h.a = grad.h * tanh'(h.a)
grad.U += outer(grad.h.a, x)
grad.W += outer(grad.h.a, h_prev)
grad.b += grad.h.a
grad.h_prev = W.T @ grad.h.a
grad.x = U.T @ grad.h.a
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial

from engine.equations import Equations
from engine.expressions import (
    Binary,
    Call,
    Expression,
    Line,
    Name,
    Negative,
    Number,
    Outer,
    Product,
    total,
    walk,
)
from engine.shapes import FED_BACK, INPUT, PREVIOUS


@dataclass(frozen=True)
class Share:
    """One use of a parameter: what it gives to the gradient at a step.

    `delta` is the gradient at the affine map's output, `z` the map's input. A matrix gets
    `outer(delta, z)`; a scale gets `delta * z`; a bias, whose z is None for 1, gets `delta`.
    """

    parameter: str
    delta: Expression
    z: Expression | None
    matrix: bool = False

    @property
    def line(self) -> Line:
        """The share as a backward line."""
        expression = self.delta
        if self.z is not None:
            join = Outer if self.matrix else partial(Binary, "*")
            expression = join(self.delta, self.z)
        return Line(f"grad.{self.parameter}", expression, "share")


@dataclass(frozen=True)
class Derivation:
    """A cell ready to run: the forward lines taken apart, and the backward lines derived.

    `forward` gives every pre-activation (`h.a`) and every product inside a longer expression
    (`candidate.part1`) a line of its own; `inputs` are those that have as many entries as x, `outputs`
    as y_prev, not hidden_size. `aliases` maps a pre-activation that already has a name
    to it (rnn: `h.a` is `a`). `activated` maps the name an activation was applied to, and the
    activation, to the name of the result. `backward` runs in order, once a step; its lines of kind
    `share` are also in `shares`, a use each.
    """

    forward: tuple[Line, ...]
    backward: tuple[Line, ...]
    shares: tuple[Share, ...]
    aliases: dict[str, str]
    activated: dict[tuple[str, str], str]
    inputs: frozenset[str]
    outputs: frozenset[str]


def derive(cell: Equations) -> Derivation:
    """The backward pass of a cell."""
    lowered = _Lowering(cell)
    reverse = _Reverse(cell, lowered.lines)
    return Derivation(
        tuple(lowered.lines),
        tuple(reverse.lines()),
        tuple(reverse.shares),
        lowered.aliases,
        lowered.activated,
        frozenset(name for name, letter in lowered.letters.items() if letter == "I"),
        frozenset(name for name, letter in lowered.letters.items() if letter == "O"),
    )


class _Lowering:
    """Takes lines apart until every activation and every @ is applied to a name."""

    def __init__(self, cell: Equations) -> None:
        self.lines: list[Line] = []
        self.aliases: dict[str, str] = {}
        self.activated: dict[tuple[str, str], str] = {}
        self.shapes = {parameter.name: parameter.shape for parameter in cell.parameters}
        self.letters: dict[str, str] = {}
        for line in cell.lines:
            self.parts = 0
            self.target = line.target
            self.line(line)

    def line(self, line: Line) -> None:
        given = line.expression
        expression = self.outermost(given) if isinstance(given, Call) else self.lower(given, "H")
        self.lines.append(Line(line.target, expression))

    def outermost(self, call: Call) -> Call:
        """The line's own activation: what it is applied to becomes `NAME.a`."""
        inside, argument = f"{self.target}.a", call.argument
        if isinstance(argument, Name):
            self.aliases[inside] = argument.id
            inside = argument.id
        else:
            self.lines.append(Line(inside, self.lower(argument, "H")))
        self.activated[inside, call.function] = self.target
        return Call(call.function, Name(inside))

    def lower(self, node: Expression, length: str) -> Expression:
        """The node taken apart; `length` is the letter of how many entries it has."""
        match node:
            case Binary("*", left, right):
                return Binary("*", self.factor(left, length), self.factor(right, length))
            case Binary(operator, left, right):
                return Binary(operator, self.lower(left, length), self.lower(right, length))
            case Negative(operand):
                return Negative(self.lower(operand, length))
            case Product(matrix, operand):
                return Product(matrix, self.named(operand, self.shapes[matrix][1]))
            case Call(function, argument):
                return Call(function, self.named(argument, length))
            case _:
                return node

    def factor(self, node: Expression, length: str) -> Expression:
        """A factor: named where it holds a product, so that its value is kept for the way back."""
        if any(isinstance(inner, Product) for inner in walk(node)):
            return self.named(node, length)
        return self.lower(node, length)

    def named(self, node: Expression, length: str) -> Name:
        """The node by a name, on a line of its own where it has none yet."""
        if isinstance(node, Name):
            return node
        expression = self.lower(node, length)
        self.parts += 1
        part = f"{self.target}.part{self.parts}"
        self.lines.append(Line(part, expression))
        self.letters[part] = length
        return Name(part)


class _Reverse:
    """Walks the lowered lines backwards and collects what each name's gradient is made of."""

    def __init__(self, cell: Equations, lowered: list[Line]) -> None:
        self.cell = cell
        self.lowered = lowered
        self.parameters = {parameter.name for parameter in cell.parameters}
        self.terms: dict[str, list[Expression]] = defaultdict(list)
        self.shares: list[Share] = []

    def lines(self) -> list[Line]:
        lines: list[Line] = []
        for line in reversed(self.lowered):
            lines += self.gradient(line.target)
            self.spread(line.expression, Name(f"grad.{line.target}"))
        order = [parameter.name for parameter in self.cell.parameters]
        self.shares.sort(key=lambda share: order.index(share.parameter))
        return [*lines, *(share.line for share in self.shares), *self.handovers()]

    def gradient(self, name: str) -> list[Line]:
        """The line or lines that give `grad.name`; a state's two arrivals merge."""
        grad, terms = f"grad.{name}", self.terms[name]
        if name not in self.cell.states:
            return [Line(grad, total(terms))]
        above, future = f"{grad}.from_above", f"{grad}.from_future"
        merge = Line(grad, Binary("+", Name(above), Name(future)), "merge")
        if name != "h":
            return [Line(above, total(terms)), merge]
        if terms:
            # The readout reads h itself, so what comes to h through another line of its own step
            # can only have come from later steps.
            return [Line(future, total([Name(f"{grad}.next"), *terms])), merge]
        return [merge]

    def handovers(self) -> list[Line]:
        before = [
            Line(f"grad.{state}{PREVIOUS}", total(self.terms[state + PREVIOUS]), "handover")
            for state in self.cell.states
        ]
        given = [INPUT, FED_BACK] if self.cell.fed_back else [INPUT]
        return [*before, *(Line(f"grad.{name}", total(self.terms[name]), "below") for name in given)]

    def spread(self, node: Expression, grad: Expression) -> None:
        """Send the gradient of a node on to what it reads."""
        match node:
            case Name(name):
                self.arrive(name, grad, None)
            case Binary("*", left, right):
                self.scale(left, right, grad)
                self.scale(right, left, grad)
            case Binary(operator, left, right):
                self.spread(left, grad)
                self.spread(right, _negative(grad) if operator == "-" else grad)
            case Negative(operand):
                self.spread(operand, _negative(grad))
            case Product(matrix, operand):
                self.shares.append(Share(matrix, grad, operand, matrix=True))
                self.spread(operand, Product(matrix, grad, transposed=True))
            case Call(function, argument):
                self.spread(argument, _times(grad, Call(function, argument, slope=True)))

    def scale(self, node: Expression, factor: Expression, grad: Expression) -> None:
        if isinstance(node, Name) and node.id in self.parameters:
            self.arrive(node.id, grad, factor)
        else:
            self.spread(node, _times(grad, factor))

    def arrive(self, name: str, grad: Expression, z: Expression | None) -> None:
        if name in self.parameters:
            self.shares.append(Share(name, grad, z))
        else:
            self.terms[name].append(grad)


def _negative(node: Expression) -> Expression:
    return node.operand if isinstance(node, Negative) else Negative(node)


def _times(grad: Expression, factor: Expression) -> Expression:
    if isinstance(grad, Negative):
        return Negative(_times(grad.operand, factor))
    return grad if factor == Number(1) else Binary("*", grad, factor)
