"""The way back in NumPy: grad.o of all steps, then the derived lines from the last step to the first."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from engine.derive import Share
from engine.expressions import Line, Name, Number
from engine.listing.experiment import Experiment
from engine.listing.forward import input_of_layer
from engine.listing.lines import Listing
from engine.listing.places import Places

OWN = "grad_o_from_loss"


class Backward:
    """Writes the way back."""

    def __init__(self, e: Experiment) -> None:
        self.e, self.places = e, Places(e)
        self.begun: set[str] = set()

    def write(self, listing: Listing) -> None:
        """The gradient at every output, room for the shares, the loop back, in windows where it is truncated."""
        self._output(listing)
        listing.section("Backward")
        self._shares(listing)
        with self._windows(listing):
            self._begin(listing)
            with listing.block(f"for t in reversed(range({'begin, end' if self.e.windows else 'T'})):"):
                self._step(listing)

    def _output(self, listing: Listing) -> None:
        e = self.e
        listing.section("Loss: the gradient at every output")
        error = f"y_hat - {e.fed_target}"
        text = f"({error})" if e.counted.all() else f"np.where(counted[:, None], {error}, 0)"
        listing.add(f"{OWN if e.passes else 'grad_o'} = {text} / {e.count}", "loss.output.grad.o")

    def _shares(self, listing: Listing) -> None:
        """Every step's share of the gradient of each parameter of the cell."""
        e = self.e
        for one in e.cell.parameters:
            steps = [] if e.sums_up else ["T"]
            texts = [e.zeros(*steps, *e.shape(one, layer)) for layer in range(e.sizes["L"])]
            listing.add(f"{self._share_name(one.name)} = {e.by_layer(texts)}")
        if e.passes:
            listing.add(f"grad_o = {e.zeros('T', *e.vector('O'))}")

    def _share_name(self, parameter: str) -> str:
        e = self.e
        return e.names.of(f"{parameter}.share" if e.tied and not e.sums_up else f"grad.{parameter}")

    def _windows(self, listing: Listing) -> AbstractContextManager[None]:
        """The loop over the windows of truncation."""
        windows = self.e.windows
        if windows is None:
            return nullcontext()
        listing.add(f"k1, k2 = {windows[0]}, {windows[1]}")
        note = "the losses of k1 steps go back through k2 steps"
        return listing.block(f"for first in reversed(range(0, T, k1)):  # {note}")

    def _begin(self, listing: Listing) -> None:
        """Nothing arrives from behind the end."""
        e = self.e
        if e.windows:
            listing.add("end = min(first + k1, T)")
            listing.add("begin = max(0, end - k2)")
        for state in e.cell.states:
            zeros = e.zeros(*e.vector("H"))
            text = f"[{zeros} for layer in range(layers)]" if e.layered else zeros
            listing.add(f"{e.names.of(f'grad.{state}.next')} = {text}")
        if e.passes:
            listing.add(f"grad_y_prev = {e.zeros(*e.vector('O'))}")

    def _step(self, listing: Listing) -> None:
        e = self.e
        self._sent(listing)
        if not e.layered:
            self._layer(listing)
        else:
            listing.add(f"grad_h_from_above = {e.of_step('V', readout=True)}.T @ {self.places.output}")
            if e.passes and e.cell.fed_back:
                listing.add(f"grad_y_prev = {e.zeros(*e.vector('O'))}")
            with listing.block("for layer in reversed(range(layers)):"):
                self._layer(listing)
        if e.passes and e.plan.concatenated:
            listing.add("grad_y_prev = grad_x[I:]")

    def _sent(self, listing: Listing) -> None:
        """What the output of a step sends back: its own loss's gradient, and the fed back prediction's."""
        e, own = self.e, f"{OWN if self.e.passes else 'grad_o'}[t]"
        if e.windows:
            listing.add(f"sent = {own} if t >= first else {e.zeros(*e.vector('O'))}")
            own = "sent"
        if not e.passes:
            return
        axis = "axis=0" if e.batch else ""
        arriving = f"y_hat[t] * (grad_y_prev - (y_hat[t] * grad_y_prev).sum({axis}))" if e.softmax else "grad_y_prev"
        note = "  # step t + 1 was given this prediction"
        listing.add(f"{self.places.output} = {own} + {arriving}{note}")
        if e.windows:
            listing.add("grad_o[t] += sent")

    def _layer(self, listing: Listing) -> None:
        e, shares = self.e, iter(self.e.lines.shares)
        self.begun = set()
        input_of_layer(listing, e, self.places)
        for line in e.lines.backward:
            mark = f"backward.{line.kind}.{line.target}"
            if line.kind == "share":
                listing.add(self._share(next(shares)), mark)
            elif line.kind == "below":
                self._below(listing, line, mark)
            elif line.kind == "handover" and not e.recurrent:
                nothing = f"{e.zeros(*e.vector('H'))}  # no step hears of another"
                listing.add(f"{self.places.of(line.target)} = {nothing}", mark)
            else:
                listing.add(f"{self._target(line)} = {self._value(line)}", mark)

    def _target(self, line: Line) -> str:
        """The gradient of a state is one name, its arrivals are others."""
        return self.places.of(line.target)

    def _value(self, line: Line) -> str:
        e = self.e
        if line.expression != Number(0):
            return self.places.notation.text(line.expression)
        if line.target == "grad.x":
            return f"np.zeros_like({self.places.of('x')})"
        return e.zeros(*e.vector("O" if line.target == "grad.y_prev" else "H"))

    def _below(self, listing: Listing, line: Line, mark: str) -> None:
        """What goes on to the input, where that is a layer or a prediction."""
        e = self.e
        if line.target == "grad.y_prev":
            if e.passes:
                before = "grad_y_prev + " if e.layered else ""
                listing.add(f"grad_y_prev = {before}{self._value(line)}")
        elif e.layered or (e.passes and e.plan.concatenated):
            listing.add(f"grad_x = {self._value(line)}", *([mark] if e.layered else []))
            if e.layered:
                listing.add("grad_h_from_above = grad_x  # for the layer below")

    def _share(self, share: Share) -> str:
        """A step's share of a parameter; a parameter that is used again gets a further one."""
        e, name = self.e, share.parameter
        again = name in self.begun or e.windows or e.sums_up
        self.begun.add(name)
        place = e.of_layer(self._share_name(name)) + ("" if e.sums_up else "[t]")
        return f"{place} {'+=' if again else '='} {self._share_value(share)}"

    def _share_value(self, share: Share) -> str:
        write = self.places.notation
        delta, z = write.atom(share.delta), share.z
        if share.matrix and z is not None:
            if not self.e.batch:
                return f"np.outer({write.text(share.delta)}, {write.text(z)})"
            if isinstance(z, Name) and z.id in self.e.parameters:  # the same for all sequences
                return f"{delta}.sum(axis=1, keepdims=True) @ {write.atom(z)}.T"
            return f"{delta} @ {write.atom(z)}.T"
        text = write.text(share.line.expression)
        if not self.e.batch:
            return text
        inside = text if z is None and isinstance(share.delta, Name) else f"({text})"
        return f"{inside}.sum(axis=1, keepdims=True)"
