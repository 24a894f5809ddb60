"""The backward lines collapsed to what the loop over time must compute.

The backward pass is linear in the gradients that arrive, and its coefficients depend on forward
values alone. So products along elementwise paths are collapsed to one coefficient each, made for
many timesteps at once after the forward pass; what is left for the loop is `coefficient * gradient`
and the transposed matrix products. All other gradients are filled in afterwards by the lines themselves.

>>> from engine.equations import parse
>>> from engine.derive import derive
>>> sweep = collapse(derive(parse("h = tanh(U @ x + W @ h_prev + b)")))
>>> [str(line) for line in sweep.coefficients], sweep.rows
(["k.grad.h.grad.h.a = tanh'(h.a)"], (Row(target='grad.h.a', root='grad.h', coefficient='k.grad.h.grad.h.a'),))
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from engine.derive import Derivation
from engine.expressions import Binary, Call, Expression, Line, Name, Negative, Number, Product
from engine.shapes import PREVIOUS

Terms = dict[str, Expression]
"""A linear combination of roots: the coefficient of each, elementwise."""


@dataclass(frozen=True)
class Row:
    """`target = coefficient * root`, or one term of it where a target has several."""

    target: str
    root: str
    coefficient: str


@dataclass(frozen=True)
class Pull:
    """`matrix.T @ delta`: what comes back through a matrix. `delta` is a row or a root."""

    matrix: str
    delta: str


@dataclass(frozen=True)
class Root:
    """A gradient that the loop computes as a whole: a state's, or one that comes through a matrix.

    A state's is `above` + what the step after hands back (+ `own`, what comes through other lines
    of its step); another's is its `pulls` + `own`. `above` and `own` are rows or such roots.
    """

    name: str
    state: str | None
    above: str | None = None
    own: str | None = None
    pulls: tuple[Pull, ...] = ()


@dataclass(frozen=True)
class Handover:
    """What a step hands back to the step before for a state: pulls and the row `carry`."""

    state: str
    pulls: tuple[Pull, ...]
    carry: str | None


@dataclass(frozen=True)
class Sweep:
    """The loop of a cell: coefficient lines, rows, roots in order, handovers.

    `sums` lists the further rows that a row of several terms adds up.
    """

    coefficients: tuple[Line, ...]
    rows: tuple[Row, ...]
    sums: dict[str, tuple[str, ...]]
    roots: tuple[Root, ...]
    handovers: tuple[Handover, ...]


def collapse(derivation: Derivation) -> Sweep:
    """The loop over time of a derivation."""
    return _Collapse(derivation).sweep()


class _Collapse:
    """Walks the backward lines that later steps depend on, and keeps each gradient as a combination of roots."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.lines = [line for line in derivation.backward if line.kind in ("line", "merge", "handover")]
        self.known: dict[str, Terms] = {}
        self.coefficients: dict[str, Line] = {}
        self.rows: dict[str, list[Row]] = {}
        self.roots: list[Root] = []
        self.handovers: list[Handover] = []
        self.arrivals: dict[str, str | None] = {}

    def sweep(self) -> Sweep:
        needed = self.needed()
        for line in self.lines:
            if line.target in needed:
                self.line(line)
        for share in self.derivation.shares:
            self.share(share.delta)
        sums = {key: tuple(row.target for row in rows[1:]) for key, rows in self.rows.items() if len(rows) > 1}
        rows = tuple(row for rows in self.rows.values() for row in rows)
        return Sweep(tuple(self.coefficients.values()), rows, sums, tuple(self.roots), tuple(self.handovers))

    def needed(self) -> set[str]:
        """The targets whose gradients reach a step before: the others are filled in after the loop."""
        lines = {line.target: line for line in self.lines}
        open_names = [line.target for line in self.lines if line.kind != "line"]
        found: set[str] = set()
        while open_names:
            name = open_names.pop()
            if name not in found and name in lines:
                found.add(name)
                open_names += _gradients(lines[name].expression)
        return found

    def line(self, line: Line) -> None:
        name = line.target
        if line.kind == "merge":
            state = name.removeprefix("grad.")
            above, own = (self.arrivals.get(f"{name}.{side}") for side in ("from_above", "from_future"))
            self.roots.append(Root(name, state, above, own))
            self.known[name] = {name: Number(1)}
            return
        terms, pulls = self.collect(line.expression)
        if line.kind == "handover":
            state = name.removeprefix("grad.").removesuffix(PREVIOUS)
            self.handovers.append(Handover(state, pulls, self.row(f"{name}.carry", terms)))
        elif name.endswith((".from_above", ".from_future")):
            self.arrivals[name] = self.arrival(name.replace(".from_future", ".same_step"), terms, pulls)
        elif pulls:
            self.arrival(name, terms, pulls)
        else:
            self.known[name] = {root: self.named(name, root, node) for root, node in terms.items()}

    def arrival(self, name: str, terms: Terms, pulls: tuple[Pull, ...]) -> str | None:
        """What arrives as one row, or as a root where some of it comes through a matrix."""
        if not pulls:
            return self.row(name, terms)
        self.roots.append(Root(name, None, None, self.row(f"{name}.own", terms), pulls))
        self.known[name] = {name: Number(1)}
        return name

    def collect(self, node: Expression) -> tuple[Terms, tuple[Pull, ...]]:
        """A backward expression as coefficients of roots, and as pulls through matrices."""
        parts: dict[str, list[Expression]] = defaultdict(list)
        pulls: list[Pull] = []
        for leaf, coefficient in _linear(node):
            if isinstance(leaf, Product):
                pulls += self.pull(leaf, coefficient)
            elif not leaf.id.endswith(".next"):
                for root, inner in self.known[leaf.id].items():
                    parts[root].append(_times(inner, coefficient))
        return {root: _sum(nodes) for root, nodes in parts.items()}, tuple(pulls)

    def pull(self, product: Product, coefficient: Expression) -> list[Pull]:
        # What a matrix multiplies has a line of its own, so what comes through it has no factor but a
        # sign, and that may as well be the delta's.
        if coefficient not in (Number(1), Number(-1)):
            raise TypeError(f"no pull for {product} times {coefficient}")
        delta = Negative(product.operand) if coefficient == Number(-1) else product.operand
        key = self.delta(delta)
        return [] if key is None else [Pull(product.matrix, key)]

    def delta(self, node: Expression) -> str | None:
        """The row or root that holds the gradient at an affine map's output; None where that is zero."""
        key = str(node)
        if any(root.name == key for root in self.roots) or key in self.rows:
            return key
        return self.row(key, self.collect(node)[0])

    def share(self, node: Expression) -> None:
        """Let the loop compute a share's delta where that is one more row of a product it makes anyway."""
        if all(name in self.known for name in _gradients(node)) and len(self.collect(node)[0]) == 1:
            self.delta(node)

    def row(self, key: str, terms: Terms) -> str | None:
        if not terms:
            return None
        targets = [key, *(f"{key}@{root}" for root in list(terms)[1:])]
        self.rows[key] = [
            Row(target, root, self.coefficient(key, root, node))
            for target, (root, node) in zip(targets, terms.items(), strict=True)
        ]
        return key

    def coefficient(self, key: str, root: str, node: Expression) -> str:
        """The name of a coefficient, on a line of its own where it has none that is this row's."""
        name = f"k.{root}.{key}"
        self.coefficients.setdefault(name, Line(name, node))
        return name

    def named(self, key: str, root: str, node: Expression) -> Expression:
        """A coefficient by a name, unless it is as short as one: an activation's value is kept anyway."""
        if isinstance(node, Name | Number) or (isinstance(node, Call) and not node.slope):
            return node
        return Name(self.coefficient(key, root, node))


