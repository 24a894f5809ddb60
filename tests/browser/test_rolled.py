"""The rolled view: the network folded, its loop playing, its parameters counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import engine
from tests.browser.conftest import Tabs
from tests.browser.moments import moments
from tests.browser.page import UnrollPage, number
from tests.browser.shots import THEMES
from tests.browser.test_accessibility import violations
from tests.engine.typed_cells import own

ROLLED = {"picture": "rolled", "task": {"text": "abcab"}}
CELLS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "lstm": {"cell": "lstm"},
    "gru in two layers": {"cell": "gru", "layers": 2},
    "typed": {"cell": own("two states")},
}


@pytest.mark.parametrize("kind", CELLS)
def test_every_parameter_stands_once_and_every_state_has_a_loop(unroll: UnrollPage, kind: str) -> None:
    plan = engine.describe(engine.parse_spec(CELLS[kind] | {"task": ROLLED["task"]}))
    unroll.open(CELLS[kind] | ROLLED | {"at": "forward.2"})
    names = unroll.tab.locator("#rolled .cell-parameter").evaluate_all("all => all.map((one) => one.dataset.name)")
    assert sorted(names) == sorted(one["name"] for one in plan.parameters)
    states = sum(line["kind"] == "handover" for line in plan.equations["backward"])
    expect(unroll.tab.locator("#rolled .rolled-delay")).to_have_count(states * plan.sizes["L"])


def test_the_sentence_counts_the_numbers_and_how_often_they_are_used(unroll: UnrollPage) -> None:
    unroll.open({"cell": "rnn", "at": "forward.2"} | ROLLED)
    plan = engine.describe(engine.parse_spec({"cell": "rnn", "task": ROLLED["task"]}))
    total = sum(one["count"] for one in plan.parameters)
    sentence = unroll.tab.locator("#rolled .rolled-sentence")
    expect(sentence).to_contain_text(f"at each of the 4 steps: {total:,} numbers, used 4 times.")
    unroll.open({"cell": "rnn", "weights_shared": False, "at": "forward.2"} | ROLLED)
    expect(sentence).to_contain_text(f"4 times as many numbers, {4 * total:,}.")


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru in two layers"])
def test_the_norms_round_the_loops_are_the_engines(unroll: UnrollPage, kind: str) -> None:
    spec = CELLS[kind] | {"task": ROLLED["task"]}
    plan, trace = engine.describe(engine.parse_spec(spec)), engine.run(engine.parse_spec(spec))
    unroll.open(spec | ROLLED | {"by": "equation", "at": "loss"})
    for moment in [one for one in moments(plan) if one.phase == "backward"]:
        unroll.press("ArrowRight")
        unroll.frame()
        if moment.kind != "handover" or moment.t == 0 or moment.t is None:
            continue
        state = moment.target.removeprefix("grad.").removesuffix("_prev")
        sent = np.asarray(trace[f"grad.layer{moment.layer}.{state}.from_future"][moment.t - 1])
        told = [
            number(one.removeprefix("norm "))
            for one in unroll.tab.locator("#rolled .rolled-norm").evaluate_all("all => all.map((one) => one.title)")
        ]
        assert any(one == pytest.approx(float(np.linalg.norm(sent)), rel=1e-9) for one in told)
        expect(unroll.tab.locator("#rolled")).to_contain_text(f"to step {moment.t}")


def test_nothing_runs_backwards_on_the_way_forward_and_values_change_in_place(unroll: UnrollPage) -> None:
    unroll.open({"cell": "rnn", "at": "forward.1"} | ROLLED)
    places = set()
    for t in range(4):
        unroll.frame()
        strip = unroll.tab.locator("#rolled .rolled-strip").nth(1)
        expect(strip).to_have_attribute("data-t", str(t))
        places.add(str(strip.bounding_box()))
        expect(unroll.tab.locator("#rolled .rolled-gradient")).to_have_count(0)
        unroll.press("ArrowRight")
    assert len(places) == 1


def test_without_recurrence_there_is_no_loop_and_it_says_so(unroll: UnrollPage) -> None:
    unroll.open({"cell": "rnn", "recurrence": "none", "at": "forward.2"} | ROLLED)
    expect(unroll.tab.locator("#rolled .rolled-delay")).to_have_count(0)
    expect(unroll.tab.locator("#rolled")).to_contain_text("there is no loop")


def test_it_unrolls(unroll: UnrollPage) -> None:
    unroll.open({"cell": "rnn", "at": "forward.2"} | ROLLED)
    unroll.button("Unroll the 4 steps").click()
    expect(unroll.tab.locator("#rolled")).to_be_hidden()
    expect(unroll.stage).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_the_rolled_network(tabs: Tabs, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    for kind in CELLS:
        unroll.open(CELLS[kind] | ROLLED | {"at": "backward.2"})
        assert violations(unroll) == []
