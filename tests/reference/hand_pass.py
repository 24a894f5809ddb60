"""The forward pass of a case by hand: every value that has a name is a tensor of its own in the graph.

A value that leaves its step on several ways does so as identity copies, so that what comes back on each can be told
apart: `STATE.from_above` and `STATE.from_future`, and of the output `o.from_loss` and `o.from_future`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from tests.reference.hand_activations import ACTIVATIONS
from tests.reference.hand_cells import CELLS, STATES, Values, Weights, at
from tests.reference.reference_case import Case


def leaves(values: Mapping[str, Tensor]) -> Values:
    """Copies that a gradient can be asked for, and through which none goes on."""
    return {name: value.detach().clone().requires_grad_() for name, value in values.items()}


def states_of(case: Case) -> list[str]:
    """`layerL.STATE` of every state of the network."""
    return [f"layer{layer}.{state}" for layer in range(case.layers) for state in STATES[case.cell]]


def nothing_before(case: Case) -> Values:
    """What the first step is given: `layerL.STATE` (B,H) and, fed back, `y_prev` (B,O), zero and leaves."""
    before = {name: torch.zeros(case.batch, case.hidden, dtype=torch.float64) for name in states_of(case)}
    if case.feedback:
        before["y_prev"] = torch.zeros(case.batch, case.outputs, dtype=torch.float64)
    return leaves(before)


def within(prefix: str, values: Weights) -> Values:
    """The values whose names begin with the prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def at_each_step(case: Case, parameters: Values) -> list[Values]:
    """The parameters of each timestep: the same ones, or the timestep's own part of them."""
    if case.tied:
        return [parameters] * case.timesteps
    return [{name: value[t] for name, value in parameters.items()} for t in range(case.timesteps)]


class _WithoutBias(dict[str, Tensor]):
    """A layer's parameters in a network without biases: a bias its equations name is zero, and has no gradient."""

    def __missing__(self, name: str) -> Tensor:
        if not name.startswith(("b", "r_")):
            raise KeyError(name)
        return torch.zeros((), dtype=torch.float64)


def layer_step(case: Case, parameters: Values, below: Tensor, previous: Weights) -> Values:
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
    values = {"o": o, "o.from_loss": o.clone(), "o.from_future": o.clone()}
    paid, shown = values["o.from_loss"], values["o.from_future"]
    if case.readout == "linear":
        return values | {"y_hat": shown, "loss": 0.5 * ((paid - y) ** 2).sum(-1)}
    loss = -functional.log_softmax(paid, -1).gather(-1, y[:, None])[:, 0]
    return values | {"y_hat": functional.softmax(shown, -1), "loss": loss}


def input_of(case: Case, x_t: Tensor, previous: Weights) -> Tensor:
    """What layer 0 is given: x_t, with y_prev below it unless the cell's equations name that themselves."""
    return torch.cat([x_t, previous["y_prev"]], -1) if case.concatenated else x_t


def states_before(case: Case, layer: int, previous: Weights) -> Values:
    """What a layer's cell is given from the step before: its states, and y_prev as `y`."""
    states = within(f"layer{layer}.", previous)
    if case.recurrence == "none":
        states = {name: torch.zeros_like(value) for name, value in states.items()}
    return states | ({"y": previous["y_prev"]} if case.feedback else {})


def _step(case: Case, parameters: Weights, x_t: Tensor, y_t: Tensor, previous: Weights) -> Values:
    """All layers and the readout at one timestep; `layerL.` before the names of a layer's values."""
    step: Values = {"y_prev": previous["y_prev"]} if case.feedback else {}
    below = input_of(case, x_t, previous)
    for layer in range(case.layers):
        prefix = f"layer{layer}."
        values = layer_step(case, within(prefix, parameters), below, states_before(case, layer, previous))
        step |= {prefix + name: value for name, value in values.items()}
        below = values["h.from_above"]
    return step | _readout_step(case, parameters, below, y_t)


def _next_y_prev(case: Case, y_hat: Tensor, y: Tensor) -> Tensor:
    """y_prev (B,O) of the next step: the prediction, through which a gradient passes, or the target, where it ends."""
    if case.feedback == "free":
        return y_hat.clone()
    true = y if case.readout == "linear" else functional.one_hot(y, case.outputs)
    return true.to(torch.float64).clone().requires_grad_()


def forward(
    case: Case, parameters: Sequence[Weights], x: Tensor, y: Tensor, before: Weights, cut: int = 0
) -> list[Values]:
    """The steps of a pass, each with the parameters given for it; no gradient goes from step `cut` to the one before.

    `before` is what the first step is given, as of `nothing_before`. Padding is not known here: it is computed on.
    """
    steps: list[Values] = []
    previous = dict(before)
    for t, (at_t, x_t, y_t) in enumerate(zip(parameters, x, y, strict=True)):
        if t == cut and t > 0:
            previous = leaves(previous)
        step = _step(case, at_t, x_t, y_t, previous)
        previous = {name: step[f"{name}.from_future"] for name in states_of(case)}
        if case.feedback:
            previous["y_prev"] = _next_y_prev(case, step["y_hat"], y_t)
        steps.append(step)
    return steps


def pass_loss(case: Case, loss: Tensor) -> Tensor:
    """The loss of the pass from all losses (T,B): the mean over the counted timesteps and sequences."""
    return loss[case.counted].mean()
