"""What is drawn is what was computed: the bars of the plot, the bands of the stage."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, expect

import engine
from tests.browser.page import UnrollPage, number

# The numbers Plotly was given; its arrays may be typed ones, whose gaps are NaN.
DRAWN = "(plot, [trace, axis]) => Array.from(plot.data[trace][axis], (row) => row?.length ? Array.from(row) : row)"
LSTM: dict[str, Any] = {"cell": "lstm", "task": {"text": "hello world"}}


def traced(spec: dict[str, Any]) -> engine.Trace:
    return engine.run(engine.parse_spec(spec))


def drawn(plot: Locator, trace: int, axis: str) -> npt.NDArray[np.float64]:
    return np.array(plot.evaluate(DRAWN, [trace, axis]), dtype=float)


def test_the_bars_are_the_norms_of_the_shares_and_the_line_that_of_their_sum(unroll: UnrollPage) -> None:
    trace, name = traced(LSTM), "layer0.W_forget"
    unroll.open(LSTM | {"at": "update", "weight": f"{name},1,2"})
    np.testing.assert_array_equal(drawn(unroll.bars, 0, "x"), np.arange(1, 11))
    np.testing.assert_allclose(drawn(unroll.bars, 0, "y"), trace[f"contribution_norm.{name}"], rtol=1e-12)
    sums = np.cumsum(trace.contribution(name)[::-1], axis=0)[::-1]
    np.testing.assert_allclose(drawn(unroll.bars, 1, "y"), np.linalg.norm(sums, axis=(1, 2)), rtol=1e-9)
    assert drawn(unroll.bars, 1, "y")[0] == pytest.approx(np.linalg.norm(trace[f"grad.{name}"]), rel=1e-9)


def test_shares_can_be_told_as_parts_of_the_whole(unroll: UnrollPage) -> None:
    trace, name = traced(LSTM), "layer0.W_forget"
    unroll.open(LSTM | {"at": "update", "weight": f"{name},1,2", "plot.shares.measure": "relative"})
    whole = np.linalg.norm(trace[f"grad.{name}"])
    np.testing.assert_allclose(drawn(unroll.bars, 0, "y"), trace[f"contribution_norm.{name}"] / whole, rtol=1e-9)
    assert drawn(unroll.bars, 1, "y")[0] == pytest.approx(1, rel=1e-9)
    expect(unroll.shares.locator("#shares .reading")).to_contain_text("parts of the whole gradient’s norm")


def test_a_bar_comes_with_its_step_and_not_before(unroll: UnrollPage) -> None:
    trace, name = traced(LSTM), "layer0.W_forget"
    unroll.open(LSTM | {"at": "loss", "weight": f"{name},1,2"})
    assert np.isnan(drawn(unroll.bars, 0, "y")).all()
    for t in reversed(range(10)):
        unroll.press("ArrowRight")
        unroll.frame()
        bars = drawn(unroll.bars, 0, "y")
        assert np.isnan(bars[: t + 1]).all()
        np.testing.assert_allclose(bars[t + 1 :], trace[f"contribution_norm.{name}"][t + 1 :], rtol=1e-12)


def test_the_log_axis_shows_the_same_norms(unroll: UnrollPage) -> None:
    unroll.open(LSTM | {"at": "update"})
    linear = drawn(unroll.bars, 0, "y")
    unroll.shares.get_by_label("log").check()
    unroll.frame()
    assert unroll.bars.evaluate("plot => plot.layout.yaxis.type") == "log"
    np.testing.assert_array_equal(drawn(unroll.bars, 0, "y"), linear)


def bands(plan: engine.Plan, trace: engine.Trace) -> npt.NDArray[np.float64]:
    """The stage's cells: a row a unit, a column a timestep, with gaps between quantities and steps."""
    T = plan.sizes["T"]
    rows: list[npt.NDArray[np.float64]] = []
    for row in plan.rows:
        values = np.asarray(trace[row["name"]][:, 0], dtype=float).T
        scale = 1 if row["bounds"] else max(1.0, float(np.abs(values).max()))
        strip = np.full((row["size"] + 1, 2 * T - 1), np.nan)
        strip[:-1, ::2] = np.clip(values / scale, -1, 1)
        rows.append(strip)
    return np.concatenate(rows)[:-1]


@pytest.mark.parametrize("spec", [{}, LSTM, {"cell": "gru", "layers": 2, "task": {"text": "naïve 🦊"}}])
def test_every_band_of_the_stage_is_the_value_of_its_unit(unroll: UnrollPage, spec: dict[str, Any]) -> None:
    parsed = engine.parse_spec(spec)
    unroll.open(spec | {"at": "update"})
    expected = bands(engine.describe(parsed), engine.run(parsed))
    np.testing.assert_allclose(drawn(unroll.map, 0, "z"), expected, rtol=1e-6, atol=1e-7)


def test_the_stage_shows_no_value_before_it_is_computed(unroll: UnrollPage) -> None:
    parsed = engine.parse_spec(LSTM)
    plan = engine.describe(parsed)
    expected = bands(plan, engine.run(parsed))
    unroll.open(LSTM | {"at": "forward.4"})
    # What is read is there from the start; all else ends with the fourth step.
    expected[: -plan.sizes["I"], 2 * 4 :] = np.nan
    np.testing.assert_allclose(drawn(unroll.map, 0, "z"), expected, rtol=1e-6, atol=1e-7)


def point_at(unroll: UnrollPage, plan: engine.Plan, name: str, unit: int, t: int) -> None:
    """Move the pointer onto one band of the stage, by the edges it is drawn with."""
    box = unroll.map.bounding_box()
    assert box is not None
    names = [row["name"] for row in plan.rows]
    above = sum(row["size"] + 1 for row in plan.rows[: names.index(name)])
    edges = [drawn(unroll.map, 0, axis) for axis in ("x", "y")]
    x, y = (float(edge[at] + edge[at + 1]) / 2 for edge, at in zip(edges, (2 * t, above + unit), strict=True))
    unroll.tab.mouse.move(box["x"] + x, box["y"] + y)


@pytest.mark.parametrize(
    ("name", "unit", "t", "what"),
    [("y_hat", 0, 2, "prediction “␣”, step 3"), ("layer0.h", 2, 4, "hidden state, unit 3, step 5")],
)
def test_a_band_under_the_pointer_tells_what_it_is_and_its_value_in_full(
    unroll: UnrollPage, name: str, unit: int, t: int, what: str
) -> None:
    unroll.open({"at": "update"})
    unroll.press("k")  # The workings lie over a part of the bands.
    point_at(unroll, engine.describe(engine.parse_spec({})), name, unit, t)
    tip = unroll.tab.locator(".stage-hover")
    expect(tip).to_contain_text(what)
    exact = tip.locator(".exact").inner_text()
    assert number(exact) == traced({})[name][t, 0, unit]


def test_a_band_tells_nothing_before_it_is_computed(unroll: UnrollPage) -> None:
    plan = engine.describe(engine.parse_spec({}))
    unroll.open({"at": "forward.4"})
    tip = unroll.tab.locator(".stage-hover")
    for t in (3, 4):
        point_at(unroll, plan, "layer0.h", 0, t)
        expect(tip).to_be_visible(visible=t == 3)
