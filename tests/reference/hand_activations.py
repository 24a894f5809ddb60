"""The nine activations as PyTorch computes them, and their values and derivatives on a grid.

Three of them are not PyTorch's function as it stands; each says why:
`hard_sigmoid`, `isrlu` (PyTorch has none), and the grid keeps away from where `F.softplus` rounds.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Activation = Callable[[Tensor], Tensor]


def hard_sigmoid(a: Tensor) -> Tensor:
    """clip(a/6 + 1/2, 0, 1), any shape.

    Not `F.hardsigmoid`: its backward multiplies by a single-precision 1/6 even in float64, off by 3e-8.
    """
    return torch.clamp(a / 6 + 0.5, 0, 1)


def isrlu(a: Tensor) -> Tensor:
    """The inverse square root linear unit with alpha 1, any shape (Carlile et al. 2017)."""
    return torch.where(a < 0, a / torch.sqrt(1 + a * a), a)


def identity(a: Tensor) -> Tensor:
    """The value itself, as a new node of the graph."""
    return a.clone()


ACTIVATIONS: dict[str, Activation] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": hard_sigmoid,
    "relu": torch.relu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "isrlu": isrlu,
    "softplus": functional.softplus,
    "identity": identity,
}


def grid() -> Tensor:
    """Where the activations are sampled, float64, ascending, each point once.

    Holds the kinks 0 and +-3 exactly, points close to 0, and +-40 and +-700 where exp is near its limits.
    Nothing lies between 20 and 40: there `F.softplus` returns its argument, off by up to 2e-9.
    """
    middle = torch.arange(-32, 33, dtype=torch.float64) / 4
    outer = torch.tensor([1e-8, 1e-3, 12.0, 20.0, 40.0, 700.0], dtype=torch.float64)
    return torch.cat([-outer.flip(0), middle, outer]).sort().values


def slope(activation: Activation, x: Tensor) -> Tensor:
    """The derivative of an elementwise function at every entry of x, by autograd."""
    leaf = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(activation(leaf).sum(), leaf)
    return gradient


def derivative(name: str, x: Tensor) -> Tensor:
    """The derivative of the named activation at x: PyTorch's, except where PyTorch's is inexact."""
    gradient = slope(ACTIVATIONS[name], x)
    if name == "hard_sigmoid":
        return hard_sigmoid_derivative(gradient, x)
    if name == "isrlu":
        return isrlu_derivative(gradient, x)
    return gradient


def hard_sigmoid_derivative(from_clamp: Tensor, x: Tensor) -> Tensor:
    """Clamp's derivative, but at the kinks what `F.hardsigmoid` says: 0 (clamp says 1/6 at its own bounds)."""
    built_in = slope(functional.hardsigmoid, x)
    gradient = torch.where(x.abs() == 3, built_in, from_clamp)
    torch.testing.assert_close(gradient, built_in, rtol=0, atol=1e-7)
    return gradient


def isrlu_derivative(from_autograd: Tensor, x: Tensor) -> Tensor:
    """(1 + x^2)^(-3/2) below 0, else 1: autograd subtracts two nearly equal numbers when x is far below 0."""
    gradient = torch.where(x < 0, (1 + x * x) ** -1.5, torch.ones_like(x))
    torch.testing.assert_close(gradient, from_autograd, rtol=1e-12, atol=1e-15)
    return gradient


def samples() -> dict[str, Tensor]:
    """`NAME.x`, `NAME.value` and `NAME.derivative` of each activation, float64 vectors over the grid."""
    values: dict[str, Tensor] = {}
    for name, activation in ACTIVATIONS.items():
        values[f"{name}.x"] = grid()
        values[f"{name}.value"] = activation(grid())
        values[f"{name}.derivative"] = derivative(name, grid())
    return values
