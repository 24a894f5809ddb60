"""Every number on the page is the engine's: the now line and the Equation card."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
from tests.browser.moments import Moment, moments, steps
from tests.browser.page import UnrollPage, number

SAME = 1e-12
LEARNING_RATE = 0.1
SPECS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn", "task": {"text": "hello world"}},
    "lstm": {"cell": "lstm", "task": {"text": "abcab"}},
    "gru in two layers": {"cell": "gru", "layers": 2, "task": {"text": "abca"}},
    "gradients that all but vanish": {
        "cell": "rnn",
        "task": {"text": "abcabcabc"},
        "initialization": {"kind": "normal", "scale": 1e-9},
    },
}


def traced(spec: dict[str, Any]) -> engine.Trace:
    return engine.run(engine.parse_spec(spec))


def of_merge(trace: engine.Trace, moment: Moment) -> list[np.ndarray[Any, Any]]:
    """The two arrivals and their sum, of the only sequence."""
    name = f"grad.layer{moment.layer}.{moment.target.removeprefix('grad.')}"
    return [np.asarray(trace[full][moment.t, 0]) for full in (f"{name}.from_above", f"{name}.from_future", name)]


@pytest.mark.parametrize("kind", SPECS)
def test_every_merge_tells_the_norms_of_its_two_arrivals_and_of_their_sum(unroll: UnrollPage, kind: str) -> None:
    trace, plan = traced(SPECS[kind]), engine.describe(engine.parse_spec(SPECS[kind]))
    back = [one for one in moments(plan) if one.phase == "backward"]
    unroll.open(SPECS[kind] | {"by": "equation", "at": "loss"})
    for moment, shown in zip(back, unroll.walk("ArrowRight", len(back))[1:], strict=True):
        if moment.kind != "merge":
            continue
        norms = [float(np.linalg.norm(vector)) for vector in of_merge(trace, moment)]
        # At the last step nothing comes from the future: there is one arrival, and no sum to tell.
        expected = norms[:1] if moment.t == plan.sizes["T"] - 1 else norms
        assert [number(one) for one in shown.numbers] == pytest.approx(expected, rel=SAME, abs=0)


def test_the_equation_card_sets_out_every_merge_unit_by_unit(unroll: UnrollPage) -> None:
    spec = {"cell": "lstm", "hidden_size": 3, "task": {"text": "abcab"}}
    trace, plan = traced(spec), engine.describe(engine.parse_spec(spec))
    merges = [one for one in steps(plan) if one.kind == "merge"]
    unroll.open(spec | {"at": "loss"})
    for moment in merges:
        unroll.press("ArrowRight")
        unroll.frame()
        rows = unroll.titles(unroll.equation.get_by_role("row"))[1:]
        expected = [[*vector, np.linalg.norm(vector)] for vector in of_merge(trace, moment)]
        np.testing.assert_allclose(rows, expected, rtol=SAME)


def test_every_forward_step_tells_the_true_characters_probability_and_the_loss(unroll: UnrollPage) -> None:
    spec = SPECS["rnn"]
    trace, columns = traced(spec), engine.describe(engine.parse_spec(spec)).columns
    unroll.open(spec | {"at": "forward.1"})
    for t, shown in enumerate(unroll.walk("ArrowRight", len(trace["loss"]) - 1)):
        probability = trace["y_hat"][t, 0, trace["y"][t, 0]]
        assert [number(one) for one in shown.numbers] == [probability, trace["loss"][t, 0]]
        read, true = (columns[name][t].replace(" ", "␣") for name in ("input", "target"))
        assert f"reads “{read}”" in shown.sentence
        assert f"true next character, “{true}”" in shown.sentence


def test_grad_o_is_told_where_it_is_largest_and_set_out_there(unroll: UnrollPage) -> None:
    trace = traced(SPECS["rnn"])
    norms = np.linalg.norm(trace["grad.o"][:, 0], axis=1)
    worst = int(norms.argmax())
    unroll.open(SPECS["rnn"] | {"at": "loss"})
    shown = unroll.shown()
    assert f"largest at step {worst + 1}" in shown.sentence
    assert [number(one) for one in shown.numbers] == pytest.approx([norms[worst]], rel=SAME)
    predicted, truth, gradient = unroll.titles(unroll.equation.get_by_role("row"))[1:]
    *symbols, norm = unroll.equation.get_by_role("columnheader").all_inner_texts()
    alphabet = engine.describe(engine.parse_spec(SPECS["rnn"])).columns["alphabet"]
    units = [alphabet.index(one.replace("␣", " ")) for one in symbols]
    # The true symbol is among those there is room for.
    assert trace["y"][worst, 0] in units
    assert norm == "norm"
    assert predicted[:-1] == list(trace["y_hat"][worst, 0, units])
    assert truth[:-1] == [float(i == trace["y"][worst, 0]) for i in units]
    assert gradient[:-1] == list(trace["grad.o"][worst, 0, units])


def test_a_forward_equation_shows_what_went_in_and_what_came_out(unroll: UnrollPage) -> None:
    spec = {"cell": "lstm", "hidden_size": 3, "task": {"text": "abcab"}}
    trace = traced(spec)
    unroll.open(spec | {"by": "equation", "at": "forward.3", "kind": "line", "line": "cell_state", "layer": 0})
    rows = unroll.titles(unroll.equation.get_by_role("row"))[1:]
    names = ["forget_gate", "cell_state", "input_gate", "candidate", "cell_state"]
    vectors = [trace[f"layer0.{name}"][t, 0] for name, t in zip(names, [2, 1, 2, 2, 2], strict=True)]
    np.testing.assert_allclose(rows, [[*vector, np.linalg.norm(vector)] for vector in vectors], rtol=SAME)


def test_the_sum_and_the_update_tell_every_parameters_norms(unroll: UnrollPage) -> None:
    spec: dict[str, Any] = {"cell": "gru", "layers": 2, "task": {"text": "abca"}}
    trace, plan = traced(spec), engine.describe(engine.parse_spec(spec))
    names = [parameter["name"] for parameter in plan.parameters]
    gradients = [np.linalg.norm(trace[f"grad.{name}"]) for name in names]
    unroll.open(spec | {"at": "sum"})
    rows = unroll.titles(unroll.equation.get_by_role("row"))[1:]
    apart = [trace[f"contribution_norm.{name}"].sum() for name in names]
    np.testing.assert_allclose(rows, np.transpose([apart, gradients]), rtol=SAME)
    unroll.press("ArrowRight")
    unroll.frame()
    rows = unroll.titles(unroll.equation.get_by_role("row"))[1:]
    before, after = ([np.linalg.norm(trace[f"{kind}{name}"]) for name in names] for kind in ("", "updated."))
    np.testing.assert_allclose(rows, np.transpose([before, LEARNING_RATE * np.array(gradients), after]), rtol=1e-9)


def test_what_the_sentence_says_of_the_two_arrivals_is_true(unroll: UnrollPage) -> None:
    """Which way they pull is told from their cosine, and longer or shorter only where it is so."""
    spec = SPECS["rnn"]
    trace, plan = traced(spec), engine.describe(engine.parse_spec(spec))
    merges = [one for one in steps(plan) if one.kind == "merge"][1:]
    unroll.open(spec | {"at": "backward.10"})
    told = set()
    for moment, shown in zip(merges, unroll.walk("ArrowRight", len(merges))[1:], strict=True):
        above, future, total = of_merge(trace, moment)
        norms = [float(np.linalg.norm(vector)) for vector in (above, future)]
        cosine = float(above @ future) / (norms[0] * norms[1])
        way = "at right angles" if abs(cosine) < 0.2 else "together" if cosine > 0 else "apart"
        size = float(np.linalg.norm(total))
        assert way in shown.sentence
        assert ("longer" in shown.sentence) == (way == "together" and size > max(norms))
        assert ("shorter" in shown.sentence) == (way == "apart" and size < max(norms))
        told.add(way)
    assert len(told) > 1
