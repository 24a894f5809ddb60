"""The gradient check: every analytic gradient against central differences.

The step is 1e-6, in float64. The relative error is |a - n| / max(|a|, |n|, 1e-8), where |.| is the
Euclidean norm over a parameter's checked entries: a single entry may be smaller than the rounding
of the loss, which no finite difference sees through.

At a kink, as relu has at 0, the two one-sided differences are not alike, and any gradient between them is right;
of a smooth loss they differ by a step's curvature alone.

Every array is told in the trace's order of axes.

Where no gradient passes by definition, nothing is moved: a truncated window begins with the states
it had, and an output that was fed back as a target or a draw stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.activations import Array
from engine.overrides import check_name, check_place
from engine.passes import Pass
from engine.plan import Plan
from engine.shapes import INPUT
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
    both = _Both(spec, data, weights)
    stream = np.random.default_rng(spec.seed)
    return [both.row(name, _places(values.size, entries, stream)) for name, values in both.movable.items()]


def check_entry(
    spec: Spec,
    name: str,
    index: tuple[int, ...],
    data: Data | None = None,
    weights: dict[str, Array] | None = None,
) -> CheckRow:
    """The row of one entry alone: of a parameter, of `x` (t, b, i), of an initial state (b, unit), from 0.

    It takes two forward passes where the whole check takes two for every entry it moves. Raises SpecError as
    `Pass` does, and where no array has that entry.
    """
    both = _Both(spec, data, weights)
    check_is_entry(both.one.plan, name, index)
    return both.row(name, [int(np.ravel_multi_index(index, both.movable[name].shape))])


def check_is_entry(plan: Plan, name: str, index: tuple[int, ...]) -> None:
    """Raises SpecError, field `entry`, where a pass has no such entry to move."""
    shapes = plan.beginnings
    check_name("entry", name, list(shapes))
    check_place("entry", name, index, shapes[name], whole=True)


class _Both:
    """The gradients of a pass, and what central differences give in their place."""

    def __init__(self, spec: Spec, data: Data | None, weights: dict[str, Array] | None) -> None:
        exact = spec.model_copy(update={"dtype": "float64"})
        self.one = Pass(exact, data, weights)
        trace = self.one.run()
        begun = [name for name in self.one.plan.beginnings if name not in self.one.gradients]
        self.analytic = {**self.one.gradients, **{name: trace[f"grad.{name}"] for name in begun}}
        self.probe = _Probe(exact, data, weights)
        self.movable = self.probe.movable()

    def row(self, name: str, places: list[int]) -> CheckRow:
        """The check of an array's entries at these places."""
        values, own = self.movable[name], self.analytic[name].ravel()[places]
        numeric = np.array([self.probe.difference(values, place) for place in places])
        row = _row(name, values.shape, places, own, numeric, self.one)
        if not row.ok:
            sides = np.array([self.probe.sides(values, place) for place in places])
            between = (sides.min(axis=1) <= own) & (own <= sides.max(axis=1))
            row = _row(name, values.shape, places, own, np.where(between, own, numeric), self.one)
        return row


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
        return {**self.one.parameters, INPUT: self.one.x.swapaxes(1, 2), **self.one.initials()}

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
