"""How large each step's share of each parameter's gradient is, exactly, without making the shares.

For one sequence the norm of outer(delta, z) is the product of the norms of delta and z, and each of
them is worked out once for all the parameters it is a factor of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.factors import Factors
from engine.norms import log10_norms, log10_share_norms

if TYPE_CHECKING:
    from engine.passes import Pass


class ContributionNorms:
    """`contribution_norm.PARAM` (T,) of every parameter, anew at each call; `logs` (P,T) are their log10.

    `uses` are the factors of every parameter, in order.
    """

    def __init__(self, one: Pass, uses: dict[str, list[Factors]]) -> None:
        self.names = [f"contribution_norm.{name}" for name in uses]
        self.logs = np.zeros((len(uses), len(one.data.x)))
        self.lengths: list[tuple[Array, Array]] = []
        self.products: list[tuple[Array, Array, Array | None]] = []
        self.others: list[tuple[Array, list[Factors]]] = []
        self._known: dict[tuple[int, int], Array] = {}
        single = one.plan.sizes["B"] == 1
        for row, own in zip(self.logs, uses.values(), strict=True):
            if single and _is_product(own):
                z = None if own[0].z is None else self._length(own[0].z)
                self.products.append((row, self._length(own[0].delta), z))
            else:
                self.others.append((row, own))

    def __call__(self) -> dict[str, Array]:
        """The norms of the pass as it is now."""
        for array, logs in self.lengths:
            logs[...] = log10_norms(array)
        for row, delta, z in self.products:
            if z is None:
                row[...] = delta
            else:
                np.add(delta, z, row)
        for row, uses in self.others:
            row[...] = of_batch(uses)
        return dict(zip(self.names, np.power(10.0, self.logs), strict=True))

    def _length(self, factor: Array) -> Array:
        """Where log10 of the norm of each timestep of a factor (T,1,n) will be, (T,).

        Factors that are rows of one block (T',R n) are worked out together, with all of the block.
        """
        block, size = factor if factor.base is None else factor.base, factor.shape[-1]
        width = block[0].size
        begin = (_address(factor) - _address(block)) // block.itemsize
        (first, place), key = divmod(begin, width), (id(block), size)
        if key not in self._known:
            self._known[key] = np.zeros((len(block), width // size))
            self.lengths.append((block.reshape(len(block), -1, size), self._known[key]))
        return self._known[key][first : first + len(factor), place // size]


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


def _is_product(uses: list[Factors]) -> bool:
    """Whether the share is one outer product, or one delta, of rows of blocks."""
    one = uses[0]
    return len(uses) == 1 and (one.z is None or (one.matrix and one.z.strides[0] > 0))


def of_batch(uses: list[Factors]) -> Array:
    """log10 of the norm of each step's share, (T,), of several sequences, whose shares add up, or of several uses."""
    factors = Factors.stack(uses)
    if factors.z is None or not factors.matrix:
        whole = factors.delta if factors.z is None else factors.delta * factors.z
        return np.asarray(log10_norms(whole.sum(axis=1)[:, None])[:, 0])
    return log10_share_norms(factors.delta.swapaxes(1, 2), factors.z.swapaxes(1, 2))
