"""Every kind of spec that a link can carry: its whole pass is walked, and nothing breaks."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

import engine
from tests.browser.conftest import Tabs
from tests.browser.moments import moments, title
from tests.browser.page import UnrollPage, number
from tests.browser.test_accessibility import violations
from tests.browser.test_layout import CUT

TEXT: dict[str, Any] = {"kind": "text", "text": "abbc"}
OWN = {"name": "mine", "equations": "h = tanh(U @ x + R @ y_prev + b)"}
FREE = {"source": "output", "mode": "free"}
LINKS: dict[str, dict[str, Any]] = {
    "irnn and adam": {"cell": "irnn", "task": TEXT, "optimizer": {"kind": "adam"}, "clip_norm": 0.1},
    "leaky and momentum": {"cell": "leaky", "task": TEXT, "optimizer": {"kind": "momentum"}, "loss_at": "last_step"},
    "mgu fed its predictions": {"cell": "mgu", "task": TEXT, "feedback": FREE},
    "peephole adding": {"cell": "lstm_peephole", "task": {"kind": "adding", "length": 4, "batch": 2}},
    "coupled in float32": {"cell": "lstm_coupled", "task": TEXT, "dtype": "float32"},
    "gru reset before": {"cell": "gru_reset_before", "task": {"kind": "count", "most": 2, "batch": 3}, "layers": 2},
    "own weights each step": {"task": TEXT, "weights_shared": False, "optimizer": {"kind": "rmsprop"}},
    "truncated and free": {"task": TEXT, "algorithm": {"kind": "truncated", "k1": 1, "k2": 2}, "feedback": FREE},
    "own cell that draws": {"cell": OWN, "layers": 2, "task": TEXT, "feedback": FREE | {"mode": "sampled"}},
    "no recurrence": {"task": TEXT, "recurrence": "none", "feedback": FREE | {"mode": "teacher"}},
    "scheduled sine": {
        "task": {"kind": "sine", "length": 4},
        "feedback": {"source": "output", "mode": "scheduled", "probability": 0.5},
    },
    "series without biases": {"task": {"kind": "series", "values": [1, 2, 4.5, -1]}, "bias": False},
    "free wobble": {"task": {"kind": "wobble", "length": 3}, "feedback": FREE},
    "spectral recall": {"task": {"kind": "recall", "gap": 2}, "initialization": {"kind": "spectral", "radius": 2}},
    "zeros": {"task": {"kind": "echo", "gap": 1, "length": 3}, "initialization": {"kind": "zeros"}},
}


@pytest.mark.parametrize("name", LINKS)
def test_every_moment_of_every_kind_of_pass_is_walked_with_nothing_amiss(unroll: UnrollPage, name: str) -> None:
    plan = engine.describe(engine.parse_spec(LINKS[name]))
    expected = moments(plan)
    unroll.open(LINKS[name] | {"by": "equation"})
    expect(unroll.notices).to_be_empty()
    unroll.press("Home")
    seen = unroll.walk("ArrowRight", len(expected) - 1)
    several = plan.sizes["B"] > 1
    titles = [re.sub(r", (sequence 1 of|all) \d+( sequences)?\.$", ".", one.title) for one in seen]
    assert titles == [title(one, plan) for one in expected]
    assert [one.title != told for one, told in zip(seen, titles, strict=True)] == [
        several and one.t is not None for one in expected
    ]
    wrong = [one.sentence for one in seen if re.search(r"NaN|undefined|null|\[object", one.sentence)]
    assert wrong == []


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)], ids=str)
@pytest.mark.parametrize("name", ["mgu fed its predictions", "peephole adding", "gru reset before", "scheduled sine"])
def test_no_text_of_any_kind_of_pass_is_cut_and_nothing_moves(tabs: Tabs, size: tuple[int, int], name: str) -> None:
    unroll = tabs(viewport={"width": size[0], "height": size[1]})
    unroll.open(LINKS[name] | {"by": "timestep"})
    unroll.press("Home")
    tops = set()
    for _ in range(unroll.shown().place[1]):
        assert unroll.tab.evaluate(CUT) == []
        tops.add(unroll.tab.locator("#equation").bounding_box()["y"])  # type: ignore[index]
        unroll.press("ArrowRight")
        unroll.frame()
    assert len(tops) == 1


@pytest.mark.parametrize("name", ["truncated and free", "own weights each step", "scheduled sine", "gru reset before"])
def test_axe_finds_nothing_in_any_kind_of_pass(unroll: UnrollPage, name: str) -> None:
    for place in ("forward.2", "backward.2", "update"):
        unroll.open(LINKS[name] | {"at": place})
        assert violations(unroll) == []


def test_a_link_carries_every_field_of_a_spec(unroll: UnrollPage) -> None:
    spec = {
        "cell": "lstm",
        "recurrence": "none",
        "weights_shared": False,
        "loss_at": "last_step",
        "feedback": {"source": "output", "mode": "scheduled", "probability": 0.25},
        "task": {"kind": "series", "values": [1, -2, 3.5, 4], "gap": 2},
        "algorithm": {"kind": "truncated", "k1": 2, "k2": 3},
        "optimizer": {"kind": "adam", "learning_rate": 0.01, "beta1": 0.5},
        "initialization": {"kind": "normal", "scale": 0.3, "forget_bias": 2},
    }
    unroll.open(spec)
    expect(unroll.header).to_contain_text("lstm, 8 tanh units, next of 4 numbers, measured every 2 steps, 3 steps")
    expect(unroll.header).to_contain_text("no recurrence, scheduled sampling, truncated 2, 3, loss at the last step")
    unroll.open(spec | {"at": "forward.3"})
    loss = unroll.trace(spec)["loss"][2, 0]
    assert any(number(one) == pytest.approx(loss, rel=1e-12) for one in unroll.shown().numbers)


def test_a_switch_that_is_neither_on_nor_off_is_refused(unroll: UnrollPage) -> None:
    unroll.open({"weights_shared": "perhaps"})
    expect(unroll.notices.get_by_role("alert")).to_contain_text("weights_shared must be true or false, got 'perhaps'")
