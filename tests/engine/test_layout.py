"""The order in which arrays lie side by side."""

from engine.layout import MANY, breaks, insert


def test_an_item_goes_where_it_breaks_the_fewest_runs() -> None:
    assert insert(("a", "b", "c"), "d", [{"a", "d"}, {"b", "c"}]) == ("d", "a", "b", "c")
    assert breaks(("d", "a", "b", "c"), [{"a", "d"}, {"b", "c"}]) == 2


def test_of_many_items_the_next_goes_to_the_end() -> None:
    """Trying every place of hundreds took minutes."""
    order = tuple(f"row{number}" for number in range(MANY + 1))
    assert insert(order, "next", [{"row0", "next"}]) == (*order, "next")
