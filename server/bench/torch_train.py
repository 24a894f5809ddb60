"""PyTorch's form of a training step: its own recurrent module and a linear readout, forward and back."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from server.bench.case import Case, Values
from server.bench.named import totals
from server.bench.peer import Peer
from server.bench.steps import Tensor, Tensors

MODULES: dict[str, Any] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
# The order in which the modules stack their gates.
ENDINGS = {
    "rnn": ("",),
    "gru": ("_reset", "_update", "_candidate"),
    "lstm": ("_input", "_forget", "_candidate", "_output"),
}


def steps(case: Case) -> list[Peer]:
    """The module of the case's cell; what it returns is the loss, the gradients are the module's."""
    torch.set_num_threads(1)
    dtype = torch.float32 if case.dtype == "float32" else torch.float64
    module = MODULES[case.cell](case.features, case.hidden).to(dtype)
    linear = nn.Linear(case.hidden, case.features).to(dtype)
    _fill(case, module, linear)
    x = torch.from_numpy(case.data.x)
    y = torch.from_numpy(case.data.y).reshape(-1)

    def run() -> Tensor:
        module.zero_grad()
        linear.zero_grad()
        h, _ = module(x)
        loss = functional.cross_entropy(linear(h).reshape(-1, case.features), y)
        loss.backward()
        return loss

    return [Peer(f"torch nn.{MODULES[case.cell].__name__}", run, lambda loss: _values(case, module, linear, loss))]


def _fill(case: Case, module: Any, linear: Any) -> None:
    weights = {name: torch.from_numpy(value) for name, value in case.stacked(ENDINGS[case.cell]).items()}
    pairs = {"weight_ih_l0": "U", "weight_hh_l0": "W", "bias_ih_l0": "b", "bias_hh_l0": "r"}
    module.load_state_dict({theirs: weights[ours] for theirs, ours in pairs.items()})
    linear.load_state_dict({"weight": weights["V"], "bias": weights["c"]})


def _values(case: Case, module: Any, linear: Any, loss: Tensor) -> Values:
    tensors: Tensors = {
        "U": module.weight_ih_l0,
        "W": module.weight_hh_l0,
        "b": module.bias_ih_l0,
        "r": module.bias_hh_l0,
        "V": linear.weight,
        "c": linear.bias,
    }
    found = {name: tensor.grad.numpy() for name, tensor in tensors.items()}
    return totals(case, found, ENDINGS[case.cell]) | {"mean_loss": loss.detach().numpy()}
