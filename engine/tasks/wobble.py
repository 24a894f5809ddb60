"""Wobble: the Earth's pole as it was observed from 1962 on; where it goes next is asked for.

The pole, where the axis of rotation meets the ground, goes round in two circles at once, one of a year and
one of 433 days, found by Chandler (1891); they grow and shrink together in six years. Given is its coordinate
x, a few tenths of an arcsecond, shifted to mean 0 and scaled to standard deviation 1. With y beside it the
place on the circle would be seen and nothing would have to be remembered.

>>> from engine.tasks import draw
>>> draw(WobbleTask(length=100), seed=0).x.shape
(101, 1, 1)

Source: IERS Earth orientation series 20 C04, from the package astropy-iers-data, which astropy keeps.
"""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from astropy_iers_data import IERS_B_FILE

from engine.activations import Array
from engine.task_spec import WobbleTask
from engine.tasks.data import Data
from engine.tasks.measured import marks, measured, normalised, waiting
from engine.tasks.task import About, Task

DAYS = 23_000
"""How many of the days since 1 January 1962 are read; a newer package has more at the end."""

X = 5
"""The column of the pole's x, in arcseconds."""


@cache
def pole() -> Array:
    """The pole's x at midnight of each day, (23000,) in arcseconds."""
    with Path(IERS_B_FILE).open(encoding="utf-8") as file:
        rows = (line for line in file if not line.startswith("#"))
        return np.loadtxt(islice(rows, DAYS), usecols=X)


def _values(task: WobbleTask) -> Array:
    return normalised(pole()[:: task.days][: task.steps + 1])


def _draw(task: WobbleTask, _: np.random.Generator) -> Data:
    return measured(_values(task)[:, None, None], task.gap)


def _about(task: WobbleTask) -> About:
    baseline, solved = marks(_values(task), task.gap)
    return About(
        title="The wobble of the Earth's axis",
        sentence=waiting(task.gap, f"where the pole will be {task.days} days later"),
        distance="gap",
        baseline=baseline,
        solved=solved,
        scored="every step from the second measurement on",
        measure="mean squared error",
    )


WOBBLE = Task(_draw, _about)
