"""The Numbers card: what it multiplies, what that adds up to, and that it is what the engine has."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Route, expect

import engine
from engine.gradcheck import check
from tests.browser.conftest import Tabs
from tests.browser.ledger import SAME, Line, check_lines, ledger, unfold
from tests.browser.moments import Moment, moments
from tests.browser.page import UnrollPage, number
from tests.browser.test_accessibility import violations
from tests.browser.witness import Witness

UNIT = 2
ROW, COLUMN = 2, 1
PINNED = {"by": "equation", "meaning": "numbers", "unit": UNIT + 1}
NESTED = """z = sigmoid(A @ x + B @ h_prev + d)
h = z * tanh(U @ x + W @ tanh(Q @ (z * h_prev) + p)) + (1 - z) * h_prev * s"""
SPECS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn", "task": {"text": "abcab"}},
    "lstm": {"cell": "lstm", "task": {"text": "abca"}},
    "gru in two layers": {"cell": "gru", "layers": 2, "task": {"text": "abc"}},
    "a typed cell with nested parts": {
        "cell": {"name": "nested", "equations": NESTED},
        "task": {"text": "abca"},
    },
    "an untied cell that is clipped": {
        "cell": "mgu",
        "weights_shared": False,
        "clip_norm": 0.05,
        "optimizer": {"kind": "adam"},
        "task": {"text": "abc"},
    },
    "real numbers and predictions fed back": {
        "cell": "rnn",
        "hidden_size": 3,
        "feedback": {"source": "output", "mode": "free"},
        "task": {"kind": "series", "values": [0.1, 0.5, -0.3, 0.2]},
    },
}


def traced(spec: dict[str, Any]) -> engine.Trace:
    return engine.run(engine.parse_spec(spec))


def marked(trace: engine.Trace, plan: engine.Plan, t: int) -> int:
    """Whose number of an output is written out: the true symbol's, or the pinned unit's."""
    return int(trace["y"][t, 0]) if plan.columns["alphabet"] else min(UNIT, plan.sizes["O"] - 1)


def expected(trace: engine.Trace, plan: engine.Plan, moment: Moment, weight: tuple[str, tuple[int, ...]]) -> float:
    """The number that the moment makes, as the trace has it."""
    name, entry = weight
    if moment.kind in ("sum", "update"):
        return float(trace[f"{'grad.' if moment.kind == 'sum' else 'updated.'}{name}"][entry])
    if moment.kind == "output":
        free = plan.spec.feedback.mode == "free" and plan.spec.feedback.source == "output"
        gradients = trace["grad.o.from_loss" if free else "grad.o"]
        worst = int(np.linalg.norm(gradients[:, 0], axis=1).argmax())
        return float(gradients[worst, 0, marked(trace, plan, worst)])
    assert moment.t is not None
    if moment.layer is None:
        values = trace[moment.target][moment.t, 0]
        return float(values if moment.target == "loss" else values[marked(trace, plan, moment.t)])
    if moment.kind == "below":
        return float(trace[f"grad.layer{moment.layer - 1}.h.from_above"][moment.t, 0, UNIT])
    local = moment.target.removeprefix("grad.")
    prefix = f"layer{moment.layer}." if moment.phase == "forward" else f"grad.layer{moment.layer}."
    if moment.kind != "handover":
        return float(trace[prefix + local][moment.t, 0, UNIT])
    state = prefix + local.removesuffix("_prev")
    if moment.t == 0:
        return float(trace[f"{state}.initial"][0, UNIT])
    return float(trace[f"{state}.from_future"][moment.t - 1, 0, UNIT])


def pinned(plan: engine.Plan, name: str) -> tuple[str, tuple[int, ...]]:
    """The pinned weight in an array: the first step's own where every step has its own."""
    own = () if plan.spec.weights_shared else (0,)
    return name, (*own, ROW, COLUMN)


def check_share(trace: engine.Trace, moment: Moment, shown: Line, words: str) -> None:
    """The share is the trace's for the entry that the card says it is of."""
    name = f"layer{moment.layer}.{moment.target.removeprefix('grad.')}"
    place = re.match(r"[^\[]*\[([\d,]+)\]", words)
    assert place is not None
    entry = tuple(int(one) - 1 for one in place[1].split(","))
    assert moment.t is not None
    assert shown.sum == pytest.approx(trace.contribution(name)[(moment.t, *entry)], rel=SAME)


