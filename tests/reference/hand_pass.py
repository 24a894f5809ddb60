"""One pass of a case by hand: every value forward, and by autograd every gradient, under the trace's names.

No gradient is written here. Each number that has a name is a tensor of its own in the graph, and one call of
`torch.autograd.grad` asks for all of them (so no `.grad` is ever filled, and nothing can be gathered twice).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from tests.reference.hand_activations import ACTIVATIONS
from tests.reference.hand_cells import CELLS, STATES, Values, Weights, at
from tests.reference.reference_case import HIDDEN, Case


def leaves(values: Mapping[str, Tensor]) -> Values:
    """Copies that a gradient can be asked for."""
    return {name: value.clone().requires_grad_() for name, value in values.items()}


def initial_states(case: Case) -> Values:
    """`layerL.STATE` (B,H) before the first step: zero, and a leaf."""
    names = [f"layer{layer}.{state}" for layer in range(case.layers) for state in STATES[case.cell]]
    return leaves({name: torch.zeros(case.batch, HIDDEN, dtype=torch.float64) for name in names})


def within(prefix: str, values: Weights) -> Values:
    """The values whose names begin with the prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


class _WithoutBias(dict[str, Tensor]):
    """A layer's parameters in a network without biases: a bias its equations name is zero, and has no gradient."""

    def __missing__(self, name: str) -> Tensor:
        if not name.startswith(("b", "r_")):
            raise KeyError(name)
        return torch.zeros(HIDDEN, dtype=torch.float64)


def _layer_step(case: Case, parameters: Values, below: Tensor, previous: Weights) -> Values:
    """One layer at one timestep: the cell's values, and the copies of its states that go up and on."""
    known = parameters if case.bias else _WithoutBias(parameters)
    new, gate = ACTIVATIONS[case.activation], ACTIVATIONS[case.gate_activation]
    values = CELLS[case.cell](known, below, previous, new, gate)
    values["h.from_above"] = values["h"].clone()
    for state in STATES[case.cell]:
        values[f"{state}.from_future"] = values[state].clone()
    return values


def _readout_step(case: Case, parameters: Weights, h: Tensor, y: Tensor) -> Values:
    """o and y_hat (B,O), and the loss (B,): cross-entropy in nats, or half the squared error."""
    o = at(parameters["V"], h)
    if case.bias:
        o = o + parameters["c"]
    if case.readout == "linear":
        return {"o": o, "y_hat": o, "loss": 0.5 * ((o - y) ** 2).sum(-1)}
    loss = -functional.log_softmax(o, -1).gather(-1, y[:, None])[:, 0]
    return {"o": o, "y_hat": functional.softmax(o, -1), "loss": loss}


def forward(case: Case, parameters: Sequence[Weights], x: Tensor, y: Tensor, initial: Weights) -> list[Values]:
    """The T steps of a pass, each with the parameters given for it; values by name, `layerL.` before a layer's."""
    steps: list[Values] = []
    previous = initial
    for at_t, x_t, y_t in zip(parameters, x, y, strict=True):
        step: Values = {}
        below = x_t
        for prefix in (f"layer{layer}." for layer in range(case.layers)):
            values = _layer_step(case, within(prefix, at_t), below, within(prefix, previous))
            step |= {prefix + name: value for name, value in values.items()}
            below = values["h.from_above"]
        steps.append(step | _readout_step(case, at_t, below, y_t))
        previous = {name: step[f"{name}.from_future"] for name in initial}
    return steps


def pass_loss(case: Case, loss: Tensor) -> Tensor:
    """The loss of the pass from all losses (T,B): the mean over the counted timesteps and all sequences."""
    return loss[-1].mean() if case.loss_at == "last_step" else loss.mean()


def gradients(loss: Tensor, of: Values) -> Values:
    """dloss/d of every tensor given, `grad.` before its name; zero where the loss does not depend on it."""
    found = torch.autograd.grad(loss, list(of.values()), materialize_grads=True)
    return {f"grad.{name}": gradient for name, gradient in zip(of, found, strict=True)}


def shared_pass(case: Case, parameters: Weights, x: Tensor, y: Tensor) -> Values:
    """Values and gradients of the network whose parameters are the same at every timestep.

    Keys are the trace's names, time first, with `x`, `grad.x` and, for dL/d of the state before the first step,
    `grad.layerL.STATE.initial` (B,H). The loss L of the pass itself is `pass_loss(case, result["loss"])`.
    """
    shared, initial, x = leaves(parameters), initial_states(case), x.clone().requires_grad_()
    steps = forward(case, [shared] * case.timesteps, x, y, initial)
    trace = {name: torch.stack([step[name] for step in steps]) for name in steps[0]}
    timeless = shared | {"x": x} | {f"{name}.initial": state for name, state in initial.items()}
    timed = {f"{name}@{t}": value for t, step in enumerate(steps) for name, value in step.items()}
    found = gradients(pass_loss(case, trace["loss"]), timeless | timed)
    result = {name: value for name, value in trace.items() if not name.endswith((".from_above", ".from_future"))}
    result |= {"x": x} | {f"grad.{name}": found[f"grad.{name}"] for name in timeless}
    for name in trace.keys() - {"y_hat", "loss"}:
        result[f"grad.{name}"] = torch.stack([found[f"grad.{name}@{t}"] for t in range(case.timesteps)])
    return {name: value.detach() for name, value in result.items()}


def contributions(case: Case, parameters: Weights, x: Tensor, y: Tensor) -> Values:
    """`contribution.PARAM` (T, PARAM's shape): the gradients of parameters that each timestep has for itself.

    The values are those of the shared network. Since every copy is used at one timestep only, its gradient is that
    timestep's share of the shared parameter's gradient.
    """
    untied = [leaves(parameters) for _ in range(case.timesteps)]
    steps = forward(case, untied, x, y, initial_states(case))
    loss = pass_loss(case, torch.stack([step["loss"] for step in steps]))
    found = gradients(loss, {f"{name}@{t}": value for t, copy in enumerate(untied) for name, value in copy.items()})
    return {
        f"contribution.{name}": torch.stack([found[f"grad.{name}@{t}"] for t in range(case.timesteps)])
        for name in parameters
    }
