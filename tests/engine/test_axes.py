"""Principal axes of the states, against the eigenvectors of their covariance."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import engine
from tests.engine.analysed import Numbers, T, drawn, made
from tests.engine.typed_cells import own

LENGTHS = replace(drawn(3), lengths=np.array([7, 3, 5]))
KEEPING = {"name": "keeping", "equations": "h = h_prev\ns = tanh(U @ x)"}


def by_covariance(states: Numbers, there: Numbers) -> tuple[Numbers, Numbers]:
    """Coordinates (T,B,2), signs free, and shares (2,)."""
    rows = states[there]
    variances, vectors = np.linalg.eigh(np.cov(rows.T, bias=True))
    coordinates = np.full((*there.shape, 2), np.nan)
    coordinates[there] = (rows - rows.mean(axis=0)) @ vectors[:, [-1, -2]]
    return coordinates, variances[[-1, -2]] / variances.sum()


@pytest.mark.parametrize(
    ("fields", "data"),
    [
        ({}, drawn()),
        ({"cell": "lstm", "layers": 2}, drawn(1)),
        ({"cell": own("h goes on through another state"), "hidden_size": 3}, drawn(4)),
        ({"cell": "gru"}, LENGTHS),
        ({"weights_shared": False}, drawn()),
    ],
)
def test_axes_are_the_eigenvectors_of_the_covariance(fields: dict[str, Any], data: engine.Data) -> None:
    one = made(fields, data)
    found = engine.principal_axes(one)
    there = np.ones((T, data.x.shape[1]), bool) if data.there is None else data.there
    names = [f"layer{layer}.{state}" for layer in range(one.spec.layers) for state in one.plan.cell.states]
    assert list(found) == [f"{kind}.{name}" for name in names for kind in ("coordinates", "explained")]
    for name in names:
        coordinates, shares = by_covariance(one.trace[name], there)
        np.testing.assert_allclose(found[f"explained.{name}"], shares, rtol=1e-9)
        np.testing.assert_allclose(abs(found[f"coordinates.{name}"]), abs(coordinates), rtol=1e-6, atol=1e-9)


def test_the_unit_that_an_axis_depends_on_most_has_a_positive_part_in_it() -> None:
    one = made({"cell": "lstm", "hidden_size": 6}, drawn(3))
    found = engine.principal_axes(one)
    for state in one.plan.cell.states:
        rows = one.trace[f"layer0.{state}"].reshape(-1, 6)
        rows = rows - rows.mean(axis=0)
        along = found[f"coordinates.layer0.{state}"].reshape(-1, 2)
        for axis in range(2):
            direction = np.linalg.lstsq(along, rows, rcond=None)[0][axis]
            assert direction[np.abs(direction).argmax()] > 0
            np.testing.assert_allclose(np.linalg.norm(direction), 1, rtol=1e-9)


def test_one_unit_has_one_axis() -> None:
    one = made({"hidden_size": 1})
    found, states = engine.principal_axes(one), one.trace["layer0.h"][..., 0]
    np.testing.assert_allclose(found["coordinates.layer0.h"][..., 0], states - states.mean(), rtol=1e-9, atol=1e-15)
    assert not found["coordinates.layer0.h"][..., 1].any()
    assert found["explained.layer0.h"].tolist() == [1, 0]


@pytest.mark.parametrize("value", [0, 0.1, 1e6])
def test_a_state_that_stays_what_it_is_has_no_axis(value: float) -> None:
    override = {"name": "layer0.h.initial", "value": value}
    found = engine.principal_axes(made({"cell": KEEPING, "overrides": [override]}, drawn(3)))
    assert not found["coordinates.layer0.h"].any()
    assert found["explained.layer0.h"].tolist() == [0, 0]


def test_a_single_timestep_of_one_sequence_has_no_axis() -> None:
    found = engine.principal_axes(made({}, drawn(1, steps=1)))
    assert found["coordinates.layer0.h"].tolist() == [[[0, 0]]]
    assert found["explained.layer0.h"].tolist() == [0, 0]


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_states_whose_squares_are_no_floats_have_their_axes(scale: float) -> None:
    cell = {"name": "linear", "equations": "h = U @ x + 0.5 * h_prev"}
    one = made({"cell": cell})
    usual = engine.principal_axes(one)
    one.parameters["layer0.U"] *= scale
    one.run()
    found = engine.principal_axes(one)
    np.testing.assert_allclose(found["explained.layer0.h"], usual["explained.layer0.h"], rtol=1e-9)
    np.testing.assert_allclose(found["coordinates.layer0.h"] / scale, usual["coordinates.layer0.h"], rtol=1e-9)


def test_padding_has_no_coordinates_and_does_not_count() -> None:
    one = made({"cell": "gru"}, LENGTHS)
    coordinates = engine.principal_axes(one)["coordinates.layer0.h"]
    np.testing.assert_array_equal(np.isnan(coordinates).all(axis=-1), ~np.asarray(LENGTHS.there))
    np.testing.assert_allclose(np.nanmean(coordinates, axis=(0, 1)), 0, atol=1e-15)


def test_a_state_that_is_not_finite_has_no_axes_and_raises_nothing() -> None:
    one = made(
        {
            "cell": {
                "name": "two",
                "equations": "h = tanh(U @ x) + 0 * h_prev\ns = 1e99 * (s_prev + h) * (s_prev + h)",
            }
        }
    )
    found = engine.principal_axes(one)
    assert np.isnan(found["coordinates.layer0.s"]).all()
    assert np.isnan(found["explained.layer0.s"]).all()
    assert np.isfinite(found["coordinates.layer0.h"]).all()


def test_axes_of_float32_are_those_of_float64_to_its_digits() -> None:
    precise = engine.principal_axes(made({"cell": "lstm"}, drawn(3)))
    for name, array in engine.principal_axes(made({"cell": "lstm", "dtype": "float32"}, drawn(3))).items():
        np.testing.assert_allclose(array, precise[name], rtol=1e-3, atol=1e-5, err_msg=name)