def _linear(node: Expression) -> Iterator[tuple[Name | Product, Expression]]:
    """The gradients and transposed products that a backward expression is a sum of, with their coefficients."""
    match node:
        case Name() | Product():
            yield node, Number(1)
        case Negative(operand):
            yield from ((leaf, _negative(inner)) for leaf, inner in _linear(operand))
        case Binary("*", left, right):
            yield from ((leaf, _times(inner, right)) for leaf, inner in _linear(left))
        case Binary(operator, left, right):
            yield from _linear(left)
            yield from ((leaf, _negative(c) if operator == "-" else c) for leaf, c in _linear(right))


def _gradients(node: Expression) -> list[str]:
    """The gradients a backward expression reads."""
    found = []
    for leaf, _ in _linear(node):
        found += [leaf.id] if isinstance(leaf, Name) else _gradients(leaf.operand)
    return found


def _times(left: Expression, right: Expression) -> Expression:
    if isinstance(left, Negative):
        return _negative(_times(left.operand, right))
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Number) and abs(one.value) == 1:
            return other if one.value == 1 else _negative(other)
    return Binary("*", left, right)


def _negative(node: Expression) -> Expression:
    match node:
        case Negative(operand):
            return operand
        case Number(value):
            return Number(-value)
        case _:
            return Negative(node)


def _sum(nodes: list[Expression]) -> Expression:
    first, *rest = sorted(nodes, key=lambda node: isinstance(node, Negative))
    for node in rest:
        first = Binary("-", first, node.operand) if isinstance(node, Negative) else Binary("+", first, node)
    return first
