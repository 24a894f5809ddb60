"""How much a step can stretch or shrink: singular values of what it does to a state, the spectra of its matrices.

Pascanu, Mikolov and Bengio (2013): what comes back through a step is at most the largest singular value of its
Jacobian times what arrived, and at least the smallest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.backstep import Backstep
from engine.equations import Equations
from engine.layer import Layer
from engine.shapes import is_recurrent

if TYPE_CHECKING:
    from engine.passes import Pass


GROUP = 2**21
"""Multiplications, H^3 a matrix, that are worth one call: it takes some milliseconds, and then it can be given up."""


def singular_values(one: Pass) -> dict[str, Array]:
    """`singular_values.layerL.STATE` (T,B,H) of d STATE_t / d STATE_{t-1}, the largest first.

    Everything else that a step is given is held fixed. `one` is a pass that was run; a step whose
    Jacobian is not finite has NaN.
    """
    found: dict[str, list[Array]] = {}
    for step in singular_values_of_steps(one):
        for name, values in () if step is None else step[1].items():
            found.setdefault(name, []).append(values)
    return {name: np.stack(values[::-1]) for name, values in found.items()}


def singular_values_of_steps(one: Pass) -> Iterator[tuple[int, dict[str, Array]] | None]:
    """t and those of timestep t, (B,H) each, from the last step to the first; None now and then between."""
    layers = [_Jacobians(layer) for layer in one.layers]
    for t in reversed(range(one.plan.sizes["T"])):
        found: dict[str, Array] = {}
        for index, layer in enumerate(layers):
            for state, jacobian in layer.at(t).items():
                values = found[f"singular_values.layer{index}.{state}"] = np.full(jacobian.shape[:2], np.nan)
                for group in layer.groups:
                    values[group] = _singular_values(jacobian[group])
                    yield None
        yield t, found


def recurrent_matrices(cell: Equations) -> list[str]:
    """The matrices that multiply what is made of a state of the step before, and so are square, in order of use."""
    return [one.name for one in cell.parameters if is_recurrent(one.operand)]


def recurrent_values(one: Pass) -> dict[str, Array]:
    """Every matrix of `recurrent_matrices` as `layerL.PARAM`, (H,H); (T,H,H) where timesteps do not share it."""
    return {
        f"layer{index}.{name}": layer.parameters[name]
        for index, layer in enumerate(one.layers)
        for name in recurrent_matrices(layer.program.cell)
    }


def eigenvalues(one: Pass) -> dict[str, Array]:
    """`eigenvalues.layerL.PARAM` (H,2), real and imaginary part, the one of largest modulus first.

    Of every matrix of `recurrent_matrices`; (T,H,2) where timesteps do not share it. A matrix that is not
    finite has NaN. They need no pass that was run.
    """
    return {f"eigenvalues.{name}": eigenvalues_of(value) for name, value in recurrent_values(one).items()}


def matrix_singular_values(one: Pass) -> dict[str, Array]:
    """`singular_values.layerL.PARAM` (H,), the largest first, where `eigenvalues` gives eigenvalues; (T,H) as there."""
    return {f"singular_values.{name}": singular_values_of(value) for name, value in recurrent_values(one).items()}


def eigenvalues_of(matrix: Array) -> Array:
    """Those of a matrix (H,H) or of each timestep's, (T,H,H); of a pair the one above the real axis comes first."""
    if matrix.ndim == 3:
        return np.array([eigenvalues_of(own) for own in matrix])
    if not np.isfinite(matrix).all():
        return np.full((len(matrix), 2), np.nan)
    values = np.linalg.eigvals(matrix.astype(np.float64))
    ordered = values[np.lexsort((-values.imag, -values.real, -np.abs(values)))]
    return np.stack([ordered.real, ordered.imag], axis=-1)


def singular_values_of(matrix: Array) -> Array:
    """Those of a matrix (H,H), or of each timestep's (T,H,H)."""
    if matrix.ndim == 3:
        return np.array([singular_values_of(own) for own in matrix])
    return np.asarray(_singular_values(matrix[None].astype(np.float64))[0])


def _singular_values(matrices: Array) -> Array:
    """Those of matrices (N,H,H), (N,H); NaN for one that is not finite."""
    finite = np.isfinite(matrices).all(axis=(1, 2))
    values = np.full(matrices.shape[:2], np.nan)
    values[finite] = np.linalg.svd(matrices[finite], compute_uv=False)
    return values


class _Jacobians:
    """d STATE_t / d STATE_{t-1} of every state of a layer: a step back for the gradient of each unit of each."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.states = layer.program.cell.states
        size, batch = layer.lengths["H"], layer.batch
        self.back = Backstep(layer, size * len(self.states))
        self.units = np.eye(size, dtype=layer.dtype)
        count = max(1, GROUP // size**3)
        self.groups = [slice(first, first + count) for first in range(0, batch, count)]

    def at(self, t: int) -> dict[str, Array]:
        """Those of timestep t, (B,H,H) each; asked for from the last step to the first."""
        size, arriving = len(self.units), self.back.arriving
        places = {state: slice(place * size, (place + 1) * size) for place, state in enumerate(self.states)}
        self.back.begin()
        for state, place in places.items():
            arriving[state][:, place] = self.units
        with np.errstate(all="ignore"):
            self.back(t, 0, None)
        if not self.layer.around.recurrence:
            self.back.begin()
        return {state: arriving[state][:, place] for state, place in places.items()}
