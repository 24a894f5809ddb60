"""Light or dark: as the system is, until it is chosen."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage

PAPER = "() => getComputedStyle(document.body).backgroundColor"


def test_the_theme_follows_the_system_until_it_is_chosen(tabs: Tabs) -> None:
    unroll = tabs(color_scheme="dark")
    unroll.open()
    root = unroll.tab.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    unroll.tab.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-theme", "light")
    unroll.press("d")
    expect(root).to_have_attribute("data-theme", "dark")
    for scheme in ("dark", "light"):
        unroll.tab.emulate_media(color_scheme=scheme)
        unroll.frame()
        expect(root).to_have_attribute("data-theme", "dark")


def test_the_button_names_the_theme_it_changes_to(unroll: UnrollPage) -> None:
    unroll.open()
    light = unroll.tab.evaluate(PAPER)
    unroll.button("Dark").click()
    expect(unroll.button("Light")).to_be_visible()
    assert unroll.tab.evaluate(PAPER) != light
    unroll.button("Light").click()
    expect(unroll.button("Dark")).to_be_visible()
    assert unroll.tab.evaluate(PAPER) == light
