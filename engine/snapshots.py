"""Which iterations of a training run are kept to look back at: the first ten, then ever fewer.

After the first ten the kept ones lie as far apart as a share of how far training had come, so that each
doubling of the iterations has as many. As a run gets long the share grows, and the old ones are thinned out.

>>> kept_iterations(30)[8:]
(8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30)
>>> kept_iterations(1_000_000, best=31_415, most=24)[8:]
(8, 9, 256, 512, 1024, 2048, 4096, 8192, 16384, 31415, 32768, 65536, 131072, 262144, 524288, 1000000)
"""

from __future__ import annotations

FIRST = 10
"""Iterations at the beginning that are always kept: there most changes."""

MOST = 64
"""How many are kept at most, where nothing else is said."""

LEAST = FIRST + 2
"""The first, the best and the last."""


def kept_iterations(last: int, best: int | None = None, most: int = MOST) -> tuple[int, ...]:
    """The iterations that are kept when `last` is done, in order, at most `most` (12 or more).

    `best` is the one with the best score so far, where there is one. What is kept later was kept before, or is
    the newest or the best: so each is decided on as it comes, and none has to be computed again. Raises
    ValueError where `most` is too few, or `best` none of the iterations.
    """
    if most < LEAST or not 0 <= (last if best is None else best) <= last:
        raise ValueError(f"most must be at least {LEAST} and best between 0 and {last}, got {most} and {best}")
    always = {*range(min(FIRST, last + 1)), last, *(() if best is None else (best,))}
    return tuple(sorted(always.union(_thinned(last, most - LEAST))))


def _thinned(last: int, most: int) -> list[int]:
    """The iterations after the first ten: as many each doubling as fit."""
    density = MOST
    while len(found := _spaced(last, density)) > most and density > 1:
        density //= 2
    # Where even one a doubling is too many, the oldest go.
    return found[-most:] if most else []


def _spaced(last: int, density: int) -> list[int]:
    """Those in which each doubling of the iterations has `density`."""
    found: list[int] = []
    for power in range(FIRST.bit_length() - 1, last.bit_length()):
        begin = 2**power
        step = max(1, begin // density)
        found += [number for number in range(begin, min(2 * begin, last + 1), step) if number >= FIRST]
    return found
