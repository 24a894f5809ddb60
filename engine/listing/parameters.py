"""The first values of the parameters as a listing draws them: the engine's own, bit for bit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from engine.listing import changes, literals
from engine.listing.experiment import Experiment
from engine.listing.lines import Listing
from engine.network import FORGET_BIAS, Slot

XAVIER = (
    "limit = np.sqrt(6 / (rows + columns))  # Glorot and Bengio (2010)",
    "stream.uniform(-limit, limit, (rows, columns))",
)
ORTHOGONAL = (
    "q, r = np.linalg.qr(stream.normal(size=(max(rows, columns), min(rows, columns))))",
    "q = q * np.sign(np.diag(r))",
    "(q if rows >= columns else q.T)",
)


class Parameters:
    """Every parameter's lines; where they are `learned` by PyTorch, as its tensors."""

    def __init__(self, e: Experiment, learned: bool = False) -> None:
        self.e, self.learned = e, learned
        self.how = e.spec.initialization
        self.places = {slot.name: slot for slot in e.plan.slots}
        self.drawn: set[str] = set()
        self.lines = [f"{written} = {value}" for written, value in self._values()]

    def write(self, listing: Listing) -> None:
        """The functions that draw, if any do, and a line for every parameter."""
        listing.section("Parameters" + ("; a bias is a column, the same for every sequence" if self.e.batch else ""))
        for name in sorted(self.drawn):
            self._define(listing, name)
        if self.learned:
            with listing.block("def parameter(values):"):
                listing.add("return torch.tensor(values, requires_grad=True)")
            listing.add()
        listing.extend(self.lines)

    def changes(self) -> Iterator[str]:
        """What of them was set by hand."""
        for one in self.e.cell.parameters:
            yield from changes.of_parameter(self.e, one.name)
        for name in ("V", "c"):
            yield from changes.of_readout(self.e, name)

    def _values(self) -> Iterator[tuple[str, str]]:
        e, layers = self.e, range(self.e.sizes["L"])
        for one in e.cell.parameters:
            texts = [
                self._tensor(self._value(self.places[f"layer{layer}.{one.name}"], e.shape(one, layer)))
                for layer in layers
            ]
            yield e.names.of(one.name), e.by_layer(texts)
        yield "V", self._tensor(self._value(self.places["V"], ["O", "H"]))
        if "c" in self.places:
            yield "c", self._tensor(self._value(self.places["c"], ["O", "1"] if e.batch else ["O"]))

    def _tensor(self, value: str) -> str:
        return f"parameter({value})" if self.learned else value

    def _value(self, slot: Slot, shape: list[str]) -> str:
        e, untied = self.e, [] if self.e.tied else ["T"]
        if e.weights is not None:
            return self._given(slot)
        if slot.role == "bias" and slot.local == FORGET_BIAS and slot.layer is not None and self.how.forget_bias:
            lengths = [*untied, *shape]
            whole = lengths[0] if len(lengths) == 1 else f"({', '.join(lengths)})"
            return f"np.full({whole}, {self.how.forget_bias!r}{e.dtype})"
        if slot.role == "bias" or self.how.kind == "zeros":
            return e.zeros(*untied, *shape)
        if slot.role == "scale":
            return self._diagonal(slot, shape[0])
        return self._matrix(slot, *shape)

    def _given(self, slot: Slot) -> str:
        """A value that came with the call."""
        e = self.e
        text = f'trace["{slot.name}"]'
        if slot.name not in e.traced:
            text = e.cast(literals.array((e.weights or {})[slot.name]))
        return f"{text}[..., None]" if e.batch and slot.role != "matrix" else text

    def _diagonal(self, slot: Slot, length: str) -> str:
        """The entries of a scale: the diagonal of a matrix that is drawn."""
        drawn, column = self._draw(slot, length, length), "[:, None]" if self.e.batch else ""
        if self.e.tied:
            return f"np.diag({drawn}){column}.copy()"
        return f"np.array([np.diag(one){column} for one in {drawn}])"

    def _matrix(self, slot: Slot, rows: str, columns: str) -> str:
        square = slot.recurrent and slot.shape[-2] == slot.shape[-1]
        if square and self.how.kind == "identity":
            eye = self.e.cast(f"np.eye({rows})")
            return eye if self.e.tied else f"np.array([{eye} for t in range(T)])"
        if square and self.how.kind == "spectral":
            self.drawn.add("draw_recurrent")
            return f"draw_recurrent({_number(slot)}, {rows}, {columns})"
        return self._draw(slot, rows, columns)

    def _draw(self, slot: Slot, rows: str, columns: str) -> str:
        self.drawn.add("draw")
        return f"draw({_number(slot)}, {rows}, {columns})"

    def _define(self, listing: Listing, name: str) -> None:
        """The function that draws a parameter, its timesteps one after another where they are untied."""
        *body, result = self._body(name)
        e = self.e
        with listing.block(f"def {name}(number, rows, columns):"):
            listing.add(f"stream = np.random.default_rng([{e.spec.seed}, number])  # the seed, a number for each name")
            if e.tied:
                listing.extend(body)
                listing.add(f"return {e.cast(result)}")
            else:
                listing.add("steps = []")
                with listing.block("for t in range(T):  # every timestep has its own"):
                    listing.extend(body)
                    listing.add(f"steps.append({e.cast(result)})")
                listing.add("return np.array(steps)")
        listing.add()

    def _body(self, name: str) -> tuple[str, ...]:
        if name == "draw_recurrent":
            return (
                "drawn = stream.normal(0, 1 / np.sqrt(rows), (rows, columns))",
                "largest = np.abs(np.linalg.eigvals(drawn)).max()  # the spectral radius, Jaeger (2001)",
                f"(drawn * ({self.how.radius!r} / largest))",
            )
        if self.how.kind == "normal":
            return (f"stream.normal(0, {self.how.scale!r}, (rows, columns))",)
        return ORTHOGONAL if self.how.kind == "orthogonal" else XAVIER


def _number(slot: Slot) -> int:
    """What tells the stream of a parameter from the others': a checksum of its name."""
    return zlib.crc32(slot.name.encode())
