"""The parts of a spec that say how a network learns, and what of it is set by hand."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, Tag

PART_RANGES: dict[str, tuple[float, float]] = {
    "feedback.probability": (0, 1),
    "algorithm.k1": (1, 100_000),
    "algorithm.k2": (1, 100_000),
    "optimizer.learning_rate": (0, 1000),
    "optimizer.momentum": (0, 0.9999),
    "optimizer.decay": (0, 0.9999),
    "optimizer.beta1": (0, 0.9999),
    "optimizer.beta2": (0, 0.99999),
    "optimizer.epsilon": (1e-12, 1),
    "initialization.forget_bias": (-100, 100),
    "initialization.scale": (0, 100),
    "initialization.radius": (0, 100),
    "overrides": (0, 64),
    "overrides.name": (1, 60),
    "overrides.value": (-1e6, 1e6),
}
"""The least and the greatest of every number; of a text and of a list, of its length."""


def _within(field: str, **more: Any) -> Any:
    low, high = PART_RANGES[field]
    return Field(ge=low, le=high, **more)


def _long(field: str) -> Any:
    low, high = PART_RANGES[field]
    return Field(min_length=int(low), max_length=int(high))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Feedback(_Part):
    """What a step is given besides its input and the states: nothing, or the output before, `y_prev`.

    `teacher` gives the true target, `free` the prediction (and its gradient passes), `sampled` a draw from the
    prediction, `scheduled` the target with `probability`, else a draw (Bengio et al. 2015).
    """

    source: Literal["none", "output"] = "none"
    mode: Literal["teacher", "free", "sampled", "scheduled"] = "teacher"
    probability: float = _within("feedback.probability", default=1.0)


class Bptt(_Part):
    """Backpropagation through the whole sequence."""

    kind: Literal["bptt"] = "bptt"


class Truncated(_Part):
    """Every `k1` steps the losses of those steps go back through at most `k2` (Williams and Peng 1990)."""

    kind: Literal["truncated"]
    k1: int = _within("algorithm.k1", default=5)
    k2: int = _within("algorithm.k2", default=5)


class Sgd(_Part):
    """Gradient descent: weight - learning_rate * gradient."""

    kind: Literal["sgd"] = "sgd"
    learning_rate: float = _within("optimizer.learning_rate", default=0.1)


class Momentum(_Part):
    """Gradient descent with a velocity: v = momentum * v + gradient, weight - learning_rate * v (Polyak 1964)."""

    kind: Literal["momentum"]
    learning_rate: float = _within("optimizer.learning_rate", default=0.1)
    momentum: float = _within("optimizer.momentum", default=0.9)


class RmsProp(_Part):
    """Each gradient over the root of its running mean square (Tieleman and Hinton 2012)."""

    kind: Literal["rmsprop"]
    learning_rate: float = _within("optimizer.learning_rate", default=0.001)
    decay: float = _within("optimizer.decay", default=0.9)
    epsilon: float = _within("optimizer.epsilon", default=1e-8)


class Adam(_Part):
    """Running means of the gradient and of its square, both without their start (Kingma and Ba 2015)."""

    kind: Literal["adam"]
    learning_rate: float = _within("optimizer.learning_rate", default=0.001)
    beta1: float = _within("optimizer.beta1", default=0.9)
    beta2: float = _within("optimizer.beta2", default=0.999)
    epsilon: float = _within("optimizer.epsilon", default=1e-8)


class Initialization(_Part):
    """How the weights are drawn; `scale` is for normal, `radius` for spectral."""

    kind: Literal["xavier", "orthogonal", "identity", "normal", "spectral", "zeros"] = "xavier"
    forget_bias: float = _within("initialization.forget_bias", default=1.0)
    scale: float = _within("initialization.scale", default=0.1)
    radius: float = _within("initialization.radius", default=1.0)


class Override(_Part):
    """A number set by hand, or a line of the cell held at it in every unit, layer and step.

    `name` is a line (`forget_gate`), or an array by the trace's name: a parameter (`layer0.W`, `V`), `x`, or the state
    that step 1 is given (`layer0.h.initial`). `index` counts from 0 along the array's axes, of `x` (t, b, i), of a
    state (b, unit); a shorter one sets the whole slice. A parameter's is its first value. On padding `x` stays zero.
    """

    name: str = _long("overrides.name")
    index: Annotated[tuple[int, ...], Field(strict=False)] = ()
    value: float = _within("overrides.value")


AlgorithmForms: TypeAlias = Annotated[Bptt, Tag("bptt")] | Annotated[Truncated, Tag("truncated")]
ALGORITHMS: dict[str, type[BaseModel]] = {"bptt": Bptt, "truncated": Truncated}
OptimizerForms: TypeAlias = (
    Annotated[Sgd, Tag("sgd")]
    | Annotated[Momentum, Tag("momentum")]
    | Annotated[RmsProp, Tag("rmsprop")]
    | Annotated[Adam, Tag("adam")]
)
OPTIMIZERS: dict[str, type[BaseModel]] = {"sgd": Sgd, "momentum": Momentum, "rmsprop": RmsProp, "adam": Adam}
"""The form of every kind."""
