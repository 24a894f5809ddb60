"""The lines of a cell as a listing has them: as typed, but for what the way back needs by a name of its own.

>>> from engine.derive import derive
>>> from engine.equations import parse
>>> written = CellLines(derive(parse("h = relu(U @ x + tanh(W @ h_prev))")))
>>> for line in written.forward:
...     print(line)
h.part1 = W @ h_prev
h.a = U @ x + tanh(h.part1)
h = relu(h.a)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from engine.derive import Derivation, Share
from engine.expressions import Binary, Call, Expression, Line, Name, Negative, Product, children, walk
from engine.listing.functions import BY_VALUE
from engine.listing.notation import without_identity


class CellLines:
    """Both directions of a cell, ready to be written.

    `forward` and `backward` are lines, `shares` the uses of the parameters in the order of the lines of that kind.
    `kept` names what the way back reads, `values` the value of an activation by what it is applied to,
    `letters` the length of what has not as many entries as there are units.
    """

    def __init__(self, derivation: Derivation) -> None:
        self.backward = tuple(_plain(line) for line in derivation.backward)
        self.shares = tuple(_plain_share(share) for share in derivation.shares)
        lowered = [_plain(line) for line in derivation.forward]
        self.values = {
            (line.expression.argument.id, line.expression.function): line.target
            for line in lowered
            if isinstance(line.expression, Call) and isinstance(line.expression.argument, Name)
        }
        read = {name for line in self.backward for name in self._reads(line.expression)}
        self.kept = frozenset(line.target for line in lowered if line.target in read)
        self.forward = tuple(_inlined(lowered, self.kept))
        self.letters = dict.fromkeys(derivation.inputs, "I") | dict.fromkeys(derivation.outputs, "O")

    def value(self, function: str, argument: str) -> str | None:
        """Where the value of an activation is kept, for its derivative."""
        return self.values.get((argument, function)) if function in BY_VALUE else None

    @cached_property
    def called(self) -> set[str]:
        """The activations that are applied, on the way there or back."""
        nodes = [node for line in (*self.forward, *self.backward) for node in walk(line.expression)]
        found = {node.function for node in nodes if isinstance(node, Call) and not node.slope}
        inside = {(node.function, str(node.argument)) for node in nodes if isinstance(node, Call) and node.slope}
        return found | {function for function, argument in inside if self._is_made_anew(function, argument)}

    @property
    def sloped(self) -> set[str]:
        """The activations whose derivative is taken."""
        nodes = [node for line in self.backward for node in walk(line.expression)]
        return {node.function for node in nodes if isinstance(node, Call) and node.slope}

    def _is_made_anew(self, function: str, argument: str) -> bool:
        return function in BY_VALUE and self.value(function, argument) is None

    def _reads(self, node: Expression) -> Iterator[str]:
        """The names that are read where the expression is written."""
        match node:
            case Name(name):
                yield name
            case Call(function, Name(argument), slope=True):
                yield self.value(function, argument) or argument
            case _:
                for child in children(node):
                    yield from self._reads(child)


def _plain(line: Line) -> Line:
    return replace(line, expression=without_identity(line.expression)) if line.kind != "share" else line


def _plain_share(share: Share) -> Share:
    z = None if share.z is None else without_identity(share.z)
    return replace(share, delta=without_identity(share.delta), z=z)


def _inlined(lines: list[Line], kept: frozenset[str]) -> Iterator[Line]:
    """The lines, those of a part that nothing but its own line reads written into it."""
    parts: dict[str, Expression] = {}
    for line in lines:
        expression = _filled(line.expression, parts)
        if "." in line.target and line.target not in kept:
            parts[line.target] = expression
        else:
            yield replace(line, expression=expression)


def _filled(node: Expression, parts: dict[str, Expression]) -> Expression:
    match node:
        case Name(name):
            return parts.get(name, node)
        case Binary(operator, left, right):
            return Binary(operator, _filled(left, parts), _filled(right, parts))
        case Negative(operand):
            return Negative(_filled(operand, parts))
        case Product(matrix, operand, transposed):
            return Product(matrix, _filled(operand, parts), transposed)
        case Call(function, argument, slope):
            return Call(function, _filled(argument, parts), slope)
        case _:
            return node
