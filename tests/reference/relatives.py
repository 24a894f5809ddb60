"""Cells that PyTorch has no module for, held against those it has, where the two are one.

Each relation says which parameters make the other cell compute the same. The modules have judged the other cell, and
autograd carries the gradients back through the relation to the cell's own parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tests.reference.hand_cells import Values, Weights
from tests.reference.hand_gradients import whole_pass
from tests.reference.hand_pass import at_each_step, forward, leaves, nothing_before, pass_loss, within
from tests.reference.reference_case import Case
from tests.reference.torch_twin import agree


def _unchanged(own: Weights) -> Values:
    return {}


@dataclass(frozen=True)
class Relation:
    """`other` is the cell that is judged; `parameters` gives a layer's parameters of it from its own.

    Only where `restrict` has changed own parameters are the two one; those it changes are not compared.
    """

    other: str
    parameters: Callable[[Weights], Values]
    restrict: Callable[[Weights], Values] = _unchanged


def _as_gru(own: Weights) -> Values:
    """`W @ (r * h)` is `r * (W @ h)` for a diagonal W."""
    return dict(own) | {"r_candidate": torch.zeros_like(own["b_candidate"])}


def _without_peepholes(own: Weights) -> Values:
    return {name: value for name, value in own.items() if not name.startswith("p_")}


def _input_gate_apart(own: Weights) -> Values:
    """1 - sigmoid(a) is sigmoid(-a): the input gate's parameters are the forget gate's, negative."""
    return dict(own) | {f"{kind}_input": -own[f"{kind}_forget"] for kind in "UWb"}


def _two_gates(own: Weights) -> Values:
    """The forget gate resets as it is, and updates where it is not."""
    found = {f"{kind}_candidate": own[f"{kind}_candidate"] for kind in "UWb"}
    found |= {f"{kind}_reset": own[f"{kind}_forget"] for kind in "UWb"}
    return found | {f"{kind}_update": -own[f"{kind}_forget"] for kind in "UWb"}


def _constant_gates(own: Weights) -> Values:
    """An update gate of 0.7, and a reset gate of 1 to the last digit."""
    nothing = {kind: torch.zeros_like(own[kind]) for kind in "UW"}
    odds = torch.log(own["b"].new_tensor(0.7 / 0.3))
    found = {f"{kind}_{gate}": value for gate in ("reset", "update") for kind, value in nothing.items()}
    found |= {"b_reset": torch.full_like(own["b"], 50.0), "b_update": odds.expand_as(own["b"])}
    return found | {f"{kind}_candidate": own[kind] for kind in "UWb"} | {"r_candidate": torch.zeros_like(own["b"])}


RELATIONS = {
    "gru_reset_before": Relation("gru", _as_gru, lambda own: {"W_candidate": own["W_candidate"].diag().diag()}),
    "lstm_peephole": Relation(
        "lstm",
        _without_peepholes,
        lambda own: {name: torch.zeros_like(value) for name, value in own.items() if name.startswith("p_")},
    ),
    "lstm_coupled": Relation("lstm", _input_gate_apart),
    "mgu": Relation("gru_reset_before", _two_gates),
    "leaky": Relation("gru", _constant_gates),
}


def judge_relative(case: Case, parameters: Weights, x: Tensor, y: Tensor) -> None:
    """Raises AssertionError where the cell and its relative differ: outputs, loss, gradients of all they share."""
    relation = RELATIONS[case.cell]
    changed = _by_layer(case, parameters, relation.restrict)
    special = dict(parameters) | changed
    by_hand = whole_pass(case, special, x, y)
    for name, value in _of_relative(case, relation, special, x, y).items():
        if name.removeprefix("grad.") not in changed:
            agree(by_hand[name], value)


def _by_layer(case: Case, parameters: Weights, change: Callable[[Weights], Values]) -> Values:
    """What a change of a layer's parameters gives, under the network's names."""
    found: Values = {}
    for layer in range(case.layers):
        found |= {f"layer{layer}.{name}": value for name, value in change(within(f"layer{layer}.", parameters)).items()}
    return found


def _of_relative(case: Case, relation: Relation, special: Weights, x: Tensor, y: Tensor) -> Values:
    """What both cells have, computed with the other one: o, loss, and the gradients by the cell's own names."""
    other = replace(case, cell=relation.other)
    own, inputs, before = leaves(special), x.clone().requires_grad_(), nothing_before(other)
    readout = {name: value for name, value in own.items() if name in ("V", "c")}
    mapped = at_each_step(other, _by_layer(case, own, relation.parameters) | readout)
    asked = own | {"x": inputs} | {f"{name}.initial": value for name, value in before.items() if name != "y_prev"}
    total: Values = {}
    found: Values = {}
    for first, cut, end in case.windows:
        steps = forward(other, mapped, inputs, y, before, cut)
        found = {name: torch.stack([step[name] for step in steps]).detach() for name in ("o", "loss")}
        losses = torch.stack([step["loss"] for step in steps])
        sent = losses[first:end][case.counted[first:end]].sum() / case.counted.sum()
        grads = torch.autograd.grad(sent, list(asked.values()), materialize_grads=True)
        total = {name: grad + total.get(name, 0) for name, grad in zip(asked, grads, strict=True)}
    agree(pass_loss(case, found["loss"]), pass_loss(other, found["loss"]))
    return found | {f"grad.{name}": grad for name, grad in total.items()}
