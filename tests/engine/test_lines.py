"""The lines that a plan tells are true: each, worked out from the trace's numbers, gives what the pass computed."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import engine
from tests.engine.typed_cells import TYPED, own

Array = npt.NDArray[Any]
Value = Callable[[str], Any]
STEPS, BATCH, INPUTS, OUTPUTS = 5, 2, 3, 4
CELLS: dict[str, Any] = {name: name for name in engine.cells()} | {name: own(name) for name in TYPED}


def rows(vector: Array) -> Array:
    """A vector for every sequence; a parameter is the same for all."""
    return np.broadcast_to(vector, (BATCH, vector.shape[-1]))


OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "neg": operator.neg,
    "outer": lambda delta, z: np.einsum("bo,bi->oi", delta, rows(z)),
    "@": lambda matrix, vector: np.einsum("oi,bi->bo", matrix, rows(vector)),
    "@T": lambda matrix, vector: np.einsum("oi,bo->bi", matrix, vector),
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "softmax": lambda o: np.exp(o) / np.exp(o).sum(axis=-1, keepdims=True),
    "cross_entropy": lambda predicted, true: -np.log(predicted[np.arange(BATCH), true]),
    "half_squared_error": lambda predicted, true: ((predicted - true) ** 2).sum(axis=-1) / 2,
}


def worked_out(tree: Any, value: Value) -> Any:
    """A tree of the plan as numbers; a vector is a row for every sequence."""
    if not isinstance(tree, list):
        return value(tree) if isinstance(tree, str) else tree
    head, *parts = tree
    if head not in ("call", "slope"):
        return OPERATORS[head](*(worked_out(part, value) for part in parts))
    name, argument = parts
    inside = argument[1:] if argument[0] == "list" else [argument]
    return function(name, head == "slope")(*(worked_out(part, value) for part in inside))


def function(name: str, slope: bool) -> Callable[..., Any]:
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    known = engine.ACTIVATIONS[name]
    return (lambda a: known.slope(a, known.value(a))) if slope else known.value


def values_at(trace: engine.Trace, layer: int, t: int) -> Value:
    """What a line of a layer means by its names at a timestep."""

    def previous(name: str) -> Array:
        state = trace[f"layer{layer}.{name.removesuffix('_prev')}"]
        return state[t - 1] if t else np.zeros_like(state[0])

    def value(name: str) -> Any:
        if f"layer{layer}.{name}" in trace and "." not in name and trace[f"layer{layer}.{name}"].ndim != 3:
            return trace[f"layer{layer}.{name}"]
        if name == "x":
            return trace["x" if layer == 0 else f"layer{layer - 1}.h"][t]
        if name.endswith(".next"):
            return handed_back(trace, layer, name.removesuffix(".next"), t)
        if name.startswith("grad."):
            return trace[f"grad.layer{layer}.{name.removeprefix('grad.')}"][t]
        return previous(name) if name.endswith("_prev") else trace[f"layer{layer}.{name}"][t]

    return value


def handed_back(trace: engine.Trace, layer: int, grad: str, t: int) -> Array:
    """What step t + 1 hands back to step t, from its own line."""
    if t == STEPS - 1:
        return np.zeros_like(trace[f"layer{layer}.h"][0])
    line = next(
        one
        for one in engine.describe(trace.spec, DATA[trace.spec.readout]).equations["backward"]
        if one["target"] == f"{grad}_prev"
    )
    return np.asarray(worked_out(line["tree"], values_at(trace, layer, t + 1)))


def data(readout: str) -> engine.Data:
    stream = np.random.default_rng(5)
    x = stream.normal(size=(STEPS, BATCH, INPUTS))
    if readout == "softmax":
        return engine.Data(x, stream.integers(0, OUTPUTS, (STEPS, BATCH)), OUTPUTS)
    return engine.Data(x, stream.normal(size=(STEPS, BATCH, OUTPUTS)), OUTPUTS)


PLACES = [(layer, t) for layer in range(2) for t in range(STEPS)]
DATA = {readout: data(readout) for readout in ("softmax", "linear")}


def traced(cell: Any, **fields: Any) -> tuple[engine.Plan, engine.Trace]:
    spec = engine.parse_spec({"cell": cell, "hidden_size": 3, "layers": 2, "task": {"kind": "arrays"}} | fields)
    given = DATA[spec.readout]
    return engine.describe(spec, given), engine.run(spec, given)


def computed(trace: engine.Trace, layer: int, line: dict[str, Any], t: int) -> Any:
    """What the pass computed for the target of a line; None where it goes on to a step or layer that keeps it."""
    target = line["target"]
    match line["kind"]:
        case "share":  # has a test of its own
            return None
        case "below":
            return trace["grad.x" if layer == 0 else f"grad.layer{layer - 1}.h.from_above"][t]
        case "handover":
            state = target.removeprefix("grad.").removesuffix("_prev")
            return trace[f"grad.layer{layer}.{state}.initial"] if t == 0 else None
        case _:
            name = target.removeprefix("grad.")
            return trace[f"grad.layer{layer}.{name}" if target != name else f"layer{layer}.{name}"][t]


@pytest.mark.parametrize("direction", ["forward", "parts", "backward"])
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_every_line_of_a_cell_is_true_at_every_step_of_every_layer(cell: Any, direction: str) -> None:
    plan, trace = traced(cell)
    for line in plan.equations[direction]:
        for layer, t in PLACES:
            expected = computed(trace, layer, line, t)
            if expected is not None:
                made = worked_out(line["tree"], values_at(trace, layer, t))
                np.testing.assert_allclose(made, expected, rtol=1e-9, atol=1e-14, err_msg=line["text"])


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_the_share_lines_of_a_parameter_add_up_to_its_share_of_every_step(cell: Any) -> None:
    plan, trace = traced(cell)
    shares = [line for line in plan.equations["backward"] if line["kind"] == "share"]
    assert {line["target"] for line in shares} == {f"grad.{one.name}" for one in plan.cell.parameters}
    for name in {line["target"].removeprefix("grad.") for line in shares}:
        uses = [line["tree"] for line in shares if line["target"] == f"grad.{name}"]
        for layer, t in PLACES:
            made = [worked_out(tree, values_at(trace, layer, t)) for tree in uses]
            matrix = isinstance(uses[0], list) and uses[0][0] == "outer"
            total = sum(made) if matrix else sum(use.sum(axis=0) for use in made)
            whole = trace.contribution(f"layer{layer}.{name}")[t]
            np.testing.assert_allclose(total, whole, rtol=1e-9, atol=1e-14, err_msg=name)
            norm = trace[f"contribution_norm.layer{layer}.{name}"][t]
            assert norm == pytest.approx(float(np.linalg.norm(whole)), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_what_a_step_hands_back_arrives_at_the_step_before(cell: Any) -> None:
    plan, trace = traced(cell)
    own_terms = {line["target"] for line in plan.equations["backward"] if line["target"].endswith(".from_future")}
    for state in plan.cell.states:
        if f"grad.{state}.from_future" in own_terms:
            continue
        for layer in range(2):
            for t in range(STEPS):
                arrived = trace[f"grad.layer{layer}.{state}.from_future"][t]
                made = handed_back(trace, layer, f"grad.{state}", t)
                np.testing.assert_allclose(made, arrived, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("readout", DATA)
@pytest.mark.parametrize("bias", [True, False])
def test_every_line_of_the_readout_is_true_at_every_step(readout: str, bias: bool) -> None:
    plan, trace = traced("rnn", readout=readout, bias=bias)
    for line in [*plan.equations["readout"], *plan.equations["output"]]:
        for t in range(STEPS):
            made = worked_out(line["tree"], readout_values(trace, t, line["target"]))
            np.testing.assert_allclose(made, trace[line["target"]][t], rtol=1e-9, atol=1e-14, err_msg=line["text"])


def readout_values(trace: engine.Trace, t: int, target: str) -> Value:
    def value(name: str) -> Any:
        if name == "N":
            return np.array(STEPS * BATCH)
        if name == "y" and target == "grad.o" and trace["y"].ndim == 2:
            return np.eye(OUTPUTS)[trace["y"][t]]  # the true symbol as probabilities
        whole = trace["layer1.h" if name == "h" else name]
        return whole if name in ("V", "c") else whole[t]

    return value


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_cells_text_reads_back_as_the_cell(cell: Any) -> None:
    """What is shown as text may be typed in again: signs and parentheses are where they must be."""
    plan, trace = traced(cell)
    start = trace.spec.initialization.model_dump()
    again, other = traced({"name": "again", "equations": str(plan.cell)}, initialization=start)
    for name in ("loss", "grad.x", "layer0.h"):
        np.testing.assert_allclose(other[name], trace[name], rtol=1e-12)
    assert str(again.cell) == str(plan.cell)


def test_the_readout_is_told_in_the_words_of_its_trees() -> None:
    texts = [
        [line["text"] for part in ("readout", "output") for line in traced("rnn", readout=one)[0].equations[part]]
        for one in DATA
    ]
    assert texts == [
        ["o = V @ h + c", "y_hat = softmax(o)", "loss = -log(y_hat[y])", "grad.o = (y_hat - y) / N"],
        ["o = V @ h + c", "y_hat = o", "loss = |y_hat - y|^2 / 2", "grad.o = (y_hat - y) / N"],
    ]
