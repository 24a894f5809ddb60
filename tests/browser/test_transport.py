"""The transport: to a step by its number, along the scrubber by keys and by hand, at every width."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.page import UnrollPage

# What the scrubber's knob covers: the phase whose bar its middle lies on.
UNDER_KNOB = """() => {
  const knob = document.querySelector(".knob").getBoundingClientRect();
  const x = (knob.left + knob.right) / 2;
  return [...document.querySelectorAll(".scrubber rect")]
    .find((bar) => { const { left, right } = bar.getBoundingClientRect(); return left <= x && x <= right; })
    .getAttribute("class");
}"""
NAMES = """() => [...document.querySelectorAll(".scrubber text")].map((name) => {
  const { left, right } = name.getBoundingClientRect();
  return [name.textContent, left, right];
})"""


def test_j_names_a_step_and_enter_goes_there_and_gives_the_keys_back(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.2"})
    field = unroll.tab.get_by_label("step", exact=False).and_(unroll.tab.get_by_role("textbox"))
    unroll.press("j")
    expect(field).to_be_focused()
    unroll.tab.keyboard.type("7")
    unroll.press("Enter")
    expect(unroll.scrubber).to_be_focused()
    assert unroll.shown().title == "Forward, step 7 of 10."
    unroll.press("ArrowRight")
    assert unroll.shown().title == "Forward, step 8 of 10."
    expect(field).to_have_value("8")


def test_on_the_way_back_a_step_that_is_named_is_the_one_of_the_way_back(unroll: UnrollPage) -> None:
    unroll.open({"at": "backward.9"})
    unroll.press("j")
    unroll.tab.keyboard.type("3")
    unroll.press("Enter")
    assert unroll.shown().title == "Backward, step 3 of 10."


@pytest.mark.parametrize(("typed", "step"), [("0", 1), ("99", 10), ("-4", 1), ("x", 5), ("", 5)])
def test_a_number_that_is_no_step_is_the_nearest_one_and_no_number_is_none(
    unroll: UnrollPage, typed: str, step: int
) -> None:
    unroll.open({"at": "forward.5"})
    unroll.press("j")
    unroll.press("Backspace")
    unroll.tab.keyboard.type(typed)
    unroll.press("Enter")
    assert unroll.shown().title == f"Forward, step {step} of 10."
    expect(unroll.tab.locator("#jump")).to_have_value(str(step))


def test_escape_leaves_the_field_as_it_was(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.5"})
    unroll.press("j")
    unroll.tab.keyboard.type("9")
    unroll.press("Escape")
    expect(unroll.tab.locator("#jump")).to_have_value("5")
    assert unroll.shown().title == "Forward, step 5 of 10."


def test_where_the_moment_is_of_no_step_the_field_is_empty(unroll: UnrollPage) -> None:
    unroll.open({"at": "sum"})
    expect(unroll.tab.locator("#jump")).to_have_value("")


def test_up_and_down_move_the_slider_as_left_and_right_do(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.4"})
    unroll.scrubber.focus()
    assert [one.title for one in unroll.walk("ArrowUp", 1)][-1] == "Forward, step 5 of 10."
    assert [one.title for one in unroll.walk("ArrowDown", 2)][-1] == "Forward, step 3 of 10."


@pytest.mark.parametrize("by", ["pass", "timestep", "equation"])
def test_the_knob_lies_on_the_phase_of_the_moment_and_the_hand_goes_where_it_points(
    unroll: UnrollPage, by: str
) -> None:
    unroll.open({"by": by})
    for phase in ("forward", "loss", "backward", "sum", "update"):
        bar = unroll.scrubber.locator(f"rect.{phase}").bounding_box()
        assert bar is not None
        unroll.tab.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
        assert unroll.shown().title.lower().startswith(phase)
        assert unroll.tab.evaluate(UNDER_KNOB) == phase


def test_dragging_shows_every_moment_on_the_way(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.press("Home")
    bar = unroll.scrubber.locator("rect.forward").bounding_box()
    assert bar is not None
    y = bar["y"] + bar["height"] / 2
    titles = []
    unroll.tab.mouse.move(bar["x"] + 2, y)
    unroll.tab.mouse.down()
    for step in range(10):
        unroll.tab.mouse.move(bar["x"] + (step + 0.5) * bar["width"] / 10, y)
        titles.append(unroll.shown().title)
    unroll.tab.mouse.up()
    assert titles == [f"Forward, step {step} of 10." for step in range(1, 11)]


@pytest.mark.parametrize("present", [False, True])
def test_the_names_of_the_phases_stand_clear_of_each_other(unroll: UnrollPage, present: bool) -> None:
    unroll.open({"present": "yes"} if present else {})
    for granularity in ("timestep", "equation", "pass"):
        names = unroll.tab.evaluate(NAMES)
        assert [name for name, _, _ in names] == ["forward", "loss", "backward", "sum", "update"], granularity
        assert all(right + 2 <= left for (_, _, right), (_, left, _) in pairwise(names))
        unroll.press("g")
        unroll.frame()
