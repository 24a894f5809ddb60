"""How the time of a trace grows with T, H and B, each alone."""

from __future__ import annotations

from server.bench.case import Case
from server.bench.contest import Effort, Timing, measure
from server.bench.ours import ours

GROWN = {
    "T": (50, 100, 200, 400, 800),
    "H": (16, 32, 64, 128, 256, 512),
    "B": (1, 2, 4, 8, 16, 32),
}
"""The values of each size; the other two are those of START."""
START = {"T": 50, "H": 64, "B": 1}


def growth(cell: str, letter: str, values: tuple[int, ...], effort: Effort) -> dict[int, Timing]:
    """The engine's own trace at every value of one size, all in one contest."""
    contenders = {}
    for value in values:
        sizes = START | {letter: value}
        peer = ours("trace", Case(cell, sizes["T"], sizes["H"], sizes["B"]))
        contenders[str(value)] = peer.run
    return {int(name): timing for name, timing in measure(contenders, effort).items()}
