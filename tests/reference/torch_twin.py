"""PyTorch's own recurrent module for a case: the source of its parameters, and the judge of the cell written by hand.

A module keeps the gates of a layer stacked in one matrix and has two biases a gate; this project has a matrix a gate
and one bias, their sum. Only the candidate of PyTorch's GRU needs both: there the second is inside the reset gate.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.reference.hand_cells import STATES, Values, Weights, at
from tests.reference.hand_pass import at_each_step, leaves, pass_loss
from tests.reference.reference_case import Case, Window

# The order in which a module stacks its gates, as the endings of this project's parameter names.
STACKED = {
    "rnn": ("",),
    "irnn": ("",),
    "lstm": ("_input", "_forget", "_candidate", "_output"),
    "gru": ("_reset", "_update", "_candidate"),
    "gru_reset_before": ("_reset", "_update", "_candidate"),
}
TOLERANCE = 1e-12


def module(case: Case) -> nn.RNNBase:
    """The module of the case's shape, float64; for gru_reset_before a GRU, which has the same gates."""
    sizes = (case.given, case.hidden, case.layers)
    if case.cell in ("rnn", "irnn"):
        built: nn.RNNBase = nn.RNN(*sizes, nonlinearity=case.activation, bias=case.bias)
    elif case.cell == "lstm":
        built = nn.LSTM(*sizes, bias=case.bias)
    else:
        built = nn.GRU(*sizes, bias=case.bias)
    return built.double()


def has_twin(case: Case) -> bool:
    """Whether the module computes exactly the case's cell (of rnn's activations: those `nn.RNN` accepts)."""
    return case.cell in STACKED and case.cell != "gru_reset_before" and case.gate_activation == "sigmoid"


def own_names(case: Case, arrays: Weights) -> Values:
    """This project's parameters (`layer0.U_input` ...), from arrays by a state_dict's names, tied or not."""
    if case.tied:
        return _unstack(case, arrays)
    steps = [_unstack(case, {name: value[t] for name, value in arrays.items()}) for t in range(case.timesteps)]
    return {name: torch.stack([step[name] for step in steps]) for name in steps[0]}


def _unstack(case: Case, state: Weights) -> Values:
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


