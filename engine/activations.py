"""The activation functions, each with its derivative.

A derivative is written in terms of the argument `a` and the value `f(a)` where that is exact and
cheaper. At a kink it is the one PyTorch uses. Arguments and results are arrays of any one shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]

LEAKY_SLOPE = 0.01  # PyTorch's default negative slope


@dataclass(frozen=True)
class Activation:
    """One activation: `value(a)`, `slope(a, value)` and the `bounds` of what it can return."""

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]
    formula: str
    derivative: str
    bounds: tuple[float, float] | None
    source: str


def _sigmoid(a: Array) -> Array:
    # Not (1 + tanh(a/2)) / 2: that form is off by 4% at a = -36, and small numbers are the lesson.
    return 1 / (1 + np.exp(-a))


def _hard_sigmoid(a: Array) -> Array:
    return np.clip(a / 6 + 0.5, 0, 1)


def _hard_sigmoid_slope(a: Array, _: Array) -> Array:
    return np.where((a > -3) & (a < 3), a.dtype.type(1 / 6), a.dtype.type(0))


def _relu_slope(a: Array, _: Array) -> Array:
    return (a > 0).astype(a.dtype)


def _leaky_relu(a: Array) -> Array:
    return np.where(a > 0, a, LEAKY_SLOPE * a)


def _leaky_relu_slope(a: Array, _: Array) -> Array:
    return np.where(a > 0, a.dtype.type(1), a.dtype.type(LEAKY_SLOPE))


def _elu(a: Array) -> Array:
    return np.where(a > 0, a, np.expm1(np.minimum(a, 0)))


def _elu_slope(a: Array, _: Array) -> Array:
    return np.exp(np.minimum(a, 0))


def _isrlu(a: Array) -> Array:
    return np.where(a < 0, a / np.sqrt(1 + a * a), a)


def _isrlu_slope(a: Array, _: Array) -> Array:
    return np.where(a < 0, (1 + a * a) ** -1.5, a.dtype.type(1))


def _softplus(a: Array) -> Array:
    return np.logaddexp(a.dtype.type(0), a)


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation(
            "tanh",
            np.tanh,
            lambda _, value: 1 - value * value,
            "(e^a - e^-a) / (e^a + e^-a)",
            "1 - tanh(a)^2",
            (-1, 1),
            "LeCun et al. (1998), Efficient BackProp",
        ),
        Activation(
            "sigmoid",
            _sigmoid,
            lambda _, value: value * (1 - value),
            "1 / (1 + e^-a)",
            "sigmoid(a) (1 - sigmoid(a))",
            (0, 1),
            "Goodfellow, Bengio and Courville (2016), section 6.3.2",
        ),
        Activation(
            "hard_sigmoid",
            _hard_sigmoid,
            _hard_sigmoid_slope,
            "clip(a/6 + 1/2, 0, 1)",
            "1/6 for -3 < a < 3, else 0",
            (0, 1),
            "Courbariaux et al. (2015); the form of PyTorch's Hardsigmoid",
        ),
        Activation(
            "relu",
            lambda a: np.maximum(a, 0),
            _relu_slope,
            "max(a, 0)",
            "1 for a > 0, else 0",
            None,
            "Glorot, Bordes and Bengio (2011)",
        ),
        Activation(
            "leaky_relu",
            _leaky_relu,
            _leaky_relu_slope,
            "a for a > 0, else 0.01 a",
            "1 for a > 0, else 0.01",
            None,
            "Maas, Hannun and Ng (2013)",
        ),
        Activation(
            "elu",
            _elu,
            _elu_slope,
            "a for a > 0, else e^a - 1",
            "1 for a > 0, else e^a",
            None,
            "Clevert, Unterthiner and Hochreiter (2016), alpha 1",
        ),
        Activation(
            "isrlu",
            _isrlu,
            _isrlu_slope,
            "a / sqrt(1 + a^2) for a < 0, else a",
            "(1 + a^2)^(-3/2) for a < 0, else 1",
            None,
            "Carlile et al. (2017), alpha 1",
        ),
        Activation(
            "softplus",
            _softplus,
            lambda a, _: _sigmoid(a),
            "log(1 + e^a)",
            "sigmoid(a)",
            None,
            "Dugas et al. (2001)",
        ),
        Activation(
            "identity",
            lambda a: a,
            lambda a, _: np.ones_like(a),
            "a",
            "1",
            None,
            "no activation: a linear unit",
        ),
    )
}
