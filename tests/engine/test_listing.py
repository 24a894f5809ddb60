"""The NumPy listing of a pass, run as it stands: its loss, gradients and updated weights are the engine's to 1e-12."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.activations import Array
from tests.engine.listings import assert_computes_the_pass, executed, gradients, text
from tests.engine.test_random_cells import cells
from tests.engine.test_random_specs import NAMING, experiments, typed
from tests.engine.typed_cells import TYPED

SEVERAL: dict[str, Any] = {"kind": "count", "most": 3, "batch": 3}
FEEDBACKS: list[dict[str, Any]] = [
    {"source": "output", "mode": mode, "probability": 0.5} for mode in ("teacher", "free", "sampled", "scheduled")
]
FORMS: list[dict[str, Any]] = [{}, {"layers": 2}, {"task": SEVERAL}]
COLLIDING = """
T = sigmoid(V @ x + B @ h_prev + np)
grad_h = T * c_prev + h_a
c = 0.5 * c_prev + relu(o @ grad_h + h_next)
h = relu(U @ c - loss * h_prev)"""
"""A cell whose names are a listing's own."""

KINDS: dict[str, dict[str, Any]] = {
    "three layers": {"cell": "gru", "layers": 3},
    "untied": {"cell": "lstm", "weights_shared": False},
    "untied layers of a batch": {"cell": "lstm_peephole", "weights_shared": False, "layers": 2, "task": SEVERAL},
    "no recurrence": {"cell": "lstm", "recurrence": "none", "layers": 2},
    "no bias": {"cell": "gru", "bias": False},
    "last step": {"loss_at": "last_step"},
    "last step of each": {"loss_at": "last_step", "task": SEVERAL},
    "one symbol recalled": {"task": {"kind": "recall"}},
    "echo": {"cell": "mgu", "task": {"kind": "echo", "batch": 2}},
    "adding": {"cell": "lstm_peephole", "task": {"kind": "adding", "batch": 2}},
    "sine": {"task": {"kind": "sine", "gap": 2}},
    "wobble": {"task": {"kind": "wobble"}},
    "series": {"task": {"kind": "series"}},
    "zen": {"task": {"kind": "zen"}},
    "quotes": {"task": {"kind": "text", "text": "'a' \"b\" \\ \n\tc é"}},
    "clipped": {"clip_norm": 0.05},
    "clipped layers": {"clip_norm": 0.05, "cell": "lstm", "layers": 2},
    "not clipped": {"clip_norm": 1000.0},
    "truncated": {"algorithm": {"kind": "truncated", "k1": 3, "k2": 3}},
    "overlapping": {"cell": "lstm", "layers": 2, "algorithm": {"kind": "truncated", "k1": 2, "k2": 5}},
    "one window": {"algorithm": {"kind": "truncated", "k1": 50, "k2": 60}},
    **{f"{kind} steps": {"optimizer": {"kind": kind, "learning_rate": 0.02}} for kind in ("momentum", "rmsprop")},
    "adam": {"cell": "gru", "layers": 2, "clip_norm": 0.1, "optimizer": {"kind": "adam"}},
    **{
        f"{kind} weights": {"cell": cell, "initialization": {"kind": kind, "scale": 0.4, "radius": 0.8}}
        for kind in ("xavier", "orthogonal", "identity", "normal", "spectral", "zeros")
        for cell in ("lstm_peephole",)
    },
    **{
        f"{kind} weights a step": {"weights_shared": False, "initialization": {"kind": kind}, "task": SEVERAL}
        for kind in ("orthogonal", "identity", "normal", "spectral")
    },
    **{f"{one['mode']} joined": {"cell": "gru", "layers": 2, "feedback": one} for one in FEEDBACKS},
    **{f"{one['mode']} of several": {"task": SEVERAL, "feedback": one} for one in FEEDBACKS},
    **{f"{one['mode']} of numbers": {"task": {"kind": "sine"}, "feedback": one} for one in FEEDBACKS},
    **{
        f"{one['mode']} named": {"cell": typed("output in a gate"), "layers": 2, "feedback": one, "task": SEVERAL}
        for one in FEEDBACKS
    },
    "free, truncated": {
        "feedback": FEEDBACKS[1],
        "layers": 2,
        "algorithm": {"kind": "truncated", "k1": 3, "k2": 5},
        "task": SEVERAL,
    },
    "apart": {"feedback": FEEDBACKS[0], "recurrence": "none"},
}
OVERRIDES: dict[str, dict[str, Any]] = {
    "a weight": {"overrides": [{"name": "layer0.W", "index": [2, 3], "value": 0.7}]},
    "a row, a bias and the readout": {
        "layers": 2,
        "overrides": [
            {"name": "layer1.W", "index": [2], "value": -0.5},
            {"name": "layer0.b", "value": 0.25},
            {"name": "V", "index": [1, 1], "value": 2},
            {"name": "c", "index": [3], "value": -1},
        ],
    },
    "a bias in a batch": {"task": SEVERAL, "overrides": [{"name": "layer0.b", "index": [1], "value": 0.5}]},
    "one step's weight": {
        "weights_shared": False,
        "overrides": [{"name": "layer0.W", "index": [2, 1, 0], "value": 1}],
    },
    "an input": {
        "overrides": [{"name": "x", "index": [3, 0, 2], "value": 0.5}, {"name": "x", "index": [5], "value": 0}]
    },
    "inputs of a batch": {
        "task": SEVERAL,
        "overrides": [
            {"name": "x", "index": [1, 2, 0], "value": 3},
            {"name": "x", "index": [2, 1], "value": -1},
            {"name": "x", "index": [6], "value": 1},
        ],
    },
    "the first state": {
        "cell": "lstm",
        "overrides": [
            {"name": "layer0.h.initial", "index": [0, 3], "value": 0.9},
            {"name": "layer0.cell_state.initial", "value": -0.4},
        ],
    },
    "the first states of a batch": {
        "layers": 2,
        "task": SEVERAL,
        "overrides": [
            {"name": "layer1.h.initial", "index": [2, 3], "value": 0.9},
            {"name": "layer0.h.initial", "index": [1], "value": -0.4},
        ],
    },
    "a gate held open": {"cell": "lstm", "overrides": [{"name": "forget_gate", "value": 1}]},
    "a gate held below zero": {"cell": "gru", "layers": 2, "overrides": [{"name": "reset_gate", "value": -0.5}]},
    "all gates held": {
        "cell": "lstm",
        "task": SEVERAL,
        "overrides": [{"name": name, "value": 0} for name in ("input_gate", "forget_gate", "candidate")],
    },
}


