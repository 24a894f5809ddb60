"""How weights move: gradient descent and three that remember.

>>> from engine.spec import parse_spec
>>> import numpy as np
>>> move = optimizer(parse_spec({"optimizer": {"kind": "momentum", "learning_rate": 0.1}}).optimizer)
>>> weights = {"W": np.array([1.0])}
>>> for _ in range(2):
...     move(weights, {"W": np.array([1.0])})
>>> weights["W"].round(12).tolist()
[0.71]
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from engine.activations import Array
from engine.part_spec import Adam, Momentum, RmsProp, Sgd

Arrays = dict[str, Array]


class Optimizer(Protocol):
    """Moves parameters in place by their gradients; `state` holds what it remembers, by name."""

    state: Arrays

    def __call__(self, parameters: Arrays, gradients: Arrays) -> None:
        """Move every parameter by one update."""
        ...


def optimizer(how: Sgd | Momentum | RmsProp | Adam, state: Arrays | None = None) -> Optimizer:
    """The optimizer of a spec; it goes on with the `state` of another of its kind, where one is given."""
    made = _made(how)
    made.state.update(state or {})
    return made


def _made(how: Sgd | Momentum | RmsProp | Adam) -> Optimizer:
    match how:
        case Momentum():
            return _Momentum(how)
        case RmsProp():
            return _RmsProp(how)
        case Adam():
            return _Adam(how)
        case _:
            return _Sgd(how)


class _Sgd:
    """weight - learning_rate * gradient."""

    def __init__(self, how: Sgd) -> None:
        self.rate = how.learning_rate
        self.state: Arrays = {}

    def __call__(self, parameters: Arrays, gradients: Arrays) -> None:
        for name, weight in parameters.items():
            weight -= np.asarray(self.rate * gradients[name], weight.dtype)


class _Remembering:
    """Keeps arrays from update to update, zero before the first."""

    def __init__(self) -> None:
        self.state: Arrays = {}

    def kept(self, kind: str, name: str, like: Array) -> Array:
        """An array of the state, e.g. `velocity.layer0.W`."""
        return self.state.setdefault(f"{kind}.{name}", np.zeros_like(like))


class _Momentum(_Remembering):
    """v = momentum * v + gradient; weight - learning_rate * v (Polyak 1964; PyTorch's form)."""

    def __init__(self, how: Momentum) -> None:
        super().__init__()
        self.how = how

    def __call__(self, parameters: Arrays, gradients: Arrays) -> None:
        for name, weight in parameters.items():
            velocity = self.kept("velocity", name, weight)
            velocity *= self.how.momentum
            velocity += gradients[name]
            weight -= self.how.learning_rate * velocity


class _RmsProp(_Remembering):
    """s = decay * s + (1 - decay) * gradient^2; weight - rate * gradient / (sqrt(s) + epsilon)."""

    def __init__(self, how: RmsProp) -> None:
        super().__init__()
        self.how = how

    def __call__(self, parameters: Arrays, gradients: Arrays) -> None:
        for name, weight in parameters.items():
            gradient = gradients[name]
            square = self.kept("square", name, weight)
            square *= self.how.decay
            square += (1 - self.how.decay) * gradient * gradient
            weight -= self.how.learning_rate * gradient / (np.sqrt(square) + self.how.epsilon)


class _Adam(_Remembering):
    """Kingma and Ba (2015), algorithm 1: both running means without the bias of their start."""

    def __init__(self, how: Adam) -> None:
        super().__init__()
        self.how = how
        self.state["updates"] = np.zeros(())

    def __call__(self, parameters: Arrays, gradients: Arrays) -> None:
        how = self.how
        self.state["updates"] += 1
        count = float(self.state["updates"])
        for name, weight in parameters.items():
            gradient = gradients[name]
            mean, square = self.kept("mean", name, weight), self.kept("square", name, weight)
            mean += (1 - how.beta1) * (gradient - mean)
            square *= how.beta2
            square += (1 - how.beta2) * gradient * gradient
            size = np.sqrt(square / (1 - how.beta2**count)) + how.epsilon
            weight -= how.learning_rate * (mean / (1 - how.beta1**count)) / size
