"""The activations and their derivatives equal PyTorch's, at kinks and far out too."""

from pathlib import Path

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.spec import parse_spec
from engine.trace import load

STORED, _ = load(Path(__file__).parent.parent / "reference" / "activations.safetensors")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value_and_derivative_equal_pytorchs(name: str) -> None:
    activation, a = ACTIVATIONS[name], STORED[f"{name}.x"]
    with np.errstate(over="ignore"):
        value = activation.value(a)
        slope = activation.slope(a, value)
    np.testing.assert_allclose(value, STORED[f"{name}.value"], rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(slope, STORED[f"{name}.derivative"], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_stay_within_the_bounds_that_are_told(name: str) -> None:
    bounds = ACTIVATIONS[name].bounds
    low, high = bounds or (-np.inf, np.inf)
    value = ACTIVATIONS[name].value(np.linspace(-30, 30, 601))
    assert (value >= low).all()
    assert (value <= high).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_float32_stays_float32(name: str) -> None:
    a = np.linspace(-4, 4, 9, dtype=np.float32)
    value = ACTIVATIONS[name].value(a)
    assert value.dtype == np.float32
    assert ACTIVATIONS[name].slope(a, value).dtype == np.float32


def test_a_spec_takes_every_activation() -> None:
    for name in ACTIVATIONS:
        assert parse_spec({"activation": name, "gate_activation": name}).activation == name


def test_the_sigmoid_of_a_very_negative_number_keeps_its_digits() -> None:
    value = ACTIVATIONS["sigmoid"].value(np.array([-36.0]))[0]
    assert value == pytest.approx(2.3195228302435636e-16, rel=1e-14)
