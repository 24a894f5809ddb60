"""Present: what a room sees, how large it is, what the keys and a clicker do, and the way back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage
from tests.browser.shots import MOMENTS, THEMES
from tests.browser.test_accessibility import violations
from tests.browser.test_layout import CUT

ROOMS = {(1280, 720): 20, (1920, 1080): 30}
LSTM: dict[str, Any] = {"cell": "lstm", "present": "yes"}
CARDS = {"n": "Equation", "c": "NumPy", "1": "Gradient by timestep", "2": "One weight"}

# Every text in view that is smaller than so many pixels. What hangs below a letter is as large as its letter; the name
# of a row can be no larger than a row of which many share the stage: without the card it is.
SMALL = """(least) => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { parentElement: parent, data } = texts.currentNode;
    if (!data.trim() || !parent.checkVisibility({ visibilityProperty: true })) continue;
    if (parent.closest(".hidden-text, .katex-mathml, option, .row-label.tiny")) continue;
    const whole = parent.closest(".katex") ?? parent.closest("sub")?.parentElement ?? parent;
    const size = parseFloat(getComputedStyle(whole).fontSize);
    if (size < least - 0.01) found.push(`${whole.closest("[id]").id}: ${data.trim()} is ${size}px`);
  }
  return found;
}"""

# Whether the page took the last key for itself; and a key that does not load the page anew where it did not.
TAKEN = "() => addEventListener('keydown', (event) => { window.taken = event.defaultPrevented; })"
PRESS = """(key) => document.body.dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))"""
COLOR = "(curtain) => getComputedStyle(curtain).backgroundColor"


def shown(unroll: UnrollPage) -> dict[str, bool]:
    """Which parts of the page can be seen."""
    parts = ["header nav", "pictures", "stage", "transport", "now-line", "meaning-card", "code-card", "plots-card"]
    return {part: unroll.tab.locator(f"#{part}").is_visible() for part in parts}


def tab_of(unroll: UnrollPage, name: str) -> Locator:
    return unroll.tab.get_by_role("tab", name=name)


def presented(unroll: UnrollPage, card: str | None) -> bool:
    """Whether a room sees the stage, the transport, the now line and this card, and nothing else."""
    unroll.frame()
    return {part for part, is_seen in shown(unroll).items() if is_seen} == {"stage", "transport", "now-line"} | (
        {card} if card else set()
    )


def test_p_shows_the_stage_the_transport_the_now_line_and_one_card_and_p_again_the_page(unroll: UnrollPage) -> None:
    unroll.open()
    before = shown(unroll)
    assert all(before.values())
    unroll.press("p")
    assert presented(unroll, "meaning-card")
    assert unroll.tab.get_by_role("radio", name="timestep").is_hidden()
    expect(unroll.scrubber).to_be_visible()
    unroll.press("p")
    unroll.frame()
    assert shown(unroll) == before


@pytest.mark.parametrize("size", ROOMS, ids=str)
@pytest.mark.parametrize("fields", [{}, {"cell": "lstm"}, {"cell": "gru", "layers": 2}], ids=["rnn", "lstm", "deep"])
def test_in_present_nothing_is_small_nothing_is_cut_and_nothing_scrolls(
    tabs: Tabs, size: tuple[int, int], fields: dict[str, Any]
) -> None:
    unroll = tabs(viewport={"width": size[0], "height": size[1]})
    for card in ("meaning", "plots"):
        unroll.open(fields | {"present": "yes", "front": card})
        for place in MOMENTS.values():
            unroll.go(place)
            assert unroll.tab.evaluate(SMALL, ROOMS[size]) == []
            assert unroll.tab.evaluate(CUT) == []
            assert unroll.tab.evaluate("[document.scrollingElement.scrollWidth, scrollY]") == [size[0], 0]
            assert unroll.tab.evaluate("document.scrollingElement.scrollHeight") == size[1]


@pytest.mark.parametrize("size", ROOMS, ids=str)
def test_without_the_card_the_names_of_many_rows_are_large_too(tabs: Tabs, size: tuple[int, int]) -> None:
    unroll = tabs(viewport={"width": size[0], "height": size[1]})
    unroll.open({"cell": "lstm", "present": "bare", "at": "backward.7"})
    expect(unroll.tab.locator(".row-label")).to_have_count(8)
    assert unroll.tab.locator(".row-label.tiny").count() == 0
    assert unroll.tab.evaluate(SMALL, ROOMS[size]) == []


def test_the_card_in_present_is_the_one_whose_key_is_pressed(unroll: UnrollPage) -> None:
    unroll.open({"present": "yes"})
    for key, face in [("1", "plots-card"), ("n", "meaning-card"), ("c", "code-card"), ("2", "plots-card")]:
        unroll.press(key)
        assert presented(unroll, face)
        expect(tab_of(unroll, CARDS[key])).to_have_attribute("aria-selected", "true")


def test_a_key_first_brings_its_card_as_it_was_and_then_turns_it(unroll: UnrollPage) -> None:
    unroll.open({"present": "yes", "front": "plots"})
    unroll.press("n")
    expect(tab_of(unroll, "Equation")).to_have_attribute("aria-selected", "true")
    unroll.press("n")
    expect(tab_of(unroll, "Numbers")).to_have_attribute("aria-selected", "true")


def test_0_puts_the_card_away_and_gives_the_stage_its_room(unroll: UnrollPage) -> None:
    unroll.open({"present": "yes"})
    tall = unroll.stage.bounding_box()
    unroll.press("0")
    assert presented(unroll, None)
    taller = unroll.stage.bounding_box()
    assert tall is not None
    assert taller is not None
    assert taller["height"] > tall["height"] * 1.3
    unroll.press("0")
    assert presented(unroll, "meaning-card")
    unroll.press("0")
    unroll.press("c")
    assert presented(unroll, "code-card")


def test_outside_present_0_and_f5_are_not_the_pages(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.tab.evaluate(TAKEN)
    for key in ("0", "F5"):
        unroll.tab.evaluate(PRESS, key)
        assert unroll.tab.evaluate("window.taken") is False
    unroll.press("p")
    unroll.frame()
    unroll.press("F5")
    assert unroll.tab.evaluate("window.taken") is True
    assert presented(unroll, "meaning-card")


def test_escape_leaves_present_once_nothing_else_is_open(unroll: UnrollPage) -> None:
    unroll.open({"present": "yes"})
    unroll.press("?")
    expect(unroll.help).to_be_visible()
    unroll.press("Escape")
    expect(unroll.help).to_be_hidden()
    assert presented(unroll, "meaning-card")
    unroll.press("Escape")
    assert all(shown(unroll).values())


def test_a_small_button_leaves_present_and_the_focus_goes_back_to_where_it_was_entered(unroll: UnrollPage) -> None:
    unroll.open()
    expect(unroll.button("Leave Present")).to_be_hidden()
    unroll.button("Present").focus()
    unroll.press("Enter")
    expect(unroll.button("Play")).to_be_focused()
    unroll.button("Leave Present").focus()
    unroll.press("Enter")
    expect(unroll.button("Present")).to_be_focused()
    assert all(shown(unroll).values())


def test_present_its_card_and_that_it_is_away_are_in_the_address(unroll: UnrollPage, tabs: Tabs) -> None:
    unroll.open()
    for keys, wanted in {"p1": "present=yes", "0": "present=bare"}.items():
        for key in keys:
            unroll.press(key)
        expect(unroll.tab).to_have_url(re.compile(f"front=plots.*{wanted}|{wanted}.*front=plots"))
    other = tabs()
    other.visit(unroll.tab.url)
    assert presented(other, None)
    other.press("0")
    assert presented(other, "plots-card")
    unroll.press("p")
    expect(unroll.tab).to_have_url(re.compile(r"^(?!.*(present|front)=)"))


@pytest.mark.parametrize("key", ["b", "."])
def test_the_screen_goes_dark_and_the_key_that_brings_it_back_does_nothing_else(unroll: UnrollPage, key: str) -> None:
    unroll.open({"present": "yes", "at": "forward.4"})
    curtain = unroll.tab.get_by_role("dialog", name="The screen is dark")
    moment = unroll.shown()
    for back in ("PageDown", "Space", "Escape", "b", "p", "?"):
        unroll.press(key)
        expect(curtain).to_be_visible()
        assert curtain.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 720}
        assert curtain.evaluate(COLOR) == "rgb(5, 7, 10)"
        unroll.press(back)
        expect(curtain).to_be_hidden()
        assert unroll.shown() == moment
        assert presented(unroll, "meaning-card")
    unroll.press(key)
    expect(curtain).to_be_visible()
    unroll.tab.mouse.click(600, 300)
    expect(curtain).to_be_hidden()
    assert unroll.shown() == moment


def test_a_held_key_darkens_once_and_playing_stops_in_the_dark(unroll: UnrollPage) -> None:
    unroll.open({"present": "yes"})
    unroll.press("Space")
    expect(unroll.button("Pause")).to_be_visible()
    for _ in range(4):
        unroll.tab.keyboard.down("b")
    expect(unroll.tab.locator("#curtain")).to_be_visible()
    unroll.tab.keyboard.up("b")
    unroll.press("ArrowRight")
    expect(unroll.tab.locator("#curtain")).to_be_hidden()
    expect(unroll.button("Play")).to_be_visible()


def test_a_clicker_steps_in_present(unroll: UnrollPage) -> None:
    unroll.open({"present": "yes", "at": "forward.4"})
    assert [one.title for one in unroll.walk("PageDown", 2)][-1] == "Forward, step 6 of 10."
    assert unroll.walk("PageUp", 1)[-1].title == "Forward, step 5 of 10."


def test_f_fills_the_screen_and_present_alone_does_not(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.press("p")
    unroll.frame()
    assert unroll.tab.evaluate("document.fullscreenElement") is None
    unroll.press("f")
    unroll.tab.wait_for_function("document.fullscreenElement === document.documentElement")
    unroll.button("Full screen").click()
    unroll.tab.wait_for_function("document.fullscreenElement === null")
    assert presented(unroll, "meaning-card")


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_present(tabs: Tabs, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    unroll.open(LSTM)
    for place in MOMENTS.values():
        unroll.go(place)
        assert violations(unroll) == []
    for key in ("n", "c", "1", "2", "0", "b"):
        unroll.press(key)
        assert violations(unroll) == []
