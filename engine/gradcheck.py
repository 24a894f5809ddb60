"""The gradient check: every analytic gradient against central differences.

The step is 1e-6, in float64. The relative error is |a - n| / max(|a|, |n|, 1e-8), where |.| is the
Euclidean norm over a parameter's checked entries: a single entry may be smaller than the rounding
of the loss, which no finite difference sees through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.activations import Array
from engine.passes import Pass
from engine.spec import Spec
from engine.tasks import Data

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
    one = Pass(spec.model_copy(update={"dtype": "float64"}), data, weights)
    one.run()
    analytic = {name: value.copy() for name, value in _analytic(one).items()}
    stream = np.random.default_rng(spec.seed)
    rows = []
    for name, values in _movable(one).items():
        places = _places(values.size, entries, stream)
        numeric = np.array([_difference(one, values.reshape(-1), place) for place in places])
        rows.append(_row(name, values.shape, places, analytic[name].ravel()[places], numeric, one))
    return rows


def _movable(one: Pass) -> dict[str, Array]:
    """The arrays to move, in place: the very ones the pass reads."""
    arrays = dict(one.parameters) | {"x": one.x}
    for index, layer in enumerate(one.layers):
        for state, value in layer.initial.items():
            arrays[f"layer{index}.{state}.initial"] = value
    return arrays


def _analytic(one: Pass) -> dict[str, Array]:
    grads = dict(one.gradients) | {"x": one.layers[0].values["grad.x"]}
    for index, layer in enumerate(one.layers):
        for state, value in layer.initial_grad.items():
            grads[f"layer{index}.{state}.initial"] = value
    return grads


def _places(size: int, entries: int | None, stream: np.random.Generator) -> list[int]:
    if entries is None or size <= entries:
        return list(range(size))
    return sorted(int(place) for place in stream.choice(size, entries, replace=False))


def _difference(one: Pass, flat: Array, place: int) -> float:
    """(loss(v + step) - loss(v - step)) / (2 step), differences taken a timestep at a time."""
    before = flat[place]
    losses = []
    for moved in (before + STEP, before - STEP):
        flat[place] = moved
        one.forward()
        losses.append(one.readout.counted.copy())
    flat[place] = before
    return float((losses[0] - losses[1]).mean() / (2 * STEP))


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
    loss = float(np.abs(one.readout.counted).max())
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
