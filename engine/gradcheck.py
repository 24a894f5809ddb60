"""The gradient check: every analytic gradient against central differences.

The step is 1e-6, in float64. The relative error is |a - n| / max(|a|, |n|, 1e-8), where |.| is the
Euclidean norm over a parameter's checked entries: a single entry may be smaller than the rounding
of the loss, which no finite difference sees through.

At a kink, as relu has at 0, the two one-sided differences are not alike, and any gradient between them is right;
of a smooth loss they differ by a step's curvature alone.

Where no gradient passes by definition, nothing is moved: a truncated window begins with the states
it had, and an output that was fed back as a target or a draw stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.activations import Array
from engine.passes import Pass
from engine.spec import Spec
from engine.tasks import Data
from engine.truncation import Window

STEP = 1e-6
TOLERANCE = 1e-6
ENTRIES = 64


@dataclass(frozen=True)
class CheckRow:
    """The check of one array: its relative error, and the entry where the two differ most.

    `checked` is how many of its entries were moved. `noise` is the difference that the rounding of
    the loss alone can make; below it nothing can be told.
    """

    name: str
    shape: tuple[int, ...]
    checked: int
    error: float
    noise: float
    ok: bool
    index: tuple[int, ...]
    analytic: float
    numeric: float


def check(
    spec: Spec,
    data: Data | None = None,
    weights: dict[str, Array] | None = None,
    entries: int | None = ENTRIES,
) -> list[CheckRow]:
    """A row for every parameter, for x and for every initial state.

    At most `entries` entries of each are moved, drawn from the spec's seed; None moves them all.
    Raises SpecError as `Pass` does.
    """
    exact = spec.model_copy(update={"dtype": "float64"})
    one = Pass(exact, data, weights)
    one.run()
    analytic = _analytic(one)
    probe = _Probe(exact, data, weights)
    stream = np.random.default_rng(spec.seed)
    rows = []
    for name, values in probe.movable().items():
        places = _places(values.size, entries, stream)
        numeric = np.array([probe.difference(values, place) for place in places])
        own = analytic[name].ravel()[places]
        row = _row(name, values.shape, places, own, numeric, one)
        if not row.ok:
            sides = np.array([probe.sides(values, place) for place in places])
            between = (sides.min(axis=1) <= own) & (own <= sides.max(axis=1))
            row = _row(name, values.shape, places, own, np.where(between, own, numeric), one)
        rows.append(row)
    return rows


def _analytic(one: Pass) -> dict[str, Array]:
    grads = dict(one.gradients) | {"x": one.trace["grad.x"].swapaxes(1, 2)}
    for index, layer in enumerate(one.layers):
        for state in one.plan.cell.states:
            grads[f"layer{index}.{state}.initial"] = layer.array(f"grad.{state}_prev")[0]
    return grads


class _Probe:
    """The forward pass a timestep at a time, from any window's begin, with entries moved."""

    def __init__(self, spec: Spec, data: Data | None, weights: dict[str, Array] | None) -> None:
        self.one = Pass(spec, data, weights, chunk=1)
        self.one.forward()
        self.one.feedback.frozen = not self.one.feedback.passes
        self.states = [layer.buffers[f".state.{s}"] for layer in self.one.layers for s in self.one.plan.cell.states]
        self.kept = [array.copy() for array in (*self.states, self.one.readout.y_hat)]

    def movable(self) -> dict[str, Array]:
        """The arrays to move, in place: the very ones the pass reads."""
        arrays = dict(self.one.parameters) | {"x": self.one.x}
        for index, layer in enumerate(self.one.layers):
            for state in self.one.plan.cell.states:
                arrays[f"layer{index}.{state}.initial"] = layer.buffers[f".state.{state}"][0]
        return arrays

    def difference(self, values: Array, place: int) -> float:
        """(loss(v + step) - loss(v - step)) / (2 step), differences taken a timestep at a time."""
        return self._slope(values, place, STEP, -STEP)

    def sides(self, values: Array, place: int) -> tuple[float, float]:
        """The differences to either side alone: at a kink they are not alike, and every slope between is right."""
        return self._slope(values, place, STEP, 0), self._slope(values, place, 0, -STEP)

    def _slope(self, values: Array, place: int, high: float, low: float) -> float:
        before = float(values.flat[place])
        total = 0.0
        for window in (window for sweep in self.one.sweeps for window in sweep.windows):
            losses = [self._losses(values, place, before + step, window) for step in (high, low)]
            values.flat[place] = before
            total += float((losses[0] - losses[1]).sum())
        return total / (high - low) / self.one.readout.count

    def _losses(self, values: Array, place: int, moved: float, window: Window) -> Array:
        """The losses that count of a window, which begins with the states that nothing moved."""
        first, begin, end = window
        for array, kept in zip((*self.states, self.one.readout.y_hat), self.kept, strict=True):
            array[...] = kept
        values.flat[place] = moved
        for t in range(begin, end):
            self.one.forward_chunk(t)
        readout = self.one.readout
        return np.asarray(readout.losses[first:end] * readout.counted[first:end])


def _places(size: int, entries: int | None, stream: np.random.Generator) -> list[int]:
    if entries is None or size <= entries:
        return list(range(size))
    return sorted(int(place) for place in stream.choice(size, entries, replace=False))


def _row(
    name: str,
    shape: tuple[int, ...],
    places: list[int],
    analytic: Array,
    numeric: Array,
    one: Pass,
) -> CheckRow:
    apart = np.abs(analytic - numeric)
    worst = int(apart.argmax())
    size = max(float(np.linalg.norm(analytic)), float(np.linalg.norm(numeric)), 1e-8)
    distance = float(np.linalg.norm(apart))
    loss = float(np.abs(one.readout.losses).max())
    noise = float(np.finfo(np.float64).eps / STEP * max(loss, 1.0) * np.sqrt(len(places)))
    return CheckRow(
        name=name,
        shape=shape,
        checked=len(places),
        error=distance / size,
        noise=noise,
        ok=distance / size < TOLERANCE or distance < noise,
        index=tuple(int(i) for i in np.unravel_index(places[worst], shape)),
        analytic=float(analytic[worst]),
        numeric=float(numeric[worst]),
    )