class _Twin:
    """The module with the case's parameters, as leaves: `state` and `readout` by their names, and `x`."""

    def __init__(self, case: Case, state: Weights, readout: Weights, x: Tensor, y: Tensor) -> None:
        self.case, self.module, self.y = case, module(case), y
        self.state, self.readout = leaves(state), leaves(readout)
        self.x = x.clone().requires_grad_()
        zero = torch.zeros(case.layers, case.batch, case.hidden, dtype=torch.float64)
        self.initial = leaves(dict.fromkeys(STATES[case.cell], zero))

    def outputs(self, cut: int) -> tuple[Tensor, Tensor]:
        """The top layer's h (T,B,H) and o (T,B,O), by one call of the module for all timesteps where that can be."""
        case = self.case
        if not case.tied or case.truncation or case.feedback == "free" or case.recurrence == "none":
            return self._step_by_step(cut)
        given = torch.cat([self.x, self._targets_before()], -1) if case.feedback else self.x
        if case.lengths:
            packed = pack_padded_sequence(given, torch.tensor(case.lengths), enforce_sorted=False)
            h, _ = self._call(self.state, packed, self.initial)
            h, _ = pad_packed_sequence(h, total_length=case.timesteps)
        else:
            h, _ = self._call(self.state, given, self.initial)
        return h, self._affine(self.readout, h)

    def _call(self, state: Weights, given: Tensor, states: Weights) -> tuple[Tensor, Values]:
        """The module on a sequence, its states by name."""
        before = tuple(states.values()) if self.case.cell == "lstm" else states["h"]
        h, after = functional_call(self.module, dict(state), (given, before))
        return h, dict(zip(states, after if self.case.cell == "lstm" else (after,), strict=True))

    def _affine(self, readout: Weights, h: Tensor) -> Tensor:
        return at(readout["V"], h) + readout.get("c", torch.zeros(()))

    def _targets_before(self) -> Tensor:
        """The targets (T,B,O) of the step before, zero before the first."""
        linear = self.case.readout == "linear"
        targets = self.y if linear else functional.one_hot(self.y, self.case.outputs).to(torch.float64)
        return torch.cat([torch.zeros_like(targets[:1]), targets[:-1]])

    def _step_by_step(self, cut: int) -> tuple[Tensor, Tensor]:
        """The module called for one timestep at a time: what it is given depends on the step before."""
        case, states = self.case, self.initial
        fed = self._targets_before() if case.feedback == "teacher" else None
        shown = torch.zeros(case.batch, case.outputs, dtype=torch.float64)
        hs, os = [], []
        weights, readouts = at_each_step(case, self.state), at_each_step(case, self.readout)
        for t in range(case.timesteps):
            if t == cut and t > 0:
                states, shown = {name: value.detach() for name, value in states.items()}, shown.detach()
            if case.recurrence == "none":
                states = {name: torch.zeros_like(value) for name, value in states.items()}
            given = torch.cat([self.x[t], shown if fed is None else fed[t]], -1) if case.feedback else self.x[t]
            h, states = self._call(weights[t], given[None], states)
            hs.append(h[0])
            os.append(self._affine(readouts[t], h[0]))
            shown = os[-1] if case.readout == "linear" else functional.softmax(os[-1], -1)
        return torch.stack(hs), torch.stack(os)

    def loss(self, o: Tensor, window: Window) -> Tensor:
        """A window's part of the loss of the pass, by PyTorch's own loss functions."""
        counted = self.case.counted
        mask = counted & (torch.arange(self.case.timesteps)[:, None] >= window[0])
        mask[window[2] :] = False
        if self.case.readout == "linear":
            return functional.mse_loss(o[mask], self.y[mask], reduction="sum") / (2 * counted.sum())
        return functional.cross_entropy(o[mask], self.y[mask], reduction="sum") / counted.sum()

    def gradients(self) -> Values:
        """The gradients by this project's names, summed over the windows."""
        asked = self.state | self.readout | self.initial | {"x": self.x}
        total: Values = {}
        for window in self.case.windows:
            _, o = self.outputs(window[1])
            found = torch.autograd.grad(self.loss(o, window), list(asked.values()), materialize_grads=True)
            pairs = dict(zip(asked, found, strict=True))
            total = {name: gradient + total.get(name, 0) for name, gradient in pairs.items()}
        return _named_gradients(self.case, total) | {name: total[name] for name in (*self.readout, "x")}


def judge(case: Case, state: Weights, readout: Weights, y: Tensor, by_hand: Values) -> None:
    """Compares a pass by hand with the module's: outputs, loss, and the gradients of parameters, x and initial states.

    Raises AssertionError where one differs by more than 1e-12.
    """
    twin = _Twin(case, state, readout, by_hand["x"], y)
    h, o = twin.outputs(0)
    there = case.there[..., None]
    agree(h * there, by_hand[f"layer{case.layers - 1}.h"])
    agree(o * there, by_hand["o"])
    agree(twin.loss(o, (0, 0, case.timesteps)), pass_loss(case, by_hand["loss"]))
    for name, gradient in twin.gradients().items():
        agree(gradient, by_hand[f"grad.{name}"])


def _named_gradients(case: Case, found: Weights) -> Values:
    """The module's gradients under this project's names.

    Both of a gate's biases have the gradient of their sum, so one of them stands for it, and the other is compared.
    """
    gradients = dict(found)
    for layer in range(case.layers if case.bias else 0):
        inner, outer = gradients[f"bias_hh_l{layer}"].clone(), gradients[f"bias_ih_l{layer}"]
        same = inner.shape[-1] - (case.hidden if case.cell == "gru" else 0)
        agree(inner[..., :same], outer[..., :same])
        inner[..., :same] = 0
        gradients[f"bias_hh_l{layer}"] = inner
    modules = {name: value for name, value in gradients.items() if name.startswith(("weight_", "bias_"))}
    named = own_names(case, modules)
    for state in STATES[case.cell]:
        named |= {f"layer{layer}.{state}.initial": found[state][layer] for layer in range(case.layers)}
    return named


def agree(actual: Tensor, expected: Tensor) -> None:
    """Raises AssertionError where two arrays differ by more than the tolerance, absolute and relative."""
    torch.testing.assert_close(actual, expected, rtol=TOLERANCE, atol=TOLERANCE)
