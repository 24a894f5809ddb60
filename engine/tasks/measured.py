"""Real series that are measured every `gap` steps and held in between; the next true value is asked for.

One measurement does not say where a series is going; the one before it must be remembered, and was last
shown up to `gap` steps ago. A gap of 1 is the plain task of the next value.
"""

from __future__ import annotations

import numpy as np

from engine.activations import Array
from engine.tasks.data import Data, from_step
from engine.tasks.task import SOLVED_SHARE, times


def measured(values: Array, gap: int) -> Data:
    """Data of `values` (T+1,B,O): inputs are the measurements, targets the values one step later.

    Counted from step `gap` on, where the second measurement is in.
    """
    steps, batch, outputs = len(values) - 1, *values.shape[1:]
    held = np.arange(steps) // gap * gap
    counted = from_step(gap, steps, batch)
    y = np.where(counted[..., None], values[1:], 0)
    return Data(values[held], y, outputs, counted=counted)


def normalised(values: Array) -> Array:
    """Values (T,) shifted to mean 0 and scaled to standard deviation 1."""
    centred = values - values.mean()
    centred /= np.abs(centred).max()  # first, since the square of a tiny number may vanish
    return np.asarray(centred / centred.std())


def marks(values: Array, gap: int) -> tuple[float, float]:
    """Baseline and solved mark of a series (T+1,), both computed by least squares on the series itself.

    The baseline is the mean squared error of the best line from the measurement that is shown; the solved
    mark that of the best line from the last two and their age, or a hundredth of the baseline.
    """
    steps = np.arange(gap, len(values) - 1)
    age = steps % gap
    shown, before, target = values[steps - age], values[steps - age - gap], values[steps + 1]
    baseline = _misfit([shown], target)
    left = _misfit([shown, before, age * shown, age * before], target)
    return baseline, min(max(left, SOLVED_SHARE * baseline), baseline)  # of two perfect fits the second may round worse


def waiting(gap: int, where: str) -> str:
    """The sentence of what must be remembered, and for how long."""
    how = "for 1 step" if gap == 1 else f"for up to {times(gap)}, since it is measured every {gap:,}"
    return f"One measurement does not tell {where}: the one before it must be remembered {how}."


def _misfit(inputs: list[Array], target: Array) -> float:
    """The mean squared error that the best line leaves."""
    columns = np.stack([np.ones(len(target)), *inputs], axis=1)
    fit = np.linalg.lstsq(columns, target)[0]
    return float(np.mean((columns @ fit - target) ** 2))
