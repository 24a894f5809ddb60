"""What a network is asked to do: tasks that draw inputs and targets, and say how well they were learned.

>>> from engine.task_spec import RecallTask
>>> recall = RecallTask(gap=3)
>>> about(recall).sentence
'The first symbol must be remembered for 4 steps: past 3 distractors, until the question.'
>>> data = draw(recall, seed=0)
>>> score(recall, np.eye(data.outputs)[data.y], data), about(recall).baseline
(1.0, 0.25)
"""

from __future__ import annotations

import zlib

import numpy as np

from engine.activations import Array
from engine.task_spec import TaskPart
from engine.tasks.adding import ADDING
from engine.tasks.copy import COPY
from engine.tasks.count import COUNT
from engine.tasks.data import Data, Targets
from engine.tasks.echo import ECHO
from engine.tasks.given import ARRAYS, arrays
from engine.tasks.parity import PARITY
from engine.tasks.reber import REBER
from engine.tasks.recall import RECALL
from engine.tasks.series import SERIES
from engine.tasks.sine import SINE
from engine.tasks.task import About, Task
from engine.tasks.text import TEXT
from engine.tasks.wobble import WOBBLE
from engine.tasks.zen import ZEN

__all__ = ["TASKS", "About", "Data", "Targets", "Task", "about", "arrays", "draw", "score"]

TASKS: dict[str, Task] = {
    "text": TEXT,
    "zen": ZEN,
    "echo": ECHO,
    "recall": RECALL,
    "copy": COPY,
    "adding": ADDING,
    "parity": PARITY,
    "count": COUNT,
    "reber": REBER,
    "sine": SINE,
    "wobble": WOBBLE,
    "series": SERIES,
    "arrays": ARRAYS,
}
"""Every kind of task, in the order in which they are offered."""

STREAM = zlib.crc32(b"task")


def draw(task: TaskPart, seed: int, index: int = 0) -> Data:
    """The batch number `index` of a task: same seed and index, same bits.

    Raises SpecError for arrays, which come with the call.
    """
    # The name goes last: a zero there would give the stream of [seed] alone, which belongs to others.
    return TASKS[task.kind].draw(task, np.random.default_rng([seed, index, STREAM]))


def about(task: TaskPart) -> About:
    """What a task asks, and which scores are those of guessing and of having learned it."""
    return TASKS[task.kind].about(task)


def score(task: TaskPart, y_hat: Array, data: Data) -> float:
    """How good predictions (T,B,O) are, by the task's measure over its scored steps.

    The share of symbols whose prediction is the greatest, or the mean squared error of real targets. NaN where
    a prediction is no number, also of symbols.
    """
    mask = TASKS[task.kind].scored(data)
    given, wanted = y_hat[mask], data.y[mask]
    if np.isnan(given).any():
        return float("nan")
    if data.y.ndim == 3:
        return float(np.mean((given - wanted) ** 2))
    return float(np.mean(given.argmax(axis=-1) == wanted))
