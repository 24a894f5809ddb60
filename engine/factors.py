"""A parameter's shares in factored form: 2H numbers a step instead of H times H."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.activations import Array


@dataclass(frozen=True)
class Factors:
    """One use of a parameter: `delta` (T,B,H) and `z` (T,B,n), or None for 1, as for a bias.

    A timestep's share is the sum over the batch of outer(delta, z) for a matrix, else of delta * z.
    """

    delta: Array
    z: Array | None
    matrix: bool

    def at(self, t: int) -> Factors:
        """The factors of timestep t, (B,H) and (B,n)."""
        return Factors(self.delta[t], None if self.z is None else self.z[t], self.matrix)

    def shares(self) -> Array:
        """Every timestep's share in full, (T, shape of the parameter)."""
        if self.z is None:
            return np.asarray(self.delta.sum(axis=1))
        if self.matrix:
            return np.asarray(np.matmul(self.delta.swapaxes(1, 2), self.z))
        return np.asarray((self.delta * self.z).sum(axis=1))

    def total(self) -> Array:
        """The sum of all shares, in one product."""
        delta = self.delta.reshape(-1, self.delta.shape[-1])
        if self.z is None:
            return np.asarray(delta.sum(axis=0))
        z = self.z.reshape(-1, self.z.shape[-1])
        return np.asarray(delta.T @ z if self.matrix else (delta * z).sum(axis=0))

    @staticmethod
    def stack(uses: list[Factors]) -> Factors:
        """Several uses of one parameter as one: side by side along the batch, where they add up."""
        if len(uses) == 1:
            return uses[0]
        delta = np.concatenate([use.delta for use in uses], axis=-2)
        z: Array | None = None
        if any(use.z is not None for use in uses):
            inputs = [np.ones_like(use.delta) if use.z is None else use.z for use in uses]
            z = np.concatenate(inputs, axis=-2)
        return Factors(delta, z, uses[0].matrix)
