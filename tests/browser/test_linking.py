"""A plot and the rest of the page point at the same thing: what is under the pointer lights up wherever it stands."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.page import UnrollPage
from tests.browser.plot import done, given, opened, pixel

LSTM: dict[str, Any] = {"cell": "lstm", "task": {"text": "hello world"}}


def middle(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def point(unroll: UnrollPage, x: float, y: float) -> None:
    unroll.tab.mouse.move(*pixel(unroll.graph, x, y))
    unroll.frame()


@pytest.mark.parametrize(
    ("plot", "x", "y", "row"),
    [
        ("states", 3, 2, "layer0.h"),
        ("triangle", 3, 7, "layer0.h"),
        ("signal", 3, 0, "layer0.h"),
        ("inputs", 3, 0.001, "x"),
    ],
)
def test_what_is_pointed_at_in_a_plot_is_lit_on_the_stage(
    unroll: UnrollPage, plot: str, x: float, y: float, row: str
) -> None:
    opened(unroll, plot, LSTM, at="backward.8")
    point(unroll, x, y)
    lit, mark = unroll.stage.locator("rect.lit"), unroll.tab.locator("#plot .plot-mark")
    expect(lit).to_have_count(1)
    expect(mark).to_be_visible()
    left, _ = middle(mark)
    assert left == pytest.approx(pixel(unroll.graph, x, y)[0], abs=2)
    way = unroll.tab.locator("svg.reach path")
    expect(way).to_have_count(1 if plot in ("triangle", "inputs") else 0)
    at, _ = middle(lit)
    if plot in ("triangle", "inputs"):
        end = unroll.tab.locator("svg.reach circle")
        assert middle(end)[0] == pytest.approx(at, abs=2)
    unroll.tab.mouse.click(*pixel(unroll.graph, x, y))
    assert "step 3 of" in unroll.shown().title
    now = unroll.tab.locator("#plot .plot-now")
    expect(now).to_be_visible()
    if plot != "inputs":  # whose frame is round the loss that is asked about
        assert middle(now)[0] == pytest.approx(left, abs=2)
    unroll.press("4" if plot != "triangle" else "3")
    unroll.frame()
    done(unroll)
    expect(lit).to_have_count(0)
    expect(way).to_have_count(0)
    expect(mark).to_be_hidden()


@pytest.mark.parametrize("plot", ["states", "triangle", "signal", "trajectory"])
def test_the_frame_is_at_the_step_of_the_moment(unroll: UnrollPage, plot: str) -> None:
    opened(unroll, plot, LSTM, at="backward.6")
    now, places = unroll.tab.locator("#plot .plot-now"), []
    for _ in range(3):
        unroll.frame()
        places.append(middle(now))
        unroll.press("Shift+ArrowRight")
        unroll.frame()
    if plot == "trajectory":
        x, y = given(unroll.graph, 0, "x"), given(unroll.graph, 0, "y")
        assert places == [pytest.approx(pixel(unroll.graph, x[t], y[t]), abs=2) for t in (5, 4, 3)]
    else:
        expected = [pixel(unroll.graph, step, 1)[0] for step in (6, 5, 4)]
        assert [left for left, _ in places] == [pytest.approx(one, abs=2) for one in expected]


@pytest.mark.parametrize(("plot", "whole"), [("states", False), ("triangle", True), ("signal", True)])
def test_a_band_under_the_pointer_is_marked_in_the_plot(unroll: UnrollPage, plot: str, whole: bool) -> None:
    # Two units are high enough to be lit one by one.
    opened(unroll, "states", {"hidden_size": 2}, at="backward.8")
    point(unroll, 3, 2)
    band = middle(unroll.stage.locator("rect.lit"))
    unroll.press({"states": "3", "triangle": "4", "signal": "5"}[plot])
    done(unroll)
    unroll.tab.mouse.move(*band)
    mark = unroll.tab.locator("#plot .plot-mark")
    expect(mark).to_be_visible()
    left, top = middle(mark)
    assert left == pytest.approx(pixel(unroll.graph, 3, 2)[0], abs=2)
    if not whole:
        assert top == pytest.approx(pixel(unroll.graph, 3, 2)[1], abs=2)
    unroll.tab.locator("#header").hover()
    expect(mark).to_be_hidden()


MADE = {"by": "equation", "at": "forward.6", "kind": "line", "line": "h", "layer": 0}


@pytest.mark.parametrize(
    ("plot", "at", "symbol"),
    [
        ("states", MADE, "layer0.h"),
        ("triangle", {"at": "backward.6"}, "grad.layer0.h"),
        ("signal", {"at": "backward.6"}, "grad.layer0.h"),
    ],
)
def test_a_symbol_under_the_pointer_is_marked_in_the_plot(
    unroll: UnrollPage, plot: str, at: dict[str, Any], symbol: str
) -> None:
    unroll.open({"plots": plot} | at)
    done(unroll)
    mark = unroll.tab.locator("#plot .plot-mark")
    expect(mark).to_be_hidden()
    unroll.equation.locator(f".equation [data-name='{symbol}']").first.hover()
    expect(mark).to_be_visible()
    assert middle(mark)[0] == pytest.approx(pixel(unroll.graph, 6, 1)[0], abs=2)
    unroll.tab.locator("#header").hover()
    expect(mark).to_be_hidden()
