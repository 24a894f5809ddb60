"""How much a step can stretch or shrink: singular values of what it does to a state, eigenvalues of its matrices.

Pascanu, Mikolov and Bengio (2013): what comes back through a step is at most the largest singular value of its
Jacobian times what arrived, and at least the smallest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.backstep import Backstep
from engine.equations import Equations
from engine.layer import Layer
from engine.shapes import is_recurrent

if TYPE_CHECKING:
    from engine.passes import Pass


def singular_values(one: Pass) -> dict[str, Array]:
    """`singular_values.layerL.STATE` (T,B,H) of d STATE_t / d STATE_{t-1}, the largest first.

    Everything else that a step is given is held fixed. `one` is a pass that was run; a step whose
    Jacobian is not finite has NaN.
    """
    found: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for index, layer in enumerate(one.layers):
            for state in layer.program.cell.states:
                found[f"singular_values.layer{index}.{state}"] = _Jacobians(layer, state).all_singular_values()
    return found


def recurrent_matrices(cell: Equations) -> list[str]:
    """The matrices that multiply what is made of a state of the step before, and so are square, in order of use."""
    return [one.name for one in cell.parameters if is_recurrent(one.operand)]


def eigenvalues(one: Pass) -> dict[str, Array]:
    """`eigenvalues.layerL.PARAM` (H,2), real and imaginary part, the one of largest modulus first.

    Of every matrix of `recurrent_matrices`; (T,H,2) where timesteps do not share it. A matrix that is not
    finite has NaN. They need no pass that was run.
    """
    found: dict[str, Array] = {}
    for index, layer in enumerate(one.layers):
        for name in recurrent_matrices(layer.program.cell):
            value = layer.parameters[name]
            own = _eigenvalues(value) if layer.program.tied else np.array([_eigenvalues(step) for step in value])
            found[f"eigenvalues.layer{index}.{name}"] = own
    return found


def _eigenvalues(matrix: Array) -> Array:
    """Those of one matrix, (H,2); of a conjugate pair the one above the real axis comes first."""
    if not np.isfinite(matrix).all():
        return np.full((len(matrix), 2), np.nan)
    values = np.linalg.eigvals(matrix.astype(np.float64))
    ordered = values[np.lexsort((-values.imag, -values.real, -np.abs(values)))]
    return np.stack([ordered.real, ordered.imag], axis=-1)


class _Jacobians:
    """d STATE_t / d STATE_{t-1} of one layer: a step back for the gradient of each unit."""

    def __init__(self, layer: Layer, state: str) -> None:
        self.layer, self.state = layer, state
        self.back = Backstep(layer, layer.lengths["H"])
        self.units = np.eye(layer.lengths["H"], dtype=layer.dtype)

    def all_singular_values(self) -> Array:
        """Those of every timestep, (T,B,H)."""
        values = np.empty((self.layer.steps, self.layer.batch, self.layer.lengths["H"]))
        for t in reversed(range(self.layer.steps)):
            values[t] = self.singular_values(t)
        return values

    def singular_values(self, t: int) -> Array:
        """Those of timestep t, (B,H); asked for from the last step to the first."""
        for state, arriving in self.back.arriving.items():
            arriving[...] = self.units if state == self.state else 0
        self.back(t, 0, None)
        jacobian = self.back.arriving[self.state]
        if not self.layer.around.recurrence:
            jacobian[...] = 0
        finite = np.isfinite(jacobian).all(axis=(1, 2))
        values = np.full(jacobian.shape[:2], np.nan)
        values[finite] = np.linalg.svd(jacobian[finite], compute_uv=False)
        return values
