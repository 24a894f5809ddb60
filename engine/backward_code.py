"""The backward lines as code: coefficients for a chunk at once, the loop, and the gradients filled in after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from engine.code import Code, Place
from engine.collapse import Pull, Root
from engine.expressions import Expression, Line, Name, Product, walk
from engine.forward_code import ForwardWriter
from engine.layout import runs
from engine.shapes import PREVIOUS
from engine.stacks import Stack, terms

if TYPE_CHECKING:
    from engine.program import Program

DELTA, COEFFICIENT, SLOPE, ABOVE = ".delta", ".coefficient", ".slope", ".above"


class BackwardWriter:
    """Places the gradients of a cell and writes `coefficients`, `backward` and `fill`."""

    def __init__(self, program: Program, forward: ForwardWriter) -> None:
        self.program, self.forward = program, forward
        self.stacks, self.sweep = program.stacks, program.sweep
        self.order = {target: row for row, target in enumerate(self.stacks.rows)}
        self.places = program.places
        self.coefficient_places: dict[str, Place] = {}
        self._place()

    def _place(self) -> None:
        buffer = self.program.buffer
        if self.order:
            buffer(DELTA, rows=len(self.order), extra=1)
            buffer(COEFFICIENT, rows=len(self.order), chunk=True)
        self.places.update({target: Place(DELTA, row) for target, row in self.order.items()})
        for root in self.sweep.roots:
            self.places[root.name] = buffer(f".{root.name}")
        for handover in self.sweep.handovers:
            self._place_handover(handover.state, bool(handover.pulls), handover.carry)
        for root in self.sweep.roots:
            self._place_arrivals(root)
        rows = {row.coefficient: self.order[row.target] for row in self.sweep.rows}
        for line in self.sweep.coefficients:
            place = Place(COEFFICIENT, rows[line.target]) if line.target in rows else None
            self.coefficient_places[line.target] = place or buffer(line.target, chunk=True)

    def _place_handover(self, state: str, pulled: bool, carry: str | None) -> None:
        """What step t hands back lands where step t - 1 finds it: in a buffer, or in the row that is all of it."""
        grad = f"grad.{state}"
        if pulled or carry is None:
            self.program.buffer(f".arriving.{state}", extra=1)
            place = Place(f".arriving.{state}")
        else:
            place = self.places[carry]
        self.places[grad + PREVIOUS] = place
        self.places[f"{grad}.next"] = Place(place.buffer, place.row, 1)

    def _place_arrivals(self, root: Root) -> None:
        if root.state is None:
            return
        above, future = f"{root.name}.from_above", f"{root.name}.from_future"
        if root.state == "h":
            self.places[above] = Place(ABOVE)
        elif root.above is None:
            self.places[above] = self.program.buffer(above)
        self.places[future] = self.places[f"{root.name}.next"]
        if root.own is not None:
            self.places[future] = self.program.buffer(f".future.{root.state}")

    # For a chunk of timesteps at once.

    def coefficients(self) -> Code:
        """Every coefficient, from forward values."""
        places = self.places | self.coefficient_places
        code = Code("coefficients", places, self.program.letter, True, self.program.tied)
        code.known = dict(self.forward.kept)
        self._results(code)
        self._slopes(code)
        for line in self.sweep.coefficients:
            code.assign(line.expression, "H", code.at(places[line.target]))
        return code

    def _results(self, code: Code) -> None:
        """The activations that are lines of their own: their slopes read their values."""
        for (argument, function), target in self.program.derivation.activated.items():
            code.known[f"{function}({argument})"] = self.places[target]

    def _slopes(self, code: Code) -> None:
        """The slopes of neighbouring rows in one call, as their activations were."""
        for function, first, last, result in self.forward.activations:
            if last - first.row > 1:
                self.program.buffer(SLOPE, rows=len(self.stacks.affine), chunk=True)
                out = code.at(Place(SLOPE, first.row), last)
                value = code.at(result, result.row + last - first.row)
                code.call(f"slope_{function}", code.at(first, last), value, out)
                for row in range(first.row, last):
                    code.known[f"{function}'({self.stacks.affine[row]})"] = Place(SLOPE, row)

    def fill(self) -> Code:
        """Every named gradient that the loop did not compute, and the factors of shares without a name."""
        code = self._filling("fill")
        before = set(self.program.buffers)
        for line in self.program.derivation.backward:
            if line.kind == "line" and line.target not in self.places:
                self._fill_line(code, line)
        shapes = {one.name: one.shape for one in self.program.cell.parameters}
        for share in self.program.derivation.shares:
            shape = shapes[share.parameter]
            self._fill_factor(code, share.delta, self.program.factor(share, "delta"), shape[0])
            self._fill_factor(code, share.z, self.program.factor(share, "z"), shape[-1])
        self.filled = set(self.program.buffers) - before
        return code

    def below(self) -> Code:
        """The gradients of x and y_prev."""
        code = self._filling("below")
        lines = [line for line in self.program.derivation.backward if line.kind == "below"]
        self.read_below = {node.id for line in lines for node in walk(line.expression) if isinstance(node, Name)}
        for line in lines:
            self._fill_line(code, line)
        return code

    def _filling(self, name: str) -> Code:
        code = Code(name, self.places, self.program.letter, True, self.program.tied)
        code.known = dict(self.forward.kept)
        self._results(code)
        return code

    def _fill_line(self, code: Code, line: Line) -> None:
        letter = self.program.letter(line.target.removeprefix("grad."))
        self.places[line.target] = self.program.buffer(line.target, letter)
        out = code.at(self.places[line.target])
        products = [node for _, node in terms(line) if isinstance(node, Product)]
        if products and all(isinstance(node, Product) for _, node in terms(line)):
            self._pull_into(code, [Pull(one.matrix, str(one.operand)) for one in products], out, letter)
        elif isinstance(line.expression, Product):
            code.into(line.expression, letter, out)
        else:
            code.assign(line.expression, letter, out)

    def _fill_factor(self, code: Code, node: Expression | None, key: str | None, letter: str) -> None:
        if node is not None and key is not None and key not in self.places and not isinstance(node, Name):
            self.places[key] = self.program.buffer(key, letter)
            code.assign(node, letter, code.at(self.places[key]))

    # In the loop.

    def loop(self) -> Code:
        """From the gradients that arrive at a step to what it hands back."""
        code = self.code = Code("backward", self.places, self.program.letter, False, self.program.tied)
        ready: set[str] = set()
        for root in self.sweep.roots:
            out = code.at(self.places[root.name])
            if root.state is None:
                self._pull_into(code, root.pulls, out)
                if root.own is not None:
                    code.call("add", out, code.at(self.places[root.own]), out)
            else:
                self._merge(root, out)
            ready.add(root.name)
            self._multiply(root.name, out, ready)
        for handover in self.sweep.handovers:
            self._hand_over(handover.state, handover.pulls, handover.carry)
        return code

    def _merge(self, root: Root, out: str) -> None:
        """The two arrivals at a state become one."""
        code = self.code
        arriving = code.at(self.places[f"{root.name}.next"], cut=True)
        if root.own is not None:
            future = code.at(self.places[f"{root.name}.from_future"])
            code.call("add", arriving, code.at(self.places[root.own]), future)
            arriving = future
        above = self.places[f"{root.name}.from_above"]
        if root.state == "h" or root.above is not None:
            code.call("add", code.at(above), arriving, out)
        else:
            code.call("copyto", out, arriving)

    def _multiply(self, root: str, gradient: str, ready: set[str]) -> None:
        """Every row of a root, neighbours in one call; then the sums that it completes."""
        code = self.code
        rows = sorted(self.order[row.target] for row in self.sweep.rows if row.root == root)
        for first, last in runs(rows):
            form = "rows" if last - first > 1 else "flat"
            coefficient = code.at(Place(COEFFICIENT, first), last, form)
            code.call("multiply", coefficient, gradient, code.at(Place(DELTA, first), last, form))
        origin = {row.target: row.root for row in self.sweep.rows}
        for target, more in self.sweep.sums.items():
            needed = {origin[name] for name in (target, *more)}
            if needed <= ready and root in needed:
                out = code.at(self.places[target])
                for name in more:
                    code.call("add", out, code.at(self.places[name]), out)

    def _hand_over(self, state: str, pulls: Sequence[Pull], carry: str | None) -> None:
        if not pulls:
            return
        out = self.code.at(self.places[f"grad.{state}{PREVIOUS}"])
        self._pull_into(self.code, pulls, out)
        if carry is not None:
            self.code.call("add", out, self.code.at(self.places[carry]), out)

    def _pull_into(self, code: Code, pulls: Iterable[Pull], out: str, letter: str = "H") -> None:
        """The sum of `matrix.T @ delta`: one product for each stack whose deltas lie side by side."""
        left = list(pulls)
        first = True
        while left:
            stack = self._whole_stack(left)
            target = out if first else code.temporary(letter)
            if stack is None:
                pull = left.pop(0)
                self._pull(code, pull.matrix, self._delta(code, pull.delta), target)
            else:
                left = [pull for pull in left if pull.matrix not in stack.parameters]
                row = self.order[f"grad.{self.stacks.affine[stack.first]}"]
                deltas = code.at(Place(DELTA, row), row + len(stack.parameters))
                self._pull(code, stack.name, deltas, target)
            if not first:
                code.call("add", out, target, out)
            first = False

    def _pull(self, code: Code, matrix: str, delta: str, out: str) -> None:
        if code.chunk:
            delta, out = code.plane(delta), code.plane(out)
        code.multiply(matrix, delta, out, transposed=True)

    def _delta(self, code: Code, key: str) -> str:
        if key in self.places:
            return code.at(self.places[key])
        # Only `fill` meets a delta of a sign and a name that the loop had no use for.
        code.depth += 1
        out = code.temporary("H")
        code.depth -= 1
        code.negate(code.at(self.places[key.removeprefix("-")]), out)
        return out

    def _whole_stack(self, pulls: list[Pull]) -> Stack | None:
        """A stack of which every matrix is asked for, by the gradients of its own rows side by side."""
        asked = {(pull.matrix, pull.delta) for pull in pulls}
        for stack in self.stacks.stacks:
            deltas = self.program.deltas(stack)
            if set(zip(stack.parameters, deltas, strict=True)) <= asked and self.together(deltas):
                return stack
        return None

    def together(self, deltas: Sequence[str]) -> bool:
        """Whether these are neighbouring rows in this order."""
        rows = [self.order.get(delta, -2) for delta in deltas]
        return rows[0] >= 0 and rows == list(range(rows[0], rows[0] + len(rows)))
