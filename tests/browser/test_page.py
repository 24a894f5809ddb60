"""The page as a whole: policy, themes, help, sizes, and whoever cannot see or use a mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Contexts
from tests.browser.page import UnrollPage
from tests.browser.shots import CAT, MOMENTS, SIZES, THEMES
from tests.browser.witness import Witness
from tests.server.running import Running

AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
CUT = """() => [...document.querySelectorAll(
    '#now-line, .card-head, nav button, .keys button, .outcome, .true-symbol, .read-symbol, th, td')]
  .filter((each) => each.offsetParent && each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 120))"""
TEXT_SIZE = "() => parseFloat(getComputedStyle(document.getElementById('now-line')).fontSize)"


def opened(contexts: Contexts, site: Running, **options: object) -> UnrollPage:
    return UnrollPage(contexts(**options).new_page(), f"http://{site.host}/")


def violations(unroll: UnrollPage) -> list[str]:
    """What axe-core finds on the page as it is, a line each."""
    unroll.tab.evaluate(AXE)
    found = unroll.tab.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def test_a_whole_session_keeps_to_the_policy_and_to_its_host(
    unroll: UnrollPage, site: Running, witness: Witness
) -> None:
    """The witness fails every test in which it is broken; here it is seen that it was there to be broken."""
    headers = unroll.open({"cell": "lstm"}).headers
    for part in ("default-src 'self'", "script-src 'self'", "style-src 'self'"):
        assert part in headers["content-security-policy"]
    for key in ("e", "Escape", "?", "Escape", "d", "+", "-", "g", "End", "Home"):
        unroll.press(key)
    assert unroll.shown().title == "Forward, step 1 of 10."
    fonts = [url for url in witness.requests if url.endswith(".woff2")]
    assert fonts
    assert f"ws://{site.host}/ws" in witness.requests
    assert witness.complaints == []


def test_the_witness_hears_a_page_that_breaks_its_policy_or_asks_another_host(
    unroll: UnrollPage, witness: Witness
) -> None:
    unroll.open()
    unroll.tab.evaluate("() => fetch('http://127.0.0.1:9/').catch(() => null)")
    unroll.frame()
    assert any("policy" in one for one in witness.complaints)
    witness.excuse("127.0.0.1:9|Content Security Policy")


def test_the_theme_follows_the_system_until_it_is_chosen(contexts: Contexts, site: Running) -> None:
    unroll = opened(contexts, site, color_scheme="dark")
    unroll.open()
    root = unroll.tab.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    unroll.tab.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-theme", "light")
    unroll.press("d")
    expect(root).to_have_attribute("data-theme", "dark")
    unroll.tab.emulate_media(color_scheme="dark")
    unroll.tab.emulate_media(color_scheme="light")
    expect(root).to_have_attribute("data-theme", "dark")


def test_help_lists_every_key_and_gives_the_focus_back(unroll: UnrollPage) -> None:
    unroll.open()
    button = unroll.button("Help")
    button.click()
    for key in ("Space", "←", "Shift", "Home", "PageDown", "G", "E", "D", "F", "?", "Esc"):
        expect(unroll.help.get_by_text(key, exact=True).first).to_be_visible()
    unroll.press("Escape")
    expect(unroll.help).to_be_hidden()
    expect(button).to_be_focused()


def test_text_grows_and_shrinks_by_key(unroll: UnrollPage) -> None:
    unroll.open()
    before = unroll.tab.evaluate(TEXT_SIZE)
    unroll.press("+", 2)
    assert unroll.tab.evaluate(TEXT_SIZE) > before * 1.15
    unroll.press("-", 2)
    assert unroll.tab.evaluate(TEXT_SIZE) == pytest.approx(before)


def test_the_now_line_is_read_out_but_not_while_it_plays(unroll: UnrollPage) -> None:
    unroll.open()
    expect(unroll.now_line).to_have_attribute("aria-live", "polite")
    unroll.press("Space")
    expect(unroll.now_line).to_have_attribute("aria-live", "off")
    unroll.press("Space")
    expect(unroll.now_line).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("moment", MOMENTS)
def test_axe_finds_nothing(contexts: Contexts, site: Running, moment: str, theme: str) -> None:
    unroll = opened(contexts, site, color_scheme=theme)
    unroll.open(CAT | {"at": MOMENTS[moment]})
    assert violations(unroll) == []


def test_axe_finds_nothing_in_the_experiment_in_an_error_or_in_the_help(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.open_experiment()
    assert violations(unroll) == []
    unroll.field("Units").fill("0")
    expect(unroll.panel.get_by_role("alert")).to_be_visible()
    assert violations(unroll) == []
    unroll.press("Escape")
    unroll.press("?")
    expect(unroll.help).to_be_visible()
    assert violations(unroll) == []


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_no_text_is_cut_and_nothing_overflows_the_window(
    contexts: Contexts, site: Running, size: tuple[int, int], cell: str
) -> None:
    width, height = size
    unroll = opened(contexts, site, viewport={"width": width, "height": height})
    unroll.open({"cell": cell})
    for place in MOMENTS.values():
        unroll.tab.evaluate("fragment => { location.hash = fragment }", f"cell={cell}&at={place}")
        expect(unroll.now_line).to_contain_text(place.partition(".")[0].capitalize())
        unroll.frame()
        assert unroll.tab.evaluate(CUT) == []
        assert unroll.tab.evaluate("() => document.scrollingElement.scrollWidth") <= width
        if height < width:
            assert unroll.tab.evaluate("() => document.scrollingElement.scrollHeight") <= height


def test_the_cards_keep_their_place_from_moment_to_moment(unroll: UnrollPage) -> None:
    unroll.open(CAT)
    places = set()
    for _ in range(unroll.shown().place[1]):
        places.add(str(unroll.weight.bounding_box()))
        unroll.press("ArrowRight")
        unroll.frame()
    assert unroll.shown().title == "Update."
    assert len(places) == 1


def test_the_step_of_the_moment_stays_in_view_in_the_list_of_shares(unroll: UnrollPage) -> None:
    unroll.open(CAT | {"at": "backward.21"})
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
    expect(unroll.tab.locator(".window")).to_have_text("steps 112–127of 199")
    expect(unroll.tab.locator(".true-symbol")).to_have_count(16)
