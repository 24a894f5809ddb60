"""The next character of a text; the alphabet is the text's own characters.

>>> data = characters("hello")
>>> data.alphabet, data.x.shape, data.y[:, 0].tolist()
(('e', 'h', 'l', 'o'), (4, 1, 4), [0, 2, 2, 3])
>>> about_text("hello world", "A text", None).sentence
'Each character and the one before it must be remembered: together they tell the next of 11 characters.'
"""

from __future__ import annotations

import numpy as np

from engine.task_spec import TextTask
from engine.tasks.data import Codes, Data
from engine.tasks.task import About, Task, solved_accuracy


def characters(text: str) -> Data:
    """One-hot inputs (T,1,I) for every character but the last; each one's target is the next."""
    alphabet = tuple(sorted(set(text)))
    codes = _codes(text)
    x = np.eye(len(alphabet))[codes[:-1], None, :]
    return Data(x, codes[1:, None], len(alphabet), alphabet)


def about_text(text: str, title: str, distance: str | None) -> About:
    """What must be known of a text to foretell it, and what its pairs of characters alone tell."""
    codes = _codes(text)
    baseline = pairs_alone(codes)
    return About(
        title=title,
        sentence=_sentence(reach(codes), len(text)),
        distance=distance,
        baseline=baseline,
        solved=solved_accuracy(baseline),
        scored="every character but the first",
    )


def reach(codes: Codes) -> int:
    """How many characters, the current one included, tell the next everywhere in a text.

    One more than the longest stretch that comes twice and goes on differently.
    """
    inputs, following = codes[:-1], codes[1:]
    longest, alike = 0, np.zeros(len(inputs), np.int64)
    for place, code in enumerate(inputs):
        # alike[k]: the length of the stretch that ends both at `place` and at k.
        alike = np.where(inputs == code, np.concatenate([[0], alike[:-1]]) + 1, 0)
        longest = max(longest, int(alike[following != following[place]].max(initial=0)))
    return longest + 1


def pairs_alone(codes: Codes) -> float:
    """The share of characters foretold by the one that most often follows the current one."""
    size = int(codes.max()) + 1
    pairs = np.zeros((size, size), np.int64)
    np.add.at(pairs, (codes[:-1], codes[1:]), 1)
    return float(pairs.max(axis=1).sum() / pairs.sum())


def _codes(text: str) -> Codes:
    places = {symbol: place for place, symbol in enumerate(sorted(set(text)))}
    return np.array([places[symbol] for symbol in text], np.int64)


def _sentence(count: int, characters: int) -> str:
    of = f"the next of {characters:,} characters"
    if count == 1:
        return f"Nothing must be remembered: every character alone tells {of}."
    before = "the one" if count == 2 else f"the {count - 1:,}"
    return f"Each character and {before} before it must be remembered: together they tell {of}."


def _draw(task: TextTask, _: np.random.Generator) -> Data:
    return characters(task.text)


def _about(task: TextTask) -> About:
    return about_text(task.text, "Your own text", None)


TEXT = Task(_draw, _about)
