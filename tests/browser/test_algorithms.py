"""What the page says of optimizers, truncation and feedback is what the engine did."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.page import Array, UnrollPage, number

SAME = 1e-12
HELLO: dict[str, Any] = {"kind": "text", "text": "hello world"}
FEEDBACK: dict[str, Any] = {"source": "output", "probability": 0.5}
CUT = "what step {after} would send back is cut"


def norms(array: Array) -> Array:
    """The norm of each timestep's vectors."""
    return np.asarray(np.linalg.norm(array.reshape(len(array), -1), axis=1))


def by_step(unroll: UnrollPage, spec: dict[str, Any], place: str, key: str, steps: int) -> list[str]:
    """What the now line says at each timestep, from a place on."""
    unroll.open(spec | {"at": place})
    return [" ".join(one.sentence.split()) for one in unroll.walk(key, steps - 1)]


@pytest.mark.parametrize("clip", [None, 0.1])
@pytest.mark.parametrize("kind", ["momentum", "rmsprop", "adam"])
def test_the_update_tells_the_weight_before_and_after_and_the_rule_that_moved_it(
    unroll: UnrollPage, kind: str, clip: float | None
) -> None:
    spec = {"optimizer": {"kind": kind}} | ({"clip_norm": clip} if clip else {})
    trace = unroll.trace(spec)
    unroll.open(spec | {"at": "update", "plots": "weight", "weight": "layer0.W,2,3"})
    before, gradient, after = (trace[f"{part}layer0.W"][2, 3] for part in ("", "grad.", "updated."))
    shown = unroll.shown()
    assert {"momentum": "Momentum:", "rmsprop": "RMSprop:", "adam": "Adam:"}[kind] in shown.sentence
    assert [number(one) for one in shown.numbers] == [before, abs(before - after), gradient, after]
    assert ("×" in shown.sentence) == (clip is not None)
    expect(unroll.weight.locator(".outcome")).to_contain_text(f"({kind})")
    assert unroll.titles(unroll.weight.locator(".outcome")) == [[before, abs(before - after), after]]


@pytest.mark.parametrize(("k1", "k2"), [(3, 3), (2, 3), (1, 4), (4, 10)])
def test_where_truncation_lets_nothing_back_the_page_says_cut_and_nowhere_else(
    unroll: UnrollPage, k1: int, k2: int
) -> None:
    spec = {"task": HELLO, "algorithm": {"kind": "truncated", "k1": k1, "k2": k2}}
    trace = unroll.trace(spec)
    back = norms(trace["grad.layer0.h.from_future"])
    told = by_step(unroll, spec, "backward.10", "ArrowRight", 10)
    for t, sentence in zip(reversed(range(10)), told, strict=True):
        assert (CUT.format(after=t + 2) in sentence) == (back[t] == 0 and t < 9)
        assert ("no step comes after" in sentence) == (t == 9)
    # Where only a part is cut, that part is named: what arrives is less than the whole product.
    for t, sentence in zip(reversed(range(9)), told[1:], strict=True):
        whole = trace["grad.layer0.a"][t + 1, 0] @ trace["layer0.W"]
        less = not np.allclose(whole, trace["grad.layer0.h.from_future"][t, 0], rtol=1e-9) and back[t] > 0
        assert ("without the losses of step" in sentence) == less


def test_a_step_at_which_truncation_cuts_hands_nothing_back_and_its_equation_says_so(unroll: UnrollPage) -> None:
    spec = {"task": HELLO, "algorithm": {"kind": "truncated", "k1": 3, "k2": 3}, "by": "equation"}
    place = {"kind": "handover", "line": "grad.h_prev", "layer": 0}
    unroll.open(spec | place | {"at": "backward.7"})
    shown = unroll.shown()
    assert "hands nothing back to step 6: the losses of steps 7 to 9 are cut here, 3 steps" in shown.sentence
    assert shown.equation == "grad.h_prev = 0"
    expect(unroll.tab.locator(".stage-lines .cut:not(.partial)")).to_have_count(1)
    # The last window is of step 10 alone and reaches back to step 8, where the one before goes on.
    unroll.open(spec | place | {"at": "backward.8"})
    assert unroll.shown().equation == "grad.h_prev = W.T @ grad.a, less what is cut"
    unroll.open(spec | place | {"at": "backward.9"})
    assert unroll.shown().equation == "grad.h_prev = W.T @ grad.a"


