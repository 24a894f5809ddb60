"""What PyTorch's optimizers and its clipping make of gradients."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.reference.hand_cells import Values, Weights
from tests.reference.reference_case import Case
from tests.reference.torch_twin import agree

SETTINGS: dict[str, dict[str, str | float]] = {
    "sgd": {"kind": "sgd", "learning_rate": 0.1},
    "momentum": {"kind": "momentum", "learning_rate": 0.1, "momentum": 0.9},
    "momentum_none": {"kind": "momentum", "learning_rate": 0.05, "momentum": 0.0},
    "rmsprop": {"kind": "rmsprop", "learning_rate": 0.001, "decay": 0.9, "epsilon": 1e-8},
    "rmsprop_large_epsilon": {"kind": "rmsprop", "learning_rate": 0.1, "decay": 0.5, "epsilon": 0.1},
    "adam": {"kind": "adam", "learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adam_large_epsilon": {"kind": "adam", "learning_rate": 0.1, "beta1": 0.5, "beta2": 0.8, "epsilon": 0.1},
}
"""The optimizers' settings by the name under which their results are stored, in the spec's words."""
UPDATES = 5
DEFAULTS: dict[str, dict[str, float]] = {
    "sgd": {"learning_rate": 0.1},
    "momentum": {"momentum": 0.9},
    "rmsprop": {"decay": 0.9, "epsilon": 1e-8},
    "adam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
}
"""What the project's spec takes where a setting is not given."""


def optimizer(settings: dict[str, str | float], weights: list[Tensor]) -> torch.optim.Optimizer:
    """PyTorch's optimizer for a spec's settings."""
    kind = str(settings["kind"])
    told = {name: float(value) for name, value in (DEFAULTS[kind] | settings).items() if name != "kind"}
    rate = told["learning_rate"]
    if kind == "rmsprop":
        return torch.optim.RMSprop(weights, rate, alpha=told["decay"], eps=told["epsilon"])
    if kind == "adam":
        return torch.optim.Adam(weights, rate, betas=(told["beta1"], told["beta2"]), eps=told["epsilon"])
    return torch.optim.SGD(weights, rate, momentum=told.get("momentum", 0.0))


def gradients() -> Tensor:
    """A gradient for every update, (5, 12): plain ones, zeros, and ones whose squares are near float64's limits."""
    source = torch.Generator().manual_seed(5)
    drawn = torch.randn(UPDATES, 12, generator=source, dtype=torch.float64)
    scales = [1, 1, 1, 1, 1e-3, 1e3, 1e-8, 1e8, 1e-150, 1e150, 1e-200, 0]
    scaled = drawn * torch.tensor(scales, dtype=torch.float64)
    scaled[:2, 3] = 0
    scaled[2:, 2] = 0
    return scaled


def optimized() -> Values:
    """`start` (12,), `gradients` (5,12), and for every setting `NAME.1` and `NAME.5`, after 1 and after 5 updates."""
    start = torch.linspace(-1, 1, 12, dtype=torch.float64)
    found = {"start": start, "gradients": gradients()}
    for name, settings in SETTINGS.items():
        weights = start.clone().requires_grad_()
        update = optimizer(settings, [weights])
        for count, gradient in enumerate(gradients(), 1):
            weights.grad = gradient.clone()
            update.step()
            if count in (1, UPDATES):
                found[f"{name}.{count}"] = weights.detach().clone()
    assert all(value.isfinite().all() for value in found.values())
    return found


def updated(case: Case, parameters: Weights, values: Weights) -> tuple[Values, float]:
    """`updated.PARAM` after one update by the clipped gradients, and the norm of all gradients before clipping.

    `clip_grad_norm_` divides by the norm plus 1e-6, which is taken out again here: this project divides by the norm.
    """
    weights = {name: value.clone().requires_grad_() for name, value in parameters.items()}
    for name, weight in weights.items():
        weight.grad = values[f"grad.{name}"].clone()
    limit = torch.inf if case.clip_norm is None else case.clip_norm
    norm = torch.nn.utils.clip_grad_norm_(weights.values(), limit)
    if norm > limit:
        for name, weight in weights.items():
            weight.grad *= (norm + 1e-6) / norm
            agree(weight.grad, values[f"grad.{name}"] * (limit / norm))
    optimizer(dict(case.optimizer), list(weights.values())).step()
    return {f"updated.{name}": weight.detach() for name, weight in weights.items()}, float(norm)