def check_moment(value: float, moment: Moment, results: list[Line]) -> None:
    """The last result is the engine's number, and is said to be; of a step without a target there is none."""
    if moment.kind == "loss" and value == 0:
        assert results == []
        return
    assert results[-1].sum == pytest.approx(value, rel=SAME, abs=SAME * SAME), moment
    assert results[-1].same, moment


@pytest.mark.parametrize("kind", SPECS)
def test_every_moment_multiplies_adds_up_and_comes_to_the_engines_number(unroll: UnrollPage, kind: str) -> None:
    spec = SPECS[kind]
    trace, plan = traced(spec), engine.describe(engine.parse_spec(spec))
    weight = pinned(plan, next(one["name"] for one in plan.parameters if one["name"].startswith("layer0.U")))
    unroll.open(spec | PINNED | {"at": "forward.1", "weight": f"{weight[0]},{ROW},{COLUMN}"})
    unroll.press("Home")
    for moment in moments(plan):
        unfold(unroll)
        results = check_lines(ledger(unroll))
        if moment.kind == "share":
            check_share(trace, moment, results[-1], unroll.tab.locator("#numbers-tools .of-what").inner_text())
        elif moment.kind != "clip":
            check_moment(expected(trace, plan, moment, weight), moment, results)
        unroll.press("ArrowRight")


def test_the_bias_is_told_by_its_name_and_the_slope_beside_the_activation(unroll: UnrollPage) -> None:
    spec = SPECS["lstm"]
    trace = traced(spec)
    unroll.open(spec | PINNED | {"at": "forward.3", "kind": "line", "line": "forget_gate"})
    lines = ledger(unroll)
    assert [one.sum for one in lines if one.words == f"b_forget[{UNIT + 1}]"] == [trace["layer0.b_forget"][UNIT]]
    value = trace["layer0.forget_gate"][2, 0, UNIT]
    assert [one.product for one in lines if one.kind == "aside"] == pytest.approx([value * (1 - value)], rel=SAME)


def test_products_with_zero_are_counted_not_listed(unroll: UnrollPage) -> None:
    unroll.open(SPECS["rnn"] | PINNED | {"at": "forward.2", "kind": "line", "line": "a"})
    head, product, *_ = ledger(unroll)
    assert "2 products with 0" in head.name
    assert (product.right, product.product) == (1, head.sum)
    assert "“b”" in product.name


def test_a_long_sum_folds_with_its_count_and_what_is_in_it(unroll: UnrollPage) -> None:
    spec: dict[str, Any] = {"hidden_size": 32, "task": {"text": "hello"}}
    trace = traced(spec)
    products = trace["layer0.W"][UNIT] * trace["layer0.h"][1, 0]
    largest = sorted(np.argsort(-np.abs(products))[:8])
    unroll.open(spec | PINNED | {"at": "forward.3", "kind": "line", "line": "a"})

    def of_matrix() -> list[Line]:
        lines = ledger(unroll)
        first = next(i for i, one in enumerate(lines) if one.words.startswith("W["))
        return [one for one in lines[first + 1 :] if "under" in one.kind]

    assert [one.product for one in of_matrix()] == pytest.approx(products[largest], rel=SAME)
    fold = unroll.button("+ 24 more, together")
    rest = number(str(fold.locator("xpath=ancestor::tr").locator(".product").get_attribute("title")))
    assert rest == pytest.approx(products.sum() - products[largest].sum(), rel=SAME)
    fold.click()
    assert [one.product for one in of_matrix()] == pytest.approx(products, rel=SAME)
    unroll.press("ArrowRight", times=5)
    assert len(of_matrix()) == 32


def test_a_merge_of_several_products_opens_each_where_it_is_asked_for(unroll: UnrollPage) -> None:
    spec = SPECS["lstm"]
    trace = traced(spec)
    unroll.open(spec | PINNED | {"at": "backward.2", "kind": "merge", "line": "grad.h"})
    weights = trace["layer0.W_forget"][:, UNIT] * trace["grad.layer0.forget_gate.a"][2, 0]
    row = unroll.tab.locator(".ledger tr", has_text="W_forget[j,")
    assert number(str(row.locator(".sum").get_attribute("title"))) == pytest.approx(weights.sum(), rel=SAME)
    row.get_by_role("button", name="8 products").click()
    lines = ledger(unroll)
    first = next(i for i, one in enumerate(lines) if one.words.startswith("W_forget"))
    assert [one.product for one in lines[first + 1 : first + 9]] == pytest.approx(weights, rel=SAME)


