"""Every number of a pass equals what PyTorch computed and this folder's neighbour stored."""

import json
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.optimizers import optimizer
from engine.trace import load

FOLDER = Path(__file__).parent.parent / "reference"
FILES = sorted(FOLDER.glob("*.safetensors"))
CASES = [path for path in FILES if "loss" in load(path)[1]]
FLOWS = [path for path in FILES if path.stem.startswith("flow_")]
TOLERANCE = 1e-10
APART = ("torch.", "lengths", "counted")
"""What a file holds beside the trace's names."""

Arrays = dict[str, np.ndarray]


def passing(path: Path) -> tuple[engine.Pass, Arrays, dict[str, str]]:
    stored, metadata = load(path)
    spec = engine.parse_spec(engine.parse_json(metadata["spec"]))
    data = engine.load_data(path)
    weights = {slot.name: stored[slot.name] for slot in engine.describe(spec, data).slots}
    return engine.Pass(spec, data, weights), stored, metadata


def read(path: Path) -> tuple[engine.Spec, Arrays, engine.Trace]:
    one, stored, metadata = passing(path)
    trace = one.run()
    assert trace.loss == pytest.approx(float(metadata["loss"]), rel=1e-13)
    return one.spec, stored, trace


def relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    size = max(float(np.abs(theirs).max()), 1e-8)
    return float(np.abs(ours - theirs).max()) / size


def ours_named(trace: engine.Trace, name: str) -> np.ndarray:
    if name.startswith("contribution."):
        return trace.contribution(name.removeprefix("contribution."))
    return trace[name]


def named(paths: list[Path], part: str) -> list[Path]:
    return [path for path in paths if part in load(path)[1]["spec"]]


def test_every_file_is_compared_with_something() -> None:
    others = {path.stem for path in FILES} - {path.stem for path in (*CASES, *FLOWS)}
    assert others == {"activations", "optimizers"}


def test_there_are_stored_passes_of_every_built_in_cell_in_both_depths_and_batches() -> None:
    names = {path.stem for path in CASES}
    for cell in engine.cells():
        for layers in (1, 2):
            for batch in (1, 3):
                assert f"{cell}_layers{layers}_batch{batch}" in names


