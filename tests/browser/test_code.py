"""The code card: the line of every moment is marked and in view, and what is copied runs to the numbers of the pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import engine
from tests.browser.conftest import Tabs
from tests.browser.moments import Moment, moments
from tests.browser.page import UnrollPage
from tests.browser.test_stepping import OWN
from tests.engine.listings import assert_alike, executed, gradients

CELLS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn", "clip_norm": 0.01},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru", "layers": 2},
    "own": {"cell": {"name": "mine", "equations": OWN}, "layers": 2},
}
RUN: dict[str, dict[str, Any]] = CELLS | {
    "count": {"task": {"kind": "count", "batch": 3}, "optimizer": {"kind": "adam"}},
    "truncated": {"cell": "lstm", "algorithm": {"kind": "truncated", "k1": 3, "k2": 5}},
    "free": {"feedback": {"source": "output", "mode": "free"}, "task": {"kind": "sine"}},
    "untied": {"weights_shared": False, "initialization": {"kind": "orthogonal"}},
    "changed": {"overrides": [{"name": "layer0.W", "index": [1, 2], "value": 0.7}]},
}

ADDRESSES = {"changed": {"overrides": "layer0.W[1,2]:0.7"}}
"""How an address says what is not plain fields."""

# What is marked once all that has happened so far is drawn, and whether the first of it can be seen.
MARKED = """async () => {
  await new Promise(requestAnimationFrame);
  const box = document.querySelector("#code .listing").getBoundingClientRect();
  const rows = [...document.querySelectorAll("#code .row[aria-current]")];
  const first = rows[0]?.getBoundingClientRect();
  const seen = Boolean(first) && first.top >= box.top - 1 && first.top + 10 <= box.bottom;
  return { lines: rows.map((row) => row.textContent.replace(/\\n$/, "")), seen };
}"""
COPIED = "() => navigator.clipboard.readText()"


def mark(moment: Moment) -> str:
    target = "grad.o" if moment.kind == "output" else moment.target
    return f"{moment.phase}.{moment.kind}.{target}"


def copied(unroll: UnrollPage) -> str:
    unroll.button("Copy").click()
    expect(unroll.button("Copied")).to_be_visible()
    text: str = unroll.tab.evaluate(COPIED)
    return text


@pytest.mark.parametrize(("cell", "face"), [*((cell, "numpy") for cell in CELLS), ("lstm", "torch")])
def test_at_every_moment_of_a_pass_its_lines_are_marked_and_in_view(tabs: Tabs, cell: str, face: str) -> None:
    spec = CELLS[cell] | {"task": {"text": "abb"}}
    plan = engine.describe(engine.parse_spec(spec))
    unroll = tabs(reduced_motion="reduce")
    unroll.open(spec | {"by": "equation", "code": face})
    unroll.press("Home")
    for moment in moments(plan):
        shown = unroll.tab.evaluate(MARKED)
        assert shown["lines"] == [line["text"] for line in plan.code[face] if mark(moment) in line["marks"]]
        assert shown["seen"], moment
        unroll.press("ArrowRight")


@pytest.mark.parametrize("name", RUN)
def test_what_is_copied_runs_to_the_numbers_of_the_pass(tabs: Tabs, name: str) -> None:
    unroll = tabs(permissions=["clipboard-read", "clipboard-write"])
    unroll.open(RUN[name] | ADDRESSES.get(name, {}))
    plan = engine.describe(engine.parse_spec(RUN[name]))
    trace, scope = unroll.trace(RUN[name]), executed(copied(unroll))
    assert_alike(gradients(scope, plan), {slot.name: trace[f"grad.{slot.name}"] for slot in plan.slots})
    losses = np.asarray(scope["loss"]).reshape(trace["loss"].shape)
    if name not in ("count", "free"):  # there it also holds the losses of steps that do not count
        assert_alike({"loss": losses}, {"loss": trace["loss"]})


def test_what_is_copied_where_that_is_not_allowed_is_selected(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.tab.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    unroll.button("Copy").click()
    expect(unroll.button("Selected")).to_be_visible()
    selected: str = unroll.tab.evaluate("() => getSelection().toString()")
    assert executed(selected)["L"] == executed("".join(f"{line['text']}\n" for line in listing({})))["L"]


def listing(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return engine.describe(engine.parse_spec(spec)).code["numpy"]


def test_a_line_that_is_clicked_is_gone_to_at_its_next_moment(unroll: UnrollPage) -> None:
    unroll.open({"at": "backward.8", "by": "equation"})
    row = unroll.tab.locator("#code .row", has_text="W_share[t] = np.outer")
    row.click()
    assert unroll.shown().title == "Backward, step 8 of 10."
    assert unroll.shown().equation.startswith("grad.W +=")
    row.click()
    assert unroll.shown().title == "Backward, step 7 of 10."
    unroll.tab.locator("#code .row", has_text="h[t] = np.tanh").click()
    assert unroll.shown().title == "Forward, step 1 of 10."


def test_up_and_down_go_from_line_to_line(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.4", "by": "equation"})
    unroll.tab.get_by_role("group", name="NumPy program").focus()
    titles, lines = [], []
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown"):
        unroll.press(key)
        titles.append(unroll.shown().title)
        lines.append(unroll.tab.evaluate(MARKED)["lines"][-1].strip().partition(" = ")[0])
    assert lines == ["y_hat[t]", "o", "h[t]", "o"]
    assert set(titles) == {"Forward, step 4 of 10."}
    unroll.press("Home")
    unroll.press("ArrowUp")
    assert unroll.shown().place[0] == 1


def test_data_are_one_row_and_copied_in_full(tabs: Tabs) -> None:
    spec: dict[str, Any] = {"task": {"kind": "adding", "length": 40, "batch": 3}}
    unroll = tabs(permissions=["clipboard-read", "clipboard-write"])
    unroll.open(spec)
    heights = unroll.tab.locator("#code .row.data").evaluate_all("rows => rows.map((row) => row.offsetHeight)")
    plain = unroll.tab.locator("#code .row").first.evaluate("row => row.offsetHeight")
    assert heights
    assert set(heights) == {plain}
    assert copied(unroll) == "".join(f"{line['text']}\n" for line in listing(spec))