def test_what_is_cut_is_told_and_not_added(unroll: UnrollPage) -> None:
    spec = SPECS["rnn"] | {"algorithm": {"kind": "truncated", "k1": 1, "k2": 2}}
    trace, whole = traced(spec), traced(SPECS["rnn"])
    unroll.open(spec | PINNED | {"at": "backward.3", "kind": "handover", "line": "grad.h_prev"})
    sent = [one for one in ledger(unroll) if one.kind == "aside"]
    assert [one.sum for one in sent] == [trace["grad.layer0.h.from_future"][1, 0, UNIT]]
    assert sent[0].name == "sent to step 2, less what is cut"
    assert sent[0].sum != pytest.approx(whole["grad.layer0.h.from_future"][1, 0, UNIT])
    unroll.open(spec | PINNED | {"at": "sum", "weight": f"layer0.W,{ROW},{COLUMN}"})
    shares = [one.sum for one in ledger(unroll)[:-1]]
    assert shares == pytest.approx(trace.contribution("layer0.W")[:, ROW, COLUMN], rel=SAME)


def test_of_a_batch_every_sequence_gives_to_a_share_and_the_rest_is_told_of_the_first(unroll: UnrollPage) -> None:
    spec: dict[str, Any] = {"task": {"kind": "recall", "gap": 2, "batch": 3}}
    factors = traced(spec).factors("layer0.W")
    assert factors.z is not None
    products = factors.delta[2, :, ROW] * factors.z[2, :, COLUMN]
    pin = {"weight": f"layer0.W,{ROW},{COLUMN}"}
    unroll.open(spec | PINNED | pin | {"at": "backward.3", "kind": "share", "line": "grad.W"})
    head, *lines = ledger(unroll)
    assert [one.name for one in lines[:3]] == ["sequence 1", "sequence 2", "sequence 3"]
    assert [one.product for one in lines[:3]] == pytest.approx(products, rel=SAME)
    assert head.sum == pytest.approx(products.sum(), rel=SAME)
    unroll.open(spec | PINNED | {"at": "forward.3", "kind": "line", "line": "h"})
    expect(unroll.tab.locator("#numbers-tools")).to_contain_text("unit 3, sequence 1 of 3")


def test_without_recurrence_nothing_is_said_to_be_handed_back(unroll: UnrollPage) -> None:
    place = {"at": "backward.2", "kind": "handover", "line": "grad.h_prev"}
    unroll.open(SPECS["rnn"] | PINNED | {"recurrence": "none"} | place)
    [only] = ledger(unroll)
    assert only.name == "Step 2 was given no state, so it hands nothing back."


def test_a_click_and_the_keys_copy_numbers_in_full(tabs: Tabs) -> None:
    unroll = tabs(permissions=["clipboard-read", "clipboard-write"])
    trace = traced(SPECS["rnn"])
    unroll.open(SPECS["rnn"] | PINNED | {"at": "forward.3", "kind": "line", "line": "a"})

    def copied() -> str:
        return str(unroll.tab.evaluate("() => navigator.clipboard.readText()"))

    bias = unroll.tab.locator(".ledger tr", has_text=f"b[{UNIT + 1}]").locator(".sum")
    bias.click()
    exact_bias = repr(float(trace["layer0.b"][UNIT])).removesuffix(".0")
    expect(unroll.tab.get_by_role("status")).to_have_text(f"copied {exact_bias}")
    assert copied() == exact_bias
    stops = unroll.tab.locator(".ledger tr[tabindex='0']")
    expect(stops).to_have_count(1)
    unroll.tab.locator(".ledger tr").first.focus()
    unroll.press("ArrowDown")
    weight = float(trace["layer0.U"][UNIT, 2])
    unroll.press("Enter")
    expect(unroll.tab.get_by_role("status")).to_have_text(f"copied {weight!r}")
    unroll.press("Control+c")
    expect(unroll.tab.get_by_role("status")).to_contain_text("×")
    assert copied() == f"{weight!r} × 1 = {weight!r}"


def test_a_row_lights_where_its_number_stands(unroll: UnrollPage) -> None:
    unroll.open(SPECS["rnn"] | PINNED | {"at": "forward.3", "kind": "line", "line": "a"})
    expect(unroll.tab.locator(".stage-lines rect.lit")).to_have_count(0)
    unroll.tab.locator(".ledger tr.under").nth(2).locator("th").hover()
    expect(unroll.tab.locator(".stage-lines rect.lit")).to_have_count(1)
    expect(unroll.tab.locator(".ledger tr.lit")).to_have_count(1)