def spec(fields: dict[str, Any]) -> engine.Spec:
    cell = fields.get("cell")
    if isinstance(cell, dict) and cell["name"] in NAMING and "feedback" not in fields:
        fields = fields | {"feedback": FEEDBACKS[1]}
    return engine.parse_spec({"hidden_size": 5} | fields)


@pytest.mark.parametrize("form", range(len(FORMS)))
@pytest.mark.parametrize("cell", engine.cells())
def test_every_built_in_cell_runs_as_listed(cell: str, form: int) -> None:
    assert_computes_the_pass(spec({"cell": cell} | FORMS[form]))


@pytest.mark.parametrize("form", range(len(FORMS)))
@pytest.mark.parametrize("name", [*TYPED, *NAMING])
def test_every_typed_cell_runs_as_listed(name: str, form: int) -> None:
    assert_computes_the_pass(spec({"cell": typed(name)} | FORMS[form]))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_experiment_runs_as_listed(kind: str) -> None:
    assert_computes_the_pass(spec(KINDS[kind]))


@pytest.mark.parametrize("change", OVERRIDES)
def test_what_was_set_by_hand_is_in_the_listing(change: str) -> None:
    fields = OVERRIDES[change]
    assert_computes_the_pass(spec(fields))
    plain = engine.run(spec({name: value for name, value in fields.items() if name != "overrides"}))
    assert engine.run(spec(fields)).loss != plain.loss


@pytest.mark.parametrize("function", engine.ACTIVATIONS)
def test_every_activation_has_its_value_and_its_derivative(function: str) -> None:
    wide = {"initialization": {"kind": "normal", "scale": 3.0}}
    assert_computes_the_pass(spec({"cell": "lstm", "activation": function, "gate_activation": function} | wide))
    inside = {
        "name": "inside",
        "equations": f"h = 0.5 * {function}(W @ h_prev + {function}(U @ x)) + {function}(h_prev)",
    }
    assert_computes_the_pass(spec({"cell": inside} | wide))


@pytest.mark.parametrize("form", range(len(FORMS)))
def test_a_cell_may_be_named_like_the_listing_itself(form: int) -> None:
    cell = {"name": "own", "equations": COLLIDING.strip()}
    assert_computes_the_pass(spec({"cell": cell, "initialization": {"kind": "normal"}} | FORMS[form]))


