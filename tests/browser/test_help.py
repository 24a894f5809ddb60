"""The help: what is in it, and that it gives back what it took."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.page import UnrollPage

# What is on the keys that have no letter or sign of their own.
CAPS = {" ": "Space", "ArrowLeft": "←", "ArrowRight": "→", "Escape": "Esc", "-": "−"}
# What the brief of the page asks for, by the names browsers have for keys.
PROMISED = [
    *(" ", "ArrowLeft", "ArrowRight", "Shift+ArrowLeft", "Shift+ArrowRight", "Home", "End", "PageUp", "PageDown"),
    *("p", "f", "+", "-", "b", ".", "?", "1", "2", "g", "j", "n", "c", "v", "s", "e", "w", "d", "0", "F5", "Escape"),
]
KNOWN = """async () => (await import("/keys.js")).KEYS
  .flatMap(({ rows }) => rows.flatMap(({ keys }) => Object.keys(keys)))"""
# Each sign of the legend, as it is read out or by the class of its swatch, with what is told of it.
LEGEND = """(lists) => lists.flatMap((list) => [...list.querySelectorAll("dt")].map((sign) => {
  const drawn = sign.querySelector("svg [class], span");
  const letters = [...sign.querySelectorAll("[data-tex]")].map((one) => one.dataset.tex);
  const read = letters.join(" ") || sign.textContent.trim();
  return [sign.querySelector(".changed") ? "changed" : read || drawn.getAttribute("class").trim(),
    sign.nextElementSibling.textContent.trim()];
}))"""


def legend(unroll: UnrollPage) -> dict[str, str]:
    """What the legend tells, by its signs."""
    return dict(unroll.help.locator("dl").evaluate_all(LEGEND))


def opened(unroll: UnrollPage, fields: dict[str, Any]) -> dict[str, str]:
    unroll.open(fields)
    unroll.press("?")
    expect(unroll.help).to_be_visible()
    return legend(unroll)


def test_help_lists_every_key_that_the_page_knows(unroll: UnrollPage) -> None:
    unroll.open()
    known = unroll.tab.evaluate(KNOWN)
    assert set(PROMISED) <= set(known)
    assert len(known) == len(set(known))
    unroll.press("?")
    expect(unroll.help).to_be_visible()
    caps = [CAPS.get(key, key.upper() if len(key) == 1 else key) for one in known for key in one.split("+Arrow")[:1]]
    shown = unroll.help.locator("kbd").all_inner_texts()
    assert set(caps) - {"Shift"} <= set(shown)
    # Both arrows are there with Shift and without it.
    assert shown.count("←") == shown.count("→") == 2
    assert all(text.strip() for text in unroll.help.locator("dd").all_inner_texts())


def test_the_legend_has_the_symbols_of_this_cell_in_the_letters_of_the_book(unroll: UnrollPage) -> None:
    told = opened(unroll, {"cell": "lstm"})
    assert told[r"\hat{y}_{t}"] == "prediction"
    assert told[r"\mathrm{cell}_{t}"] == "cell state"
    assert told[r"\sigma"] == "the sigmoid, from 0 to 1"
    weights = {sign: words for sign, words in told.items() if words == "weights on the input"}
    gates = ("input", "forget", "candidate", "output")
    assert list(weights) == [" ".join(rf"U_{{\mathrm{{{gate}}}}}" for gate in gates)]
    unroll.press("Escape")
    unroll.press("s")
    unroll.press("?")
    expect(unroll.help).to_be_visible()
    assert any(sign.startswith("W_{ih") and words == "weights on the input" for sign, words in legend(unroll).items())


def test_the_legend_tells_what_is_on_the_screen_and_nothing_that_is_not(unroll: UnrollPage) -> None:
    plain = opened(unroll, {})
    phases = [sign for sign in plain if "phase" in sign]
    assert [sign.split()[-1] for sign in phases] == ["forward", "loss", "backward", "sum", "update"]
    assert {"✓", "not", "␣", "pin", "strip ahead", "arrow", "swatch now-swatch", "bar-key", "line-key"} <= set(plain)
    absent = {"cut", "lane", "changed", "–", r"\bar{y}_{t-1}", r"\sigma", "⏎"}
    assert absent.isdisjoint(plain)
    many = opened(
        unroll,
        {
            "cell": "gru",
            "layers": 2,
            "algorithm": {"kind": "truncated", "k1": 3, "k2": 3},
            "feedback": {"source": "output", "mode": "free"},
            "overrides": "layer0.b_update[0]:0.5",
        },
    )
    assert {"cut", "lane", "changed", r"\bar{y}_{t-1}", r"\sigma"} <= set(many)
    assert many[r"\bar{y}_{t-1}"] == "output before, fed back: what was predicted"
    assert opened(unroll, {"task": {"kind": "recall"}})["–"] == "nothing is asked of this step"


def test_where_each_step_has_its_own_parameters_the_legend_says_so(unroll: UnrollPage) -> None:
    told = opened(unroll, {"weights_shared": False})
    assert told["U_{10}"] == "step 10’s own"
    assert "line-key" not in told


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
    for key in ("ArrowRight", "End", "e", "g", "p", "b"):
        unroll.press(key)
    assert unroll.shown() == moment
    unroll.press("Escape")
    expect(unroll.help).to_be_hidden()
    unroll.press("ArrowRight")
    assert unroll.shown().title == "Forward, step 5 of 10."
