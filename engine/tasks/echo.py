"""Echo: every symbol is to be repeated `gap` steps after it came.

>>> from engine.tasks import draw
>>> data = draw(EchoTask(gap=2, length=4), seed=0)
>>> bool((data.y[2:] == data.x.argmax(axis=-1)[:-2]).all()), data.counted[:, 0].tolist()
(True, [False, False, True, True, True, True])

Source: Jaeger (2001), Short term memory in echo state networks, whose delay lines these are.
"""

from __future__ import annotations

import numpy as np

from engine.task_spec import EchoTask
from engine.tasks.data import Data, from_step, symbols
from engine.tasks.task import About, Task, letters, solved_accuracy, times


def _draw(task: EchoTask, stream: np.random.Generator) -> Data:
    codes = stream.integers(task.symbols, size=(task.steps, task.batch))
    echoed = np.roll(codes, task.gap, axis=0)  # the first `gap` of them are not counted
    return symbols(codes, echoed, letters(task.symbols), from_step(task.gap, *codes.shape))


def _about(task: EchoTask) -> About:
    return About(
        title="Echo",
        sentence=f"Every symbol must be remembered for {times(task.gap)}, and then be repeated.",
        distance="gap",
        baseline=1 / task.symbols,
        solved=solved_accuracy(1 / task.symbols),
        scored=f"every step with a symbol {times(task.gap)} before it",
    )


ECHO = Task(_draw, _about)
