"""What the plots show is what the engine found: every number that is drawn, what is pointed at, what is saved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import engine
from engine.flow import Flow
from engine.truncation import kept
from tests.browser.page import UnrollPage
from tests.browser.plot import given, kinds, opened

LSTM: dict[str, Any] = {"cell": "lstm", "task": {"text": "hello world"}}
TWO: dict[str, Any] = {"cell": "gru", "layers": 2, "hidden_size": 5, "task": {"text": "to be or not"}}
TRUNCATED: dict[str, Any] = {"algorithm": {"kind": "truncated", "k1": 3, "k2": 4}}


def passed(spec: dict[str, Any]) -> engine.Pass:
    one = engine.Pass(engine.parse_spec(spec))
    one.run()
    return one


@pytest.mark.parametrize("name", ["layer0.h", "layer0.cell_state", "layer0.forget_gate", "x"])
def test_states_and_gates_are_those_of_the_trace(unroll: UnrollPage, name: str) -> None:
    opened(unroll, "states", LSTM, of=name)
    values = engine.run(engine.parse_spec(LSTM))[name][:, 0].T
    bounded = name in ("layer0.forget_gate", "x")
    np.testing.assert_allclose(
        given(unroll.graph, 0, "z"), values / (1 if bounded else np.abs(values).max()), rtol=1e-12
    )


def test_units_are_sorted_by_what_they_do(unroll: UnrollPage) -> None:
    states = engine.run(engine.parse_spec(LSTM))["layer0.h"][:, 0].T
    states = states / np.abs(states).max()
    measures = {"size": np.abs(states).mean(axis=1), "switching": np.abs(np.diff(states)).mean(axis=1)}
    for order, measure in measures.items():
        opened(unroll, "states", LSTM, order=order)
        np.testing.assert_allclose(given(unroll.graph, 0, "z"), states[np.argsort(-measure)], rtol=1e-12)
    opened(unroll, "states", LSTM, order="likeness")
    shown = given(unroll.graph, 0, "z")
    np.testing.assert_allclose(np.sort(shown, axis=0), np.sort(states, axis=0), rtol=1e-12)
    likeness = np.corrcoef(states)
    np.testing.assert_allclose(shown[0], states[0], rtol=1e-12)
    np.testing.assert_allclose(shown[1], states[1:][np.argmax(likeness[0, 1:])], rtol=1e-12)


@pytest.mark.parametrize("spec", [{}, LSTM, TWO, TRUNCATED], ids=["rnn", "lstm", "two layers", "truncated"])
def test_the_triangle_is_the_flow(unroll: UnrollPage, spec: dict[str, Any]) -> None:
    flow = passed(spec).flow()
    for name, matrix in flow.items():
        opened(unroll, "triangle", spec, of=name.removeprefix("flow."), scale="linear")
        place = kinds(unroll.graph).index("heatmap")
        shown = given(unroll.graph, place, "z")
        lower = np.tril_indices(len(matrix))
        np.testing.assert_allclose(shown[lower] * matrix.max(), matrix[lower], rtol=1e-9)
        assert np.isnan(shown[np.triu_indices(len(matrix), 1)]).all()


def test_the_edges_of_the_triangle_are_its_sums(unroll: UnrollPage) -> None:
    matrix = passed({}).flow()["flow.layer0.h"]
    opened(unroll, "triangle", {}, scale="linear")
    received, sent = -given(unroll.graph, 1, "y"), given(unroll.graph, 2, "x")
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
    opened(unroll, "inputs", LSTM, at=f"forward.{t + 1}")
    found = Flow(passed(LSTM), inputs=True)()["flow.x"]
    np.testing.assert_allclose(given(unroll.graph, 0, "y"), found[t, : t + 1], rtol=1e-9)
    ticks = unroll.graph.evaluate("plot => plot.layout.xaxis.ticktext.join('')")
    assert ticks == "hello␣worl"


@pytest.mark.parametrize(
    ("spec", "state", "gate"),
    [
        ({}, "layer0.h", None),
        (LSTM, "layer0.cell_state", "layer0.forget_gate"),
        (TWO, "layer1.h", "layer1.update_gate"),
    ],
    ids=["rnn", "lstm", "two layers"],
)
def test_signal_left_is_what_the_engine_measures(
    unroll: UnrollPage, spec: dict[str, Any], state: str, gate: str | None
) -> None:
    one = passed(spec)
    found, values = engine.analyse(one), one.singular_values()[f"singular_values.{state}"]
    opened(unroll, "signal", spec | {"unit": 3}, of=state, factor="2")
    factors, most, least, hand, product, left = (given(unroll.graph, trace, "y") for trace in range(6))
    np.testing.assert_allclose(factors, np.log10(found[f"measured_factor.{state}"]), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(left, found[f"log10_signal_left.{state}"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(most, np.log10(values.max(axis=(1, 2))), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(least, np.log10(values.min(axis=(1, 2))), rtol=1e-9, atol=1e-12)
    later = np.arange(len(left))[::-1]
    np.testing.assert_allclose(hand, later * np.log10(2), rtol=1e-12)
    if gate is None:
        assert np.isnan(product).all()
    else:
        kept = np.log10(engine.run(engine.parse_spec(spec))[gate][:, 0, 2])
        np.testing.assert_allclose(product, [kept[t + 1 :].sum() for t in range(len(kept))], rtol=1e-9, atol=1e-12)
    expect(unroll.tab.locator("#plot .reading")).to_contain_text(f"At step 1: {10 ** left[0]:#.3g}")
    unroll.tab.evaluate("() => document.querySelector('#plot-menu').showPopover()")
    unroll.tab.get_by_label("scale").select_option("linear")
    unroll.frame()
    unroll.frame()
    np.testing.assert_allclose(given(unroll.graph, 0, "y"), found[f"measured_factor.{state}"], rtol=1e-9)
    np.testing.assert_allclose(given(unroll.graph, 5, "y"), 10 ** found[f"log10_signal_left.{state}"], rtol=1e-9)


@pytest.mark.parametrize("shared", [True, False])
def test_the_spectrum_is_that_of_the_matrices(unroll: UnrollPage, shared: bool) -> None:
    spec = LSTM | {"weights_shared": shared}
    one, name = passed(spec), "layer0.W_forget"
    matrix = own = one.parameters[name]
    for t in (3, 6):
        own = matrix if shared else matrix[t]
        opened(unroll, "spectrum", spec, at=f"backward.{t + 1}", of=f"eigenvalues.{name}")
        shown = given(unroll.graph, 1, "x") + 1j * given(unroll.graph, 1, "y")
        np.testing.assert_allclose(np.sort(shown), np.sort(np.linalg.eigvals(own)), rtol=1e-9)
        expect(unroll.tab.locator("#plot .reading")).to_contain_text(f"modulus {np.abs(shown).max():#.3g}")
    unroll.tab.get_by_label("of", exact=True).select_option(f"singular_values.{name}")
    unroll.frame()
    unroll.frame()
    np.testing.assert_allclose(given(unroll.graph, 0, "y"), np.linalg.svd(own, compute_uv=False), rtol=1e-9)


def test_the_spectrum_of_each_step_is_that_of_its_jacobian(unroll: UnrollPage) -> None:
    opened(unroll, "spectrum", TWO, of="singular_values.layer1.h")
    values = np.log10(passed(TWO).singular_values()["singular_values.layer1.h"][:, 0])
    for trace, place in ((1, 0), (2, 2), (3, 4)):
        np.testing.assert_allclose(given(unroll.graph, trace, "y"), values[:, place], rtol=1e-9, atol=1e-12)


def test_a_trajectory_is_the_way_of_the_state(unroll: UnrollPage) -> None:
    one = passed(LSTM)
    name, found = "layer0.cell_state", engine.principal_axes(one)
    opened(unroll, "trajectory", LSTM, of=name)
    shown = np.stack([given(unroll.graph, 0, axis) for axis in "xy"], axis=-1)
    np.testing.assert_allclose(shown, found[f"coordinates.{name}"][:, 0], rtol=1e-9, atol=1e-12)
    share = 100 * found[f"explained.{name}"].sum()
    expect(unroll.tab.locator("#plot .reading")).to_contain_text(f"{share:#.3g}% of its variance")
    opened(unroll, "trajectory", LSTM, of=name, plane="units", across="4", up="2")
    states = engine.run(engine.parse_spec(LSTM))[name][:, 0]
    np.testing.assert_allclose(given(unroll.graph, 0, "x"), states[:, 4], rtol=1e-12)
    np.testing.assert_allclose(given(unroll.graph, 0, "y"), states[:, 2], rtol=1e-12)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_saturated_units_are_counted_as_the_engine_does(unroll: UnrollPage, activation: str) -> None:
    spec = LSTM | {"activation": activation, "initialization": {"kind": "normal", "scale": 3}}
    found = engine.analyse(passed(spec))
    opened(unroll, "states", spec, of="saturation")
    names = unroll.graph.evaluate("plot => plot.layout.yaxis.ticktext")
    shown = given(unroll.graph, 0, "z")
    lines = [row["name"] for row in engine.describe(engine.parse_spec(spec)).rows]
    told = [found.get(f"saturation.{name}", found.get(f"dead.{name}")) for name in lines]
    expected = np.stack([one for one in told if one is not None])
    assert len(names) == len(expected)
    assert (expected > 0).any()
    np.testing.assert_array_equal(shown, expected)


@pytest.mark.parametrize("spec", [LSTM, LSTM | {"weights_shared": False}], ids=["shared", "a step's own"])
def test_the_cosine_of_each_share_is_that_with_the_whole(unroll: UnrollPage, spec: dict[str, Any]) -> None:
    name = "layer0.W_forget"
    unroll.open(
        spec
        | {"plots": "shares", "larger": "yes", "plot.shares.measure": "cosine", "weight": f"{name},1,1", "at": "update"}
    )
    norms = engine.run(engine.parse_spec(spec))[f"contribution_norm.{name}"]
    unroll.tab.wait_for_function(
        "() => document.querySelector('#shares .plot').layout?.yaxis.title?.text !== undefined"
    )
    np.testing.assert_allclose(
        given(unroll.bars, 0, "y"), engine.analyse(passed(spec))[f"contribution_cosine.{name}"], rtol=1e-9, atol=1e-12
    )
    assert "measure=cosine" in unroll.tab.url
    for measure in ("norm", "cosine", "norm"):
        unroll.tab.locator("#shares-tools select").last.select_option(measure)
        unroll.frame()
        unroll.frame()
    np.testing.assert_allclose(given(unroll.bars, 0, "y"), norms, rtol=1e-12)
