"""What is found out of a pass, some timesteps at a time: what takes long is shown as it is found, or given up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.activations import Array
from engine.analysis import PARTS
from engine.axes import axes_of_states
from engine.flow import Flow
from engine.spectra import eigenvalues_of, recurrent_values, singular_values_of, singular_values_of_steps

if TYPE_CHECKING:
    from engine.passes import Pass

What = Literal["flow", "inputs", "jacobians", "signals", "axes"]


@dataclass(frozen=True)
class Portion:
    """What was found of the timesteps from `first` to before `first + count`, by name.

    They are an axis of each of the `arrays`: of `flow` and `inputs` the last, else the first. `whole` has no such axis.
    """

    first: int
    count: int
    arrays: dict[str, Array]
    whole: dict[str, Array]


def portions(one: Pass, what: What) -> Iterator[Portion | None]:
    """Computes a pass that was just made, as far as is needed, and then what is asked; the last timesteps come first.

    None is told now and then while there is nothing yet. `flow` is `flow.layerL.STATE` (T,count), `inputs` is
    `flow.x` (T,count). `jacobians` are `singular_values.layerL.STATE` (count,B,H), and of the recurrent matrices
    `eigenvalues.layerL.PARAM` (H,2) and `singular_values.layerL.PARAM` (H,), whole with the first portion; where
    timesteps do not share them (count,H,2) and (count,H). `signals` are what `analyse` finds, `axes` what
    `principal_axes` does, each in one portion.
    """
    yield from (None for _ in (one.work() if what == "signals" else _forward(one)))
    match what:
        case "flow" | "inputs":
            yield from _flow(one, inputs=what == "inputs")
        case "jacobians":
            yield from _jacobians(one)
        case "signals":
            yield from _all_at_once(one, (part(one) for part in PARTS))
        case "axes":
            yield from _all_at_once(one, axes_of_states(one))


def joined(found: Sequence[Portion], what: What) -> Portion:
    """Portions that came one after the other as one."""
    if len(found) == 1:
        return found[0]
    axis = -1 if what in ("flow", "inputs") else 0
    arrays = {
        name: np.concatenate([portion.arrays[name] for portion in reversed(found)], axis) for name in found[0].arrays
    }
    whole = {name: array for portion in found for name, array in portion.whole.items()}
    return Portion(found[-1].first, sum(portion.count for portion in found), arrays, whole)


def _forward(one: Pass) -> Iterator[None]:
    for chunk in range(one.chunks):
        one.forward_chunk(chunk)
        yield None


def _flow(one: Pass, inputs: bool) -> Iterator[Portion]:
    flow = Flow(one, inputs)
    for k, column in flow.columns():
        whole = np.zeros((len(flow.names), flow.steps, 1), column.dtype)
        whole[:, k:, 0] = column
        yield Portion(k, 1, dict(zip(flow.names, whole, strict=True)), {})


def _jacobians(one: Pass) -> Iterator[Portion | None]:
    matrices, shared = recurrent_values(one), one.spec.weights_shared
    whole: dict[str, Array] = {}
    for name, value in matrices.items() if shared else ():
        whole |= _spectra(name, value)
        yield None
    for step in singular_values_of_steps(one):
        if step is None:
            yield None
            continue
        t, found = step
        for name, value in () if shared else matrices.items():
            found |= _spectra(name, value[t])
            yield None
        yield Portion(t, 1, {name: array[None] for name, array in found.items()}, whole)
        whole = {}


def _spectra(name: str, matrix: Array) -> dict[str, Array]:
    return {f"eigenvalues.{name}": eigenvalues_of(matrix), f"singular_values.{name}": singular_values_of(matrix)}


def _all_at_once(one: Pass, parts: Iterable[dict[str, Array]]) -> Iterator[Portion | None]:
    """What is found of all timesteps together, a part after the other, as one portion."""
    arrays: dict[str, Array] = {}
    for part in parts:
        arrays |= part
        yield None
    whole = {name: array for name, array in arrays.items() if name.startswith("explained.")}
    of_steps = {name: array for name, array in arrays.items() if name not in whole}
    yield Portion(0, one.plan.sizes["T"], of_steps, whole)