@pytest.mark.parametrize(
    "part",
    [
        '"weights_shared": false',
        '"recurrence": "none"',
        '"kind": "truncated"',
        '"mode": "teacher"',
        '"mode": "free"',
        '"loss_at": "last_step"',
        '"readout": "linear"',
        '"bias": false',
        "y_prev",
        '"clip_norm"',
    ],
)
def test_there_are_stored_passes_of_every_way_to_run_a_network(part: str) -> None:
    assert named(CASES, part)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_pass_equals_pytorchs_in_every_stored_number(path: Path) -> None:
    _, stored, trace = read(path)
    compared = 0
    for name, theirs in stored.items():
        if name.startswith(APART):
            continue
        ours = ours_named(trace, name)
        assert ours.shape == theirs.shape, name
        assert relative(ours, theirs) < TOLERANCE, name
        compared += 1
    assert compared > 20


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_gradient_of_a_pass_has_a_stored_witness(path: Path) -> None:
    """But for the parts of a line, which have no name in PyTorch's pass."""
    _, stored, trace = read(path)
    aliases = {name for name in trace if name.endswith(".a") and name not in stored}
    for name in trace:
        if name.startswith("grad.") and ".part" not in name and name not in aliases:
            assert name in stored
    for name in aliases:
        assert any(np.shares_memory(trace[name], trace[other]) for other in trace if other != name)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_weights_by_pytorchs_names_give_the_same_pass(path: Path, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    spec, stored, trace = read(path)
    theirs = {name.removeprefix("torch."): value for name, value in stored.items() if name.startswith("torch.")}
    if not theirs:
        modules = ("rnn", "lstm", "gru", "irnn")
        assert not spec.weights_shared or spec.cell_name not in modules or spec.gate_activation != "sigmoid"
        return
    readout = {"decoder.weight": stored["V"]} | ({"decoder.bias": stored["c"]} if "c" in stored else {})
    save_file(theirs | readout, tmp_path / "weights.safetensors")
    if isinstance(spec.cell, str) and not engine.cells()[spec.cell].pytorch:
        with pytest.raises(engine.SpecError, match="PyTorch has no cell"):
            engine.load_weights(tmp_path / "weights.safetensors", spec)
        return
    weights = engine.load_weights(tmp_path / "weights.safetensors", spec)
    again = engine.run(spec, engine.load_data(path), weights)
    assert relative(again["grad.layer0.h"], trace["grad.layer0.h"]) < TOLERANCE


@pytest.mark.parametrize("cell", ["gru_reset_before", "lstm_peephole", "lstm_coupled", "mgu", "leaky"])
def test_a_cell_that_pytorch_does_not_have_takes_no_weights_by_its_names(cell: str) -> None:
    spec = engine.parse_spec({"cell": cell})
    with pytest.raises(engine.SpecError):
        engine.interchange.pytorch.from_state_dict({"weight_ih_l0": np.zeros((3, 3))}, spec)


WITH_PADDING = [path for path in CASES if "lengths" in load(path)[0]]


@pytest.mark.parametrize("path", WITH_PADDING, ids=lambda path: path.stem)
def test_every_number_of_a_padded_step_is_exactly_zero(path: Path) -> None:
    _, stored, trace = read(path)
    steps = np.arange(len(stored["x"]))
    padded = steps[:, None] >= stored["lengths"]
    assert padded.any()
    for name, ours in trace.items():
        if ours.shape[:2] == padded.shape:
            assert not ours[padded].any(), name
    for name in stored:
        if name.startswith("contribution."):
            assert not ours_named(trace, name)[steps >= stored["lengths"].max()].any(), name


@pytest.mark.parametrize("path", WITH_PADDING, ids=lambda path: path.stem)
def test_what_stands_in_the_padding_changes_no_bit(path: Path) -> None:
    one, stored, _ = passing(path)
    padded = np.arange(len(stored["x"]))[:, None] >= stored["lengths"]
    x, y = stored["x"].copy(), stored["y"].copy()
    x[padded], y[padded] = 77, 1
    given = engine.tasks.arrays(x, y, stored["lengths"], stored.get("counted"))
    data = given.with_outputs(stored["V"].shape[0])
    ours = one.run()
    other = engine.run(one.spec, data, {name: value.copy() for name, value in one.parameters.items()})
    for name in stored:
        if not name.startswith(APART):
            assert np.array_equal(ours_named(ours, name), ours_named(other, name)), name


UPDATED = [path for path in CASES if "grad_norm" in load(path)[1]]


@pytest.mark.parametrize("path", UPDATED, ids=lambda path: path.stem)
def test_the_norm_before_clipping_and_what_clipping_does_equal_pytorchs(path: Path) -> None:
    one, _, metadata = passing(path)
    one.run()
    norm, limit = float(metadata["grad_norm"]), one.spec.clip_norm
    assert limit is not None
    assert one.scalars["grad_norm"] == pytest.approx(norm, rel=1e-12)
    assert one.scalars["clip_scale"] == pytest.approx(min(1.0, limit / norm), rel=1e-12)


@pytest.mark.parametrize("name", json.loads(load(FOLDER / "optimizers.safetensors")[1]["settings"]))
def test_an_optimizer_moves_weights_as_pytorchs_does(name: str) -> None:
    stored, metadata = load(FOLDER / "optimizers.safetensors")
    update = optimizer(engine.parse_spec({"optimizer": json.loads(metadata["settings"])[name]}).optimizer)
    # Two parameters, as they have a memory each.
    weights = {"W": stored["start"][:5].copy(), "b": stored["start"][5:].copy()}
    for count, gradient in enumerate(stored["gradients"], 1):
        update(weights, {"W": gradient[:5].copy(), "b": gradient[5:].copy()})
        if count in (1, 5):
            ours = np.concatenate([weights["W"], weights["b"]])
            np.testing.assert_allclose(ours, stored[f"{name}.{count}"], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_flow_equals_pytorchs_derivatives_of_each_loss(path: Path) -> None:
    one, stored, _ = passing(path)
    one.run()
    flow = one.flow()
    assert set(flow) == {name for name in stored if name.startswith("flow.")}
    for name, ours in flow.items():
        assert ours.shape == stored[name].shape, name
        assert relative(ours, stored[name]) < TOLERANCE, name
        assert not np.triu(ours, 1).any(), name


def test_teacher_forcing_without_recurrence_makes_flow_diagonal() -> None:
    one, stored, _ = passing(FOLDER / "flow_rnn_teacher_recurrence_none.safetensors")
    one.run()
    for matrix in (one.flow()["flow.layer0.h"], stored["flow.layer0.h"]):
        assert np.array_equal(matrix, np.diag(np.diag(matrix)))
        assert np.diag(matrix).all()


WITH_SINGULAR_VALUES = [path for path in FLOWS if "singular_values.layer0.h" in load(path)[0]]


@pytest.mark.parametrize("path", WITH_SINGULAR_VALUES, ids=lambda path: path.stem)
def test_singular_values_of_every_step_equal_pytorchs(path: Path) -> None:
    one, stored, _ = passing(path)
    one.run()
    ours = one.singular_values()
    for name in (name for name in stored if name.startswith("singular_values.")):
        assert ours[name].shape == stored[name].shape, name
        assert (np.diff(ours[name], axis=-1) <= 0).all(), name
        assert relative(ours[name], stored[name]) < TOLERANCE, name
