"""Which iterations are kept: the first ten, the best, the last, and between them ever fewer, decided as they come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.snapshots import FIRST, LEAST, kept_iterations

LAST = st.integers(0, 3000) | st.integers(0, 2**31)
BOUND = st.integers(LEAST, 200)


@given(LAST, BOUND, st.data())
def test_there_are_never_more_than_allowed_and_always_the_first_the_best_and_the_last(
    last: int, most: int, data: st.DataObject
) -> None:
    best = data.draw(st.none() | st.integers(0, last))
    found = kept_iterations(last, best, most)
    assert len(found) <= most
    assert list(found) == sorted(set(found))
    assert {*range(min(FIRST, last + 1)), last} <= set(found)
    assert best is None or best in found
    assert found[0] == 0
    assert found[-1] == last


@given(LAST, BOUND)
def test_after_the_first_they_lie_ever_further_apart(last: int, most: int) -> None:
    scheduled = kept_iterations(last, None, most)[:-1]
    gaps = [later - earlier for earlier, later in pairwise(scheduled)]
    assert gaps[FIRST:] == sorted(gaps[FIRST:])


@given(st.integers(1, 5000) | st.integers(1, 2**31), BOUND)
def test_what_is_kept_was_kept_before_or_is_new(last: int, most: int) -> None:
    assert set(kept_iterations(last, None, most)) <= {*kept_iterations(last - 1, None, most), last}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=400), BOUND)
def test_a_run_can_keep_them_as_they_come(scores: list[float], most: int) -> None:
    held: set[int] = set()
    for last, score in enumerate(scores):
        best = max(range(last + 1), key=lambda number: (scores[number], number))
        wanted = set(kept_iterations(last, best, most))
        assert wanted <= held | {last}
        assert score <= scores[best]
        held = wanted


@given(st.integers(100, 2**31), BOUND)
def test_what_is_kept_is_thinned_with_age(last: int, most: int) -> None:
    before, after = set(kept_iterations(last, None, most)[:-1]), set(kept_iterations(2 * last, None, most)[:-1])
    assert {number for number in after if number < last} <= before


@given(st.integers(1000, 2**31))
def test_a_long_run_is_told_from_its_beginning_to_its_end(last: int) -> None:
    found = kept_iterations(last)
    assert len(found) >= 24
    assert all(later <= 2 * earlier for earlier, later in pairwise(found[1:]))


@pytest.mark.parametrize(("last", "best", "most"), [(5, None, 11), (5, 6, 64), (5, -1, 64), (-1, None, 64)])
def test_what_cannot_be_is_refused(last: int, best: int | None, most: int) -> None:
    with pytest.raises(ValueError, match="must be at least 12"):
        kept_iterations(last, best, most)
