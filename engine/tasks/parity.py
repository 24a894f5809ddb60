"""Parity: at every step, are the ones so far odd (1) or even (0)?

>>> from engine.tasks import draw
>>> data = draw(ParityTask(length=6), seed=1)
>>> bits = data.x[:, 0].argmax(axis=-1)
>>> bool((data.y[1:, 0] == np.cumsum(bits)[1:] % 2).all())
True

Source: Minsky and Papert (1969) for parity, Hochreiter and Schmidhuber (1997) as a task for recurrent networks.
With `loss_at: last_step` it is theirs: one answer at the end.
"""

from __future__ import annotations

import numpy as np

from engine.task_spec import ParityTask
from engine.tasks.data import Data, from_step, symbols
from engine.tasks.task import About, Task, solved_accuracy, times


def _draw(task: ParityTask, stream: np.random.Generator) -> Data:
    bits = stream.integers(2, size=(task.steps, task.batch))
    return symbols(bits, np.cumsum(bits, axis=0) % 2, ("0", "1"), from_step(1, *bits.shape))


def _about(task: ParityTask) -> About:
    return About(
        title="Parity",
        sentence="Whether the ones so far are odd or even must be remembered, one bit that every one flips: "
        f"the first input still decides the answer {times(task.length - 1)} later.",
        distance="length",
        baseline=0.5,
        solved=solved_accuracy(0.5),
        scored="every step but the first, whose answer is its input",
    )


PARITY = Task(_draw, _about)
