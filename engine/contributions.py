"""How large each step's share of each parameter's gradient is, exactly, without making the shares.

For one sequence the norm of outer(delta, z) is the product of the norms of delta and z, and each of
them is worked out once for all the parameters it is a factor of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.factors import Factors
from engine.norms import grams, log10_norms, log10_share_norms, norms

if TYPE_CHECKING:
    from engine.passes import Pass


class ContributionNorms:
    """`contribution_norm.PARAM` (T,) of every parameter, anew at each call.

    `uses` are the factors of every parameter, in order.
    """

    def __init__(self, one: Pass, uses: dict[str, list[Factors]]) -> None:
        self.names = [f"contribution_norm.{name}" for name in uses]
        self.sizes = np.zeros((len(uses), len(one.data.x)), one.spec.dtype)
        self.lengths: dict[tuple[int, int], tuple[Array, Array]] = {}
        self.products: list[tuple[Array, Array, Array | None]] = []
        self.others: list[tuple[Array, list[Factors]]] = []
        single = one.plan.sizes["B"] == 1
        for row, own in zip(self.sizes, uses.values(), strict=True):
            if single and _is_product(own):
                z = None if own[0].z is None else self._length(own[0].z)
                self.products.append((row, self._length(own[0].delta), z))
            else:
                self.others.append((row, own))

    def __call__(self) -> dict[str, Array]:
        """The norms of the pass as it is now."""
        for array, lengths in self.lengths.values():
            if len(array) > self.sizes.shape[1] and not array[0].any():
                # A state before the first step is mostly zero, which would be worked out with care for nothing.
                lengths[0] = 0
                lengths[1 : len(array)] = norms(array[1:])
            else:
                lengths[: len(array)] = norms(array)
        for row, delta, z in self.products:
            if z is None:
                row[...] = delta
            else:
                np.multiply(delta, z, row)
        known = _Grams()
        for row, uses in self.others:
            row[...] = np.power(10.0, log10_of_batch(uses, known))
        return dict(zip(self.names, self.sizes.copy(), strict=True))

    def _length(self, factor: Array) -> Array:
        """Where the norm of each timestep of a factor (T,1,n) will be, (T,).

        Factors that are rows of one block (T',R n) are worked out together, with all of the block.
        """
        block, size = factor if factor.base is None else factor.base, factor.shape[-1]
        if block[0].size % size:  # zeros that stand for states, as wide as the widest of them
            block = factor
        width = block[0].size
        begin = (_address(factor) - _address(block)) // block.itemsize
        (first, place), key = divmod(begin, width), (id(block), size)
        known, lengths = self.lengths.get(key, (block[:0], np.zeros((len(block), width // size), block.dtype)))
        used = max(len(known), first + len(factor))
        self.lengths[key] = block[:used].reshape(used, -1, size), lengths
        return np.asarray(lengths[first : first + len(factor), place // size])


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


def _is_product(uses: list[Factors]) -> bool:
    """Whether the share is one outer product, or one delta, of rows of blocks."""
    one = uses[0]
    return len(uses) == 1 and (one.z is None or (one.matrix and one.z.strides[0] > 0))


class _Grams:
    """The Gram matrices of factors, each worked out once for all the parameters it is a factor of."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, tuple[int, ...]], Array] = {}

    def __call__(self, factor: Array) -> Array:
        key = (_address(factor), factor.shape)
        if key not in self.known:
            self.known[key] = grams(factor)
        return self.known[key]


def log10_of_batch(uses: list[Factors], gram: Callable[[Array], Array] = grams) -> Array:
    """log10 of the norm of each step's share, (T,), of several sequences, whose shares add up, or of several uses."""
    factors = Factors.stack(uses)
    if factors.z is None or not factors.matrix:
        whole = factors.delta if factors.z is None else factors.delta * factors.z
        return np.asarray(log10_norms(whole.sum(axis=1)[:, None])[:, 0])
    known = gram if len(uses) == 1 else grams
    return log10_share_norms(factors.delta.swapaxes(1, 2), factors.z.swapaxes(1, 2), known)
