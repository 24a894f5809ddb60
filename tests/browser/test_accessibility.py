"""Whoever cannot see the page, or sees it badly, has it too."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage
from tests.browser.shots import CAT, MOMENTS, THEMES

AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def violations(unroll: UnrollPage) -> list[str]:
    """What axe-core finds on the page as it is, a line each."""
    unroll.frame()
    if not unroll.tab.evaluate("() => 'axe' in window"):
        unroll.tab.evaluate(AXE)
    found = unroll.tab.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_at_any_of_five_moments(tabs: Tabs, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    unroll.open(CAT)
    for place in MOMENTS.values():
        unroll.go(place)
        assert violations(unroll) == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_the_experiment_in_an_error_or_in_the_help(tabs: Tabs, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    unroll.open()
    unroll.open_experiment()
    assert violations(unroll) == []
    unroll.field("Units").fill("0")
    expect(unroll.panel.get_by_role("alert")).to_be_visible()
    assert violations(unroll) == []
    unroll.press("Escape")
    expect(unroll.notices.get_by_role("alert")).to_be_visible()
    assert violations(unroll) == []
    unroll.press("?")
    expect(unroll.help).to_be_visible()
    assert violations(unroll) == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_any_plot_or_side_by_side(tabs: Tabs, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    unroll.open(CAT)
    for key in "12345678":
        unroll.press(key)
        unroll.settled()
        assert violations(unroll) == []
    unroll.press("l")
    unroll.button("more of this plot").click()
    assert violations(unroll) == []
    unroll.press("m")
    unroll.settled()
    assert violations(unroll) == []


def test_axe_finds_what_is_wrong(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.tab.evaluate("() => document.querySelector('#header nav button').replaceChildren()")
    assert [one.partition(":")[0] for one in violations(unroll)] == ["button-name"]


def test_the_now_line_is_read_out_but_not_while_it_plays(unroll: UnrollPage) -> None:
    unroll.open()
    expect(unroll.now_line).to_have_attribute("aria-live", "polite")
    unroll.press("Space")
    expect(unroll.now_line).to_have_attribute("aria-live", "off")
    unroll.press("Space")
    expect(unroll.now_line).to_have_attribute("aria-live", "polite")


def test_the_scrubber_and_the_stage_tell_the_moment_in_words(unroll: UnrollPage) -> None:
    unroll.open({"at": "backward.7"})
    spoken = unroll.scrubber.get_attribute("aria-valuetext")
    assert spoken is not None
    assert spoken.startswith("Backward, step 7 of 10. The gradient of h7 is what its own loss sends")
    assert " ".join(spoken.split()) == " ".join(unroll.shown().sentence.split())
    expect(unroll.stage).to_have_accessible_name(
        "The unrolled network: 10 timesteps, 8 units. Now: backward, step 7 of 10."
    )
