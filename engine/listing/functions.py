"""The activations as a listing writes them, in NumPy with their derivatives and in PyTorch.

They are `engine.activations`' once more, without its `out` arrays.
"""

from __future__ import annotations

from collections.abc import Iterable

TANH, SIGMOID, RELU, IDENTITY = "tanh", "sigmoid", "relu", "identity"
BY_VALUE = (TANH, SIGMOID)
"""Their derivatives are written with the value, not with the argument."""

NUMPY = {
    "sigmoid": "1 / (1 + np.exp(-a))",
    "hard_sigmoid": "np.clip(a / 6 + 0.5, 0, 1)",
    "relu": "np.maximum(a, 0)",
    "leaky_relu": "np.where(a > 0, a, 0.01 * a)",
    "elu": "np.where(a > 0, a, np.expm1(np.minimum(a, 0)))",
    "isrlu": "np.where(a < 0, a / np.sqrt(1 + a**2), a)",
    "softplus": "np.logaddexp(0, a)",
}
SLOPES = {
    "hard_sigmoid": "np.where((a > -3) & (a < 3), 1 / 6, 0)",
    "leaky_relu": "np.where(a > 0, 1, 0.01)",
    "elu": "np.exp(np.minimum(a, 0))",
    "isrlu": "np.where(a < 0, (1 + a**2) ** -1.5, 1)",
    "softplus": "1 / (1 + np.exp(-a))",
}
TORCH = {
    "tanh": "torch.tanh",
    "sigmoid": "torch.sigmoid",
    "relu": "torch.relu",
    "leaky_relu": "torch.nn.functional.leaky_relu",
    "elu": "torch.nn.functional.elu",
}
"""What PyTorch has by itself with every digit."""
TORCH_WRITTEN = {
    "hard_sigmoid": "torch.clamp(a / 6 + 0.5, 0, 1)",
    "isrlu": "torch.where(a < 0, a / torch.sqrt(1 + a**2), a)",
    "softplus": "torch.logaddexp(torch.zeros_like(a), a)",
}


def numpy_call(function: str, argument: str) -> str:
    """An activation in NumPy."""
    return f"np.tanh({argument})" if function == TANH else f"{function}({argument})"


def torch_call(function: str, argument: str) -> str:
    """An activation in PyTorch."""
    return f"{TORCH.get(function, function)}({argument})"


def numpy_slope(function: str, argument: str, value: str | None) -> str:
    """The derivative of an activation where it is multiplied with; `value` is where its value is kept, if it is."""
    if function in BY_VALUE:
        value = value or numpy_call(function, argument)
        return f"(1 - {value}**2)" if function == TANH else f"{value} * (1 - {value})"
    return f"({argument} > 0)" if function == RELU else f"{function}_slope({argument})"


def numpy_definitions(called: Iterable[str], sloped: Iterable[str]) -> list[str]:
    """The functions that must be defined, with a line between them."""
    written = {name: NUMPY[name] for name in sorted(called) if name in NUMPY}
    written |= {f"{name}_slope": SLOPES[name] for name in sorted(sloped) if name in SLOPES}
    return _definitions(written)


def torch_definitions(called: Iterable[str]) -> list[str]:
    """The functions that must be defined, with a line between them."""
    return _definitions({name: TORCH_WRITTEN[name] for name in sorted(called) if name in TORCH_WRITTEN})


def _definitions(written: dict[str, str]) -> list[str]:
    return [line for name, text in written.items() for line in ("", f"def {name}(a):", f"    return {text}")]
