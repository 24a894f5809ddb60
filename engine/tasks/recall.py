"""Recall: one symbol, then `gap` distractors, then the question: which symbol was it?

The same seed asks for the same symbol at every gap, so the gap changes the distance and nothing else.

>>> from engine.tasks import draw
>>> [int(draw(RecallTask(gap=gap), seed=0).y[-1, 0]) for gap in (1, 10, 100)]
[1, 1, 1]

Source: the two-symbol problem of Bengio, Simard and Frasconi (1994), with a question at the end.
"""

from __future__ import annotations

import numpy as np

from engine.task_spec import RecallTask
from engine.tasks.data import Data, from_step, symbols
from engine.tasks.task import About, Task, letters, solved_accuracy, times


def _draw(task: RecallTask, stream: np.random.Generator) -> Data:
    count = task.symbols
    first = stream.integers(count, size=(1, task.batch))  # drawn first: no gap changes it
    distractors = count + stream.integers(count, size=(task.gap, task.batch))
    question = np.full((1, task.batch), 2 * count)
    codes = np.concatenate([first, distractors, question])
    alphabet = (*letters(count), *letters(count, "a"), "?")
    answers = np.repeat(first, task.steps, axis=0)
    return symbols(codes, answers, alphabet, from_step(task.steps - 1, *codes.shape))


def _about(task: RecallTask) -> About:
    return About(
        title="Recall",
        sentence=f"The first symbol must be remembered for {times(task.gap + 1)}: "
        f"past {times(task.gap, 'distractor')}, until the question.",
        distance="gap",
        baseline=1 / task.symbols,
        solved=solved_accuracy(1 / task.symbols),
        scored="the last step, the question",
    )


RECALL = Task(_draw, _about)
