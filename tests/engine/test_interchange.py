"""Data and weights from files: what fits is used, what does not is one clear error."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import engine

Arrays = dict[str, np.ndarray]
SPEC = engine.parse_spec({"hidden_size": 3, "task": {"kind": "arrays"}})
X = np.random.default_rng(0).normal(size=(4, 2, 3))
Y = np.array([[0, 1], [1, 2], [2, 0], [0, 0]])


def saved(tmp_path: Path, arrays: Arrays) -> Path:
    path = tmp_path / "arrays.safetensors"
    save_file(arrays, path)
    return path


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"x": X}, "lacks y; it holds x"),
        ({"x": X[0], "y": Y}, r"x must be real numbers of shape \(T, B, I\), got float64 of shape \(2, 3\)"),
        ({"x": X.astype(np.int64), "y": Y}, "x must be real numbers"),
        ({"x": X * np.nan, "y": Y}, "x must be finite"),
        ({"x": X, "y": Y[:2]}, "y must be whole numbers from 0"),
        ({"x": X, "y": -Y}, "y must be whole numbers from 0"),
        ({"x": X, "y": X[:, :, 0].copy()}, "y must be finite numbers of shape"),
    ],
)
def test_data_that_does_not_fit_is_refused(tmp_path: Path, arrays: Arrays, reason: str) -> None:
    with pytest.raises(engine.SpecError, match=reason):
        engine.load_data(saved(tmp_path, arrays))


def test_real_targets_need_a_linear_readout(tmp_path: Path) -> None:
    data = engine.load_data(saved(tmp_path, {"x": X, "y": X}))
    with pytest.raises(engine.SpecError, match="readout 'softmax' needs y to be whole numbers"):
        engine.run(SPEC, data)
    linear = SPEC.model_copy(update={"readout": "linear"})
    assert engine.run(linear, data)["y_hat"].shape == (4, 2, 3)


def test_the_weights_of_a_trace_make_the_same_pass(tmp_path: Path) -> None:
    data = engine.load_data(saved(tmp_path, {"x": X, "y": Y}))
    first = engine.run(SPEC, data)
    first.save(tmp_path / "trace.safetensors")
    weights = engine.load_weights(tmp_path / "trace.safetensors", SPEC)
    other_seed = SPEC.model_copy(update={"seed": 5})
    np.testing.assert_array_equal(engine.run(other_seed, data, weights)["o"], first["o"])


def test_a_network_may_have_more_outputs_than_the_targets_use(tmp_path: Path) -> None:
    data = engine.load_data(saved(tmp_path, {"x": X, "y": Y}))
    names = {slot.name: slot.shape for slot in engine.describe(SPEC, data).slots}
    weights = {name: np.full(shape, 0.1) for name, shape in names.items()}
    weights |= {"V": np.full((7, 3), 0.1), "c": np.zeros(7)}
    assert engine.run(SPEC, data, weights)["o"].shape == (4, 2, 7)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"layer0.W": None}, r"weights lack layer0.W of shape \(3, 3\)"),
        ({"layer0.W": np.zeros((2, 3))}, r"layer0.W must have shape \(3, 3\), got \(2, 3\)"),
        ({"layer0.W": np.full((3, 3), np.inf)}, "layer0.W must be finite"),
        ({"layer1.W": np.zeros((3, 3))}, "unknown layer1.W"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, np.ndarray | None], reason: str) -> None:
    trace = engine.run(SPEC, engine.Data(X, Y, 3))
    kept = {slot.name: trace[slot.name] for slot in engine.describe(SPEC, engine.Data(X, Y, 3)).slots}
    arrays = {name: value for name, value in {**kept, **change}.items() if value is not None}
    with pytest.raises(engine.SpecError, match=reason):
        engine.run(SPEC, engine.Data(X, Y, 3), engine.load_weights(saved(tmp_path, arrays), SPEC))


def test_a_file_without_weights_says_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(engine.SpecError, match="holds no weights, but x, y"):
        engine.load_weights(saved(tmp_path, {"x": X, "y": Y}), SPEC)


def test_pytorchs_names_for_a_cell_pytorch_has_not_are_refused(tmp_path: Path) -> None:
    spec = engine.parse_spec({"cell": "gru_reset_before"})
    path = saved(tmp_path, {"weight_ih_l0": np.zeros((9, 3))})
    with pytest.raises(engine.SpecError, match="PyTorch has no cell gru_reset_before"):
        engine.load_weights(path, spec)


def test_rows_that_are_no_multiple_of_the_gates_are_refused(tmp_path: Path) -> None:
    spec = engine.parse_spec({"cell": "gru"})
    path = saved(tmp_path, {"weight_ih_l0": np.zeros((10, 3))})
    with pytest.raises(engine.SpecError, match="must have a multiple of 3 rows"):
        engine.load_weights(path, spec)


def test_a_name_that_is_neither_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, {"weight_ih_l0": np.zeros((3, 3)), "running_mean": np.zeros(3)})
    with pytest.raises(engine.SpecError, match="running_mean is not a name of nn"):
        engine.load_weights(path, SPEC)


PYTORCH: Arrays = {
    "weight_ih_l0": np.full((3, 3), 0.1),
    "weight_hh_l0": np.full((3, 3), 0.2),
    "bias_ih_l0": np.full(3, 0.3),
    "bias_hh_l0": np.full(3, 0.4),
    "V": np.full((3, 3), 0.5),
    "c": np.zeros(3),
}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"V": np.array(1.0)}, r"V must have shape \(3, 3\), got \(\)"),
        ({"weight_hh_l0": np.array(1.0)}, r"weight_hh_l0 must have a multiple of 1 rows, got shape \(\)"),
        ({"bias_hh_l0": np.zeros(2)}, r"bias_.h_l0 adds to an array of shape .* for layer0.b, got"),
        ({"weight_hh_l0": np.zeros((3, 2))}, r"layer0.W must have shape \(3, 3\), got \(3, 2\)"),
    ],
    ids=lambda wrong: next(iter(wrong)) if isinstance(wrong, dict) else "",
)
def test_weights_of_a_wrong_shape_are_one_clear_error(tmp_path: Path, wrong: Arrays, reason: str) -> None:
    data = engine.load_data(saved(tmp_path, {"x": X, "y": Y}))
    path = tmp_path / "weights.safetensors"
    save_file(PYTORCH | wrong, path)
    with pytest.raises(engine.SpecError, match=reason) as raised:
        engine.run(SPEC, data, engine.load_weights(path, SPEC))
    assert raised.value.field is not None
    assert raised.value.field.startswith("weights.")
