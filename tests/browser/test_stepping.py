"""Through a whole pass by keyboard, there and back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

import engine
from tests.browser.moments import Moment, moments, steps, title
from tests.browser.page import UnrollPage

OWN = "a = U @ x + W @ h_prev + b\nmemory = 0.5 * memory_prev + 0.5 * tanh(a)\nh = g * memory"
CELLS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "own": {"cell": {"name": "mine", "equations": OWN}, "layers": 2, "clip_norm": 0.01},
}


def walked(unroll: UnrollPage, plan: engine.Plan, expected: list[Moment]) -> None:
    """Walk from the first moment to the last and back: each is shown in its place, both ways alike."""
    last = len(expected) - 1
    unroll.press("Home")
    there = unroll.walk("ArrowRight", last)
    assert [(one.title, one.equation) for one in there] == [(title(one, plan), one.line) for one in expected]
    assert [one.place for one in there] == [[i + 1, last + 1] for i in range(last + 1)]
    assert all("NaN" not in one.sentence for one in there)
    assert unroll.walk("ArrowLeft", last) == there[::-1]


def test_the_arrows_walk_a_whole_pass_there_and_back_a_timestep_at_a_time(unroll: UnrollPage) -> None:
    plan = engine.describe(engine.parse_spec({"cell": "lstm", "layers": 2}))
    unroll.open({"cell": "lstm", "layers": 2})
    expected = steps(plan)
    phases = list(dict.fromkeys(one.phase for one in expected))
    assert phases == ["forward", "loss", "backward", "sum", "update"]
    assert len(expected) == 10 + 1 + 10 + 1 + 1
    walked(unroll, plan, expected)


@pytest.mark.parametrize("cell", CELLS)
def test_the_arrows_walk_every_equation_of_every_step_and_layer_there_and_back(unroll: UnrollPage, cell: str) -> None:
    spec = CELLS[cell] | {"task": {"text": "abb"}}
    plan = engine.describe(engine.parse_spec(spec))
    unroll.open(spec | {"by": "equation"})
    expected = moments(plan)
    lines = plan.sizes["T"] * plan.sizes["L"] * len(plan.equations["forward"])
    assert sum(one.kind == "line" and one.phase == "forward" for one in expected) == lines
    walked(unroll, plan, expected)


def test_the_ends_stop_the_arrows(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.press("End")
    last = unroll.shown()
    assert last.title == "Update."
    assert unroll.walk("ArrowRight", 2) == [last] * 3
    unroll.press("Home")
    first = unroll.shown()
    assert first.title == "Forward, step 1 of 10."
    assert unroll.walk("ArrowLeft", 2) == [first] * 3


def test_a_clickers_keys_walk_as_the_arrows_do(unroll: UnrollPage) -> None:
    unroll.open()
    by_arrow = unroll.walk("ArrowRight", 3)
    unroll.press("Home")
    assert unroll.walk("PageDown", 3) == by_arrow
    assert unroll.walk("PageUp", 3) == by_arrow[::-1]


def test_shift_walks_whole_timesteps_from_anywhere_between_equations(unroll: UnrollPage) -> None:
    unroll.open({"by": "equation", "at": "backward.4", "kind": "share", "line": "grad.W"})
    assert unroll.shown().equation.startswith("grad.W +=")
    titles = [one.title for one in unroll.walk("Shift+ArrowRight", 2)]
    assert titles == [f"Backward, step {t} of 10." for t in (4, 3, 2)]
    assert [one.title for one in unroll.walk("Shift+ArrowLeft", 2)][1:] == [
        f"Backward, step {t} of 10." for t in (3, 4)
    ]


def test_g_changes_how_far_an_arrow_goes(unroll: UnrollPage) -> None:
    unroll.open()
    counts = []
    for granularity in ("equation", "pass", "timestep"):
        unroll.press("g")
        expect(unroll.tab.get_by_role("radio", name=granularity)).to_be_checked()
        counts.append(unroll.shown().place[1])
    plan = engine.describe(engine.parse_spec({}))
    assert counts == [len(moments(plan)), 5, len(steps(plan))]


def test_it_plays_to_the_end_and_stops_and_plays_again_from_the_start(unroll: UnrollPage) -> None:
    unroll.open({"task": {"text": "hello"}})
    unroll.tab.get_by_label("Speed of playing").select_option("8×")
    unroll.button("Play").click()
    expect(unroll.button("Pause")).to_be_visible()
    expect(unroll.now_line).to_contain_text("Update.")
    expect(unroll.button("Play")).to_be_visible()
    assert unroll.shown().place == [11, 11]
    unroll.tab.get_by_label("Speed of playing").select_option("0.5×")
    unroll.button("Play").click()
    expect(unroll.now_line).to_contain_text("Forward, step 1 of 4.")
    unroll.button("Pause").click()


def test_an_arrow_takes_over_from_playing(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.press("Space")
    expect(unroll.button("Pause")).to_be_visible()
    unroll.press("ArrowRight")
    expect(unroll.button("Play")).to_be_visible()


def test_a_step_that_is_clicked_in_a_card_is_gone_to(unroll: UnrollPage) -> None:
    unroll.open({"at": "backward.8", "plots": "weight"})
    unroll.weight.get_by_role("row", name=re.compile("^3 ")).click()
    expect(unroll.now_line).to_contain_text("Backward, step 3 of 10.")
