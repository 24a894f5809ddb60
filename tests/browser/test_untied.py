"""Without shared weights every step has its own, and the page never adds what is not added."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.page import UnrollPage, number
from tests.browser.test_stage import PIXELS

SPEC: dict[str, Any] = {"weights_shared": False}
NAME = "layer0.W"
CHOSEN = SPEC | {"plots": "weight", "weight": f"{NAME},1,2"}


def test_the_weight_is_that_of_the_step_at_the_playhead_and_so_is_its_gradient(unroll: UnrollPage) -> None:
    trace = unroll.trace(SPEC)
    unroll.open(CHOSEN | {"at": "backward.4"})
    assert trace[NAME].shape[0] == len(trace["loss"])
    expect(unroll.weight).to_contain_text("step 4")
    expect(unroll.weight).to_contain_text("Its gradient comes with the way back.")
    unroll.open(CHOSEN | {"by": "equation", "at": "backward.4", "kind": "share", "line": "grad.W", "layer": 0})
    outcome = unroll.titles(unroll.weight.locator(".outcome"))[0]
    assert outcome == pytest.approx([trace[f"grad.{NAME}"][3, 1, 2]], rel=1e-12)
    assert "W of step 4 takes its gradient" in unroll.shown().sentence
    fills = unroll.weight.locator(".matrix rect:not(.entry)").evaluate_all(
        "all => all.map(one => one.attributes.fill.value)"
    )
    unroll.open(CHOSEN | {"at": "backward.5"})
    other = unroll.weight.locator(".matrix rect:not(.entry)").evaluate_all(
        "all => all.map(one => one.attributes.fill.value)"
    )
    assert fills != other


def test_the_recurrent_matrix_of_each_step_stands_on_the_way_to_it(unroll: UnrollPage) -> None:
    trace = unroll.trace(SPEC)
    unroll.open(SPEC | {"at": "backward.4"})
    own = unroll.tab.locator(".own")
    assert own.evaluate_all("all => all.map((one) => Number(one.dataset.t))") == list(range(2, 11))
    assert len(set(own.locator("image").evaluate_all("all => all.map((one) => one.href.baseVal)"))) == 9
    height, width, *pixels = own.nth(4).locator("image").evaluate(PIXELS)
    weights = trace[NAME][5]
    red, _, blue, _ = np.array(pixels).reshape(height, width, 4).transpose(2, 0, 1)
    clear = np.abs(weights) > 0.1 * np.abs(weights).max()
    np.testing.assert_array_equal((blue > red)[clear], (weights > 0)[clear])
    unroll.open(SPEC | {"copies": NAME})
    expect(own).to_have_count(0)
    unroll.open()
    expect(own).to_have_count(0)


def test_of_several_recurrent_matrices_the_chosen_one_is_shown(unroll: UnrollPage) -> None:
    gru = SPEC | {"cell": "gru", "layers": 2, "weight": "layer1.W_reset,1,1"}
    unroll.open(gru)
    names = unroll.tab.locator(".own").evaluate_all("all => all.map((one) => one.dataset.name)")
    assert names == ["layer0.W_update"] * 9 + ["layer1.W_reset"] * 9


def test_the_shares_stand_alone_and_no_sum_is_drawn(unroll: UnrollPage) -> None:
    trace = unroll.trace(SPEC)
    unroll.open(CHOSEN | {"plots": "shares", "at": "sum"})
    bars, line = (unroll.bars.evaluate("(plot, i) => Array.from(plot.data[i].y)", i) for i in (0, 1))
    norms = np.linalg.norm(trace[f"grad.{NAME}"].reshape(10, -1), axis=1)
    np.testing.assert_allclose(bars, norms, rtol=1e-12)
    assert line == [None] * 10
    expect(unroll.shares).to_contain_text("nothing is added up")
    unroll.show("One weight")
    expect(unroll.weight).not_to_contain_text("add up")
    shown = unroll.shown()
    assert "no shares are added up" in shown.sentence
    assert [number(one) for one in shown.numbers] == pytest.approx([norms[0]], rel=1e-12, abs=0)


def test_the_update_is_that_of_one_steps_weight(unroll: UnrollPage) -> None:
    trace = unroll.trace(SPEC)
    unroll.open(SPEC | {"at": "update", "plots": "weight", "weight": "layer0.U,1,3"})
    numbers = [trace[f"{part}layer0.U"][0, 1, 3] for part in ("", "grad.", "updated.")]
    assert [number(one) for one in unroll.shown().numbers] == numbers
    assert unroll.titles(unroll.weight.locator(".outcome")) == [numbers]
    rows = unroll.titles(unroll.equation.get_by_role("row"))[1:]
    parameters = ["layer0.U", "layer0.W", "layer0.b", "V", "c"]
    assert [row[0] for row in rows] == pytest.approx([np.linalg.norm(trace[name][0]) for name in parameters], rel=1e-12)


def test_the_header_counts_the_parameters_of_every_step(unroll: UnrollPage) -> None:
    trace = unroll.trace(SPEC)
    unroll.open(SPEC)
    count = sum(trace[name].size for name in ("layer0.U", "layer0.W", "layer0.b", "V", "c"))
    expect(unroll.header).to_contain_text(f"{count:,} parameters, each step its own")
