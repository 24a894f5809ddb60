"""PyTorch's own recurrent module for a case: the source of its parameters, and the judge of the cell written by hand.

A module keeps the gates of a layer stacked in one matrix and has two biases a gate; this project has a matrix a gate
and one bias, their sum. Only the candidate of PyTorch's GRU needs both: there the second is inside the reset gate.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.reference.hand_cells import STATES, Values, Weights, at
from tests.reference.hand_pass import pass_loss, shared_pass
from tests.reference.reference_case import HIDDEN, INPUTS, Case

# The order in which a module stacks its gates, as the endings of this project's parameter names.
STACKED = {
    "rnn": ("",),
    "lstm": ("_input", "_forget", "_candidate", "_output"),
    "gru": ("_reset", "_update", "_candidate"),
    "gru_reset_before": ("_reset", "_update", "_candidate"),
}
TOLERANCE = 1e-12


def module(case: Case) -> nn.RNNBase:
    """The module of the case's shape, float64; for gru_reset_before a GRU, which has the same gates."""
    if case.cell == "rnn":
        built: nn.RNNBase = nn.RNN(INPUTS, HIDDEN, case.layers, nonlinearity=case.activation, bias=case.bias)
    elif case.cell == "lstm":
        built = nn.LSTM(INPUTS, HIDDEN, case.layers, bias=case.bias)
    else:
        built = nn.GRU(INPUTS, HIDDEN, case.layers, bias=case.bias)
    return built.double()


def has_twin(case: Case) -> bool:
    """Whether the module computes exactly the case's cell (of rnn's activations: those `nn.RNN` accepts)."""
    return case.cell != "gru_reset_before" and case.gate_activation == "sigmoid"


def draw_state_dict(case: Case, source: torch.Generator) -> Values:
    """Normal values of the case's scale for every entry of the module's state_dict."""
    return {
        name: case.weight_scale * torch.randn(value.shape, generator=source, dtype=torch.float64)
        for name, value in module(case).state_dict().items()
    }


def unstack(case: Case, state: Weights) -> Values:
    """This project's parameters (`layer0.U_input` ...), from a module's state_dict."""
    parameters: Values = {}
    for layer in range(case.layers):
        parts = {
            kind: state[f"{kind}_l{layer}"].chunk(len(STACKED[case.cell]))
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            if f"{kind}_l{layer}" in state
        }
        for gate, ending in enumerate(STACKED[case.cell]):
            own = _one_gate(case, ending, {kind: chunks[gate] for kind, chunks in parts.items()})
            parameters |= {f"layer{layer}.{name}": value for name, value in own.items()}
    return parameters


def _one_gate(case: Case, ending: str, parts: Weights) -> Values:
    """One gate's U, W and bias or biases, from its part of each of the module's arrays."""
    own = {f"U{ending}": parts["weight_ih"], f"W{ending}": parts["weight_hh"]}
    if not case.bias:
        return own
    if case.cell == "gru" and ending == "_candidate":
        return own | {"b_candidate": parts["bias_ih"], "r_candidate": parts["bias_hh"]}
    return own | {f"b{ending}": parts["bias_ih"] + parts["bias_hh"]}


def judge(case: Case, state: Weights, readout: Weights, y: Tensor, by_hand: Values) -> None:
    """Compares a pass by hand with the module's: outputs, loss, and the gradients of parameters, x and initial states.

    Raises AssertionError where one differs by more than 1e-12.
    """
    twin = module(case)
    twin.load_state_dict(dict(state))
    x = by_hand["x"].clone().requires_grad_()
    shape = (case.layers, case.batch, HIDDEN)
    initial = {name: torch.zeros(shape, dtype=torch.float64, requires_grad=True) for name in STATES[case.cell]}
    h, _ = twin(x, tuple(initial.values()) if case.cell == "lstm" else initial["h"])
    matrices = {name: value.clone().requires_grad_() for name, value in readout.items()}
    o = at(matrices["V"], h) + matrices.get("c", torch.zeros(()))
    loss = _module_loss(case, o, y)
    asked = dict(twin.named_parameters()) | initial | matrices | {"x": x}
    found = dict(zip(asked, torch.autograd.grad(loss, list(asked.values())), strict=True))
    _agree(h, by_hand[f"layer{case.layers - 1}.h"])
    _agree(o, by_hand["o"])
    _agree(loss, pass_loss(case, by_hand["loss"]))
    for name, gradient in (_named_gradients(case, found) | {name: found[name] for name in (*readout, "x")}).items():
        _agree(gradient, by_hand[f"grad.{name}"])


def _module_loss(case: Case, o: Tensor, y: Tensor) -> Tensor:
    """The loss of the pass by PyTorch's own loss functions."""
    if case.loss_at == "last_step":
        o, y = o[-1:], y[-1:]
    if case.readout == "linear":
        return functional.mse_loss(o, y, reduction="sum") / (2 * o.shape[0] * o.shape[1])
    return functional.cross_entropy(o.flatten(0, 1), y.flatten())


def _named_gradients(case: Case, found: Weights) -> Values:
    """The module's gradients under this project's names.

    Both of a gate's biases have the gradient of their sum, so one of them stands for it, and the other is compared.
    """
    gradients = dict(found)
    for layer in range(case.layers if case.bias else 0):
        inner = gradients[f"bias_hh_l{layer}"]
        same = inner.shape[0] - (HIDDEN if case.cell == "gru" else 0)
        _agree(inner[:same], gradients[f"bias_ih_l{layer}"][:same])
        gradients[f"bias_hh_l{layer}"] = torch.cat([torch.zeros_like(inner[:same]), inner[same:]])
    named = unstack(case, gradients)
    for state in STATES[case.cell]:
        named |= {f"layer{layer}.{state}.initial": found[state][layer] for layer in range(case.layers)}
    return named


def judge_reset_before(case: Case, state: Weights, readout: Values, x: Tensor, y: Tensor) -> None:
    """Compares gru_reset_before with `nn.GRU` where the two are one: W_candidate diagonal, r_candidate zero.

    There `W @ (r * h)` is `r * (W @ h)`. Raises AssertionError where outputs or the gradient of x differ.
    """
    special = dict(state)
    for layer in range(case.layers):
        matrix, bias = special[f"weight_hh_l{layer}"].clone(), special[f"bias_hh_l{layer}"].clone()
        matrix[-HIDDEN:] = matrix[-HIDDEN:].diag().diag()
        bias[-HIDDEN:] = 0
        special |= {f"weight_hh_l{layer}": matrix, f"bias_hh_l{layer}": bias}
    before = shared_pass(case, unstack(case, special) | readout, x, y)
    after = dataclasses.replace(case, cell="gru")
    twin = shared_pass(after, unstack(after, special) | readout, x, y)
    judge(after, special, readout, y, twin)
    for name in ("o", "loss", "grad.x", *(f"grad.layer{layer}.h.initial" for layer in range(case.layers))):
        _agree(before[name], twin[name])


def _agree(actual: Tensor, expected: Tensor) -> None:
    """Raises AssertionError where two arrays differ by more than the tolerance, absolute and relative."""
    torch.testing.assert_close(actual, expected, rtol=TOLERANCE, atol=TOLERANCE)
