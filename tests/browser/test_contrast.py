"""The text of plots and pictures can be read: axe knows nothing of SVG, so this is our own check."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage
from tests.browser.shots import CAT, MOMENTS, THEMES

LEAST = 4.5
# Every visible text in an SVG with its colour and all that lies behind it: the backgrounds of what it stands in,
# from the page on, each with its own opacity.
TEXTS = """() => [...document.querySelectorAll("svg text")]
  .filter((text) => text.textContent.trim())
  .filter((text) => text.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .map((text) => {
    const behind = [];
    for (let box = text.closest("svg").parentElement; box; box = box.parentElement)
      behind.unshift(getComputedStyle(box).backgroundColor);
    const { fill, fillOpacity } = getComputedStyle(text);
    return { words: text.textContent, color: fill, opacity: Number(fillOpacity), behind };
  })"""
# A canvas knows what every notation of a colour means.
BLEND = """(layers) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  for (const [color, opacity] of layers) {
    canvas.globalAlpha = opacity;
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
  }
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""


def luminance(color: list[int]) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [part / 255 for part in color]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: list[int], other: list[int]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def faint(unroll: UnrollPage) -> tuple[int, list[str]]:
    """How many texts there are, and those of too little contrast."""
    texts: list[dict[str, Any]] = unroll.tab.evaluate(TEXTS)
    found = []
    for text in texts:
        paper = [[color, 1] for color in text["behind"]]
        below = unroll.tab.evaluate(BLEND, paper)
        above = unroll.tab.evaluate(BLEND, [*paper, [text["color"], text["opacity"]]])
        if contrast(below, above) < LEAST:
            found.append(f"{text['words']}: {contrast(below, above):.2f}")
    return len(texts), found


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_of_every_plot_stands_out_too(tabs: Tabs, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    unroll.open(CAT | {"larger": "yes"})
    for key in "345678m":
        unroll.press(key)
        unroll.settled()
        count, found = faint(unroll)
        assert count > 0
        assert found == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("picture", ["unrolled", "rolled", "cell"])
def test_every_text_of_a_picture_or_a_plot_stands_out_from_what_is_behind_it(
    tabs: Tabs, theme: str, picture: str
) -> None:
    unroll = tabs(color_scheme=theme)
    unroll.open(CAT | {"picture": picture})
    for place in MOMENTS.values():
        unroll.go(place)
        texts, unreadable = faint(unroll)
        assert texts > 5
        assert unreadable == []


def test_a_text_that_does_not_stand_out_is_found(unroll: UnrollPage) -> None:
    unroll.open(CAT)
    unroll.tab.evaluate("() => document.querySelector('.scrubber text').style.fill = '#b0b0b0'")
    assert [one.partition(":")[0] for one in faint(unroll)[1]] == ["forward"]
