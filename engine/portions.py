"""What is found out of a pass, some timesteps at a time: what takes long is shown as it is found, or given up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.activations import Array
from engine.flow import Flow

if TYPE_CHECKING:
    from engine.passes import Pass

What = Literal["flow", "inputs"]


@dataclass(frozen=True)
class Portion:
    """What was found of the timesteps from `first` to before `first + count`, by name.

    They are an axis of each of the `arrays`: of flow the last, of all else the first. `whole` belongs to no timestep.
    """

    first: int
    count: int
    arrays: dict[str, Array]
    whole: dict[str, Array]


def portions(one: Pass, what: What) -> Iterator[Portion | None]:
    """Computes a pass that was just made, as far as is needed, and then what is asked; the last timesteps come first.

    None is told now and then while there is nothing yet. `flow` is `flow.layerL.STATE` (T,count), `inputs` is
    `flow.x` (T,count).
    """
    for chunk in range(one.chunks):
        one.forward_chunk(chunk)
        yield None
    yield from _flow(one, inputs=what == "inputs")


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


def _flow(one: Pass, inputs: bool) -> Iterator[Portion]:
    flow = Flow(one, inputs)
    for k, column in flow.columns():
        whole = np.zeros((len(flow.names), flow.steps, 1), column.dtype)
        whole[:, k:, 0] = column
        yield Portion(k, 1, dict(zip(flow.names, whole, strict=True)), {})
