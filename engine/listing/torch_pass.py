"""The way forward in PyTorch, and the call that goes back; in windows where that is truncated."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from engine.expressions import Line, walk
from engine.listing import changes
from engine.listing.experiment import Experiment
from engine.listing.functions import torch_call
from engine.listing.learning import SUM
from engine.listing.lines import Listing
from engine.listing.notation import Notation, is_constant, without_identity
from engine.shapes import FED_BACK, INPUT, PREVIOUS, names_read


class TorchPass:
    """Writes the way forward and the call that goes back, in windows where it is truncated."""

    def __init__(self, e: Experiment) -> None:
        self.e = e
        self.notation = Notation(self._of, torch_call, fill=self._fill)
        self.read = set(names_read(e.cell.lines))
        self.carried = list(e.cell.states) if e.recurrent else []

    def write(self, listing: Listing) -> None:
        """The states before the first step, the loop over the timesteps, the way back."""
        e = self.e
        if e.fed in ("sampled", "scheduled") and e.softmax:
            self._sample(listing)
        listing.section("Forward" + (" and backward, window by window" if e.windows else ""))
        self._beginning(listing)
        with self._windows(listing):
            listing.add("losses = []")
            with listing.block(f"for t in range({'begin, end' if e.windows else 'T'}):"):
                self._step(listing)
            if e.windows:
                self._window_back(listing)
        if not e.windows:
            losses = "torch.stack(losses)" + ("" if e.counted.all() else "[counted]")
            listing.add(f"L = {losses}.mean()  # the loss of the pass")
            listing.section("Backward")
            listing.add("L.backward()", *back_marks(e))

    # Names and numbers.

    def _of(self, name: str) -> str:
        e = self.e
        if name in e.parameters:
            return e.of_step(e.names.of(name))
        if name == INPUT:
            return "x_layer" if e.layered else self._lowest
        if name == FED_BACK:
            return name
        return e.of_layer(e.names.of(name)) if name in e.cell.states else e.names.of(name)

    @property
    def _lowest(self) -> str:
        return "joined" if self.e.plan.concatenated else "x[t]"

    def _fill(self, number: str, matrix: str | None) -> str:
        """A number as what a matrix is applied to, or an activation."""
        if matrix is None:
            return f"torch.tensor(1.0 * ({number}))"
        letter = next(one.shape[1] for one in self.e.cell.parameters if one.name == matrix)
        lengths = ["len(x_layer)"] if letter == "I" and self.e.layered else [self.e.length(letter)]
        return self._full(number, [*lengths, *(["B"] if self.e.batch else [])])

    def _full(self, number: str, lengths: list[str]) -> str:
        return f"torch.full(({', '.join(lengths)},), 1.0 * ({number}))"

    def _zeros(self, letter: str) -> str:
        return f"torch.zeros({', '.join(self.e.vector(letter))})"

    # The parts of the loop.

    def _sample(self, listing: Listing) -> None:
        listing.section("A symbol drawn from a prediction")
        with listing.block("def sample(predicted, draw):"):
            listing.add("above = torch.cumsum(predicted.detach(), 0) < draw")
            turned = ".T" if self.e.batch else ""
            listing.add(f"return torch.eye(O)[above.sum(0).clamp(max=O - 1)]{turned}")

    def _beginning(self, listing: Listing) -> None:
        """What the first step is given."""
        e = self.e
        for state in e.cell.states:
            zeros, name = self._zeros("H"), e.names.of(state)
            if e.recurrent or e.layered:
                listing.add(f"{name} = {f'[{zeros} for layer in range(layers)]' if e.layered else zeros}")
                listing.extend(changes.of_state(e, state))
            if not e.recurrent and state + PREVIOUS in self.read:
                listing.add(f"{e.names.of(state + PREVIOUS)} = {zeros}  # no step hears of another")
        if e.fed not in (None, "teacher"):
            listing.add(f"y_hat = {self._zeros('O')}")

    def _windows(self, listing: Listing) -> AbstractContextManager[None]:
        e = self.e
        if not e.windows:
            return nullcontext()
        for name in self._kept():
            listing.add(f"{self._before(name)} = [{name}]")
        listing.add("L = 0.0  # the loss of the pass")
        listing.add(f"k1, k2 = {e.windows[0]}, {e.windows[1]}")
        block = listing.block("for first in range(0, T, k1):  # the losses of k1 steps go back through k2 steps")
        return _Opened(block, listing, [*self._window_start()])

    def _kept(self) -> list[str]:
        """What goes on from step to step, by its name in the listing."""
        fed = ["y_hat"] if self.e.fed not in (None, "teacher") else []
        return [*(self.e.names.of(state) for state in self.carried), *fed]

    def _before(self, name: str) -> str:
        return "y_hat_before" if name == "y_hat" else self.e.names.of(f"{name}.before")

    def _window_start(self) -> list[str]:
        starts = [f"{name} = {self._copied(name, f'{self._before(name)}[begin]')}" for name in self._kept()]
        return ["end = min(first + k1, T)", "begin = max(0, end - k2)", *starts]

    def _copied(self, name: str, text: str) -> str:
        """A list of all layers' is one of its own, since its items are replaced."""
        return f"list({text})" if self.e.layered and name != "y_hat" else text

    def _step(self, listing: Listing) -> None:
        e = self.e
        self._given(listing)
        if e.layered:
            if INPUT in self.read:
                listing.add(f"x_layer = {self._lowest}")
            with listing.block("for layer in range(layers):"):
                self._layer(listing)
                if INPUT in self.read:
                    listing.add(f"x_layer = {self._of('h')}")
        else:
            self._layer(listing)
        self._readout(listing)

    def _given(self, listing: Listing) -> None:
        e, nothing = self.e, f" if t > 0 else {self._zeros('O')}"
        if e.fed == "teacher":
            listing.add(f"y_prev = {e.fed_target}[t - 1]{nothing}")
        elif e.passes:
            listing.add("y_prev = y_hat")
        elif e.fed:
            drawn = "sample(y_hat, draws[t - 1])" if e.softmax else "y_hat.detach() + draws[t - 1]"
            text = drawn if e.fed == "sampled" else f"torch.where(coins[t], {e.fed_target}[t - 1], {drawn})"
            listing.add(f"y_prev = {text}{nothing}")
        if e.plan.concatenated:
            listing.add("joined = torch.cat([x[t], y_prev])")

    def _layer(self, listing: Listing) -> None:
        e = self.e
        for state in self.carried:
            if state + PREVIOUS in self.read:
                listing.add(f"{e.names.of(state + PREVIOUS)} = {self._of(state)}")
        for line in e.cell.lines:
            listing.add(f"{self._of(line.target)} = {self._value(line)}", f"forward.line.{line.target}")
        if e.data.there is not None:
            for state in e.cell.states:
                listing.add(f"{self._of(state)} = torch.where(there[t], {self._of(state)}, 0)  # padding is zero")

    def _value(self, line: Line) -> str:
        e, expression = self.e, without_identity(line.expression)
        text = self.notation.text(expression)
        if is_constant(expression):
            return self._full(text, e.vector("H"))
        alike = not any(str(node) in self._differ for node in walk(expression))
        return f"({text}).expand(H, B)" if e.batch and alike else text

    @property
    def _differ(self) -> set[str]:
        """The names of what differs from sequence to sequence."""
        before = {state + PREVIOUS for state in self.e.cell.states}
        return {INPUT, FED_BACK, *before, *self.e.cell.names}

    def _readout(self, listing: Listing) -> None:
        e = self.e
        v, c = e.of_step("V", readout=True), e.of_step("c", readout=True)
        top = f"{e.names.of('h')}[-1]" if e.layered else e.names.of("h")
        listing.add(f"o = {v} @ {top}{f' + {c}' if e.spec.bias else ''}", "forward.readout.o")
        listing.add(f"y_hat = {'torch.softmax(o, dim=0)' if e.softmax else 'o'}", "forward.readout.y_hat")
        listing.add(f"loss = {self._loss()}", "forward.loss.loss")
        if not e.windows:
            listing.add("losses.append(loss)")
            return
        with listing.block("if t >= first:"):
            listing.add("losses.append(loss)")
            for name in self._kept():
                many = e.layered and name != "y_hat"
                after = f"[one.detach() for one in {name}]" if many else f"{name}.detach()"
                listing.add(f"{self._before(name)}.append({after})")

    def _loss(self) -> str:
        e = self.e
        if not e.softmax:
            return f"((y_hat - y[t])**2).sum({'dim=0' if e.batch else ''}) / 2"
        given = 'o.T, y[t], reduction="none"' if e.batch else "o, y[t]"
        return f"torch.nn.functional.cross_entropy({given})"

    def _window_back(self, listing: Listing) -> None:
        e = self.e
        counted = "" if e.counted.all() else "[counted[first:end]]"
        listing.add(f"window_loss = torch.stack(losses){counted}.sum() / {e.count}")
        listing.add("window_loss.backward()", *back_marks(e))
        listing.add("L = L + window_loss.item()")


class _Opened(AbstractContextManager[None]):
    """A block with its first lines written."""

    def __init__(self, block: AbstractContextManager[None], listing: Listing, first: list[str]) -> None:
        self.block, self.listing, self.first = block, listing, first

    def __enter__(self) -> None:
        self.block.__enter__()
        self.listing.extend(self.first)

    def __exit__(self, *problem: object) -> None:
        self.block.__exit__(None, None, None)


def back_marks(e: Experiment) -> list[str]:
    """Every moment from the loss's gradient to the sum: one call does it all."""
    lines = [line for line in e.lines.backward if line.kind != "below" or (e.layered and line.target == "grad.x")]
    marks = dict.fromkeys(f"backward.{line.kind}.{line.target}" for line in lines)
    return ["loss.output.grad.o", *marks, SUM]
