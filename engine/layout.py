"""The order in which arrays lie side by side, so that what is computed alike is one call.

>>> best_order(["input", "forget", "output", "candidate"], [{"input", "output"}, {"forget", "candidate"}])
('input', 'output', 'forget', 'candidate')
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import permutations

MOST = 6
"""Up to so many items every order is tried."""

MANY = 32
"""From so many items on, trying every place takes longer than it saves: it grows with their third power."""


def best_order(items: Sequence[str], groups: Sequence[Collection[str]]) -> tuple[str, ...]:
    """The order in which the groups fall into the fewest runs; of equals the first by the given order."""
    if len(items) <= MOST:
        return min(permutations(items), key=lambda order: breaks(order, groups))
    return tuple(sorted(items, key=lambda item: [item not in group for group in groups]))


def insert(order: tuple[str, ...], item: str, groups: Sequence[Collection[str]]) -> tuple[str, ...]:
    """The order with one more item where that breaks the fewest runs; of many items at the end."""
    if len(order) > MANY:
        return (*order, item)
    ways = [(*order[:place], item, *order[place:]) for place in range(len(order) + 1)]
    return min(ways, key=lambda way: breaks(way, groups))


def breaks(order: Sequence[str], groups: Sequence[Collection[str]]) -> int:
    """How many runs the groups fall into."""
    return sum(len(list(runs([place for place, item in enumerate(order) if item in group]))) for group in groups)


def runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending places as half-open ranges of neighbours.

    >>> list(runs([0, 1, 4]))
    [(0, 2), (4, 5)]
    """
    first = 0
    for index in range(1, len(places) + 1):
        if index == len(places) or places[index] != places[index - 1] + 1:
            yield places[first], places[index - 1] + 1
            first = index
