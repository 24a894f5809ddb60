"""The inputs and targets of a batch of sequences."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.activations import Array

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Targets = npt.NDArray[np.floating] | Codes


@dataclass(frozen=True)
class Data:
    """Inputs `x` (T,B,I); targets `y`, symbols (T,B) int64 or real (T,B,O).

    `outputs` is O. `alphabet` names the symbols where they have names. `lengths` (B,) int64 tells how
    many steps each sequence has, where not all have T: the steps after them are padding, where x and y
    are zero. `counted` (T,B) bool tells which steps have a target at all, where not all have one; y is
    zero where there is none.
    """

    x: Array
    y: Targets
    outputs: int
    alphabet: tuple[str, ...] | None = None
    lengths: Codes | None = None
    counted: Mask | None = None

    @property
    def there(self) -> Mask | None:
        """Which steps are no padding, (T,B); None where none is padding."""
        if self.lengths is None:
            return None
        return np.arange(len(self.x))[:, None] < self.lengths

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """What it is made of by name: x, y, and lengths and counted where it has them."""
        parts = {"x": self.x, "y": self.y, "lengths": self.lengths, "counted": self.counted}
        return {name: array for name, array in parts.items() if array is not None}

    def with_outputs(self, outputs: int) -> Data:
        """The same data for a network with more outputs than the targets here happen to use."""
        return replace(self, outputs=max(outputs, self.outputs)) if self.y.ndim == 2 else self


def symbols(inputs: Codes, targets: Codes, alphabet: tuple[str, ...], counted: Mask | None = None) -> Data:
    """Data whose inputs and targets are places (T,B) in one alphabet; where not counted, y is 0."""
    y = targets if counted is None else np.where(counted, targets, 0)
    return Data(np.eye(len(alphabet))[inputs], y, len(alphabet), alphabet, counted=counted)


def from_step(first: int, steps: int, batch: int) -> Mask:
    """Which steps have a target where all from `first` on have one, (T,B)."""
    return np.repeat(np.arange(steps)[:, None] >= first, batch, axis=1)
