"""Reber: strings of the embedded Reber grammar, each symbol to be foretold from those before it.

A string is B, then T or P, then a string of Reber's grammar, then the same T or P again, then E. Most symbols
have two that may follow, so nobody foretells them all; all are learned from, but scored is only the T or P
that must be the same. The inner string has exactly `gap` symbols, and the same seed has the same T or P at
every gap.

>>> from engine.tasks import draw
>>> data = draw(ReberTask(gap=5), seed=0)
>>> string = [data.alphabet[place] for place in data.x[:, 0].argmax(axis=-1)] + [data.alphabet[data.y[-1, 0]]]
>>> len(string), string[0], string[1] == string[-2], string[-1]
(9, 'B', True, 'E')

Source: Reber (1967) for the grammar, Cleeremans, Servan-Schreiber and McClelland (1989) for the embedded one,
Hochreiter and Schmidhuber (1997), experiment 1.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engine.activations import Array
from engine.task_spec import ReberTask
from engine.tasks.data import Codes, Data, Mask, symbols
from engine.tasks.task import About, Task, solved_accuracy, times

ALPHABET = ("B", "T", "P", "S", "X", "V", "E")

WAYS = (
    (("T", 1), ("P", 2)),
    (("S", 1), ("X", 3)),
    (("T", 2), ("V", 4)),
    (("X", 2), ("S", 5)),
    (("P", 3), ("V", 5)),
)
"""From every place of Reber's grammar the two ways on: a symbol and where it leads; 5 is the end."""

END = len(WAYS)
CODES = np.array([[ALPHABET.index(symbol) for symbol, _ in ways] for ways in WAYS])
LEADS = np.array([[place for _, place in ways] for ways in WAYS])


def _draw(task: ReberTask, stream: np.random.Generator) -> Data:
    begin, end = (np.full((1, task.batch), ALPHABET.index(symbol)) for symbol in "BE")
    # Drawn first: no gap changes it.
    outer = np.array([ALPHABET.index("T"), ALPHABET.index("P")])[stream.integers(2, size=(1, task.batch))]
    walk = _walk(task.gap - 2, task.batch, stream)
    string = np.concatenate([begin, outer, begin, walk, end, outer, end])
    return symbols(string[:-1], string[1:], ALPHABET)


def _walk(moves: int, batch: int, stream: np.random.Generator) -> Codes:
    """What `batch` walks through the grammar say (moves, batch); all strings that end after `moves` are as likely."""
    first = _first_way(moves)
    said = np.zeros((moves, batch), np.int64)
    places, chances = np.zeros(batch, np.int64), stream.random((moves, batch))
    for move in range(moves):
        second = (chances[move] >= first[moves - move, places]).astype(np.int64)
        said[move], places = CODES[places, second], LEADS[places, second]
    return said


@lru_cache(maxsize=8)
def _first_way(moves: int) -> Array:
    """How likely the first way is of those that end in exactly `left` moves, (left from 0 to moves, place)."""
    first = np.zeros((moves + 1, END))
    arrivals = np.eye(END + 1)[END]  # how likely a walk from each place, the end included, ends in `left` moves
    for left in range(1, moves + 1):
        ways = arrivals[LEADS]
        total = ways.sum(axis=1)
        np.divide(ways[:, 0], total, out=first[left], where=total > 0)
        arrivals = np.append(total / total.max(), 0)  # but for a constant, lest it vanish in long strings
    return first


def _scored(data: Data) -> Mask:
    """The step before the last: its input is the E of the inner string, its target the T or P."""
    mask = np.zeros(data.x.shape[:2], bool)
    mask[-2] = True
    return mask


def _about(task: ReberTask) -> About:
    return About(
        title="Reber grammar",
        sentence=f"The second symbol must be remembered for {times(task.gap)}, past an inner string: "
        "it comes again after that.",
        distance="gap",
        baseline=0.5,
        solved=solved_accuracy(0.5),
        scored="the step before the last, where the second symbol comes again",
    )


REBER = Task(_draw, _about, _scored)