@pytest.mark.parametrize(
    "fields", [{}, {"cell": "gru", "layers": 2}, {"cell": "leaky", "activation": "elu", "task": SEVERAL}]
)
def test_single_precision_is_single_precision(fields: dict[str, Any]) -> None:
    scope = assert_computes_the_pass(spec(fields | {"dtype": "float32"}), tolerance=2e-5)
    assert all(
        scope[name].dtype == np.float32 for name in ("x", "h", "V", "y_hat") if isinstance(scope[name], np.ndarray)
    )


def test_a_pass_that_overflows_does_so_in_the_listing_too() -> None:
    fields = {"cell": {"name": "own", "equations": "h = 100 * h_prev * h_prev + U @ x"}, "task": {"text": "abc" * 9}}
    one = spec(fields)
    scope = executed(text(engine.describe(one), engine.draw(one.task, one.seed)))
    assert not np.isfinite(engine.run(one).loss)
    assert not np.isfinite(scope["L"])


def test_a_prediction_that_is_all_but_certain_has_the_loss_that_it_has() -> None:
    assert_computes_the_pass(spec({"cell": "irnn", "initialization": {"kind": "normal", "scale": 30.0}}))


def test_weights_and_data_that_came_with_the_call_are_written_out() -> None:
    one, stream = spec({"task": {"kind": "arrays"}, "cell": "lstm_peephole"}), np.random.default_rng(3)
    given = engine.Data(stream.normal(size=(4, 2, 3)), stream.integers(0, 4, (4, 2)), 4)
    weights: dict[str, Array] = {
        slot.name: stream.normal(size=slot.shape) for slot in engine.describe(one, given).slots
    }
    assert_computes_the_pass(one, given, weights)


@pytest.mark.parametrize(
    "task", [{"kind": "adding", "length": 100, "batch": 20}, {"kind": "echo", "length": 400, "batch": 20}]
)
def test_data_too_long_for_a_listing_are_read_from_the_trace_file(
    task: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = spec({"task": task})
    plan = engine.describe(one)
    listing = text(plan, plan.data)
    assert len(listing) < 50_000
    assert f'load_file("{plan.id}.safetensors")' in listing
    engine.run(one).save(tmp_path / f"{plan.id}.safetensors")
    monkeypatch.chdir(tmp_path)
    assert_computes_the_pass(one)


def test_many_shares_are_added_up_as_they_come() -> None:
    one = spec({"cell": "gru", "hidden_size": 64, "task": {"text": "to be or not to be, that is the question. " * 8}})
    plan = engine.describe(one)
    assert "W_reset += np.outer(" in text(plan, plan.data)
    assert_computes_the_pass(one)


def test_copied_into_a_file_and_run_it_prints_the_loss_and_the_norms(tmp_path: Path) -> None:
    one = spec({"cell": "lstm"})
    plan, trace = engine.describe(one), engine.run(one)
    file = tmp_path / "listing.py"
    file.write_text(text(plan, plan.data), "utf-8")
    printed = subprocess.run([sys.executable, "-W", "error", file], capture_output=True, text=True, check=True)
    told = dict(line.rsplit(" ", 1) for line in printed.stdout.splitlines())
    assert float(told.pop("loss")) == pytest.approx(trace.loss, rel=1e-12, abs=0)
    wanted = {f"norm of grad_{slot.local}": np.linalg.norm(trace[f"grad.{slot.name}"]) for slot in plan.slots}
    assert {name: float(number) for name, number in told.items()} == pytest.approx(wanted, rel=1e-12, abs=0)


def test_the_shares_of_the_listing_are_those_of_the_trace() -> None:
    one = spec({"cell": "gru"})
    plan, trace = engine.describe(one), engine.run(one)
    scope = executed(text(plan, plan.data))
    share = trace.contribution("layer0.W_reset")
    np.testing.assert_allclose(scope["W_reset_share"], share, rtol=1e-12, atol=1e-12 * abs(share).max())
    assert gradients(scope, plan)["layer0.W_reset"] == pytest.approx(scope["W_reset_share"].sum(axis=0), rel=1e-15)


@given(experiments())
@settings(max_examples=100)
def test_an_experiment_drawn_at_random_runs_as_listed(
    experiment: tuple[engine.Spec, engine.Data, dict[str, Array]],
) -> None:
    assert_computes_the_pass(*experiment)


@given(cells(), st.integers(1, 2), st.sampled_from([{}, {"task": SEVERAL}]))
@settings(max_examples=100)
def test_a_cell_drawn_at_random_runs_as_listed(equations: str, layers: int, more: dict[str, Any]) -> None:
    drawn = {"cell": {"name": "drawn", "equations": equations}, "layers": layers, "hidden_size": 3}
    normal = {"initialization": {"kind": "normal", "scale": 0.5}}
    assert_computes_the_pass(engine.parse_spec(drawn | normal | more))
