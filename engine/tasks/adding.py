"""Adding: two of the numbers are marked; at the last step their sum is asked for.

The inputs are a number, uniform from 0 to 1, and a marker, 0 or 1. One marker is in the first half, one in
the second. The same seed marks the same two numbers at every length.

>>> from engine.tasks import draw
>>> data = draw(AddingTask(length=20), seed=0)
>>> numbers, markers = data.x[:, 0].T
>>> bool(np.isclose((numbers * markers).sum(), data.y[-1, 0, 0])), float(markers.sum())
(True, 2.0)

Source: Hochreiter and Schmidhuber (1997), experiment 4, in the form of Arjovsky, Shah and Bengio (2016),
section 4.2. The last number is never marked, so that the input alone says nothing of the sum.
"""

from __future__ import annotations

import numpy as np

from engine.task_spec import AddingTask
from engine.tasks.data import Data, from_step
from engine.tasks.task import SOLVED_SHARE, About, Task

VARIANCE = 1 / 6
"""Of the sum of two numbers uniform from 0 to 1: what the guess 1 gets."""


def _draw(task: AddingTask, stream: np.random.Generator) -> Data:
    steps, batch = task.steps, task.batch
    half, sequences = steps // 2, np.arange(batch)
    marked, places = stream.random((2, batch)), stream.random((2, batch))  # drawn first: no length changes them
    first = (places[0] * half).astype(np.int64)
    second = half + (places[1] * (steps - 1 - half)).astype(np.int64)
    x = np.zeros((steps, batch, 2))
    x[..., 0] = stream.random((steps, batch))
    for place, numbers in zip((first, second), marked, strict=True):
        x[place, sequences, 0] = numbers
        x[place, sequences, 1] = 1
    y = np.zeros((steps, batch, 1))
    y[-1, :, 0] = marked.sum(axis=0)
    return Data(x, y, 1, counted=from_step(steps - 1, steps, batch))


def _about(task: AddingTask) -> About:
    least, most = task.steps - task.steps // 2, task.steps - 1
    return About(
        title="Adding",
        sentence="Two marked numbers must be added at the end: "
        f"the first of them must be remembered for {least:,} to {most:,} steps.",
        distance="length",
        baseline=VARIANCE,
        solved=SOLVED_SHARE * VARIANCE,
        scored="the last step",
        measure="mean squared error",
    )


ADDING = Task(_draw, _about)
