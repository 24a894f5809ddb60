"""Norms stay exact where squares vanish, overflow or cancel."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.factors import Factors
from engine.norms import log10_norm, log10_share_norm


@pytest.mark.parametrize("power", [-300, -200, -20, 0, 20, 150, 300])
def test_a_vector_of_any_size_keeps_its_norm(power: int) -> None:
    assert log10_norm(np.array([3.0, 4.0]) * 10.0**power) == pytest.approx(math.log10(5) + power, abs=1e-12)


@pytest.mark.parametrize("power", [-37, -25, -21, 0, 18, 25])
def test_a_float32_vector_keeps_its_norm(power: int) -> None:
    vector = np.array([3.0, 4.0], np.float32) * np.float32(10.0**power)
    assert log10_norm(vector) == pytest.approx(math.log10(5) + power, abs=1e-6)


def test_zero_is_minus_infinity_and_what_is_not_finite_stays_so() -> None:
    assert log10_norm(np.zeros(3)) == -math.inf
    assert log10_norm(np.array([1.0, math.inf])) == math.inf
    assert math.isnan(log10_norm(np.array([1.0, math.nan])))


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5), st.integers(0, 99), st.integers(-140, 140))
def test_the_norm_of_a_share_needs_no_share(batch: int, rows: int, columns: int, seed: int, power: int) -> None:
    stream = np.random.default_rng(seed)
    delta = stream.normal(size=(batch, rows))
    z = stream.normal(size=(batch, columns))
    expected = math.log10(float(np.linalg.norm(delta.T @ z))) + power
    assert log10_share_norm(delta * 10.0**power, z) == pytest.approx(expected, abs=1e-11)


def test_shares_of_two_sequences_that_cancel_have_the_norm_of_what_is_left() -> None:
    delta, z = np.array([[1.0], [-1.0]]), np.array([[1.0, 2.0], [1.0, 2.0 + 1e-9]])
    assert log10_share_norm(delta, z) == pytest.approx(-9, abs=1e-6)
    assert log10_share_norm(delta, z[[0, 0]]) == -math.inf


def test_shares_in_float32_that_nearly_cancel_keep_the_digits_that_float32_has() -> None:
    stream = np.random.default_rng(4)
    delta = np.repeat(stream.normal(size=(1, 6)), 2, axis=0).astype(np.float32)
    delta[1] *= np.float32(-1 + 1e-3)
    z = np.repeat(stream.normal(size=(1, 5)), 2, axis=0).astype(np.float32)
    exact = np.linalg.norm(delta.astype(np.float64).T @ z.astype(np.float64))
    assert 10.0 ** log10_share_norm(delta, z) == pytest.approx(float(exact), rel=1e-9)


def test_several_uses_of_one_parameter_lie_side_by_side() -> None:
    stream = np.random.default_rng(0)
    one, two = (Factors(stream.normal(size=(3, 2, 4)), z, True) for z in stream.normal(size=(2, 3, 2, 5)))
    both = Factors.stack([one, two])
    np.testing.assert_allclose(both.shares(), one.shares() + two.shares(), atol=1e-14)
    np.testing.assert_allclose(both.total(), both.shares().sum(axis=0), atol=1e-14)
    np.testing.assert_allclose(both.at(1).delta, both.delta[1])
