"""One reference case: a small network, its data and its place among the others.

Sizes are small and all data are drawn from a generator seeded by the case's name, so a case keeps its numbers
whatever happens to the others.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import torch
from torch import Tensor

INPUTS, HIDDEN, OUTPUTS = 4, 5, 4


@dataclass(frozen=True)
class Case:
    """What is computed; the fields are those of the project's spec, and the sizes its data bring."""

    name: str
    cell: str
    layers: int = 1
    batch: int = 3
    timesteps: int = 5
    activation: str = "tanh"
    gate_activation: str = "sigmoid"
    bias: bool = True
    readout: str = "softmax"
    loss_at: str = "every_step"
    weight_scale: float = 0.5

    @property
    def spec(self) -> dict[str, object]:
        """The spec that asks for this case; what it leaves out has its default."""
        return {
            "cell": self.cell,
            "activation": self.activation,
            "gate_activation": self.gate_activation,
            "bias": self.bias,
            "hidden_size": HIDDEN,
            "layers": self.layers,
            "readout": self.readout,
            "loss_at": self.loss_at,
            "task": {"kind": "arrays"},
            "algorithm": {"kind": "bptt"},
            "dtype": "float64",
        }

    def generator(self) -> torch.Generator:
        """The source of all this case's random numbers, always at its beginning."""
        return torch.Generator().manual_seed(zlib.crc32(self.name.encode()))


def draw_data(case: Case, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """x (T,B,I) of scale 1; y (T,B) class numbers, or (T,B,O) real for a linear readout."""
    steps = (case.timesteps, case.batch)
    x = torch.randn(*steps, INPUTS, generator=source, dtype=torch.float64)
    if case.readout == "linear":
        return x, torch.randn(*steps, OUTPUTS, generator=source, dtype=torch.float64)
    return x, torch.randint(OUTPUTS, steps, generator=source)


def draw_readout(case: Case, source: torch.Generator) -> dict[str, Tensor]:
    """V (O,H) and, with biases, c (O,)."""
    readout = {"V": case.weight_scale * torch.randn(OUTPUTS, HIDDEN, generator=source, dtype=torch.float64)}
    if case.bias:
        readout["c"] = case.weight_scale * torch.randn(OUTPUTS, generator=source, dtype=torch.float64)
    return readout


CASES = [
    *(
        Case(f"{cell}_layers{layers}_batch{batch}", cell, layers, batch, timesteps=6 if batch == 1 else 5)
        for cell in ("rnn", "lstm", "gru", "gru_reset_before")
        for layers in (1, 2)
        for batch in (1, 3)
    ),
    Case("rnn_relu", "rnn", activation="relu"),
    Case("rnn_no_bias", "rnn", layers=2, bias=False),
    Case("gru_no_bias", "gru", bias=False),
    # A larger scale, so that some gates are beyond the kinks at +-3 and some are not.
    Case("lstm_hard_sigmoid", "lstm", gate_activation="hard_sigmoid", weight_scale=1.0),
    Case("lstm_linear_readout", "lstm", readout="linear"),
    Case("gru_last_step", "gru", layers=2, loss_at="last_step"),
]
