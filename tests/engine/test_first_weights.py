"""What every network begins with: each initialisation against its definition, with weights shared and not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import engine
from engine.activations import Array
from engine.network import Slot
from engine.passes import Pass

HIDDEN, INPUTS, OUTPUTS, STEPS = 24, 7, 5, 3
CELLS = ["rnn", "lstm", "gru", "lstm_peephole", "mgu"]
KINDS = ["xavier", "orthogonal", "identity", "normal", "spectral", "zeros"]


def first(kind: str, *, shared: bool = True, **fields: Any) -> Pass:
    stream = np.random.default_rng(1)
    given = engine.Data(stream.normal(size=(STEPS, 1, INPUTS)), stream.integers(0, OUTPUTS, (STEPS, 1)), OUTPUTS)
    more = fields.pop("initialization", {})
    fields = {"hidden_size": HIDDEN, "task": {"kind": "arrays"}, "weights_shared": shared, "layers": 2} | fields
    return Pass(engine.parse_spec(fields | {"initialization": {"kind": kind, **more}}), given)


def matrices(one: Pass) -> Iterator[tuple[Slot, Array]]:
    """Every matrix, that of each step where steps have their own."""
    for slot in one.plan.slots:
        if slot.role == "matrix":
            value = one.parameters[slot.name]
            yield from ((slot, part) for part in (value if value.ndim == 3 else value[None]))


def squares(one: Pass) -> list[Array]:
    """The matrices that multiply a state of the step before."""
    found = [value for slot, value in matrices(one) if "h_prev" in str(slot.operand)]
    assert found
    return found


@pytest.fixture(params=[True, False], ids=["shared", "of each step's own"])
def shared(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize("cell", CELLS)
def test_xavier_is_uniform_within_the_limit_of_glorot_and_bengio(cell: str, shared: bool) -> None:
    for slot, value in matrices(first("xavier", cell=cell, shared=shared)):
        limit = np.sqrt(6 / sum(slot.shape[-2:]))
        assert 0.9 * limit < np.abs(value).max() <= limit
        assert value.std() == pytest.approx(limit / np.sqrt(3), rel=0.15)


@pytest.mark.parametrize("cell", CELLS)
def test_orthogonal_matrices_have_orthonormal_rows_or_columns_whichever_are_fewer(cell: str, shared: bool) -> None:
    for _, value in matrices(first("orthogonal", cell=cell, shared=shared)):
        rows, columns = value.shape
        product = value.T @ value if rows >= columns else value @ value.T
        np.testing.assert_allclose(product, np.eye(min(rows, columns)), atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_identity_is_that_of_every_recurrent_matrix(cell: str, shared: bool) -> None:
    for value in squares(first("identity", cell=cell, shared=shared)):
        np.testing.assert_array_equal(value, np.eye(HIDDEN))


@pytest.mark.parametrize("radius", [0.5, 1.3])
@pytest.mark.parametrize("cell", CELLS)
def test_spectral_gives_every_recurrent_matrix_its_radius(cell: str, radius: float, shared: bool) -> None:
    for value in squares(first("spectral", cell=cell, shared=shared, initialization={"radius": radius})):
        assert np.abs(np.linalg.eigvals(value)).max() == pytest.approx(radius, rel=1e-12)


@pytest.mark.parametrize("kind", ["identity", "spectral"])
def test_what_does_not_recur_is_drawn_as_xavier_draws_it(kind: str, shared: bool) -> None:
    plain = first("xavier", shared=shared).parameters
    for name, value in first(kind, shared=shared).parameters.items():
        assert (value == plain[name]).all() == (not name.endswith(".W"))


@pytest.mark.parametrize("scale", [0.02, 2.0])
@pytest.mark.parametrize("cell", CELLS)
def test_normal_has_mean_zero_and_its_scale(cell: str, scale: float, shared: bool) -> None:
    drawn = [
        value.ravel()
        for _, value in matrices(first("normal", cell=cell, shared=shared, initialization={"scale": scale}))
    ]
    numbers = np.concatenate(drawn) / scale
    assert abs(numbers.mean()) < 4 / np.sqrt(numbers.size)
    assert numbers.std() == pytest.approx(1, abs=4 / np.sqrt(2 * numbers.size))


@pytest.mark.parametrize("cell", CELLS)
def test_zeros_are_zero_but_the_forget_gates_bias(cell: str, shared: bool) -> None:
    for name, value in first("zeros", cell=cell, shared=shared).parameters.items():
        assert (value == (1 if name.endswith(".b_forget") else 0)).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cell", engine.cells())
def test_biases_are_zero_but_the_forget_gates(cell: str, kind: str, shared: bool) -> None:
    one = first(kind, cell=cell, shared=shared, initialization={"forget_bias": -2.5})
    biases = {slot.name for slot in one.plan.slots if slot.role == "bias"}
    assert biases
    for name in biases:
        assert (one.parameters[name] == (-2.5 if name.endswith(".b_forget") else 0)).all(), name


def test_a_peephole_is_drawn_as_the_diagonal_of_a_matrix_of_its_units() -> None:
    peepholes = first("xavier", cell="lstm_peephole").parameters["layer0.p_input"]
    assert peepholes.shape == (HIDDEN,)
    assert 0.5 < np.abs(peepholes).max() / np.sqrt(6 / (2 * HIDDEN)) <= 1


@pytest.mark.parametrize("kind", ["xavier", "orthogonal", "normal", "spectral"])
def test_every_step_draws_weights_of_its_own(kind: str) -> None:
    one = first(kind, shared=False)
    for slot, _ in matrices(one):
        value = one.parameters[slot.name]
        assert all((value[t] != value[0]).any() for t in range(1, STEPS)), slot.name


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_draws_the_same_and_float32_rounds_it(kind: str, shared: bool) -> None:
    one, again, other, rounded = (
        first(kind, shared=shared, cell="lstm", **more).parameters
        for more in ({"seed": 3}, {"seed": 3}, {"seed": 4}, {"seed": 3, "dtype": "float32"})
    )
    for name, value in one.items():
        np.testing.assert_array_equal(value, again[name])
        np.testing.assert_array_equal(value.astype(np.float32), rounded[name])
    assert (one["layer0.U_input"] != other["layer0.U_input"]).any() == (kind != "zeros")


def test_an_irnn_starts_as_le_jaitly_and_hinton_say_unless_told_otherwise() -> None:
    silent = engine.parse_spec({"cell": "irnn"})
    assert (silent.activation, silent.initialization.kind) == ("relu", "identity")
    assert engine.run(silent)["layer0.h"].min() == 0
    np.testing.assert_array_equal(engine.run(silent)["layer0.W"], np.eye(8))
    told = engine.parse_spec({"cell": "irnn", "activation": "tanh", "initialization": {"kind": "normal"}})
    assert (told.activation, told.initialization.kind) == ("tanh", "normal")
    assert engine.run(told)["layer0.h"].min() < 0
    other = engine.parse_spec({"cell": "rnn"})
    assert (other.activation, other.initialization.kind) == ("tanh", "xavier")


def test_an_irnn_whose_inputs_stop_keeps_its_state() -> None:
    spec = engine.parse_spec({"cell": "irnn", "task": {"kind": "arrays"}})
    x = np.zeros((50, 1, 2))
    x[0] = 1, -2
    trace = engine.run(spec, engine.Data(x, np.zeros((50, 1), np.int64), 2))
    assert trace["layer0.h"][0].any()
    assert (trace["layer0.h"] == trace["layer0.h"][0]).all()
    assert engine.spec_id(spec) == engine.spec_id(engine.parse_spec(spec.model_dump(mode="json")))
