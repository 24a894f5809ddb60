"""The forward lines as code: what needs no step before for a chunk at once, the rest in the loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.code import Code, Place
from engine.expressions import Call, Expression, Line, Name, Product, walk
from engine.layout import runs
from engine.shapes import FED_BACK, INPUT, PREVIOUS
from engine.stacks import Stack, Term, joined, terms

if TYPE_CHECKING:
    from engine.program import Program

AFFINE, ACTIVE = ".affine", ".active"
"""The blocks: what affine maps give, and what activations make of it. No name of a cell begins with a dot."""


class ForwardWriter:
    """Places the forward values of a cell and writes `prepare` and `forward`.

    `activations` lists what the loop applies to neighbouring rows in one call, as (function, first
    argument's place, row after the last, first result's place).
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.stacks = program.stacks
        self.lines = program.derivation.forward
        self.moving = [line for line in self.lines if line.target not in self.stacks.static]
        self.activations: list[tuple[str, Place, int, Place]] = []
        self.kept: dict[str, Place] = {}
        self.written: set[str] = set()
        self._place()

    def _place(self) -> None:
        places, buffer = self.program.places, self.program.buffer
        places[INPUT], places[FED_BACK] = Place(INPUT), Place(FED_BACK)
        for state in self.program.cell.states:
            buffer(f".state.{state}", extra=1)
            places[state], places[state + PREVIOUS] = Place(f".state.{state}", 0, 1), Place(f".state.{state}")
        affine, active = self.stacks.affine, self._active()
        for name, block in ((AFFINE, affine), (ACTIVE, active)):
            if block:
                buffer(name, rows=len(block))
            places.update({target: Place(name, row) for row, target in enumerate(block) if target not in places})
        for line in self.lines:
            if line.target not in places:
                places[line.target] = buffer(line.target, self.program.letter(line.target))
        for node in self._inner_activations():
            self.kept[str(node)] = buffer(str(node))

    def _active(self) -> list[str]:
        """The results of activations of affine rows, in the order of their arguments; states lie elsewhere."""
        order = {target: row for row, target in enumerate(self.stacks.affine)}
        found = {}
        for line in self.moving:
            argument = _activated(line)
            if argument in order and line.target not in self.program.cell.states and line.target not in order:
                found[line.target] = order[argument]
        return sorted(found, key=lambda target: found[target])

    def _inner_activations(self) -> list[Call]:
        """Activations inside a longer expression: kept, as the way back reads them too."""
        lines = [line for line in self.lines if self.program.letter(line.target) == "H"]
        nodes = [node for line in lines for node in walk(line.expression) if node is not line.expression]
        return list(dict.fromkeys(node for node in nodes if isinstance(node, Call)))

    # For a chunk of timesteps at once.

    def prepare(self) -> Code:
        """Static lines, then the static part of every other line."""
        code = self.code = Code("prepare", self.program.places, self.program.letter, True, self.program.tied)
        for line in self.lines:
            if line.target in self.stacks.static:
                self._keep_inner(line.expression, line)
                out = code.at(self.program.places[line.target])
                code.assign(line.expression, self.program.letter(line.target), out)
        for stack in self.stacks.stacks:
            if stack.operand in self.stacks.static:
                self._product(stack)
        for stack in self.stacks.stacks:
            if stack.operand is None:
                self._biases(stack)
        for line in self.moving:
            self._static_terms(line)
        return code

    def _product(self, stack: Stack) -> None:
        """Give what a stack's matrices make of their operand to its rows, straight into them where they are fresh."""
        code, form = self.code, "plane" if self.code.chunk else "flat"
        operand = code.at(self.program.places[str(stack.operand)], form=form)
        targets = [self._target(row) for row in range(stack.first, stack.last)]
        if self.written.isdisjoint(targets):
            code.multiply(stack.name, operand, code.at(Place(AFFINE, stack.first), stack.last, form))
            self.written.update(targets)
            return
        made = code.temporary("H", len(stack.parameters))
        code.multiply(stack.name, operand, code.plane(made) if code.chunk else made)
        self._add_rows(stack, made)

    def _biases(self, stack: Stack) -> None:
        self._add_rows(stack, self.code.vector(stack.name))

    def _add_rows(self, stack: Stack, source: str) -> None:
        """Add to the rows of a stack, or set those that nothing was given to yet."""
        for first, last in self._alike(stack):
            out = self.code.at(Place(AFFINE, first), last)
            part = self._part(source, stack, first, last)
            if self._target(first) in self.written:
                self.code.call("add", out, part, out)
            else:
                self.code.call("copyto", out, part)
            self.written.update(self._target(row) for row in range(first, last))

    def _alike(self, stack: Stack) -> list[tuple[int, int]]:
        """A stack's rows in runs that are all written, or all not."""
        rows = range(stack.first, stack.last)
        written = [row for row in rows if self._target(row) in self.written]
        return sorted([*runs(written), *runs([row for row in rows if row not in written])])

    def _part(self, source: str, stack: Stack, first: int, last: int) -> str:
        """Some rows of a stack's vector or product."""
        if (first, last) == (stack.first, stack.last):
            return source
        if stack.operand is None:
            return self.code.vector(joined(stack.parameters[first - stack.first : last - stack.first]))
        return self.code.temporary_rows(source, first - stack.first, last - stack.first)

    def _target(self, row: int) -> str:
        return self.stacks.affine[row]

    def _static_terms(self, line: Line) -> None:
        """The terms of a line that no stack gives and no step before changes."""
        for term in terms(line):
            if self.stacks.is_static(term[1]) and not self._stacked(line, term):
                self._keep(term[1])
                self._add(line, term)

    def _stacked(self, line: Line, term: Term) -> bool:
        """Whether a stack gives this term to the line's row."""
        name = self.stacks.stackable(term)
        row = None if name is None else self.stacks.row_of(name)
        return row is not None and self._target(row) == line.target

    def _add(self, line: Line, term: Term) -> None:
        """Give one term to a line: it adds to what is there, or is the first."""
        code, (sign, node) = self.code, term
        out = code.at(self.program.places[line.target])
        letter = self.program.letter(line.target)
        if line.target in self.written:
            code.call("add" if sign > 0 else "subtract", out, code.value(node, letter), out)
        elif sign > 0:
            code.assign(node, letter, out)
        else:
            code.negate(code.value(node, letter, out), out)
        self.written.add(line.target)

    def _keep(self, node: Expression) -> None:
        """Compute the activations inside an expression into where they are kept."""
        for inner in reversed(list(walk(node))):
            if isinstance(inner, Call) and str(inner) in self.kept and str(inner) not in self.code.known:
                place = self.kept[str(inner)]
                self.code.into(inner, "H", self.code.at(place))
                self.code.known[str(inner)] = place

    # In the loop.

    def loop(self) -> Code:
        """Everything that depends on the step before, as soon as what it reads is there."""
        code = Code("forward", self.program.places, self.program.letter, False, self.program.tied)
        code.known = dict(self.code.known)
        self.code = code
        self.done = self.stacks.static | {state + PREVIOUS for state in self.program.cell.states}
        self.stacks_left = [one for one in self.stacks.stacks if one.operand and one.operand not in self.stacks.static]
        self.lines_left = list(self.moving)
        while self.lines_left:
            if not (self._next_product() or self._next_line()):
                self._activate()
        return code

    def _next_product(self) -> bool:
        for stack in self.stacks_left:
            if stack.operand in self.done:
                self.stacks_left.remove(stack)
                self._product(stack)
                return True
        return False

    def _next_line(self) -> bool:
        """Write the first line that is ready and is no activation of an affine row."""
        for line in self.lines_left:
            if self._ready(line) and _activated(line) not in self.stacks.affine:
                self._line(line)
                return True
        return False

    def _line(self, line: Line) -> None:
        for term in terms(line):
            if not self.stacks.is_static(term[1]) and not self._stacked(line, term):
                self._keep_inner(term[1], line)
                self._add(line, term)
        self._finish(line)

    def _keep_inner(self, node: Expression, line: Line) -> None:
        for inner in walk(node):
            if inner is not line.expression:
                self._keep(inner)

    def _activate(self) -> None:
        """Apply one function to as many neighbouring affine rows as are ready."""
        ready = [line for line in self.lines_left if self._ready(line)]
        function = ready[0].expression.function if isinstance(ready[0].expression, Call) else ""
        alike = {str(_activated(line)): line for line in ready if _function(line) == function}
        rows = sorted(self.stacks.affine.index(name) for name in alike)
        for first, last in runs(rows):
            self._activate_rows(function, [alike[self._target(row)] for row in range(first, last)], first)

    def _activate_rows(self, function: str, lines: list[Line], first: int) -> None:
        """One call where results lie side by side as their arguments do, else a call a row."""
        places = [self.program.places[line.target] for line in lines]
        begin = 0
        for end in range(1, len(lines) + 1):
            follows = end < len(lines) and places[end] == _next(places[end - 1])
            if not follows:
                source, count = Place(AFFINE, first + begin), end - begin
                result = self.code.at(places[begin], places[begin].row + count)
                self.code.activate(function, self.code.at(source, source.row + count), result)
                self.activations.append((function, source, source.row + count, places[begin]))
                begin = end
        for line in lines:
            self._finish(line)

    def _ready(self, line: Line) -> bool:
        if any(self._stacked(line, term) and _waits(term, self.done) for term in terms(line)):
            return False
        waits = [stack for stack in self.stacks_left if line.target in self.stacks.affine[stack.first : stack.last]]
        names = {node.id for node in walk(line.expression) if isinstance(node, Name)}
        return not waits and names <= self.done

    def _finish(self, line: Line) -> None:
        self.lines_left.remove(line)
        self.done.add(line.target)


def _activated(line: Line) -> str | None:
    """The name that a line's outermost activation is applied to, where it has one."""
    call = line.expression
    return call.argument.id if isinstance(call, Call) and isinstance(call.argument, Name) else None


def _function(line: Line) -> str | None:
    return line.expression.function if isinstance(line.expression, Call) else None


def _waits(term: Term, done: set[str]) -> bool:
    return isinstance(term[1], Product) and str(term[1].operand) not in done


def _next(place: Place) -> Place:
    return Place(place.buffer, place.row + 1, place.shift)
