"""Everything has its place: no text is cut, nothing overflows the window, nothing jumps from moment to moment."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage
from tests.browser.shots import CAT, MOMENTS, SIZES

# Texts of which a part lies outside a box that hides what is outside it; sideways the window is such a box. Where
# it can be scrolled to it is not hidden. A program's row of data ends in an ellipsis, and is whole when it is copied.
# Letters are lower than their line: its middle third must be inside.
CUT = """() => {
  const hides = (value) => value === "hidden" || value === "clip";
  const scrolls = (value) => value === "auto" || value === "scroll";
  const isCut = ({ left, right, top, bottom }, parent) => {
    const [high, low] = [(2 * top + bottom) / 3, (top + 2 * bottom) / 3];
    let [across, down] = [true, true];
    for (let box = parent; box; box = box.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(box);
      const room = box.getBoundingClientRect();
      if (across && hides(overflowX) && (left < room.left - 1 || right > room.right + 1)) return true;
      if (down && hides(overflowY) && (high < room.top || low > room.bottom)) return true;
      across &&= !scrolls(overflowX);
      down &&= !scrolls(overflowY);
    }
    return across && (left < -1 || right > innerWidth + 1);
  };
  const cut = [];
  const range = document.createRange();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    const words = texts.currentNode.data.trim();
    if (!words || parent.closest(".hidden-text, .row.data")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true })) continue;
    range.selectNodeContents(texts.currentNode);
    if ([...range.getClientRects()].some((box) => box.width > 0 && isCut(box, parent))) cut.push(words);
  }
  return cut;
}"""
EXTENT = """() => {
  const [page, stage] = [document.scrollingElement, document.querySelector(".stage-scroll")];
  return { page: [page.scrollWidth, page.scrollHeight], stage: stage.scrollWidth - stage.clientWidth };
}"""
PLACES = """() => ["stage", "transport", "now-line", "equation", "code", "shares"].map(
  (id) => JSON.stringify(document.getElementById(id).getBoundingClientRect()))"""
NUMBERS = """() => {
  const box = document.querySelector("#equation .vectors");
  const made = [...box.querySelectorAll("tr.strong")];
  const { bottom } = box.getBoundingClientRect();
  return [box.scrollWidth, box.clientWidth, made.length,
    made.every((row) => row.getBoundingClientRect().bottom <= bottom + 1)];
}"""
TEXT_SIZE = "() => parseFloat(getComputedStyle(document.getElementById('now-line')).fontSize)"


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_no_text_is_cut_and_nothing_overflows_the_window(tabs: Tabs, size: tuple[int, int], cell: str) -> None:
    width, height = size
    unroll = tabs(viewport={"width": width, "height": height})
    unroll.open({"cell": cell})
    for place in MOMENTS.values():
        unroll.go(place)
        assert unroll.tab.evaluate(CUT) == []
        extent = unroll.tab.evaluate(EXTENT)
        assert extent["page"][0] == width
        # On a phone the page is read downwards and the stage is moved by a finger; elsewhere all is seen at once.
        if width > height:
            assert extent == {"page": [width, height], "stage": 0}


def test_every_part_keeps_its_place_from_moment_to_moment(unroll: UnrollPage) -> None:
    unroll.open(CAT)
    places = set()
    for _ in range(unroll.shown().place[1]):
        places.add(tuple(unroll.tab.evaluate(PLACES)))
        unroll.press("ArrowRight")
        unroll.frame()
    assert unroll.shown().title == "Update."
    assert len(places) == 1


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_the_numbers_of_every_equation_fit_the_card_and_what_they_make_is_in_view(
    tabs: Tabs, size: tuple[int, int]
) -> None:
    unroll = tabs(viewport={"width": size[0], "height": size[1]})
    spec = {"cell": "lstm", "task": {"text": "abc"}, "by": "equation"}
    unroll.open(spec | {"at": "forward.2", "kind": "line", "line": "input_gate", "layer": 0})
    seen = 0
    while not unroll.shown().title.startswith("Sum"):
        width, room, rows, low = unroll.tab.evaluate(NUMBERS)
        assert width <= room
        # A share has no row of its own: it is in the card beside it.
        assert rows == 0 or low
        seen += rows
        unroll.press("ArrowRight")
        unroll.frame()
    assert seen > 0


def test_the_step_of_the_moment_stays_in_view_in_the_list_of_shares(unroll: UnrollPage) -> None:
    unroll.open(CAT | {"at": "backward.21", "plots": "weight"})
    table = unroll.weight.get_by_label("Shares by step").bounding_box()
    assert table is not None
    for _ in range(21):
        row = unroll.weight.locator("tr.current").bounding_box()
        assert row is not None
        assert table["y"] <= row["y"]
        assert row["y"] + row["height"] <= table["y"] + table["height"]
        unroll.press("ArrowRight")
        unroll.frame()


def test_a_long_text_shows_a_window_of_its_steps_around_the_playhead(unroll: UnrollPage) -> None:
    unroll.open({"task": {"text": "abcdefghij" * 20}, "at": "backward.120"})
    expect(unroll.tab.locator(".window")).to_have_text(re.compile(r"steps 112–127\s*of 199"))
    expect(unroll.tab.locator(".true-symbol")).to_have_count(16)


def test_text_grows_and_shrinks_by_key(unroll: UnrollPage) -> None:
    unroll.open()
    before = unroll.tab.evaluate(TEXT_SIZE)
    unroll.press("+", 2)
    assert unroll.tab.evaluate(TEXT_SIZE) > before * 1.15
    unroll.press("-", 2)
    assert unroll.tab.evaluate(TEXT_SIZE) == pytest.approx(before)
