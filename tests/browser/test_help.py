"""The help: what is in it, and that it gives back what it took."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.page import UnrollPage

KEYS = ["Space", "←", "→", "Shift", "←", "→", "PageUp", "PageDown", "Home", "End", *"GEDF+−?", "Esc"]


def test_help_lists_every_key(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.press("?")
    expect(unroll.help).to_be_visible()
    assert unroll.help.locator("kbd").all_inner_texts() == KEYS


@pytest.mark.parametrize("way", ["Escape", "Close"])
def test_help_gives_the_focus_back_to_its_button(unroll: UnrollPage, way: str) -> None:
    unroll.open()
    unroll.button("Help").click()
    expect(unroll.help).to_be_visible()
    if way == "Close":
        unroll.help.get_by_role("button", name="Close").click()
    else:
        unroll.press(way)
    expect(unroll.help).to_be_hidden()
    expect(unroll.button("Help")).to_be_focused()
    expect(unroll.button("Help")).to_have_attribute("aria-expanded", "false")


def test_behind_the_help_nothing_moves(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.4"})
    moment = unroll.shown()
    unroll.press("?")
    expect(unroll.help).to_be_visible()
    for key in ("ArrowRight", "End", "e", "g"):
        unroll.press(key)
    assert unroll.shown() == moment
    unroll.press("Escape")
    expect(unroll.help).to_be_hidden()
    unroll.press("ArrowRight")
    assert unroll.shown().title == "Forward, step 5 of 10."
