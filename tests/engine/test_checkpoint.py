"""Checkpoints: training goes on from a file bit for bit, and a wrong file is one clear error."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from safetensors import safe_open

import engine
from engine.interchange.pytorch import from_state_dict
from tests.engine.trained import SPECS, assert_same, assert_same_state, trained

Arrays = dict[str, np.ndarray]
FIELDS: dict[str, Any] = {
    "cell": "lstm",
    "hidden_size": 3,
    "task": {"kind": "recall", "gap": 2, "batch": 4},
    "optimizer": {"kind": "adam"},
}


def state_of(fields: dict[str, Any] = FIELDS, count: int = 2) -> engine.State:
    trainer = engine.Trainer(engine.parse_spec(fields))
    trained(trainer, count)
    return trainer.state


@pytest.mark.parametrize("count", [0, 3])
@pytest.mark.parametrize("fields", SPECS.values(), ids=SPECS)
def test_going_on_from_a_file_comes_to_the_same_bits_as_never_stopping(
    tmp_path: Path, fields: dict[str, Any], count: int
) -> None:
    trainer = engine.Trainer(engine.parse_spec(fields))
    trained(trainer, count)
    trainer.change("optimizer.learning_rate", 0.03)
    engine.save_checkpoint(tmp_path / "c", trainer.state)
    state = engine.load_checkpoint(tmp_path / "c")
    assert_same_state(state, trainer.state)
    again = engine.Trainer(state.spec, state)
    assert_same(trained(again, 3), trained(trainer, 3))
    assert_same_state(again.state, trainer.state)


def test_the_same_state_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        engine.save_checkpoint(tmp_path / name, state_of())
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_file_holds_weights_optimizer_and_metadata_by_their_names(tmp_path: Path) -> None:
    state = state_of()
    engine.save_checkpoint(tmp_path / "c", state)
    with safe_open(str(tmp_path / "c"), "numpy") as file:
        metadata, names = file.metadata(), set(file.keys())
    parameters = [slot.name for slot in engine.describe(state.spec).slots]
    remembered = [f"optimizer.{kind}.{name}" for kind in ("mean", "square") for name in parameters]
    assert names == {*parameters, *remembered, "optimizer.updates"}
    told = {name: json.loads(text) for name, text in metadata.items()}
    assert told == {
        "spec": state.spec.model_dump(mode="json"),
        "iteration": 2,
        "changes": [],
        "version": engine.engine_version(),
    }


def test_a_checkpoint_serves_as_weights(tmp_path: Path) -> None:
    state = state_of()
    engine.save_checkpoint(tmp_path / "c", state)
    weights = engine.load_weights(tmp_path / "c", state.spec)
    assert weights.keys() == state.weights.keys()
    assert engine.run(state.spec, weights=weights).loss == engine.run(state.spec, weights=state.weights).loss


def test_a_write_that_fails_leaves_the_file_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    engine.save_checkpoint(tmp_path / "c", state_of())
    before = (tmp_path / "c").read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        engine.save_checkpoint(tmp_path / "c", state_of(count=5))
    assert (tmp_path / "c").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_a_file_of_arrays_is_read_and_meets_its_data_later(tmp_path: Path) -> None:
    spec = engine.parse_spec({"task": {"kind": "arrays"}, "hidden_size": 3})
    data = engine.Data(np.ones((3, 2, 2)), np.zeros((3, 2), np.int64), 2)
    trainer = engine.Trainer(spec, data=data)
    next(trainer)
    engine.save_checkpoint(tmp_path / "c", trainer.state)
    state = engine.load_checkpoint(tmp_path / "c")
    assert next(engine.Trainer(spec, state, data)).loss == next(trainer).loss
    wider = engine.Data(np.ones((3, 2, 5)), np.zeros((3, 2), np.int64), 2)
    with pytest.raises(engine.SpecError, match=r"layer0\.U must have shape \(3, 5\), got \(3, 2\)"):
        engine.Trainer(spec, state, wider)


def arrays_with(**changed: np.ndarray | None) -> Callable[[Arrays, dict[str, str]], None]:
    def change(arrays: Arrays, _: dict[str, str]) -> None:
        arrays |= {name: array for name, array in changed.items() if array is not None}
        for name in [name for name, array in changed.items() if array is None]:
            del arrays[name]

    return change


def metadata_with(**changed: object) -> Callable[[Arrays, dict[str, str]], None]:
    def change(_: Arrays, metadata: dict[str, str]) -> None:
        metadata |= {name: json.dumps(value) for name, value in changed.items()}

    return change


def metadata_without(name: str) -> Callable[[Arrays, dict[str, str]], None]:
    return lambda _, metadata: metadata.__delitem__(name)


WRONG: list[tuple[Callable[[Arrays, dict[str, str]], None], str]] = [
    (metadata_without("spec"), "its metadata lack spec; they hold changes, iteration, version"),
    (metadata_without("iteration"), "lack iteration"),
    (metadata_without("changes"), "lack changes"),
    (lambda _, metadata: metadata.update(spec="{"), "not valid JSON"),
    (metadata_with(spec=[]), "a spec must be a JSON object"),
    (metadata_with(spec={"hidden_size": 0}), "hidden_size must be between 1 and 512, got 0"),
    (metadata_with(spec={**FIELDS, "hidden_size": 4}), r"\w must have shape"),
    (metadata_with(spec={**FIELDS, "cell": "rnn"}), "weights lack layer0"),
    (metadata_with(spec={**FIELDS, "optimizer": {"kind": "sgd"}}), r"optimizer\.mean\.\S+ is unknown to optimizer sgd"),
    (metadata_with(spec={**FIELDS, "dtype": "float32"}), "finite numbers of type float32, got float64"),
    (metadata_with(iteration=-1), "iteration must be a whole number from 0, got -1"),
    (metadata_with(iteration=2**40), "iteration must be a whole number"),
    (metadata_with(iteration=True), "iteration must be a whole number from 0, got True"),
    (metadata_with(iteration="2"), "iteration must be a whole number from 0, got '2'"),
    (metadata_with(iteration=0), r"optimizer\.\S+ is unknown"),
    (metadata_with(changes={}), "changes must be a list"),
    (metadata_with(changes=[[1, 2]]), r"a change must be \[iteration, field, value\]"),
    (metadata_with(changes=[[0, "seed", 2]]), "can be changed while a network trains, got 'seed'"),
    (metadata_with(changes=[[0, "optimizer.learning_rate", -2]]), "between 0 and 1000, got -2"),
    (metadata_with(changes=[[9, "optimizer.learning_rate", 1]]), r"made by iteration 2, got those of \[9\]"),
    (arrays_with(V=None), "weights lack V of shape"),
    (arrays_with(W=np.zeros(3)), "weights have an unknown W"),
    (arrays_with(V=np.zeros((3, 3))), "V must have shape"),
    (arrays_with(c=np.full(9, np.nan)), "c must be finite"),
    (arrays_with(**{"optimizer.mean.V": None}), r"optimizer\.mean\.V must have shape \(9, 3\), got nothing"),
    (
        arrays_with(**{"optimizer.mean.V": np.zeros(2)}),
        r"optimizer\.mean\.V must have shape \(9, 3\), got shape \(2,\)",
    ),
    (arrays_with(**{"optimizer.mean.c": np.full(9, np.inf)}), r"optimizer\.mean\.c must hold finite numbers"),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG, ids=[reason for _, reason in WRONG])
def test_a_file_that_is_wrong_says_how(
    tmp_path: Path, wrong: Callable[[Arrays, dict[str, str]], None], reason: str
) -> None:
    path = tmp_path / "c.safetensors"
    engine.save_checkpoint(path, state_of())
    arrays = safetensors.numpy.load_file(path)
    with safe_open(str(path), "numpy") as file:
        metadata = file.metadata()
    wrong(arrays, metadata)
    safetensors.numpy.save_file(arrays, path, metadata)
    with pytest.raises(engine.SpecError, match=f"c.safetensors is not a checkpoint: .*{reason}"):
        engine.load_checkpoint(path)


@pytest.mark.parametrize("size", [0, 7, 100, -1])
def test_a_file_cut_short_is_told(tmp_path: Path, size: int) -> None:
    path = tmp_path / "c.safetensors"
    engine.save_checkpoint(path, state_of())
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(engine.SpecError, match=r"c\.safetensors is not a safetensors file"):
        engine.load_checkpoint(path)


def test_a_file_that_is_not_there_and_a_trace_are_told(tmp_path: Path) -> None:
    with pytest.raises(engine.SpecError, match="no file"):
        engine.load_checkpoint(tmp_path / "nothing")
    engine.run(engine.parse_spec(FIELDS)).save(tmp_path / "t")
    with pytest.raises(engine.SpecError, match="is not a checkpoint: its metadata lack iteration"):
        engine.load_checkpoint(tmp_path / "t")


GATES = {"rnn": 1, "irnn": 1, "lstm": 4, "gru": 3}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("cell", "gates"), GATES.items())
def test_the_weights_go_to_pytorch_by_name_and_shape_and_come_back_the_same(cell: str, gates: int, bias: bool) -> None:
    state = state_of({**FIELDS, "cell": cell, "layers": 2, "bias": bias})
    found = engine.to_state_dict(state.weights, state.spec)
    hidden, inputs, outputs = 3, 9, 9
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, width in enumerate((inputs, hidden)):
        shapes |= {
            f"rnn.weight_ih_l{layer}": (gates * hidden, width),
            f"rnn.weight_hh_l{layer}": (gates * hidden, hidden),
        }
        if bias:
            shapes |= {f"rnn.{name}_l{layer}": (gates * hidden,) for name in ("bias_ih", "bias_hh")}
    shapes["readout.weight"] = (outputs, hidden)
    if bias:
        shapes["readout.bias"] = (outputs,)
    assert {name: value.shape for name, value in found.items()} == shapes
    back = from_state_dict(found, state.spec)
    assert back.keys() == state.weights.keys()
    for name, value in back.items():
        np.testing.assert_array_equal(value, state.weights[name])


def test_the_blocks_of_rows_are_the_gates_in_pytorchs_order() -> None:
    lstm, gru = (state_of({**FIELDS, "cell": cell}) for cell in ("lstm", "gru"))
    rows = np.split(engine.to_state_dict(lstm.weights, lstm.spec)["rnn.weight_hh_l0"], 4)
    for block, name in zip(rows, ("input", "forget", "candidate", "output"), strict=True):
        np.testing.assert_array_equal(block, lstm.weights[f"layer0.W_{name}"])
    found = engine.to_state_dict(gru.weights, gru.spec)
    for kind, names in {"ih": ("b_reset", "b_update", "b_candidate"), "hh": (None, None, "r_candidate")}.items():
        for block, bias in zip(np.split(found[f"rnn.bias_{kind}_l0"], 3), names, strict=True):
            expected = np.zeros(3) if bias is None else gru.weights[f"layer0.{bias}"]
            np.testing.assert_array_equal(block, expected)


@pytest.mark.parametrize(
    "fields",
    [
        {"cell": "mgu"},
        {"cell": {"name": "mine", "equations": "h = tanh(U @ x + W @ h_prev)"}},
        {"weights_shared": False},
        {"overrides": [{"name": "forget_gate", "value": 1}]},
    ],
)
def test_what_pytorch_does_not_have_is_refused(fields: dict[str, Any]) -> None:
    state = state_of({**FIELDS, **fields})
    with pytest.raises(engine.SpecError, match=r"PyTorch has no cell \w+ as it is used here"):
        engine.to_state_dict(state.weights, state.spec)
