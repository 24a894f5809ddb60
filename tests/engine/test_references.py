"""Every number of a pass equals what PyTorch computed and this folder's neighbour stored."""

from pathlib import Path

import numpy as np
import pytest

import engine
from engine.trace import load

FOLDER = Path(__file__).parent.parent / "reference"
CASES = sorted(path for path in FOLDER.glob("*.safetensors") if path.stem != "activations")
TOLERANCE = 1e-10


def read(path: Path) -> tuple[engine.Spec, dict[str, np.ndarray], engine.Trace]:
    stored, metadata = load(path)
    spec = engine.parse_spec(engine.parse_json(metadata["spec"]))
    data = engine.load_data(path)
    weights = {slot.name: stored[slot.name] for slot in engine.describe(spec, data).slots}
    trace = engine.run(spec, data, weights)
    assert trace.loss == pytest.approx(float(metadata["loss"]), rel=1e-13)
    return spec, stored, trace


def relative(ours: np.ndarray, theirs: np.ndarray) -> float:
    size = max(float(np.abs(theirs).max()), 1e-8)
    return float(np.abs(ours - theirs).max()) / size


def test_there_are_stored_passes_of_every_built_in_cell_in_both_depths_and_batches() -> None:
    names = {path.stem for path in CASES}
    for cell in engine.cells():
        for layers in (1, 2):
            for batch in (1, 3):
                assert f"{cell}_layers{layers}_batch{batch}" in names


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_pass_equals_pytorchs_in_every_stored_number(path: Path) -> None:
    _, stored, trace = read(path)
    compared = 0
    for name, theirs in stored.items():
        if name.startswith("torch."):
            continue
        if name.startswith("contribution."):
            ours = trace.contribution(name.removeprefix("contribution."))
        else:
            ours = trace[name]
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
        with pytest.raises(engine.SpecError):
            engine.interchange.pytorch.from_state_dict({"weight_ih_l0": np.zeros((3, 3))}, spec)
        return
    readout = {"decoder.weight": stored["V"]} | ({"decoder.bias": stored["c"]} if "c" in stored else {})
    save_file(theirs | readout, tmp_path / "weights.safetensors")
    weights = engine.load_weights(tmp_path / "weights.safetensors", spec)
    again = engine.run(spec, engine.load_data(path), weights)
    assert relative(again["grad.layer0.h"], trace["grad.layer0.h"]) < TOLERANCE
