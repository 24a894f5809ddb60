"""Networks of every kind: the same bits however they are run, deep, long, in float32, and with every activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine.errors import SpecError
from engine.layer import Layer
from engine.passes import Pass
from tests.engine.test_random_specs import NAMING, away, typed
from tests.engine.typed_cells import TYPED, own

STEPS, OUTPUTS = 6, 4
CELLS: dict[str, object] = {name: name for name in engine.cells()} | {name: own(name) for name in TYPED}
FREE = {"source": "output", "mode": "free"}
CUT = {"kind": "truncated", "k1": 2, "k2": 3}


def data(readout: str = "softmax", batch: int = 2, steps: int = STEPS, seed: int = 7, **masks: Any) -> engine.Data:
    stream = np.random.default_rng(seed)
    x, symbols = stream.normal(size=(steps, batch, 3)), stream.integers(0, OUTPUTS, (steps, batch))
    real = stream.normal(size=(steps, batch, OUTPUTS))
    return engine.Data(x, symbols if readout == "softmax" else real, OUTPUTS, **masks)


def spec(**fields: Any) -> engine.Spec:
    return engine.parse_spec({"hidden_size": 5, "task": {"kind": "arrays"}, **fields})


def output(mode: str) -> dict[str, object]:
    return {"source": "output", "mode": mode, "probability": 0.5}


def bits(trace: engine.Trace) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {name: (trace[name].dtype.str, trace[name].shape, trace[name].tobytes()) for name in trace}


def computed(all_bits: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in all_bits.items() if name not in ("y", "lengths", "counted")}


def off(one: engine.Spec, given: engine.Data, entries: int = 2) -> set[str]:
    """What is off, with weights of which none is zero: at a kink a difference tells nothing."""
    stream = np.random.default_rng(3)
    weights = {slot.name: away(stream, slot.shape) for slot in engine.describe(one, given).slots}
    return {row.name for row in engine.check(one, given, weights, entries) if not row.ok}


# The same bits, however a pass is run.

KINDS: list[dict[str, Any]] = [
    *({"cell": cell} for cell in engine.cells()),
    *({"cell": own(name), "layers": 2} for name in ("two states", "one matrix twice", "states that are affine maps")),
    *({"cell": "lstm", "layers": 2, "feedback": output(mode)} for mode in ("teacher", "free", "sampled", "scheduled")),
    *({"cell": typed(name), "feedback": FREE} for name in NAMING),
    {"cell": "gru", "layers": 2, "algorithm": CUT},
    {"cell": "gru", "layers": 2, "algorithm": CUT, "feedback": FREE, "readout": "linear"},
    {"cell": "lstm_peephole", "weights_shared": False, "layers": 2},
    {"cell": "mgu", "recurrence": "none", "feedback": FREE},
    {"cell": "lstm", "dtype": "float32", "loss_at": "last_step"},
]


@pytest.mark.parametrize("fields", KINDS, ids=str)
@pytest.mark.parametrize("batch", [1, 2])
def test_a_pass_run_again_gives_the_same_bits_whatever_it_ran_between(batch: int, fields: dict[str, Any]) -> None:
    readout = fields.get("readout", "softmax")
    given, other = data(readout, batch), data(readout, batch, seed=8)
    one = Pass(spec(**fields), given)
    first = one.run()
    expected, loss = bits(first), first.loss
    masked = data(readout, batch, seed=9, lengths=np.arange(batch) + 3)
    for between in (other, masked):
        one.load(between)
        assert computed(bits(one.run())) == computed(bits(Pass(spec(**fields), between).run()))
        one.load(given)
        again = one.run()
        assert bits(again) == expected
        assert (again.loss, again.id) == (loss, first.id)
    assert bits(one.run()) == expected
    assert bits(engine.run(spec(**fields), given)) == expected


@pytest.mark.parametrize("fields", KINDS, ids=str)
@pytest.mark.parametrize("batch", [1, 2])
def test_training_stepping_and_running_do_the_same_work_bit_for_bit(batch: int, fields: dict[str, Any]) -> None:
    given = data(fields.get("readout", "softmax"), batch)
    ran, stepped, trained = (Pass(spec(**fields), given) for _ in range(3))
    trace = ran.run()
    expected = bits(trace)
    for _ in stepped.steps():
        pass
    assert bits(stepped.trace) == expected
    assert trained.gradient() == trace.loss
    for name, value in trained.gradients.items():
        assert (value.dtype.str, value.shape, value.tobytes()) == expected[f"grad.{name}"]
    assert trained.gradient() == trace.loss
    assert bits(trained.trace) == expected


@pytest.mark.parametrize("fields", [*KINDS, {"algorithm": {"kind": "truncated", "k1": 2, "k2": 2}}], ids=str)
@pytest.mark.parametrize("batch", [1, 2])
def test_every_step_holds_the_traces_numbers_already_when_it_is_told(batch: int, fields: dict[str, Any]) -> None:
    one = Pass(spec(**fields), data(fields.get("readout", "softmax"), batch))
    told = [(step, {name: array.copy() for name, array in step.arrays.items()}) for step in one.steps()]
    trace = one.trace
    for step, arrays in told:
        for name in arrays.keys() & set(trace):
            whole = step.t is None or name in one.parameters or name.endswith(".initial")
            expected = trace[name] if whole else trace[name][step.t]
            np.testing.assert_array_equal(arrays[name], expected, f"{name} of {step.phase} {step.t}")


def test_a_trace_after_other_data_were_loaded_holds_their_targets_and_masks() -> None:
    counted = np.arange(2 * STEPS).reshape(STEPS, 2) % 3 > 0
    masked, plain = data(seed=9, lengths=np.array([4, 6]), counted=counted), data()
    one = Pass(spec(), masked)
    for given in (masked, plain, masked):
        one.load(given)
        trace = one.run()
        assert {"lengths", "counted"} & set(trace) == {"lengths", "counted"} & given.arrays().keys()
        for name, array in given.arrays().items():
            if name != "x":
                np.testing.assert_array_equal(trace[name], array, name)


def test_data_of_another_shape_are_refused() -> None:
    one = Pass(spec(), data())
    for other in (data(batch=3), data(steps=5)):
        with pytest.raises(SpecError, match="data of the shape"):
            one.load(other)


# Long and deep.

LONG = 150


@pytest.mark.parametrize(
    "fields",
    [
        *({"cell": cell} for cell in engine.cells()),
        *({"cell": own(name)} for name in ("signs", "inside a matrix of the input", "h goes on through another state")),
        {"cell": "lstm", "layers": 2, "feedback": output("teacher")},
        {"cell": "gru", "layers": 2, "algorithm": {"kind": "truncated", "k1": 20, "k2": 50}},
        {"cell": "lstm", "weights_shared": False, "loss_at": "last_step"},
        {"cell": "mgu", "recurrence": "none"},
    ],
    ids=str,
)
@pytest.mark.parametrize("batch", [1, 2])
def test_chunks_of_timesteps_are_the_timesteps_one_by_one(batch: int, fields: dict[str, Any]) -> None:
    given = data(batch=batch, steps=LONG)
    together, apart = (Pass(spec(**fields), given, chunk=chunk).run() for chunk in (64, 1))
    for name in apart:
        size = max(1e-3, float(np.abs(apart[name]).max()))
        np.testing.assert_allclose(together[name], apart[name], rtol=0, atol=1e-12 * size, err_msg=name)


@pytest.mark.parametrize(
    "fields",
    [
        {"cell": "gru", "layers": 2},
        {"cell": "lstm_peephole", "algorithm": {"kind": "truncated", "k1": 40, "k2": 70}},
        {"cell": "lstm", "feedback": output("teacher"), "weights_shared": False},
    ],
    ids=str,
)
def test_gradients_over_several_chunks(fields: dict[str, Any]) -> None:
    assert off(spec(**fields), data(steps=LONG), entries=1) == set()


@pytest.mark.parametrize("cell", engine.cells())
def test_four_layers(cell: str) -> None:
    given = data()
    assert off(spec(cell=cell, layers=4, hidden_size=3), given) == set()
    assert off(spec(cell=cell, layers=4, hidden_size=3, weights_shared=False, feedback=FREE), given, entries=1) == set()


def test_a_lower_layer_that_gets_half_of_its_gradient_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Callable[[Layer, int], None] = Layer.below

    def half(layer: Layer, chunk: int) -> None:
        whole(layer, chunk)
        layer.array("grad.x")[...] *= 0.5

    assert off(spec(cell="lstm", layers=2), data()) == set()
    monkeypatch.setattr(Layer, "below", half)
    found = off(spec(cell="lstm", layers=2), data())
    assert found >= {"layer0.W_input", "layer0.b_forget", "layer0.h.initial", "x"}
    assert not any(name.startswith("layer1.") or name in "Vc" for name in found)


# Without recurrence.


@pytest.mark.parametrize(("batch", "hidden"), [(1, 3), (1, 8), (2, 5)])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", [*CELLS, *NAMING])
def test_taught_without_recurrence_the_steps_come_apart(cell: str, layers: int, batch: int, hidden: int) -> None:
    fields = {"layers": layers, "recurrence": "none", "feedback": output("teacher"), "hidden_size": hidden}
    one = Pass(spec(cell=CELLS.get(cell) or typed(cell), **fields), data(batch=batch))
    trace = one.run()
    for name, flow in one.flow().items():
        assert not flow[~np.eye(STEPS, dtype=bool)].any(), name
    assert one.flow()[f"flow.layer{layers - 1}.h"].diagonal().all()
    for name in trace:
        if name.endswith((".from_future", ".initial")):
            assert not trace[name].any(), name


# Float32.


@pytest.mark.parametrize("mode", ["none", "teacher", "free", "sampled", "scheduled"])
@pytest.mark.parametrize("cell", engine.cells())
def test_float32_is_float32_throughout_and_near_to_float64(cell: str, mode: str) -> None:
    for readout, shared in (("softmax", True), ("linear", False)):
        feedback = {"source": "none"} if mode == "none" else output(mode)
        fields: dict[str, Any] = {"cell": cell, "readout": readout, "feedback": feedback, "weights_shared": shared}
        given = data(readout, lengths=np.array([STEPS, 4]))
        one = Pass(spec(dtype="float32", layers=2, **fields), given)
        steps = [step.arrays for step in one.steps()]
        trace, exact = one.trace, engine.run(spec(layers=2, **fields), given)
        whole = {"y", "lengths", "y_prev.forced"}
        names = [name for name in trace if not name.startswith("contribution_norm") and name not in whole]
        assert {trace[name].dtype for name in names} == {np.dtype(np.float32)}
        assert {a.dtype for step in steps for n, a in step.items() if n in names} == {np.dtype(np.float32)}
        assert {a.dtype for layer in one.layers for a in layer.buffers.values()} == {np.dtype(np.float32)}
        for name in names:
            np.testing.assert_allclose(trace[name], exact[name], rtol=1e-3, atol=1e-5, err_msg=name)
        for name in whole & set(trace):
            np.testing.assert_array_equal(trace[name], exact[name], err_msg=name)


# Every activation in either role.


@pytest.mark.parametrize("activation", engine.ACTIVATIONS)
@pytest.mark.parametrize("cell", ["lstm", "gru", "mgu", "lstm_peephole"])
def test_every_activation_as_content_as_gate_and_as_both(cell: str, activation: str) -> None:
    text = engine.cells()[cell]
    value = engine.ACTIVATIONS[activation].value
    for roles in ({"activation": activation}, {"gate_activation": activation}):
        given, one = data(steps=4), spec(cell=cell, **roles)
        assert off(one, given) == set()
        trace = engine.run(one, given)
        for line in text.content if "activation" in roles else text.gates:
            np.testing.assert_allclose(trace[f"layer0.{line}"], value(trace[f"layer0.{line}.a"]), rtol=1e-13)
    assert off(spec(cell=cell, activation=activation, gate_activation=activation), data(steps=4)) == set()
