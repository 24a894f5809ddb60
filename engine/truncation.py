"""Truncated backpropagation: which losses go back through which steps (Williams and Peng 1990).

Every k1 steps, at time t, the losses of the last k1 steps are sent back through the steps k > t - k2.
These windows may overlap. As the backward pass is linear, windows that do not overlap share one sweep,
and the sweeps add up.

>>> [(sweep.windows, sorted(sweep.cuts)) for sweep in sweeps(7, 3, 5)]
[(((0, 0, 3),), []), (((3, 1, 6),), [0]), (((6, 2, 7),), [1])]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.part_spec import Bptt, Truncated

Window = tuple[int, int, int]
"""(l, b, e): the losses of steps l to before e go back through the steps b to before e."""


@dataclass(frozen=True)
class Sweep:
    """One run from the last step to the first for windows that do not overlap."""

    windows: tuple[Window, ...]

    @property
    def cuts(self) -> frozenset[int]:
        """The steps at which nothing arrives from the step after."""
        return frozenset(begin - 1 for _, begin, _ in self.windows if begin > 0)

    def sends(self, steps: int) -> npt.NDArray[np.bool_]:
        """Which steps' losses it sends back, (T,)."""
        sent = np.zeros(steps, bool)
        for first, _, end in self.windows:
            sent[first:end] = True
        return sent


def windows(steps: int, k1: int, k2: int) -> list[Window]:
    """The windows of a sequence in order; the last may be shorter."""
    ends = [*range(k1, steps, k1), steps]
    firsts = [0, *ends[:-1]]
    return [(first, max(0, end - k2), end) for first, end in zip(firsts, ends, strict=True)]


def sweeps(steps: int, k1: int, k2: int) -> list[Sweep]:
    """The windows shared out over as few sweeps as their overlap allows."""
    found: list[list[Window]] = []
    for window in windows(steps, k1, k2):
        free = next((own for own in found if own[-1][2] <= window[1]), None)
        if free is None:
            found.append(free := [])
        free.append(window)
    return [Sweep(tuple(own)) for own in found]


def planned(algorithm: Bptt | Truncated, steps: int) -> list[Sweep]:
    """The sweeps of an algorithm: BPTT is one window over all."""
    if isinstance(algorithm, Truncated):
        return sweeps(steps, algorithm.k1, algorithm.k2)
    return sweeps(steps, steps, steps)


def timesteps(algorithm: Bptt | Truncated, steps: int) -> int:
    """How many timesteps all windows have together: a step is in as many as its overlap gives."""
    return sum(end - begin for sweep in planned(algorithm, steps) for _, begin, end in sweep.windows)


def kept(algorithm: Bptt | Truncated, steps: int) -> npt.NDArray[np.bool_]:
    """Which (t, k) of a loss-to-state matrix enter the gradient, (T, T); the others are cut."""
    found = np.zeros((steps, steps), bool)
    for sweep in planned(algorithm, steps):
        for first, begin, end in sweep.windows:
            for t in range(first, end):
                found[t, begin : t + 1] = True
    return found
