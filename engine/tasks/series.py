"""Series: the user's own numbers, measured every `gap` steps; the next value is asked for.

They are shifted to mean 0 and scaled to standard deviation 1, so that any unit will do and a mean squared
error of 1 is that of the constant guess.

>>> from engine.tasks import draw
>>> data = draw(SeriesTask(values=(10, 30, 10, 30)), seed=0)
>>> data.x[:, 0, 0].tolist(), data.y[:, 0, 0].tolist()
([-1.0, 1.0, -1.0], [0.0, -1.0, 1.0])
"""

from __future__ import annotations

import numpy as np

from engine.activations import Array
from engine.task_spec import SeriesTask
from engine.tasks.data import Data
from engine.tasks.measured import marks, measured, normalised, waiting
from engine.tasks.task import About, Task


def _values(task: SeriesTask) -> Array:
    return normalised(np.array(task.values))


def _draw(task: SeriesTask, _: np.random.Generator) -> Data:
    return measured(_values(task)[:, None, None], task.gap)


def _about(task: SeriesTask) -> About:
    baseline, solved = marks(_values(task), task.gap)
    return About(
        title="Your own series",
        sentence=waiting(task.gap, "where the series is going"),
        distance="gap",
        baseline=baseline,
        solved=solved,
        scored="every step from the second measurement on",
        measure="mean squared error",
    )


SERIES = Task(_draw, _about)