@pytest.mark.parametrize("mode", ["teacher", "free", "sampled", "scheduled"])
def test_what_is_fed_back_is_told_with_where_it_came_from_and_whether_gradient_passes(
    unroll: UnrollPage, mode: str
) -> None:
    spec = {"task": HELLO, "feedback": FEEDBACK | {"mode": mode}}
    trace = unroll.trace(spec)
    symbols = sorted(set("hello world"))
    told = by_step(unroll, spec, "forward.1", "ArrowRight", 10)
    assert "none is fed back" in told[0]
    for t, sentence in enumerate(told[1:], 1):
        given = trace["y_prev"][t, 0]
        symbol = symbols[int(given.argmax())].replace(" ", "␣")
        forced = trace["y_prev.forced"][t, 0] == 1
        words = {
            "teacher": f"the truth of step {t}, “{symbol}”",
            "free": f"its own prediction of step {t}, likeliest “{symbol}” with",
            "sampled": f"a draw from its prediction of step {t}, “{symbol}”",
            "scheduled": f"{'the truth' if forced else 'a draw from its prediction'} of step {t}, “{symbol}”",
        }
        assert f"Fed back is {words[mode]}" in sentence
        passes = "a gradient goes back" if mode == "free" else "no gradient goes back"
        assert f"{passes} through it." in sentence
    assert (trace["grad.y_prev"][1:] != 0).any()


def test_what_comes_back_through_a_prediction_is_told_where_it_arrives(unroll: UnrollPage) -> None:
    spec = {"task": HELLO, "feedback": FEEDBACK | {"mode": "free"}}
    trace = unroll.trace(spec)
    own, back = (norms(trace[f"grad.o.from_{source}"]) for source in ("loss", "future"))
    unroll.open(spec | {"at": "loss"})
    shown = unroll.shown()
    assert [number(one) for one in shown.numbers] == pytest.approx([own.max()], rel=SAME)
    assert f"largest at step {own.argmax() + 1}" in shown.sentence
    for t, merge in zip(reversed(range(10)), unroll.walk("ArrowRight", 10)[1:], strict=True):
        assert "what its output sends" in merge.sentence
        if t < 9:
            assert [number(one) for one in merge.numbers][-2:] == pytest.approx([own[t], back[t]], rel=SAME)


def test_the_output_before_is_set_out_with_the_input_it_is_joined_to(unroll: UnrollPage) -> None:
    spec = {"hidden_size": 2, "task": {"kind": "text", "text": "aab"}, "feedback": FEEDBACK | {"mode": "free"}}
    trace = unroll.trace(spec)
    unroll.open(spec | {"by": "equation", "at": "forward.2", "kind": "line", "line": "a", "layer": 0})
    assert unroll.shown().equation == "a = U @ [x; y_prev] + W @ h_prev + b"
    row = unroll.titles(unroll.equation.get_by_role("row"))[1]
    joined = [*trace["x"][1, 0], *trace["y_prev"][1, 0]]
    assert row == pytest.approx([*joined, np.linalg.norm(joined)], rel=SAME)
    expect(unroll.tab.locator(".row-label .symbol")).to_have_count(4)
    drawn = unroll.map.evaluate("(plot) => plot.data[0].z.map((row) => Array.from(row))")
    # From the top: the prediction, the state, what is fed back, the input; a gap between them.
    np.testing.assert_allclose([drawn[6 + unit][2] for unit in range(2)], trace["y_prev"][1, 0], rtol=1e-6)


def test_without_recurrence_no_state_is_handed_on_or_back(unroll: UnrollPage) -> None:
    spec = {"task": HELLO, "recurrence": "none", "feedback": FEEDBACK | {"mode": "teacher"}}
    trace = unroll.trace(spec)
    assert (trace["grad.layer0.h.from_future"] == 0).all()
    told = by_step(unroll, spec, "backward.10", "ArrowRight", 10)
    assert all("nothing more: no state goes from step to step" in sentence for sentence in told[1:])
    unroll.open(spec | {"by": "equation", "at": "forward.3", "kind": "line", "line": "a", "layer": 0})
    assert "is made from the input and the output before." in unroll.shown().sentence
    x, before, _ = unroll.titles(unroll.equation.get_by_role("row"))[1:]
    assert x[-1] > 0
    assert before == [0] * len(before)
