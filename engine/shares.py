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

    Parameters that are stacked have their shares made together; of one sequence a bias's share is its
    delta. `uses` are the factors of every parameter.
    """

    def __init__(self, one: Pass, uses: dict[str, list[Factors]]) -> None:
        self.stacked: list[tuple[Array, Array, Array]] = []
        self.full: dict[str, Array] = {}
        self._add(["V"], one.readout.grad_o, one.readout.h)
        for index, layer in enumerate(one.layers):
            for stack, deltas, z in layer.stacked_uses:
                self._add([f"layer{index}.{name}" for name in stack.parameters], deltas, z)
        self.others = {name: own for name, own in uses.items() if name not in self.full}
        self.names = list(uses)

    def __call__(self) -> dict[str, Array]:
        """The shares of the pass as it is now, by parameter."""
        for whole, deltas, z in self.stacked:
            product = np.multiply if deltas.shape[2] == 1 else np.matmul
            product(deltas, z, whole)
        found = self.full | {name: of(uses) for name, uses in self.others.items()}
        return {name: found[name] for name in self.names}

    def _add(self, names: list[str], deltas: Array, z: Array | None) -> None:
        """Parameters side by side: deltas (T,n,B) and z (T,m,B), or None for biases, of all of them."""
        if z is not None:
            whole = np.zeros((*deltas.shape[:2], z.shape[1]), deltas.dtype)
            self.stacked.append((whole, deltas, z.swapaxes(1, 2)))
        elif deltas.shape[2] == 1:
            whole = deltas[..., 0]
        else:
            return
        self.full |= dict(zip(names, np.split(whole, len(names), axis=1), strict=True))


def of(uses: list[Factors]) -> Array:
    """The shares of one parameter: the sum over its uses."""
    return np.asarray(sum(use.shares() for use in uses))
