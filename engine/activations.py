"""The activation functions, each with its derivative.

A derivative is written in terms of the argument `a` and the value `f(a)` where that is exact and
cheaper. At a kink it is the one PyTorch uses. Arguments and results are arrays of any one shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]


class Value(Protocol):
    """`f(a)`, into `out` where that is given."""

    def __call__(self, a: Array, out: Array | None = None, /) -> Array:
        """The value at `a`, of its shape."""
        ...


class Slope(Protocol):
    """The derivative of f at `a`, where `value` is f(a), into `out` where that is given."""

    def __call__(self, a: Array, value: Array, out: Array | None = None, /) -> Array:
        """The slope at `a`, of its shape."""
        ...


LEAKY_SLOPE = 0.01  # PyTorch's default negative slope


@dataclass(frozen=True)
class Activation:
    """One activation: `value(a)`, `slope(a, value)` and the `bounds` of what it can return.

    Both take a further array for the result, which may not be one they read. `calls` is the value once more as NumPy
    calls (function, arguments "a", "out" or a number, result), for the loop over time, where a Python function
    would cost as much as its arithmetic; empty where there is no gain.
    """

    name: str
    value: Value
    slope: Slope
    formula: str
    derivative: str
    bounds: tuple[float, float] | None
    source: str
    calls: tuple[tuple[str, ...], ...] = ()


def _sigmoid(a: Array, out: Array | None = None) -> Array:
    # Not (1 + tanh(a/2)) / 2: that form is off by 4% at a = -36, and small numbers are the lesson.
    result = np.multiply(a, -1, out)  # np.negative of NumPy 2.4 is wrong for some strides
    np.exp(result, result)
    result += 1
    return np.reciprocal(result, result)


def _sigmoid_slope(_: Array, value: Array, out: Array | None = None) -> Array:
    result = np.subtract(1, value, out)
    result *= value
    return result


def _tanh_slope(_: Array, value: Array, out: Array | None = None) -> Array:
    result = np.multiply(value, value, out)
    return np.subtract(1, result, result)


def _hard_sigmoid(a: Array, out: Array | None = None) -> Array:
    result = np.divide(a, 6, out)
    result += 0.5
    return np.clip(result, 0, 1, result)


def _hard_sigmoid_slope(a: Array, _: Array, out: Array | None = None) -> Array:
    return _given(np.where((a > -3) & (a < 3), a.dtype.type(1 / 6), a.dtype.type(0)), out)


def _relu(a: Array, out: Array | None = None) -> Array:
    return np.maximum(a, 0, out=out)


def _relu_slope(a: Array, _: Array, out: Array | None = None) -> Array:
    return _given((a > 0).astype(a.dtype), out)


def _leaky_relu(a: Array, out: Array | None = None) -> Array:
    return _given(np.where(a > 0, a, LEAKY_SLOPE * a), out)


def _leaky_relu_slope(a: Array, _: Array, out: Array | None = None) -> Array:
    return _given(np.where(a > 0, a.dtype.type(1), a.dtype.type(LEAKY_SLOPE)), out)


def _elu(a: Array, out: Array | None = None) -> Array:
    return _given(np.where(a > 0, a, np.expm1(np.minimum(a, 0))), out)


def _elu_slope(a: Array, _: Array, out: Array | None = None) -> Array:
    result = np.minimum(a, 0, out=out)
    return np.exp(result, result)


def _isrlu(a: Array, out: Array | None = None) -> Array:
    return _given(np.where(a < 0, a / np.sqrt(1 + a * a), a), out)


def _isrlu_slope(a: Array, _: Array, out: Array | None = None) -> Array:
    return _given(np.where(a < 0, (1 + a * a) ** -1.5, a.dtype.type(1)), out)


def _softplus(a: Array, out: Array | None = None) -> Array:
    return np.logaddexp(a.dtype.type(0), a, out)


def _softplus_slope(a: Array, _: Array, out: Array | None = None) -> Array:
    return _sigmoid(a, out)


def _identity(a: Array, out: Array | None = None) -> Array:
    return np.positive(a, out)


def _identity_slope(a: Array, _: Array, out: Array | None = None) -> Array:
    return _given(np.ones_like(a), out)


def _given(result: Array, out: Array | None) -> Array:
    """The result where it is wanted."""
    if out is None:
        return result
    out[...] = result
    return out


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation(
            "tanh",
            np.tanh,
            _tanh_slope,
            "(e^a - e^-a) / (e^a + e^-a)",
            "1 - tanh(a)^2",
            (-1, 1),
            "LeCun et al. (1998), Efficient BackProp",
            (("tanh", "a", "out"),),
        ),
        Activation(
            "sigmoid",
            _sigmoid,
            _sigmoid_slope,
            "1 / (1 + e^-a)",
            "sigmoid(a) (1 - sigmoid(a))",
            (0, 1),
            "Goodfellow, Bengio and Courville (2016), section 6.3.2",
            (
                ("multiply", "a", "-1", "out"),
                ("exp", "out", "out"),
                ("add", "out", "1", "out"),
                ("reciprocal", "out", "out"),
            ),
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
            _relu,
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
            _softplus_slope,
            "log(1 + e^a)",
            "sigmoid(a)",
            None,
            "Dugas et al. (2001)",
        ),
        Activation(
            "identity",
            _identity,
            _identity_slope,
            "a",
            "1",
            None,
            "no activation: a linear unit",
        ),
    )
}
