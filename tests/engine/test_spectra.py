"""Singular values as bounds of the measured factor, and eigenvalues, against NumPy of the trace's weights."""

import numpy as np
import pytest

import engine
from engine.spectra import matrix_singular_values
from tests.engine.analysed import Numbers, T, drawn, made
from tests.engine.typed_cells import own


def test_the_factor_of_an_rnn_lies_between_its_steps_singular_values() -> None:
    for fields in ({}, {"activation": "relu"}, {"initialization": {"kind": "normal", "scale": 2}}):
        one = made(fields, drawn(3))
        factors = engine.analyse(one)["measured_factor.layer0.h"]
        values = one.singular_values()["singular_values.layer0.h"]
        assert (values.min(axis=(1, 2)) <= factors * (1 + 1e-12)).all()
        assert (factors <= values.max(axis=(1, 2)) * (1 + 1e-12)).all()


def test_singular_values_of_an_rnn_are_those_of_slope_times_w() -> None:
    one = made({}, drawn(3))
    trace = one.trace
    jacobians = (1 - trace["layer0.h"] ** 2)[..., None] * trace["layer0.W"]
    found = one.singular_values()["singular_values.layer0.h"]
    np.testing.assert_allclose(found, np.linalg.svd(jacobians, compute_uv=False), rtol=1e-10)


def test_singular_values_of_an_lstms_cell_state_are_its_forget_gate() -> None:
    one = made({"cell": "lstm", "layers": 2}, drawn(3))
    for layer in ("layer0", "layer1"):
        gate = np.sort(one.trace[f"{layer}.forget_gate"], axis=-1)[..., ::-1]
        np.testing.assert_allclose(one.singular_values()[f"singular_values.{layer}.cell_state"], gate, rtol=1e-12)


def complex_of(pairs: Numbers) -> Numbers:
    return np.asarray(pairs[..., 0] + 1j * pairs[..., 1])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_eigenvalues_are_numpys_of_every_square_recurrent_matrix(dtype: str) -> None:
    one = made({"cell": "lstm", "layers": 2, "dtype": dtype})
    found = one.eigenvalues()
    gates = ("input", "forget", "candidate", "output")
    assert list(found) == [f"eigenvalues.layer{layer}.W_{gate}" for layer in range(2) for gate in gates]
    for name, pairs in found.items():
        values, matrix = complex_of(pairs), one.trace[name.removeprefix("eigenvalues.")].astype(float)
        np.testing.assert_allclose(np.sort_complex(values), np.sort_complex(np.linalg.eigvals(matrix)), rtol=1e-9)
        assert (np.diff(np.abs(values)) <= 1e-12).all()
        np.testing.assert_allclose(values.sum(), np.trace(matrix), rtol=1e-9, atol=1e-9)


def test_eigenvalues_of_weights_that_are_not_shared_are_those_of_every_timestep() -> None:
    one = made({"weights_shared": False})
    pairs = one.eigenvalues()["eigenvalues.layer0.W"]
    assert pairs.shape == (T, 5, 2)
    for t, matrix in enumerate(one.trace["layer0.W"]):
        np.testing.assert_allclose(
            np.sort_complex(complex_of(pairs[t])), np.sort_complex(np.linalg.eigvals(matrix)), rtol=1e-9
        )


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_singular_values_of_matrices_are_roots_of_the_eigenvalues_of_their_squares(shared: bool, dtype: str) -> None:
    one = made({"cell": "gru", "layers": 2, "weights_shared": shared, "dtype": dtype})
    found = matrix_singular_values(one)
    assert [name.replace("singular_values", "eigenvalues") for name in found] == list(one.eigenvalues())
    for name, values in found.items():
        matrix = one.trace[name.removeprefix("singular_values.")].astype(float)
        squares = np.linalg.eigvalsh(matrix.swapaxes(-1, -2) @ matrix)[..., ::-1]
        np.testing.assert_allclose(values**2, squares, rtol=1e-9, atol=1e-12)
        assert values.shape == ((5,) if shared else (T, 5))


def test_a_matrix_that_is_not_finite_has_no_singular_values_and_raises_nothing() -> None:
    one = made({"weights_shared": False})
    one.parameters["layer0.W"][2, 0, 0] = np.inf
    values = matrix_singular_values(one)["singular_values.layer0.W"]
    assert np.isnan(values[2]).all()
    assert np.isfinite(np.delete(values, 2, axis=0)).all()


def test_singular_values_of_a_large_batch_are_those_of_its_sequences_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {"cell": "lstm", "layers": 2}
    together = made(fields, drawn(3)).singular_values()
    monkeypatch.setattr("engine.spectra.GROUP", 1)
    for name, values in made(fields, drawn(3)).singular_values().items():
        np.testing.assert_allclose(values, together[name], rtol=1e-12)


def test_only_matrices_that_multiply_a_state_of_the_step_before_are_recurrent() -> None:
    cell = {"name": "fed", "equations": "h = tanh(U @ x + R @ y_prev + A @ (0.5 * h_prev) + p * h_prev + b)"}
    feedback = {"source": "output", "mode": "teacher"}
    one = made({"cell": cell, "feedback": feedback, "hidden_size": 3}, drawn(inputs=3))
    assert list(one.eigenvalues()) == ["eigenvalues.layer0.A"]
    assert made({"cell": own("no recurrence")}).eigenvalues() == {}


def test_the_eigenvalues_of_a_rotation_are_a_pair_the_upper_one_first() -> None:
    weights = {"layer0.W": np.array([[0.0, -1.0], [1.0, 0.0]])}
    weights |= {"layer0.U": np.ones((2, 4)), "layer0.b": np.zeros(2), "V": np.ones((3, 2)), "c": np.zeros(3)}
    found = made({"hidden_size": 2}, weights=weights).eigenvalues()
    np.testing.assert_allclose(found["eigenvalues.layer0.W"], [[0, 1], [0, -1]], atol=1e-15)
