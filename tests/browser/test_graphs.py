"""What the plots show is what the engine found: every number that is drawn, what is pointed at, what is saved."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import expect

import engine
from engine.flow import Flow
from engine.truncation import kept
from tests.browser.page import UnrollPage

Array = npt.NDArray[np.float64]

LSTM: dict[str, Any] = {"cell": "lstm", "task": {"text": "hello world"}}
TWO: dict[str, Any] = {"cell": "gru", "layers": 2, "hidden_size": 5, "task": {"text": "to be or not"}}
TRUNCATED: dict[str, Any] = {"algorithm": {"kind": "truncated", "k1": 3, "k2": 4}}
# relu whose matrix stretches a hundred times a step: beyond what a number can hold after 154 steps.
EXPLODING: dict[str, Any] = {
    "activation": "relu",
    "hidden_size": 4,
    "initialization": {"kind": "spectral", "radius": 100},
    "task": {"text": "to be or not to be, that is the question. " * 5},
}

# What Plotly was given for one axis of one trace; gaps are NaN.
GIVEN = """(plot, [trace, axis]) => Array.from(plot.data[trace][axis],
  (row) => row?.length === undefined ? row : Array.from(row))"""
DONE = "() => document.querySelector('#plot .plot-wait').hidden"


def passed(spec: dict[str, Any]) -> engine.Pass:
    one = engine.Pass(engine.parse_spec(spec))
    one.run()
    return one


def opened(unroll: UnrollPage, plot: str, spec: dict[str, Any], **choices: str) -> None:
    chosen = {f"plot.{plot}.{name}": value for name, value in choices.items()}
    unroll.open(spec | {"plots": plot, "larger": "yes", "at": "backward.4"} | chosen)
    unroll.tab.wait_for_function(DONE)
    unroll.frame()
    unroll.frame()


def given(unroll: UnrollPage, trace: int, axis: str) -> Array:
    return np.array(unroll.graph.evaluate(GIVEN, [trace, axis]), dtype=float)


def kinds(unroll: UnrollPage) -> list[str]:
    found: list[str] = unroll.graph.evaluate("plot => plot.data.map((trace) => trace.type)")
    return found


@pytest.mark.parametrize("name", ["layer0.h", "layer0.cell_state", "layer0.forget_gate", "x"])
def test_states_and_gates_are_those_of_the_trace(unroll: UnrollPage, name: str) -> None:
    opened(unroll, "states", LSTM, of=name)
    values = engine.run(engine.parse_spec(LSTM))[name][:, 0].T
    bounded = name in ("layer0.forget_gate", "x")
    np.testing.assert_allclose(given(unroll, 0, "z"), values / (1 if bounded else np.abs(values).max()), rtol=1e-12)


def test_units_are_sorted_by_what_they_do(unroll: UnrollPage) -> None:
    states = engine.run(engine.parse_spec(LSTM))["layer0.h"][:, 0].T
    states = states / np.abs(states).max()
    measures = {"size": np.abs(states).mean(axis=1), "switching": np.abs(np.diff(states)).mean(axis=1)}
    for order, measure in measures.items():
        opened(unroll, "states", LSTM, order=order)
        np.testing.assert_allclose(given(unroll, 0, "z"), states[np.argsort(-measure)], rtol=1e-12)
    opened(unroll, "states", LSTM, order="likeness")
    shown = given(unroll, 0, "z")
    np.testing.assert_allclose(np.sort(shown, axis=0), np.sort(states, axis=0), rtol=1e-12)
    likeness = np.corrcoef(states)
    np.testing.assert_allclose(shown[0], states[0], rtol=1e-12)
    np.testing.assert_allclose(shown[1], states[1:][np.argmax(likeness[0, 1:])], rtol=1e-12)


@pytest.mark.parametrize("spec", [{}, LSTM, TWO, TRUNCATED], ids=["rnn", "lstm", "two layers", "truncated"])
def test_the_triangle_is_the_flow(unroll: UnrollPage, spec: dict[str, Any]) -> None:
    flow = passed(spec).flow()
    for name, matrix in flow.items():
        opened(unroll, "triangle", spec, of=name.removeprefix("flow."), scale="linear")
        place = kinds(unroll).index("heatmap")
        shown = given(unroll, place, "z")
        lower = np.tril_indices(len(matrix))
        np.testing.assert_allclose(shown[lower] * matrix.max(), matrix[lower], rtol=1e-9)
        assert np.isnan(shown[np.triu_indices(len(matrix), 1)]).all()


def test_the_edges_of_the_triangle_are_its_sums(unroll: UnrollPage) -> None:
    matrix = passed({}).flow()["flow.layer0.h"]
    opened(unroll, "triangle", {}, scale="linear")
    received, sent = -given(unroll, 1, "y"), given(unroll, 2, "x")
    ratio = received[0] / matrix.sum(axis=0)[0]
    np.testing.assert_allclose(received, ratio * matrix.sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(sent, ratio * matrix.sum(axis=1), rtol=1e-9)


def test_truncation_tells_what_it_throws_away(unroll: UnrollPage) -> None:
    one = passed(TRUNCATED)
    matrix, entering = one.flow()["flow.layer0.h"], kept(one.spec.algorithm, 10)
    opened(unroll, "triangle", TRUNCATED)
    share = 100 * matrix[~entering].sum() / matrix.sum()
    expect(unroll.tab.locator("#plot .reading")).to_contain_text(f"({share:.3g}%)")


def test_teacher_forcing_alone_takes_the_steps_apart(unroll: UnrollPage) -> None:
    forced = {"recurrence": "none", "feedback": {"source": "output", "mode": "teacher"}}
    reading = unroll.tab.locator("#plot .reading")
    opened(unroll, "triangle", forced)
    expect(reading).to_contain_text("the steps have come apart")
    opened(unroll, "triangle", forced | {"recurrence": "full"})
    expect(reading).not_to_contain_text("come apart")


@pytest.mark.parametrize("t", [3, 9])
def test_inputs_that_mattered_are_the_flow_to_them(unroll: UnrollPage, t: int) -> None:
    opened(unroll, "inputs", LSTM | {"at": f"forward.{t + 1}"})
    unroll.go(f"forward.{t + 1}")
    unroll.frame()
    unroll.frame()
    found = Flow(passed(LSTM), inputs=True)()["flow.x"]
    np.testing.assert_allclose(given(unroll, 0, "y"), found[t, : t + 1], rtol=1e-9)
    ticks = unroll.graph.evaluate("plot => plot.layout.xaxis.ticktext.join('')")
    assert ticks == "hello␣worl"
