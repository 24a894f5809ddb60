"""One network to be timed: its sizes, numbers drawn for it, and its weights stacked as the peers want them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

import engine

AnyArray = npt.NDArray[Any]
Values = dict[str, AnyArray]

CELLS = ("rnn", "gru", "lstm")

# The endings of the parameters' names, in the order in which the peers written here stack the gates: sigmoids side
# by side, and of the LSTM also those that the cell state reaches.
STACKED = {
    "rnn": ("",),
    "gru": ("_reset", "_update", "_candidate"),
    "lstm": ("_output", "_input", "_forget", "_candidate"),
}
STATES = {"rnn": ("h",), "gru": ("h",), "lstm": ("h", "cell_state")}

# Inputs and outputs of a network, by its hidden units; FEATURES where they are not listed.
INPUTS = {8: 16, 32: 32}
FEATURES = 64


@dataclass(frozen=True)
class Case:
    """`steps` T, `hidden` H, `batch` B of a cell of CELLS; I = O = `features`; `dtype` is float64 or float32."""

    cell: str
    steps: int
    hidden: int
    batch: int = 1
    dtype: str = "float64"

    @property
    def features(self) -> int:
        """How many inputs, and how many outputs."""
        return INPUTS.get(self.hidden, FEATURES)

    @cached_property
    def spec(self) -> engine.Spec:
        """The engine's spec: softmax and cross-entropy at every step."""
        fields = {"cell": self.cell, "hidden_size": self.hidden, "dtype": self.dtype, "task": {"kind": "arrays"}}
        return engine.parse_spec(fields)

    @cached_property
    def data(self) -> engine.Data:
        """x (T,B,I) drawn normally, y (T,B) drawn evenly."""
        stream = np.random.default_rng(0)
        x = stream.normal(size=(self.steps, self.batch, self.features)).astype(self.dtype)
        y = stream.integers(0, self.features, (self.steps, self.batch))
        return engine.Data(x, y, self.features)

    @cached_property
    def one_hot(self) -> AnyArray:
        """The targets as (T,B,O)."""
        return np.eye(self.features, dtype=self.dtype)[self.data.y]

    @cached_property
    def weights(self) -> Values:
        """The engine's own initial matrices, with biases that are not zero."""
        # Of a spec's parameters only O and I depend on the data: two steps of it are enough.
        data = engine.Data(self.data.x[:2, :1], self.data.y[:2, :1], self.features)
        stream = np.random.default_rng(1)
        return {
            name: value if value.ndim == 2 else stream.normal(0, 0.1, value.shape).astype(self.dtype)
            for name, value in engine.Pass(self.spec, data).parameters.items()
        }

    def stacked(self, endings: tuple[str, ...]) -> Values:
        """U (G*H,I), W (G*H,H), b and r (G*H,), V (O,H), c (O,) with the gates in the order of `endings`.

        r is what is added to W @ h before a gate multiplies it; zero but for gru's candidate.
        """
        found = {
            kind: np.concatenate([self.weights[f"layer0.{kind}{ending}"] for ending in endings])
            for kind in ("U", "W", "b")
        }
        inner = [self.weights.get(f"layer0.r{ending}", np.zeros(self.hidden, self.dtype)) for ending in endings]
        return found | {"r": np.concatenate(inner), "V": self.weights["V"], "c": self.weights["c"]}
