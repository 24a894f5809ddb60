"""The gradients of parameters as sums over timesteps and sequences, each one product."""

from __future__ import annotations

import numpy as np

from engine.activations import Array


class Totals:
    """Sums of outer(delta, z), or of delta where there is no z, into arrays that are given once.

    Not `tied`, each timestep has its own, (T, ...), and nothing is summed over time.
    """

    def __init__(self, tied: bool) -> None:
        self.tied = tied
        self.products: list[tuple[Array, Array, Array]] = []
        self.batches: list[tuple[Array, Array, Array]] = []
        self.sums: list[tuple[Array, Array, int | tuple[int, int]]] = []

    def add(self, out: Array, deltas: Array, z: Array | None) -> None:
        """Have `out` (n, m) or (n,) made of `deltas` (T, n, B) and `z` (T, m, B)."""
        single = self.tied and deltas.shape[2] == 1
        if z is None:
            self.sums.append((out, deltas[..., 0], 0) if single else (out, deltas, (0, 2) if self.tied else 2))
        elif single:
            self.products.append((out, deltas[..., 0].T, z[..., 0]))
        elif self.tied:
            self.batches.append((out, deltas, z))
        else:
            self.products.append((out, deltas, z.swapaxes(1, 2)))

    def __call__(self) -> None:
        """Make them all."""
        for out, deltas, z in self.products:
            np.matmul(deltas, z, out)
        for out, deltas, z in self.batches:
            _over_batch(out, deltas, z)
        for out, deltas, axis in self.sums:
            np.add.reduce(deltas, axis, out=out)


def _over_batch(out: Array, deltas: Array, z: Array) -> None:
    """As one product over timesteps and sequences together, for which both are laid anew."""
    left, right = (np.moveaxis(array, 1, 0).reshape(array.shape[1], -1) for array in (deltas, z))
    np.matmul(left, right.T, out)
