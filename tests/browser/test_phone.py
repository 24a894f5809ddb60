"""Narrow windows: a phone held upright, a window at 200 % zoom, large text by key."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage
from tests.browser.shots import CAT, MOMENTS, THEMES
from tests.browser.test_accessibility import violations
from tests.browser.test_layout import CUT

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
# What a window of 1280x720 is to the page at a zoom of 200 %.
ZOOMED: dict[str, Any] = {"viewport": {"width": 640, "height": 360}, "device_scale_factor": 2}
LARGEST = 8
PARTS = ["#stage", "#now-line", "#meaning-card", "#code-card", "#plots-card"]

# Which of the transport's parts lie over each other or outside of it.
CROWDED = """() => {
  const parts = [...document.querySelectorAll("#transport :is(button, fieldset, select, .jump, .scrubber)")]
    .filter((part) => part.checkVisibility());
  const room = document.querySelector("#transport").getBoundingClientRect();
  const boxes = parts.map((part) => part.getBoundingClientRect());
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return parts.filter((_, i) => boxes.some((box, j) => i !== j && over(box, boxes[i]))
      || boxes[i].left < room.left || boxes[i].right > room.right + 1 || boxes[i].bottom > room.bottom + 1)
    .map((part) => part.outerHTML.slice(0, 80));
}"""


def usable(unroll: UnrollPage) -> None:
    """Nothing is cut, nothing is scrolled sideways, parts follow each other, the transport is whole and in reach."""
    assert unroll.tab.evaluate(CUT) == []
    width = unroll.tab.evaluate("document.scrollingElement.scrollWidth")
    assert width == unroll.tab.evaluate("innerWidth")
    assert unroll.tab.evaluate(CROWDED) == []
    for y in (0, 300, 10_000):
        unroll.tab.evaluate(f"scrollTo(0, {y})")
        unroll.frame()
        box = unroll.tab.locator("#transport").bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= unroll.tab.evaluate("innerHeight") + 1
    seen = [part for part in PARTS if unroll.tab.locator(part).is_visible()]
    tops = unroll.tab.evaluate("(parts) => parts.map((part) => document.querySelector(part).offsetTop)", seen)
    assert tops == sorted(tops)
    unroll.tab.evaluate("scrollTo(0, 0)")


@pytest.mark.parametrize("window", [PHONE, ZOOMED], ids=["phone", "zoomed"])
@pytest.mark.parametrize("fields", [{}, CAT, {"weights_shared": False, "layers": 2}], ids=["rnn", "lstm", "untied"])
def test_in_a_narrow_window_nothing_is_cut_and_the_transport_stays_in_reach(
    tabs: Tabs, window: dict[str, Any], fields: dict[str, Any]
) -> None:
    unroll = tabs(**window)
    unroll.open(fields)
    for place in MOMENTS.values():
        unroll.go(place)
        usable(unroll)


def test_with_the_largest_text_nothing_is_cut_and_the_transport_stays_in_reach(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.press("+", LARGEST)
    unroll.frame()
    assert unroll.tab.evaluate("document.documentElement.style.getPropertyValue('--zoom')") == "2"
    for place in MOMENTS.values():
        unroll.go(place)
        usable(unroll)


@pytest.mark.parametrize("window", [PHONE, ZOOMED], ids=["phone", "zoomed"])
def test_present_holds_in_a_narrow_window(tabs: Tabs, window: dict[str, Any]) -> None:
    unroll = tabs(**window)
    unroll.open({"present": "yes", "cell": "lstm"})
    for key in ("n", "1", "0"):
        unroll.press(key)
        # A card that comes is drawn, told how much room it has, and drawn once more.
        for _ in range(3):
            unroll.frame()
        usable(unroll)
    unroll.button("Leave Present").click()
    expect(unroll.button("Present")).to_be_focused()


def test_on_a_phone_the_stage_scrolls_sideways_under_the_finger_and_follows_the_playhead(tabs: Tabs) -> None:
    unroll = tabs(**PHONE)
    unroll.open({"at": "forward.1"})
    scroller = unroll.tab.locator(".stage-scroll")
    wide, room = scroller.evaluate("(box) => [box.scrollWidth, box.clientWidth]")
    assert wide > room
    assert scroller.evaluate("(box) => getComputedStyle(box).overflowX") == "auto"
    assert scroller.evaluate("(box) => box.scrollLeft") == 0
    unroll.go("forward.10")
    assert scroller.evaluate("(box) => box.scrollLeft") > 0


def test_on_a_phone_every_tab_of_the_cards_can_be_touched(tabs: Tabs) -> None:
    unroll = tabs(**PHONE)
    unroll.open()
    for name in ("Numbers", "PyTorch", "One weight"):
        tab = unroll.tab.get_by_role("tab", name=name)
        tab.tap()
        expect(tab).to_have_attribute("aria-selected", "true")


def test_on_a_phone_every_button_of_the_header_is_in_one_row_and_opens_what_it_says(tabs: Tabs) -> None:
    unroll = tabs(**PHONE)
    unroll.open()
    buttons = unroll.header.get_by_role("navigation").get_by_role("button")
    assert buttons.all_inner_texts() == ["Experiment", "What if", "Compare", "Share", "Present", "Dark", "Help"]
    assert len({box["y"] for box in (one.bounding_box() for one in buttons.all()) if box}) == 1
    unroll.button("Help").tap()
    expect(unroll.help).to_be_visible()
    assert unroll.help.evaluate("(help) => help.scrollWidth - help.clientWidth") == 0


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_a_phone(tabs: Tabs, theme: str) -> None:
    unroll = tabs(**PHONE, color_scheme=theme)
    unroll.open({"at": "backward.7"})
    assert violations(unroll) == []
    unroll.press("p")
    assert violations(unroll) == []
