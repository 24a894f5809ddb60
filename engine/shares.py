"""Every step's share of every gradient in full: T times as large as the parameters, so only on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.factors import Factors

if TYPE_CHECKING:
    from engine.passes import Pass


class Shares:
    """The shares (T, shape) of all parameters of a pass, in memory that is made once.

    Parameters that are stacked have their shares made together. `uses` are the factors of every parameter.
    """

    def __init__(self, one: Pass, uses: dict[str, list[Factors]]) -> None:
        self.uses = uses
        self.stacked: list[tuple[Array, Array, Array]] = []
        self.full: dict[str, Array] = {}
        self._add(["V"], one.readout.grad_o, one.readout.h)
        for index, layer in enumerate(one.layers):
            for stack, deltas, z in layer.stacked_uses:
                if z is not None:
                    self._add([f"layer{index}.{name}" for name in stack.parameters], deltas, z)

    def _add(self, names: list[str], deltas: Array, z: Array) -> None:
        """Matrices side by side: deltas (T,n,B) and z (T,m,B) of all of them."""
        whole = np.zeros((*deltas.shape[:2], z.shape[1]), deltas.dtype)
        self.stacked.append((whole, deltas, z))
        self.full |= dict(zip(names, np.split(whole, len(names), axis=1), strict=True))

    def __call__(self) -> dict[str, Array]:
        """The shares of the pass as it is now, by parameter."""
        for whole, deltas, z in self.stacked:
            _outer(deltas, z, whole)
        return {name: self.full[name] if name in self.full else of(uses) for name, uses in self.uses.items()}


def of(uses: list[Factors]) -> Array:
    """The shares of one parameter: the sum over its uses."""
    return np.asarray(sum(use.shares() for use in uses))


def _outer(deltas: Array, z: Array, out: Array) -> None:
    """outer(delta, z) of every timestep, summed over sequences: (T,n,B) and (T,m,B) to (T,n,m)."""
    if deltas.shape[2] > 1:
        np.matmul(deltas, z.swapaxes(1, 2), out=out)
        return
    for delta, row, share in zip(deltas, z.swapaxes(1, 2), out, strict=True):
        np.dot(delta, row, share)
