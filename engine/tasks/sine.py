"""Sine: waves of one period and any phase, measured every `gap` steps; the next value is asked for.

>>> from engine.tasks import draw
>>> data = draw(SineTask(period=8), seed=0)
>>> before, now, after = data.x[1:-1, 0, 0], data.x[2:, 0, 0], data.y[2:, 0, 0]
>>> bool(np.allclose(after, 2 * np.cos(2 * np.pi / 8) * now - before))
True

Source: the recurrence in the example is the identity that makes two measurements enough.
"""

from __future__ import annotations

import numpy as np

from engine.task_spec import SineTask
from engine.tasks.data import Data
from engine.tasks.measured import measured, waiting
from engine.tasks.task import SOLVED_SHARE, About, Task


def _draw(task: SineTask, stream: np.random.Generator) -> Data:
    phases = 2 * np.pi * stream.random(task.batch)
    angles = 2 * np.pi / task.period * np.arange(task.steps + 1)
    return measured(np.sin(angles[:, None] + phases)[..., None], task.gap)


def _about(task: SineTask) -> About:
    ages = np.arange(task.gap, task.steps) % task.gap
    # The best guess from sin(phase) alone, of unknown age, is the mean cosine times it; a sine's mean square is 1/2.
    slope = float(np.cos(2 * np.pi / task.period * (ages + 1)).mean())
    baseline = (1 - slope**2) / 2
    return About(
        title="Sine",
        sentence=waiting(task.gap, "whether the wave rises or falls"),
        distance="gap",
        baseline=baseline,
        solved=SOLVED_SHARE * baseline,
        scored="every step from the second measurement on",
        measure="mean squared error",
    )


SINE = Task(_draw, _about)