def foot(unroll: UnrollPage) -> Locator:
    return unroll.tab.locator(".pinned-weight")


def check_button(unroll: UnrollPage) -> Locator:
    return unroll.button("check this gradient")


def test_the_pinned_weights_gradient_is_not_told_before_its_last_share_is_there(unroll: UnrollPage) -> None:
    trace, pin = traced(SPECS["rnn"]), {"weight": f"layer0.W,{ROW},{COLUMN}"}
    last = {"at": "backward.1", "kind": "share", "line": "grad.W"}
    unroll.open(SPECS["rnn"] | PINNED | pin | last)
    told = foot(unroll).locator(".figure")
    assert number(str(told.get_attribute("title"))) == trace["grad.layer0.W"][ROW, COLUMN]
    unroll.press("ArrowLeft")
    expect(foot(unroll)).to_contain_text("its gradient comes with the way back")
    expect(told).to_have_count(0)
    expect(check_button(unroll)).to_be_disabled()


def test_the_check_tells_what_the_engines_check_tells_until_another_weight_is_pinned(unroll: UnrollPage) -> None:
    spec = SPECS["lstm"]
    rows = {row.name: row for row in check(engine.parse_spec(spec), entries=None)}
    unroll.open(spec | PINNED | {"at": "update", "weight": f"layer0.W_input,{ROW},{COLUMN}"})
    check_button(unroll).click()
    expect(foot(unroll)).to_contain_text("central differences", timeout=30_000)
    numeric, analytic, apart = [
        number(str(one.get_attribute("title"))) for one in foot(unroll).locator(".figure").all()
    ]
    assert analytic == traced(spec)["grad.layer0.W_input"][ROW, COLUMN]
    assert apart == abs(numeric - analytic)
    assert apart <= max(1e-6 * abs(analytic), rows["layer0.W_input"].noise)
    expect(foot(unroll).locator(".same")).to_be_visible()
    unroll.choose_weight("layer0.W_input", 1, 1)
    expect(foot(unroll)).not_to_contain_text("central differences")
    expect(check_button(unroll)).to_be_enabled()


def test_a_check_that_takes_long_can_be_cancelled(unroll: UnrollPage) -> None:
    held: list[Route] = []
    unroll.tab.route("**/api/check*", lambda route: held.append(route))
    unroll.open(SPECS["rnn"] | PINNED | {"at": "update"})
    check_button(unroll).click()
    expect(foot(unroll)).to_contain_text("checking")
    unroll.button("Cancel").click()
    expect(check_button(unroll)).to_be_enabled()
    assert len(held) == 1


def test_a_check_that_is_refused_says_why_in_a_sentence(unroll: UnrollPage, witness: Witness) -> None:
    witness.excuse("422")
    refusal = {"type": "error", "code": "too_much", "message": "this check would take 90 s, at most 60 are allowed"}
    unroll.tab.route("**/api/check*", lambda route: route.fulfill(status=422, json=refusal))
    unroll.open(SPECS["rnn"] | PINNED | {"at": "update"})
    check_button(unroll).click()
    expect(foot(unroll)).to_contain_text("this check would take 90 s, at most 60 are allowed.")
    expect(check_button(unroll)).to_be_enabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_card(tabs: Tabs, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    for place in ("forward.3", "loss", "backward.3", "update"):
        unroll.open(SPECS["lstm"] | PINNED | {"at": place})
        assert violations(unroll) == []


def test_a_sum_that_does_not_come_out_is_said_to_differ_and_by_how_much(unroll: UnrollPage) -> None:
    unroll.open(SPECS["rnn"] | PINNED | {"at": "forward.3", "kind": "line", "line": "a"})
    expect(unroll.tab.locator(".ledger .same")).to_have_count(1)
    spoil = "async (unit) => { (await import('/store.js')).pass.value.steps.get('layer0.a')[2].data[unit] += 0.5; }"
    unroll.tab.evaluate(spoil, UNIT)
    unroll.press("ArrowRight")
    unroll.press("ArrowLeft")
    differs = unroll.tab.locator(".ledger .differs")
    expect(differs).to_contain_text("the pass has")
    apart = number(str(differs.locator(".figure").nth(1).get_attribute("title")))
    assert apart == pytest.approx(0.5, rel=SAME)
    expect(unroll.tab.locator(".ledger .same")).to_have_count(0)
