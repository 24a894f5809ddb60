"""Flow matrices and singular values of a step, by autograd: what each state does to each later loss."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from tests.reference.hand_cells import Values, Weights
from tests.reference.hand_gradients import whole_pass
from tests.reference.hand_pass import (
    at_each_step,
    forward,
    input_of,
    layer_step,
    leaves,
    nothing_before,
    states_before,
    states_of,
    within,
)
from tests.reference.reference_case import Case
from tests.reference.torch_twin import agree


def _pass(case: Case, parameters: Weights, x: Tensor, y: Tensor) -> list[Values]:
    """The steps of the pass, nothing cut."""
    return forward(case, at_each_step(case, leaves(parameters)), x, y, nothing_before(case))


def flows(case: Case, parameters: Weights, x: Tensor, y: Tensor) -> Values:
    """`flow.layerL.STATE` (T,T): row t, column k is the norm of d loss_t / d STATE_k, the total derivative.

    loss_t is summed over the sequences that have a target at t, unscaled; the norm runs over units and sequences.
    Raises AssertionError where the derivatives of all losses do not add up to the gradient of the pass.
    """
    steps = _pass(case, parameters, x, y)
    uncut = whole_pass(replace(case, truncation=None), parameters, x, y)
    found: Values = {}
    for state in states_of(case):
        held = [step[state] for step in steps]
        rows = torch.stack([_row(step["loss"][case.targeted[t]].sum(), held) for t, step in enumerate(steps)])
        agree(rows.sum(0) / case.counted.sum(), uncut[f"grad.{state}"])
        found[f"flow.{state}"] = torch.linalg.vector_norm(rows, dim=(2, 3))
    return found


def _row(loss: Tensor, held: list[Tensor]) -> Tensor:
    """The derivatives (T,B,H) of one timestep's loss by a state of every timestep; zero for those after it."""
    return torch.stack(torch.autograd.grad(loss, held, retain_graph=True, materialize_grads=True))


def singular_values(case: Case, parameters: Weights, x: Tensor, y: Tensor) -> Values:
    """`singular_values.layerL.h` (T,B,H), descending: those of dh_t/dh_{t-1}, t = 0 that of the state before it.

    The other states of step t-1, and what the layer is given at t, are held fixed. Zero at padded steps. Raises
    AssertionError where rnn's differ from those of diag(1 - h_t^2) W.
    """
    steps = _pass(case, parameters, x, y)
    weights = at_each_step(case, dict(parameters))
    found: Values = {}
    for layer in range(case.layers):
        rows = [_at_step(case, weights[t], steps, x, t, layer) for t in range(case.timesteps)]
        found[f"singular_values.layer{layer}.h"] = torch.stack(rows) * case.there[..., None]
    if case.cell == "rnn" and case.recurrence == "full":
        slopes = torch.stack([1 - step["layer0.h"].detach() ** 2 for step in steps])
        known = torch.linalg.svdvals(slopes[..., None] * parameters["layer0.W"])
        agree(found["singular_values.layer0.h"], known * case.there[..., None])
    return found


def _at_step(case: Case, weights: Weights, steps: list[Values], x: Tensor, t: int, layer: int) -> Tensor:
    """The singular values (B,H) of one layer's step, each sequence's alone."""
    previous = steps[t - 1] if t else nothing_before(case)
    states = {name: value.detach() for name, value in states_before(case, layer, previous).items()}
    below = steps[t][f"layer{layer - 1}.h"].detach() if layer else input_of(case, x[t], previous)
    own = within(f"layer{layer}.", weights)

    def next_h(h: Tensor, b: int) -> Any:
        alone = {name: value[b : b + 1] for name, value in states.items()}
        return layer_step(case, own, below[b : b + 1], alone | {"h": h[None]})["h"][0]

    jacobians = [
        torch.autograd.functional.jacobian(lambda h, b=b: next_h(h, b), states["h"][b]) for b in range(case.batch)
    ]
    return torch.linalg.svdvals(torch.stack(jacobians))
