"""Without a mouse: every stop of the Tab key shows that it has the focus, and a whole lesson can be given."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.page import UnrollPage

# The name of what has the focus and whether that can be seen: an outline round it or round its label, in the window.
FOCUSED = """() => {
  const focused = document.activeElement;
  const box = focused.getBoundingClientRect();
  const outlined = [focused, focused.closest("label")].some((one) => {
    const { outlineStyle, outlineWidth } = one ? getComputedStyle(one) : {};
    return outlineStyle && outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
  const inWindow = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const name = focused.getAttribute("aria-label") || focused.closest("label")?.textContent || focused.textContent;
  return [focused === document.body ? "" : name.trim().replace(/\\s+/g, " "), outlined && inWindow];
}"""
MOST = 120


def stops(unroll: UnrollPage) -> list[str]:
    """Where the Tab key stops, from the top of the page to its end; each can be seen to have the focus."""
    found: list[str] = []
    for _ in range(MOST):
        unroll.press("Tab")
        unroll.frame()
        name, is_seen = unroll.tab.evaluate(FOCUSED)
        if not name and found:
            return found
        if not name:
            continue
        assert is_seen, f"{name} has the focus, which cannot be seen"
        found.append(name)
    pytest.fail("the Tab key comes to no end")


def tab_to(unroll: UnrollPage, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    for _ in range(MOST):
        if re.match(name, unroll.tab.evaluate(FOCUSED)[0]):
            return
        unroll.press("Tab")
    pytest.fail(f"the Tab key does not come to {name}")


def test_every_stop_of_the_tab_key_can_be_seen_and_the_parts_come_in_their_order(unroll: UnrollPage) -> None:
    unroll.open({"at": "backward.7"})
    found = stops(unroll)
    parts = ["Experiment", "What if", "Share", "Present", "Dark", "Help", "Back", "Play", "Forward", "Speed", "step"]
    parts += ["Moment of the pass", "Equation", "NumPy", "Gradient by timestep"]
    places = [next(i for i, name in enumerate(found) if name.startswith(part)) for part in parts]
    assert places[1:] == sorted(places[1:])


def test_in_present_the_tab_key_stops_at_the_transport_and_the_card_alone(unroll: UnrollPage) -> None:
    unroll.open({"present": "yes", "at": "backward.7", "front": "plots"})
    unroll.press("k")
    found = stops(unroll)
    keys = ["First moment", "Back", "Play", "Forward", "Last moment"]
    wanted = [*keys, "Moment of the pass", "Full screen", "Leave Present", "Gradient by timestep"]
    named = [name for name in found if any(name.startswith(one) for one in wanted)]
    assert [name.split(" (")[0] for name in named] == wanted
    assert not any(name.startswith(("Experiment", "Share", "Equation", "NumPy", "step")) for name in found)


def test_a_whole_lesson_without_a_mouse(unroll: UnrollPage) -> None:
    unroll.open()
    tab_to(unroll, "Experiment")
    unroll.press("Enter")
    expect(unroll.field("Text")).to_be_focused()
    unroll.field("Text").press("ControlOrMeta+a")
    unroll.tab.keyboard.type("abcab")
    unroll.press("Escape")
    expect(unroll.panel).to_be_hidden()
    expect(unroll.header).to_contain_text("“abcab”")
    unroll.settled()
    tab_to(unroll, "timestep")
    unroll.press("ArrowRight")
    expect(unroll.tab.get_by_role("radio", name="equation")).to_be_checked()
    tab_to(unroll, "Moment of the pass")
    unroll.press("End")
    unroll.press("Home")
    unroll.press("ArrowRight")
    assert unroll.shown().equation.startswith("h =")
    tab_to(unroll, "Equation")
    unroll.press("ArrowRight")
    expect(unroll.tab.get_by_role("tab", name="Numbers")).to_be_focused()
    expect(unroll.tab.locator("#numbers")).to_be_visible()
    unroll.press("ArrowLeft")
    expect(unroll.tab.locator("#numbers")).to_be_hidden()
    tab_to(unroll, "3$")
    unroll.press("Enter")
    expect(unroll.tab).to_have_url(re.compile("unit=3"))
    unroll.press("p")
    expect(unroll.button("Play")).to_be_focused()
    unroll.press("PageDown")
    assert unroll.shown().title == "Forward, step 1 of 4."
    unroll.press("Escape")
    expect(unroll.button("Present")).to_be_visible()
    assert unroll.tab.evaluate(FOCUSED) == ["Play (Space)", True]


def test_keys_work_wherever_the_focus_is_but_where_something_is_typed(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.4"})
    tab = unroll.tab.get_by_role("tab", name="Equation")
    radio = unroll.tab.get_by_role("radio", name="pass")
    for place in (unroll.button("Share"), tab, unroll.scrubber, radio):
        place.focus()
        unroll.press("PageDown")
        assert unroll.shown().title == "Forward, step 5 of 10."
        unroll.press("PageUp")
    unroll.button("Present").focus()
    unroll.press("Space")
    expect(unroll.button("Leave Present")).to_be_visible()
    unroll.press("p")
    unroll.open_experiment()
    unroll.tab.keyboard.type("pb?.0 ")
    assert unroll.field("Text").input_value().endswith("pb?.0 ")
    expect(unroll.button("Leave Present")).to_be_hidden()


def test_a_key_that_is_held_steps_on_but_does_not_switch_to_and_fro(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.1"})
    for _ in range(3):
        unroll.tab.keyboard.down("ArrowRight")
    unroll.tab.keyboard.up("ArrowRight")
    assert unroll.shown().title == "Forward, step 4 of 10."
    for _ in range(4):
        unroll.tab.keyboard.down("p")
    unroll.tab.keyboard.up("p")
    expect(unroll.button("Leave Present")).to_be_visible()
