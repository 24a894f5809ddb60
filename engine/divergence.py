"""The end of training that does not converge: the first number of a pass that is none any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.overrides import INITIAL
from engine.records import Step
from engine.state import State
from engine.trace import AnyArray

if TYPE_CHECKING:
    from engine.passes import Pass

LOGARITHMS = "log10_norms"
"""Norms of zero are -inf here, and right."""
MADE = ("factor.", "grad.x", "grad.y_prev")
"""What the gradients of a step's own values are not made of."""


class DivergenceError(Exception):
    """A pass overflowed or held NaN: `name`, by the trace's names, at timestep `t` was the first to.

    `t` counts from 0; it is None for what belongs to no timestep: a total gradient, an updated parameter
    (`updated.NAME`), what the optimizer remembers (`optimizer.NAME`). `state` is that before the pass, so that
    a Trainer made of it comes to the very same pass.
    """

    def __init__(self, state: State, name: str, t: int | None) -> None:
        where = "" if t is None else f", timestep {t}"
        super().__init__(f"training diverged at iteration {state.iteration}{where}: {name} is no finite number")
        self.state, self.name, self.t = state, name, t
        self.iteration = state.iteration


def first_divergence(one: Pass) -> tuple[str, int | None]:
    """The first array of a pass that is not finite, and its timestep; the pass is computed once more.

    Forward values come first, in the order of time, then gradients in the order in which they are computed.
    """
    for step in one.steps():
        for name in _computed(step):
            array = step.arrays[name]
            if not np.isfinite(array).all():
                return name, _last_timestep(array) if step.phase == "output" else step.t
    return "loss", None  # the sum of numbers that are finite, each by itself


def _computed(step: Step) -> list[str]:
    """The arrays of a step in the order in which they are computed, but for the update's."""
    names = [name for name in step.arrays if name != LOGARITHMS and step.phase != "update"]
    if step.phase != "backward":
        return names
    # A record has gradients in the order of the lines forward, and after them what is made of them.
    names.reverse()
    return sorted(names, key=lambda name: name.startswith(MADE) or name.endswith(INITIAL))


def _last_timestep(array: AnyArray) -> int:
    """The last timestep at which (T,...) is not finite: the first on the way back."""
    finite = np.isfinite(array).reshape(len(array), -1).all(axis=1)
    return int(np.flatnonzero(~finite)[-1])
