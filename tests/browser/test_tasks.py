"""What the page says of every task: what is asked when, of which sequence, in symbols or in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.page import UnrollPage, number

SAME = 1e-12
KINDS: dict[str, dict[str, Any]] = {
    "text": {"text": "hello"},
    "zen": {"length": 8},
    "echo": {"gap": 3, "length": 4},
    "recall": {"gap": 4},
    "copy": {"gap": 2, "length": 2},
    "adding": {"length": 6},
    "parity": {"length": 5},
    "count": {"most": 4},
    "reber": {"gap": 5},
    "sine": {"gap": 2, "length": 5},
    "wobble": {"gap": 2, "length": 5},
    "series": {"gap": 2, "values": [1, 2, 3, 4, 3, 2]},
}
WORDS = {
    "text": "next character of “hello”, 4 steps",
    "zen": "next character of the Zen of Python, 7 steps",
    "echo": "echo what came 3 steps ago, 7 steps",
    "recall": "recall the first symbol past 4 distractors, 6 steps",
    "copy": "copy 2 symbols past 2 blanks, 6 steps",
    "adding": "add the two marked of 6 numbers, 6 steps",
    "parity": "odd or even: the parity of the bits so far, 5 steps",
    "count": "next symbol of aⁿbⁿ, n up to 4, 9 steps",
    "reber": "next symbol of a Reber string, 5 inside, 8 steps",
    "sine": "next value of a sine of period 12, measured every 2 steps, 7 steps",
    "wobble": "where the Earth’s pole is in 20 days, measured every 2 steps, 7 steps",
    "series": "next of 6 numbers, measured every 2 steps, 5 steps",
}
REAL = ["adding", "sine", "wobble", "series"]
COUNT: dict[str, Any] = {"task": {"kind": "count", "most": 4, "batch": 3}}


def of(kind: str) -> dict[str, Any]:
    return {"task": {"kind": kind} | KINDS[kind]}


def sentences(unroll: UnrollPage, spec: dict[str, Any], steps: int) -> list[str]:
    """What the now line says at every step forward."""
    unroll.open(spec | {"at": "forward.1"})
    return [" ".join(one.sentence.split()) for one in unroll.walk("ArrowRight", steps - 1)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_of_which_nothing_is_asked_says_that_it_has_no_target_and_no_loss(unroll: UnrollPage, kind: str) -> None:
    trace = unroll.trace(of(kind))
    steps = len(trace["loss"])
    counted = trace.get("counted", np.ones((steps, 1)))[:, 0] != 0
    there = np.arange(steps) < trace.get("lengths", np.array([steps]))[0]
    told = sentences(unroll, of(kind), steps)
    for t, sentence in enumerate(told):
        assert ("this step is padding" in sentence) == (not there[t])
        assert ("no target and no loss" in sentence) == (there[t] and not counted[t])
        assert ("The loss is" in sentence) == (there[t] and counted[t])
    expect(unroll.header).to_contain_text(WORDS[kind])
    none = unroll.tab.locator(".true-symbol .none")
    expect(none).to_have_count(int((there & ~counted).sum()))


def test_a_step_that_reads_and_predicts_zero_has_no_target_where_none_is_asked(unroll: UnrollPage) -> None:
    """Dead units predict 0, which is also what stands where there is no target."""
    spec: dict[str, Any] = {"cell": "irnn", "task": {"kind": "sine"}}
    trace = unroll.trace(spec)
    assert trace["y_hat"][0, 0, 0] == trace["y"][0, 0, 0] == 0
    assert "no target" in sentences(unroll, spec, 1)[0]


@pytest.mark.parametrize("kind", REAL)
def test_real_inputs_and_targets_are_told_as_numbers(unroll: UnrollPage, kind: str) -> None:
    trace = unroll.trace(of(kind))
    last = len(trace["loss"]) - 1
    unroll.open(of(kind) | {"at": f"forward.{last + 1}"})
    numbers = [*trace["x"][last, 0], *trace["y_hat"][last, 0], *trace["y"][last, 0], trace["loss"][last, 0]]
    assert [number(one) for one in unroll.shown().numbers] == pytest.approx(numbers, rel=SAME)
    rows = unroll.titles(unroll.equation.get_by_role("row"))[1:]
    assert [row[0] for row in rows] == pytest.approx(numbers[-3:], rel=SAME)
    over, under = (unroll.tab.locator(f".{name}-symbol [title]") for name in ("true", "read"))
    assert number(over.last.get_attribute("title") or "") == trace["y"][last, 0, 0]
    told = [number(one) for one in (under.last.get_attribute("title") or "").split(", ")]
    assert told == list(trace["x"][last, 0])


@pytest.mark.parametrize("spec", [of("sine"), of("adding"), COUNT, COUNT | {"loss_at": "last_step"}], ids=str)
def test_the_gradient_at_the_outputs_is_divided_by_as_many_losses_as_count(
    unroll: UnrollPage, spec: dict[str, Any]
) -> None:
    trace = unroll.trace(spec)
    counted = trace.get("counted", np.ones(trace["loss"].shape)) != 0
    if "lengths" in trace:
        counted &= np.arange(len(counted))[:, None] < trace["lengths"]
    wanted = counted.shape[1] if "loss_at" in spec else int(counted.sum())
    unroll.open(spec | {"at": "loss"})
    shown = unroll.shown()
    assert f"divided by the {wanted} that count" in shown.sentence
    largest = np.linalg.norm(trace["grad.o"].reshape(len(counted), -1), axis=1).max()
    assert [number(one) for one in shown.numbers] == pytest.approx([largest], rel=SAME)


def test_only_the_last_loss_counts_where_the_spec_says_so(unroll: UnrollPage) -> None:
    spec = {"task": {"kind": "text", "text": "hello"}, "loss_at": "last_step"}
    told = sentences(unroll, spec, 4)
    assert ["It does not count" in sentence for sentence in told] == [True, True, True, False]
    unroll.open(spec | {"at": "backward.2"})
    assert "Step 2 has no loss that counts: the gradient of h2 is only what step 3" in unroll.shown().sentence


def test_of_several_sequences_the_first_is_shown_and_said_to_be(unroll: UnrollPage) -> None:
    trace = unroll.trace(COUNT)
    unroll.open(COUNT | {"at": "forward.2"})
    shown = unroll.shown()
    assert shown.title == "Forward, step 2 of 9, sequence 1 of 3."
    assert number(shown.numbers[-1]) == trace["loss"][1, 0]
    expect(unroll.tab.locator("#equation-tools .of-what")).to_have_text("sequence 1 of 3")
    expect(unroll.tab.locator(".window")).to_have_text("sequence 1 of 3")
    expect(unroll.header).to_contain_text("9 steps, 3 sequences")


def test_norms_and_shares_are_of_all_sequences_together(unroll: UnrollPage) -> None:
    spec = COUNT | {"plots": "weight", "weight": "layer0.W,1,2"}
    trace = unroll.trace(COUNT)
    unroll.open(spec | {"at": "backward.3"})
    shown = unroll.shown()
    assert shown.title == "Backward, step 3 of 9, all 3 sequences."
    above, future = (trace[f"grad.layer0.h.from_{source}"][2] for source in ("above", "future"))
    expected = [np.linalg.norm(one) for one in (above, future, above + future)]
    assert [number(one) for one in shown.numbers] == pytest.approx(expected, rel=SAME)
    unroll.go("sum")
    assert "each summed over 3 sequences, add up" in " ".join(unroll.shown().sentence.split())
    rows = unroll.titles(unroll.weight.locator("tbody tr"))[::-1]
    delta, z = trace["factor.layer0.W.delta"][..., 1], trace["factor.layer0.W.z"][..., 2]
    assert [row[-1] for row in rows] == pytest.approx((delta * z).sum(axis=1), rel=SAME)
    assert [row[:2] for row in rows] == [list(pair) for pair in zip(delta[:, 0], z[:, 0], strict=True)]
    assert sum(row[-1] for row in rows) == pytest.approx(trace["grad.layer0.W"][1, 2], rel=1e-9)
