"""One reference case: a small network, how it is run and learns, and its data.

All numbers are drawn from a generator seeded by the case's name, so a case keeps its numbers whatever happens to the
others.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import torch
from torch import Tensor

OWN_CELLS = {"output_recurrent": {"name": "output recurrent", "equations": "h = tanh(U @ x + R @ y_prev + b)"}}
"""Cells that are no built-in: their spec holds their equations. These name y_prev themselves."""

Window = tuple[int, int, int]
"""(first, cut, end): the losses of steps first to end - 1 go back through the steps from cut on."""


@dataclass(frozen=True)
class Case:
    """What is computed; the fields are those of the project's spec, and the sizes its data bring.

    `parameters` is shared, own (each timestep has different ones) or own_equal (each timestep has ones with the same
    values). `lengths` (B) is empty where all sequences have T steps; `sparse` is whether every third step, from the
    first on, has no target; `truncation` is (k1, k2); `feedback` is the mode.
    """

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
    inputs: int = 4
    hidden: int = 5
    outputs: int = 4
    recurrence: str = "full"
    parameters: str = "shared"
    lengths: tuple[int, ...] = ()
    sparse: bool = False
    truncation: tuple[int, int] | None = None
    feedback: str | None = None
    clip_norm: float | None = None
    optimizer: tuple[tuple[str, str | float], ...] = ()

    @property
    def spec(self) -> dict[str, object]:
        """The spec that asks for this case; what it leaves out has its default."""
        asked: dict[str, object] = {
            "cell": OWN_CELLS.get(self.cell, self.cell),
            "activation": self.activation,
            "gate_activation": self.gate_activation,
            "bias": self.bias,
            "hidden_size": self.hidden,
            "layers": self.layers,
            "readout": self.readout,
            "loss_at": self.loss_at,
            "task": {"kind": "arrays"},
            "algorithm": {"kind": "bptt"},
            "dtype": "float64",
        }
        return asked | self._unusual

    @property
    def _unusual(self) -> dict[str, object]:
        """The fields of the spec that only some cases set."""
        asked: dict[str, object] = {}
        if self.recurrence != "full":
            asked["recurrence"] = self.recurrence
        if not self.tied:
            asked["weights_shared"] = False
        if self.truncation:
            asked["algorithm"] = {"kind": "truncated", "k1": self.truncation[0], "k2": self.truncation[1]}
        if self.feedback:
            asked["feedback"] = {"source": "output", "mode": self.feedback}
        if self.clip_norm is not None:
            asked["clip_norm"] = self.clip_norm
        if self.optimizer:
            asked["optimizer"] = dict(self.optimizer)
        return asked

    @property
    def tied(self) -> bool:
        """Whether all timesteps share their parameters."""
        return self.parameters == "shared"

    @property
    def concatenated(self) -> bool:
        """Whether layer 0 is given [x; y_prev]."""
        return self.feedback is not None and self.cell not in OWN_CELLS

    @property
    def given(self) -> int:
        """How many entries the input of layer 0 has."""
        return self.inputs + (self.outputs if self.concatenated else 0)

    @property
    def there(self) -> Tensor:
        """(T,B) bool: the steps that are no padding."""
        lengths = torch.tensor(self.lengths or [self.timesteps] * self.batch)
        return torch.arange(self.timesteps)[:, None] < lengths

    @property
    def targeted(self) -> Tensor:
        """(T,B) bool: the steps that have a target."""
        return self.there & (torch.arange(self.timesteps)[:, None] % 3 > 0) if self.sparse else self.there

    @property
    def counted(self) -> Tensor:
        """(T,B) bool: the steps whose loss is part of the loss of the pass; the last is a sequence's last target."""
        later = self.targeted.flip(0).cumsum(0).flip(0)
        return self.targeted & (later == 1) if self.loss_at == "last_step" else self.targeted

    @property
    def windows(self) -> list[Window]:
        """Which losses go back how far (Williams and Peng 1990); without truncation one window over all."""
        k1, k2 = self.truncation or (self.timesteps, self.timesteps)
        ends = [*range(k1, self.timesteps, k1), self.timesteps]
        return [(first, max(0, end - k2), end) for first, end in zip([0, *ends[:-1]], ends, strict=True)]

    def generator(self) -> torch.Generator:
        """The source of all this case's random numbers, always at its beginning."""
        return torch.Generator().manual_seed(zlib.crc32(self.name.encode()))


def draw_data(case: Case, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """x (T,B,I) of scale 1; y (T,B) class numbers, or (T,B,O) real for a linear readout.

    x is zero in padding, y wherever there is no target.
    """
    steps = (case.timesteps, case.batch)
    x = torch.randn(*steps, case.inputs, generator=source, dtype=torch.float64)
    if case.readout == "linear":
        y = torch.randn(*steps, case.outputs, generator=source, dtype=torch.float64)
        return x * case.there[..., None], y * case.targeted[..., None]
    return x * case.there[..., None], torch.randint(case.outputs, steps, generator=source) * case.targeted
