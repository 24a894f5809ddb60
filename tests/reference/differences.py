"""A second witness of every gradient: central differences of the loss, with no graph and nothing detached.

Truncation is computed from what it says: each window is a forward pass of its own that begins at the numbers which
the whole pass had before it.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from tests.reference.hand_cells import Values, Weights
from tests.reference.hand_pass import at_each_step, forward, nothing_before, states_of
from tests.reference.reference_case import Case, Window

STEP = 1e-6


def check_differences(case: Case, parameters: Weights, x: Tensor, y: Tensor, by_hand: Weights) -> None:
    """Compares the gradient of every parameter, of x and of the initial states along a random direction.

    Raises AssertionError where the difference quotient is another.
    """
    source = case.generator().manual_seed(1)
    initial = {f"{name}.initial": value for name, value in nothing_before(case).items() if name != "y_prev"}
    point = dict(parameters) | {"x": x} | initial
    for name, value in point.items():
        direction = torch.randn(value.shape, generator=source, dtype=torch.float64)
        above = _loss(case, point | {name: value + STEP * direction}, y, by_hand)
        below = _loss(case, point | {name: value - STEP * direction}, y, by_hand)
        expected = (by_hand[f"grad.{name}"] * direction).sum()
        torch.testing.assert_close((above - below) / (2 * STEP), expected, rtol=1e-6, atol=1e-8)


def _loss(case: Case, point: Weights, y: Tensor, by_hand: Weights) -> Tensor:
    """The sum of what the windows pay."""
    with torch.no_grad():
        return torch.stack([_window(case, point, y, by_hand, window) for window in case.windows]).sum()


def _window(case: Case, point: Weights, y: Tensor, by_hand: Weights, window: Window) -> Tensor:
    first, cut, end = window
    own = {name: value for name, value in point.items() if name != "x" and not name.endswith(".initial")}
    steps = at_each_step(case, own)
    piece = replace(case, timesteps=end - cut)
    before = _before(case, point, by_hand, cut)
    values = forward(piece, steps[cut:end], point["x"][cut:end], y[cut:end], before)
    losses = torch.stack([step["loss"] for step in values])[first - cut :]
    return losses[case.counted[first:end]].sum() / case.counted.sum()


def _before(case: Case, point: Weights, by_hand: Weights, cut: int) -> Values:
    """What the first step of a window is given: the initial states, or the numbers that the whole pass had there."""
    if cut == 0:
        nothing = nothing_before(case)
        return {name: point.get(f"{name}.initial", value) for name, value in nothing.items()}
    before = {name: by_hand[name][cut - 1] for name in states_of(case)}
    return before | ({"y_prev": by_hand["y_prev"][cut]} if case.feedback else {})
