"""Copy: some symbols, then `gap` blanks, the last of which is the sign to begin; then the symbols again.

The same seed shows the same symbols at every gap.

>>> from engine.tasks import draw
>>> data = draw(CopyTask(gap=3, length=2), seed=0)
>>> "".join(data.alphabet[place] for place in data.x[2:, 0].argmax(axis=-1))
'__?__'
>>> bool((data.y[-2:] == data.x[:2].argmax(axis=-1)).all())
True

Source: Hochreiter and Schmidhuber (1997); in this form Arjovsky, Shah and Bengio (2016), section 4.1. There
the blanks before the answer are targets too; here only the answer is, so that the score does not rise with
the gap.
"""

from __future__ import annotations

import numpy as np

from engine.task_spec import CopyTask
from engine.tasks.data import Data, from_step, symbols
from engine.tasks.task import About, Task, letters, solved_accuracy, times


def _draw(task: CopyTask, stream: np.random.Generator) -> Data:
    shown = stream.integers(task.symbols, size=(task.length, task.batch))
    codes = np.full((task.steps, task.batch), task.symbols)
    codes[: task.length] = shown
    first = task.length + task.gap
    codes[first - 1] = task.symbols + 1
    answers = np.zeros_like(codes)
    answers[first:] = shown
    return symbols(codes, answers, (*letters(task.symbols), "_", "?"), from_step(first, *codes.shape))


def _about(task: CopyTask) -> About:
    return About(
        title="Copy",
        sentence=f"{times(task.length, 'symbol')} must be remembered in order, each for "
        f"{times(task.length + task.gap)}: while all are shown, then past {times(task.gap, 'blank')}.",
        distance="gap",
        baseline=1 / task.symbols,
        solved=solved_accuracy(1 / task.symbols),
        scored=f"the answer, the last {times(task.length)}",
    )


COPY = Task(_draw, _about)
