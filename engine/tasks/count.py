"""Count: strings S a^n b^n T, each symbol to be foretold from those before it; n is drawn from 1 to `most`.

While there are a's nobody can know whether another follows; once a b has come the rest is certain. So all
steps are learned from, but scored are only those whose input is a b: is another b to come, or T?

>>> from engine.tasks import draw
>>> data = draw(CountTask(most=3), seed=0)
>>> steps = int(data.lengths[0])
>>> "".join(data.alphabet[place] for place in data.x[:steps, 0].argmax(axis=-1))
'Saabb'
>>> "".join(data.alphabet[place] for place in data.y[:steps, 0])
'aabbT'

Source: Gers and Schmidhuber (2001), where a string is accepted when all that may follow is foretold.
"""

from __future__ import annotations

import numpy as np

from engine.task_spec import CountTask
from engine.tasks.data import Data, Mask
from engine.tasks.task import About, Task, solved_accuracy, times

ALPHABET = ("S", "a", "b", "T")


def _draw(task: CountTask, stream: np.random.Generator) -> Data:
    counts = stream.integers(1, task.most + 1, size=task.batch)
    places = np.arange(task.steps + 1)[:, None]
    string = (places > 0).astype(np.int64) + (places > counts) + (places > 2 * counts)
    there = places[:-1] < 2 * counts + 1
    x = np.eye(len(ALPHABET))[string[:-1]] * there[..., None]
    return Data(x, np.where(there, string[1:], 0), len(ALPHABET), ALPHABET, lengths=2 * counts + 1)


def _scored(data: Data) -> Mask:
    mask: Mask = data.x[..., ALPHABET.index("b")] == 1
    return mask


def _about(task: CountTask) -> About:
    # Of all b's, one in (most + 1) / 2 on average is the last: the better of two guesses is always the same.
    last = 2 / (task.most + 1)
    baseline = max(last, 1 - last)
    return About(
        title="Count",
        sentence=f"The a's, from 1 to {task.most:,}, must be counted and the b's against them: "
        f"the count must be remembered for up to {times(2 * task.most)}.",
        distance="most",
        baseline=baseline,
        solved=solved_accuracy(baseline),
        scored="every step whose input is a b, where the next symbol is certain",
    )


COUNT = Task(_draw, _about, _scored)
