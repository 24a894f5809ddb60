"""The first weights: seeded, of the right spread, one stream each."""

import numpy as np
import pytest

import engine
from engine.network import initialize
from engine.passes import Pass


def weights(**fields: object) -> dict[str, np.ndarray]:
    spec = engine.parse_spec({"hidden_size": 40, **fields})
    return initialize(spec, engine.describe(spec).slots)


def kind(name: str, **more: object) -> dict[str, object]:
    return {"kind": name, **more}


def test_xavier_stays_within_its_limit_and_fills_it() -> None:
    limit = np.sqrt(6 / 80)
    largest = np.abs(weights()["layer0.W"]).max()
    assert 0.95 * limit < largest <= limit


def test_orthogonal_matrices_keep_lengths() -> None:
    w = weights(initialization=kind("orthogonal"))["layer0.W"]
    np.testing.assert_allclose(w @ w.T, np.eye(40), atol=1e-12)


def test_identity_is_for_the_recurrent_matrix_alone() -> None:
    found = weights(initialization=kind("identity"), layers=2)
    np.testing.assert_array_equal(found["layer1.W"], np.eye(40))
    assert np.abs(found["layer1.U"] - np.eye(40)).max() > 0.1


def test_spectral_sets_the_largest_eigenvalue() -> None:
    w = weights(initialization=kind("spectral", radius=1.25))["layer0.W"]
    assert np.abs(np.linalg.eigvals(w)).max() == pytest.approx(1.25)


def test_spectral_leaves_what_is_not_recurrent_as_xavier_draws_it() -> None:
    scaled, drawn = (weights(layers=2, initialization=kind(name)) for name in ("spectral", "xavier"))
    np.testing.assert_array_equal(scaled["layer1.U"], drawn["layer1.U"])


def test_normal_has_its_scale_and_zeros_are_zero() -> None:
    assert weights(initialization=kind("normal", scale=0.3))["layer0.W"].std() == pytest.approx(0.3, rel=0.1)
    assert not any(value.any() for name, value in weights(initialization=kind("zeros")).items())


def test_biases_are_zero_but_the_forget_gates() -> None:
    found = weights(cell="lstm", layers=2, initialization=kind("xavier", forget_bias=2.0))
    assert (found["layer0.b_forget"] == 2).all()
    assert (found["layer1.b_forget"] == 2).all()
    assert not found["layer0.b_input"].any()
    assert not found["c"].any()


def test_a_parameter_draws_from_a_stream_of_its_own() -> None:
    one, two = weights(), weights(layers=2, bias=False)
    np.testing.assert_array_equal(one["layer0.W"], two["layer0.W"])
    assert np.abs(two["layer0.W"] - two["layer1.W"]).max() > 0.01


@pytest.mark.parametrize(("cell", "count"), [("rnn", 208), ("lstm", 616), ("gru", 488)])
def test_the_number_of_parameters_is_what_one_counts_by_hand(cell: str, count: int) -> None:
    """'hello world': 8 symbols. A gate has 8*8 + 8*8 + 8 = 136, the readout 8*8 + 8 = 72."""
    spec = engine.parse_spec({"cell": cell})
    counted = sum(value.size for value in Pass(spec).parameters.values())
    assert counted == count == sum(slot.count for slot in engine.describe(spec).slots)
