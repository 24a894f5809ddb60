"""Which of a cell's values and parameters lie side by side, so that one product serves them all.

Affine lines, those that a matrix gives something to, are the rows of one block. The matrices that
multiply one operand, for rows that lie side by side, are one stacked matrix; so are their biases.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from engine.collapse import Sweep
from engine.derive import Derivation
from engine.expressions import Binary, Call, Expression, Line, Name, Negative, Product, walk
from engine.layout import best_order, insert, runs
from engine.shapes import FED_BACK, INPUT, PREVIOUS

Term = tuple[int, Expression]
"""A sign and what has it."""


@dataclass(frozen=True)
class Stack:
    """Parameters that lie side by side: `parameters[i]` belongs to row `first + i` of the affine block.

    `operand` is what their matrices multiply, None for biases.
    """

    name: str
    operand: str | None
    parameters: tuple[str, ...]
    first: int

    @property
    def last(self) -> int:
        """The row after the last one."""
        return self.first + len(self.parameters)


class Stacks:
    """The order of the affine rows and of the gradient rows, and the stacked parameters.

    `static` holds the names that do not depend on the step before. `letter` tells how long a name is.
    """

    def __init__(self, derivation: Derivation, sweep: Sweep, letter: Callable[[str], str]) -> None:
        self.lines = derivation.forward
        self.states = {handover.state for handover in sweep.handovers}
        self.static = _static(derivation)
        self.uses = Counter(name for line in self.lines for name in _parameters(line, derivation))
        self.moving = [line for line in self.lines if line.target not in self.static and letter(line.target) == "H"]
        self.affine = best_order([line.target for line in self.moving if self._affine(line)], self._groups(sweep))
        self.stacks = self._stacks()
        self.rows = self._gradient_rows(sweep)

    def stackable(self, term: Term) -> str | None:
        """The parameter of a term that can be part of a stack: used once, with no sign.

        A matrix that multiplies a parameter is in none: that operand lies in no buffer.
        """
        sign, node = term
        if isinstance(node, Product) and isinstance(node.operand, Name) and node.operand.id in self.uses:
            return None
        name = node.matrix if isinstance(node, Product) else node.id if isinstance(node, Name) else None
        return name if sign > 0 and name is not None and self.uses[name] == 1 else None

    def is_static(self, node: Expression) -> bool:
        """Whether an expression is the same whatever the step before gave."""
        return all(name.id in self.static for name in walk(node) if isinstance(name, Name))

    def place_of(self, parameter: str) -> tuple[Stack, int]:
        """The stack a parameter is part of, and its place there; raises KeyError where it is in none."""
        for stack in self.stacks:
            if parameter in stack.parameters:
                return stack, stack.parameters.index(parameter)
        raise KeyError(parameter)

    def loose(self, parameters: Iterable[str]) -> list[str]:
        """Those of the parameters that are in no stack."""
        return [name for name in parameters if self.row_of(name) is None]

    def row_of(self, parameter: str) -> int | None:
        """The affine row that a stacked parameter gives to; None where it is in no stack."""
        rows = {name: stack.first + index for stack in self.stacks for index, name in enumerate(stack.parameters)}
        return rows.get(parameter)

    def _affine(self, line: Line) -> bool:
        # A state lies by itself, one step longer than the rest.
        products = [term for term in terms(line) if isinstance(term[1], Product)]
        return line.target not in self.states and any(self.stackable(term) for term in products)

    def _groups(self, sweep: Sweep) -> list[set[str]]:
        """Lines that are better side by side: same operand, biases, same activation, same root."""
        groups: dict[str, set[str]] = defaultdict(set)
        for line in self.moving:
            for term in terms(line):
                if self.stackable(term):
                    groups[_operand(term[1]) or "1"].add(line.target)
        for line in self.lines:
            if isinstance(line.expression, Call) and isinstance(line.expression.argument, Name):
                groups[line.expression.function].add(line.expression.argument.id)
        for row in sweep.rows:
            groups[row.root].add(row.target.removeprefix("grad."))
        return list(groups.values())

    def _stacks(self) -> tuple[Stack, ...]:
        parameters: dict[str | None, dict[str, str]] = defaultdict(dict)
        for line in self.moving:
            for term in terms(line) if line.target in self.affine else ():
                name = self.stackable(term)
                if name is not None and line.target not in parameters[_operand(term[1])]:
                    parameters[_operand(term[1])][line.target] = name
        found = []
        for operand, owners in parameters.items():
            for first, last in runs([row for row, target in enumerate(self.affine) if target in owners]):
                names = tuple(owners[target] for target in self.affine[first:last])
                found.append(Stack(joined(names), operand, names, first))
        return tuple(found)

    def _gradient_rows(self, sweep: Sweep) -> tuple[str, ...]:
        """The rows of the gradient block: the affine lines' in their order, the others where they fit best."""
        targets = [row.target for row in sweep.rows]
        groups: dict[str, set[str]] = defaultdict(set)
        for row in sweep.rows:
            groups[row.root].add(row.target)
        order = tuple(f"grad.{name}" for name in self.affine if f"grad.{name}" in targets)
        together = [{f"grad.{name}" for name in self.affine[s.first : s.last]} for s in self.stacks]
        for target in targets:
            if target not in order:
                order = insert(order, target, [*groups.values(), *together])
        return order


def joined(parameters: Sequence[str]) -> str:
    """The name of parameters side by side; no name of a cell has a double underscore."""
    return "__".join(parameters)


def terms(line: Line) -> list[Term]:
    """A line as a sum of terms with their signs."""
    return list(_terms(line.expression, 1))


def _terms(node: Expression, sign: int) -> list[Term]:
    match node:
        case Binary("+" | "-" as operator, left, right):
            return [*_terms(left, sign), *_terms(right, sign if operator == "+" else -sign)]
        case Negative(operand):
            return _terms(operand, -sign)
        case _:
            return [(sign, node)]


def _operand(node: Expression) -> str | None:
    return str(node.operand) if isinstance(node, Product) else None


def _parameters(line: Line, derivation: Derivation) -> list[str]:
    """Every reading of a parameter in a line."""
    known = {one.target for one in derivation.forward}
    found = []
    for node in walk(line.expression):
        if isinstance(node, Product):
            found.append(node.matrix)
        elif isinstance(node, Name) and node.id not in known and not _given(node.id):
            found.append(node.id)
    return found


def _given(name: str) -> bool:
    return name in (INPUT, FED_BACK) or name.endswith(PREVIOUS)


def _static(derivation: Derivation) -> set[str]:
    """Inputs, parameters and the lines that read nothing else."""
    targets = {line.target for line in derivation.forward}
    read = {node.id for line in derivation.forward for node in walk(line.expression) if isinstance(node, Name)}
    found = {INPUT, FED_BACK} | {name for name in read - targets if not _given(name)}
    for line in derivation.forward:
        if all(name.id in found for name in walk(line.expression) if isinstance(name, Name)):
            found.add(line.target)
    return found
