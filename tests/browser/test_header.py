"""The header: the experiment in words that are true of it, whole at every size."""

from __future__ import annotations

import pytest

import engine
from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage
from tests.browser.test_layout import CUT

LONG = {
    "cell": "lstm_peephole",
    "layers": 2,
    "hidden_size": 12,
    "weights_shared": False,
    "task": {"text": "to be, or not to be: that is the question, and more"},
    "feedback": {"source": "output", "mode": "teacher"},
    "algorithm": {"kind": "truncated", "k1": 3, "k2": 5},
    "loss_at": "last_step",
}


def words(unroll: UnrollPage) -> str:
    return " ".join(unroll.header.locator(".experiment-words").inner_text().split())


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_the_parameter_count_is_the_engines_and_multiplies_where_each_step_has_its_own(
    unroll: UnrollPage, cell: str
) -> None:
    held = sum(one["count"] for one in engine.describe(engine.parse_spec({"cell": cell})).parameters)
    unroll.open({"cell": cell})
    assert f", 10 steps, {held} parameters, seed 0" in words(unroll)
    unroll.open({"cell": cell, "weights_shared": False})
    assert f", 10 × {held} = {10 * held:,} parameters, each step its own, seed 0" in words(unroll)


def test_the_header_says_how_many_numbers_are_changed(unroll: UnrollPage) -> None:
    unroll.open()
    assert "changed" not in words(unroll)
    unroll.open({"overrides": "layer0.W[2,3]:0.7;layer0.b[0]:1"})
    assert words(unroll).endswith(", 2 changed")


@pytest.mark.parametrize("width", [1280, 1920, 640, 390])
def test_the_longest_words_are_whole_and_leave_the_buttons_their_room(tabs: Tabs, width: int) -> None:
    unroll = tabs(viewport={"width": width, "height": 844})
    unroll.open(LONG)
    assert "each step its own" in words(unroll)
    cut = unroll.tab.evaluate(CUT)
    assert [one for one in cut if one in words(unroll)] == []
    buttons = unroll.header.get_by_role("navigation").get_by_role("button").all()
    boxes = [one.bounding_box() for one in buttons]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
