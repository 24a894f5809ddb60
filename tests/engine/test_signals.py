"""Measured factors and what is left of a signal, held against the trace's own numbers."""

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.passes import Pass
from tests.engine.analysed import CELLS, FADING, Numbers, T, drawn, made, named, only_last


def factors_of(one: Pass, state: str) -> Numbers:
    """The measured factors, from the trace."""
    trace = one.trace
    handed = [trace[f"grad.{state}.initial"], *trace[f"grad.{state}.from_future"][:-1]]
    sizes = (np.linalg.norm(np.array(both), axis=(1, 2)) for both in (handed, trace[f"grad.{state}"]))
    with np.errstate(all="ignore"):
        return np.asarray(np.divide(*sizes))


@pytest.mark.parametrize("cell", CELLS)
def test_measured_factors_are_ratios_of_the_traces_norms_and_their_product_is_what_is_left(cell: str) -> None:
    one = made({"cell": named(cell), "layers": 2})
    found = engine.analyse(one)
    for layer in range(2):
        for state in one.plan.cell.states:
            expected = factors_of(one, f"layer{layer}.{state}")
            np.testing.assert_allclose(found[f"measured_factor.layer{layer}.{state}"], expected, rtol=1e-12)
            last = int(np.flatnonzero(one.trace[f"grad.layer{layer}.{state}"].any(axis=(1, 2))).max(initial=-1))
            products = [float(np.prod(expected[t + 1 : last + 1])) if t <= last else np.nan for t in range(T)]
            left: Numbers = found[f"log10_signal_left.layer{layer}.{state}"]
            np.testing.assert_allclose(10**left, products, rtol=1e-11)
            assert last == -1 or left[last] == 0


def test_what_is_left_of_a_fading_signal_is_an_exact_power_far_below_what_a_float_can_hold() -> None:
    found = engine.analyse(made({"cell": FADING}, drawn(1, steps=101)))
    left = found["log10_signal_left.layer0.h"]
    np.testing.assert_allclose(found["measured_factor.layer0.h"], 1e-4, rtol=1e-11)
    np.testing.assert_allclose(left, -4.0 * np.arange(100, -1, -1), atol=1e-10)
    assert left[0] == pytest.approx(-400)
    assert (np.diff(left) > 0).all()


def test_a_gradient_of_1e_280_keeps_its_factor() -> None:
    found = engine.analyse(made({"cell": FADING}, only_last(drawn(1, steps=71))))
    np.testing.assert_allclose(found["measured_factor.layer0.h"], 1e-4, rtol=1e-10)
    np.testing.assert_allclose(found["log10_signal_left.layer0.h"], -4.0 * np.arange(70, -1, -1), atol=1e-10)


def test_nothing_is_left_before_a_cut() -> None:
    one = made({"cell": "lstm", "algorithm": {"kind": "truncated", "k1": 3, "k2": 3}}, drawn(steps=9))
    found = engine.analyse(one)
    for state in one.plan.cell.states:
        factors, left = (found[f"{kind}.layer0.{state}"] for kind in ("measured_factor", "log10_signal_left"))
        assert list(np.flatnonzero(factors == 0)) == [3, 6]
        np.testing.assert_allclose(factors, factors_of(one, f"layer0.{state}"), rtol=1e-12)
        assert (left[:6] == -np.inf).all()
        np.testing.assert_allclose(left[6:], [np.log10(factors[8] * factors[7]), np.log10(factors[8]), 0])


def test_without_recurrence_every_factor_is_zero() -> None:
    found = engine.analyse(made({"recurrence": "none"}))
    assert (found["measured_factor.layer0.h"] == 0).all()
    assert (found["log10_signal_left.layer0.h"] == [*[-np.inf] * (T - 1), 0]).all()


def test_before_there_is_a_gradient_there_is_no_factor_and_no_signal() -> None:
    counted = np.broadcast_to((np.arange(T) == 3)[:, None], (T, 2))
    found = engine.analyse(made({}, replace(drawn(), counted=counted)))
    factors, left = found["measured_factor.layer0.h"], found["log10_signal_left.layer0.h"]
    assert np.isnan(factors[4:]).all()
    assert np.isnan(left[4:]).all()
    assert left[3] == 0
    np.testing.assert_allclose(left[:3], np.cumsum(np.log10(factors[3:0:-1]))[::-1], rtol=1e-12)


def test_a_signal_that_dies_in_dead_units_stays_dead_whatever_later_losses_add() -> None:
    data = drawn(1)
    data.x[3] = 1
    weights = {"layer0.U": -np.ones((5, 4)), "layer0.W": 0.3 * np.eye(5), "layer0.b": np.full(5, 0.1)}
    weights |= {"V": np.random.default_rng(0).normal(size=(3, 5)), "c": np.zeros(3)}
    data.x[[0, 1, 2, 4, 5, 6]] = -1
    found = engine.analyse(made({"activation": "relu"}, data, weights))
    dead, left = found["dead.layer0.h"], found["log10_signal_left.layer0.h"]
    assert (dead == [0, 0, 0, 1, 0, 0, 0]).all()
    assert found["measured_factor.layer0.h"][3] == 0
    assert (left[:3] == -np.inf).all()
    assert np.isfinite(left[3:]).all()
    found = engine.analyse(made({"activation": "relu"}, only_last(data), weights))
    assert np.isnan(found["measured_factor.layer0.h"][:3]).all()
    assert (found["log10_signal_left.layer0.h"] == -np.inf).tolist() == [True] * 3 + [False] * 4
