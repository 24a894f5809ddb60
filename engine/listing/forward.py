"""The way forward in NumPy: every line of the cell at every step, the readout, the loss."""

from __future__ import annotations

from engine.expressions import Line
from engine.listing import changes
from engine.listing.data import write_draws
from engine.listing.experiment import Experiment
from engine.listing.lines import Listing
from engine.listing.places import Places
from engine.shapes import PREVIOUS


class Forward:
    """Writes the way forward; `axis` sums over features where sequences lie beside them."""

    def __init__(self, e: Experiment) -> None:
        self.e, self.places = e, Places(e)
        self.axis = "axis=0" if e.batch else ""

    def write(self, listing: Listing) -> None:
        """The arrays, the loop over the timesteps, the loss of the pass."""
        e = self.e
        listing.section("Forward")
        self._arrays(listing)
        self._feedback(listing)
        listing.add()
        with listing.block("for t in range(T):"):
            self._given(listing)
            if e.layered:
                with listing.block("for layer in range(layers):"):
                    self._layer(listing)
            else:
                self._layer(listing)
            self._readout(listing)
        listing.add(f"L = {'loss' if e.counted.all() else 'loss[counted]'}.mean()  # the loss of the pass")

    def _arrays(self, listing: Listing) -> None:
        """Room for every value that is needed again: by the next step, or on the way back."""
        e = self.e
        for name in dict.fromkeys(line.target for line in e.lines.forward):
            if self.places.is_array(name):
                self._array(listing, name)
        outputs = e.vector("O")
        if e.fed:
            listing.add(f"y_prev = {e.zeros('T', *outputs)}")
        listing.add(f"y_hat = {e.zeros('T', *outputs)}")
        listing.add(f"loss = {e.zeros('T', *(['B'] if e.batch else []))}")

    def _array(self, listing: Listing, name: str) -> None:
        e, written = self.e, self.e.names.of(name)
        steps = "T + 1" if name in e.cell.states else "T"
        letter = e.lines.letters.get(name, "H")
        texts = [e.zeros(steps, *e.vector(letter, layer)) for layer in range(e.sizes["L"])]
        text = e.by_layer(texts)
        if e.layered and letter == "H":
            text = f"[{texts[0]} for layer in range(layers)]"
        note = f"  # one row more: {written}[-1], before the first step" if name == "h" else ""
        listing.add(f"{written} = {text}{note if e.recurrent else ''}")
        if name in e.cell.states:
            listing.extend(changes.of_state(e, name, ("-1",)))

    def _feedback(self, listing: Listing) -> None:
        e = self.e
        if not e.recurrent:
            for state in e.cell.states:
                listing.add(f"{e.names.of(state + PREVIOUS)} = {e.zeros(*e.vector('H'))}  # no step hears of another")
        if e.fed in ("sampled", "scheduled"):
            write_draws(listing, e)
        if e.fed == "teacher":
            listing.add(f"y_prev[1:] = {e.fed_target}[:-1]  # the true output before each step")
        if e.plan.concatenated:
            listing.add(f"joined = {e.zeros('T', *e.vector('I'))}  # [x; y_prev]")
        if e.fed in ("sampled", "scheduled") and e.softmax:
            self._sample(listing)

    def _sample(self, listing: Listing) -> None:
        """A symbol drawn from a prediction, as an output."""
        listing.add()
        with listing.block("def sample(predicted, draw):"):
            if self.e.batch:
                listing.add("above = np.cumsum(predicted, axis=0) < draw")
                listing.add("return np.eye(O)[np.minimum(above.sum(axis=0), O - 1)].T")
            else:
                listing.add("above = np.cumsum(predicted) < draw")
                listing.add("return np.eye(O)[min(above.sum(), O - 1)]")

    def _given(self, listing: Listing) -> None:
        """What a step is given besides the states."""
        e = self.e
        if e.fed not in (None, "teacher"):
            with listing.block("if t > 0:"):
                listing.add(f"y_prev[t] = {self._fed_back()}")
        if e.plan.concatenated:
            listing.add("joined[t] = np.concatenate([x[t], y_prev[t]])")

    def _fed_back(self) -> str:
        e = self.e
        if e.passes:
            return "y_hat[t - 1]  # the prediction before"
        drawn = "sample(y_hat[t - 1], draws[t - 1])" if e.softmax else "y_hat[t - 1] + draws[t - 1]"
        return drawn if e.fed == "sampled" else f"np.where(coins[t], {e.fed_target}[t - 1], {drawn})"

    def _layer(self, listing: Listing) -> None:
        e = self.e
        input_of_layer(listing, e, self.places)
        for line in e.lines.forward:
            listing.add(f"{self.places.of(line.target)} = {self._value(line)}", _mark(line))
        if e.data.there is not None:
            for state in e.cell.states:
                place = self.places.of(state)
                listing.add(f"{place} = np.where(there[t], {place}, 0)  # padding is zero")

    def _value(self, line: Line) -> str:
        return self.places.notation.text(line.expression)

    def _readout(self, listing: Listing) -> None:
        e = self.e
        v, c = e.of_step("V", readout=True), e.of_step("c", readout=True)
        listing.add(f"o = {v} @ {e.top}[t]{f' + {c}' if e.spec.bias else ''}", "forward.readout.o")
        if not e.softmax:
            listing.add("y_hat[t] = o", "forward.readout.y_hat")
            listing.add(f"loss[t] = ((y_hat[t] - y[t])**2).sum({self.axis}) / 2", "forward.loss.loss")
            return
        listing.add(f"o = o - o.max({self.axis})  # so that no exp overflows", Y_HAT)
        listing.add(f"y_hat[t] = np.exp(o) / np.exp(o).sum({self.axis})", Y_HAT)
        place = "y[t], np.arange(B)" if e.batch else "y[t]"
        note = "" if e.batch else "  # -log(y_hat[t][y[t]])"
        listing.add(f"loss[t] = np.log(np.exp(o).sum({self.axis})) - o[{place}]{note}", "forward.loss.loss")


Y_HAT = "forward.readout.y_hat"


def input_of_layer(listing: Listing, e: Experiment, places: Places) -> None:
    """What a layer reads, where there are several."""
    if e.layered and e.reads_input:
        listing.add(f"x_layer = {places.lowest}[t] if layer == 0 else {e.names.of('h')}[layer - 1][t]")


def _mark(line: Line) -> str:
    """A part has no moment of its own: it belongs to the line that it is from."""
    return f"forward.line.{line.target.partition('.')[0]}"
