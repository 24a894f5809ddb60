"""Timing: every contender in turn, round after round, in one process and with one thread."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

TURN = 0.005
"""Seconds of a contender's turn: a quick call is repeated, so that it finds its own memory in the caches."""
MOST = 50
"""Calls in a turn at most."""


@dataclass(frozen=True)
class Effort:
    """How long to measure: `seconds` for the contenders of one figure, and `rounds` at least."""

    seconds: float
    rounds: int


@dataclass(frozen=True)
class Timing:
    """The `median` of `calls` calls, and the quickest of them, in seconds."""

    median: float
    quickest: float
    calls: int


def measure(contenders: Mapping[str, Callable[[], Any]], effort: Effort) -> dict[str, Timing]:
    """Every contender's timing, by its name. The order turns by one from round to round."""
    names = list(contenders)
    counts = {name: min(MOST, int(TURN / _once(run)) + 1) for name, run in contenders.items()}
    samples: dict[str, list[float]] = {name: [] for name in names}
    end, rounds = perf_counter() + effort.seconds, 0
    with _no_collection():
        while rounds < effort.rounds or perf_counter() < end:
            for name in names[rounds % len(names) :] + names[: rounds % len(names)]:
                samples[name] += _turn(contenders[name], counts[name])
            rounds += 1
    return {name: Timing(median(times), min(times), len(times)) for name, times in samples.items()}


def _turn(run: Callable[[], Any], count: int) -> Iterator[float]:
    """The times of `count` calls; where a call is quick one more goes before them."""
    if count > 1:
        run()
    for _ in range(count):
        yield _once(run)


def _once(run: Callable[[], Any]) -> float:
    start = perf_counter()
    run()
    return perf_counter() - start


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection meanwhile: whose turn it strikes is chance."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
