"""What a task is: how its data are drawn, what it asks, at which steps it is scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine.tasks.data import Data, Mask

SOLVED_SHARE = 0.01
"""A task counts as learned when this share is left of the errors that guessing makes.

For adding it means errors of 0.041, where Hochreiter and Schmidhuber (1997) ask for less than 0.04.
"""


@dataclass(frozen=True)
class About:
    """What a task asks of a network, and how well it does.

    `sentence` says what must be remembered and for how long. `distance` names the parameter that sets how
    long; None where the user's own data do. `baseline` is the best expected score of a guess that knows the
    task but sees the current input only, `solved` the score from which on the task counts as learned.
    `measure` is taken over the steps that `scored` tells: symbols have an accuracy, real numbers a mean squared
    error. `baseline`, `solved` and `measure` are None where nothing is known of the data.
    """

    title: str
    sentence: str
    distance: str | None
    baseline: float | None
    solved: float | None
    scored: str
    measure: Literal["accuracy", "mean squared error"] | None = "accuracy"

    @property
    def better(self) -> Literal["higher", "lower"] | None:
        """Which of two scores is the better one."""
        if self.measure is None:
            return None
        return "higher" if self.measure == "accuracy" else "lower"


def counted_steps(data: Data) -> Mask:
    """Every step that has a target, (T,B)."""
    mask = np.ones(data.x.shape[:2], bool)
    for part in (data.counted, data.there):
        if part is not None:
            mask &= part
    return mask


@dataclass(frozen=True)
class Task:
    """`draw(parameters, stream)` makes a batch, `about(parameters)` tells of it, `scored(data)` is a mask (T,B)."""

    draw: Callable[[Any, np.random.Generator], Data]
    about: Callable[[Any], About]
    scored: Callable[[Data], Mask] = counted_steps


def solved_accuracy(baseline: float) -> float:
    """The accuracy that leaves the allowed share of the baseline's errors."""
    return 1 - SOLVED_SHARE * (1 - baseline)


def times(count: int, word: str = "step") -> str:
    """A number of things in words: 1 step, 2 steps."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def letters(count: int, first: str = "A") -> tuple[str, ...]:
    """The first letters of the alphabet as symbols."""
    return tuple(chr(ord(first) + place) for place in range(count))
