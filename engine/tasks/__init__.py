"""What a network is asked to do: inputs, targets and their symbols."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.activations import Array
from engine.errors import SpecError

Targets = npt.NDArray[np.floating] | npt.NDArray[np.int64]


@dataclass(frozen=True)
class Data:
    """Inputs `x` (T,B,I); targets `y`, symbols (T,B) int64 or real (T,B,O).

    `outputs` is O. `alphabet` names the symbols where they have names.
    """

    x: Array
    y: Targets
    outputs: int
    alphabet: tuple[str, ...] | None = None

    def with_outputs(self, outputs: int) -> Data:
        """The same data for a network with more outputs than the targets here happen to use."""
        return replace(self, outputs=max(outputs, self.outputs)) if self.y.ndim == 2 else self


def arrays(x: Array, y: Targets) -> Data:
    """Data from arrays that came with the call; raises SpecError where they do not fit."""
    if x.ndim != 3 or 0 in x.shape or not np.issubdtype(x.dtype, np.floating):
        raise SpecError(f"x must be real numbers of shape (T, B, I), got {_describe(x)}", "data.x")
    if not np.isfinite(x).all():
        raise SpecError("x must be finite, got NaN or infinity", "data.x")
    if np.issubdtype(y.dtype, np.integer):
        if y.shape != x.shape[:2] or y.min() < 0:
            wanted = f"whole numbers from 0 of shape {x.shape[:2]}"
            raise SpecError(f"y must be {wanted}, got {_describe(y)}", "data.y")
        return Data(x, y.astype(np.int64), max(2, int(y.max()) + 1))
    if y.ndim != 3 or y.shape[:2] != x.shape[:2] or y.shape[2] == 0 or not np.isfinite(y).all():
        wanted = f"finite numbers of shape ({x.shape[0]}, {x.shape[1]}, O)"
        raise SpecError(f"y must be {wanted}, got {_describe(y)}", "data.y")
    return Data(x, y.astype(np.float64), y.shape[2])


def _describe(array: npt.NDArray[np.generic]) -> str:
    return f"{array.dtype} of shape {array.shape}"
