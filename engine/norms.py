"""Norms that neither underflow nor overflow, as base-10 logarithms.

A gradient of 1e-200 is a lesson, not a zero: its square is no float64. Zero is -inf, and a vector
that holds NaN gives NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from engine.activations import Array


def log10_norm(vector: Array) -> float:
    """log10 of the Frobenius norm of an array of any shape."""
    flat = vector.ravel()
    squares = float(np.vdot(flat, flat))
    safe = 1e-20 if flat.dtype == np.float32 else 1e-250
    if safe < squares < 1 / safe:
        return math.log10(squares) / 2
    return _scaled(flat)


def log10_total(arrays: Iterable[Array]) -> float:
    """log10 of the norm of several arrays together."""
    logs = np.array([log10_norm(array) for array in arrays])
    largest = logs.max()
    if not np.isfinite(largest):
        return float(largest)
    ratio = 10.0 ** (logs - largest)
    return float(largest + math.log10(float(ratio @ ratio)) / 2)


def norms(array: Array) -> Array:
    """The norm over the last axis, of any size that a float can have."""
    squares = np.vecdot(array, array)
    found = np.asarray(np.sqrt(squares))
    if not moderate(squares):
        extreme = _extreme(squares)
        rows = array[extreme]
        found[extreme] = np.power(10.0, _scaled_rows(rows)) if rows.any() else 0
    return found


def log10_norms(array: Array) -> Array:
    """log10 of the norm over the last axis, in float64; -inf for zero."""
    squares = np.vecdot(array, array)
    logs = np.asarray(np.log10(squares, dtype=np.float64) / 2)
    if not moderate(squares):
        extreme = _extreme(squares)
        logs[extreme] = _scaled_rows(array[extreme])
    return logs


def moderate(squares: Array) -> bool:
    """Whether all sums of squares are of a size at which none of their terms was lost."""
    if squares.size == 0:
        return True
    safe = _least(squares)
    return bool(np.minimum.reduce(squares, None) > safe and np.maximum.reduce(squares, None) < 1 / safe)


def _extreme(squares: Array) -> npt.NDArray[np.bool_]:
    safe = _least(squares)
    return np.asarray(~((squares > safe) & (squares < 1 / safe)))


def _least(squares: Array) -> float:
    return 1e-20 if squares.dtype == np.float32 else 1e-250


def log10_share_norms(delta: Array, z: Array, gram: Callable[[Array], Array] | None = None) -> Array:
    """log10 of the norm of every step's share, (T,), from a matrix's factors (T,n,B) and (T,m,B).

    Of few sequences from their Gram matrices (T,B,B), which `gram` may know already; of many it is less
    work to make the shares, some timesteps at a time.
    """
    rows, columns, batch = delta.shape[1], z.shape[1], delta.shape[2]
    if batch * (rows + columns) > rows * columns:
        return np.concatenate([_made(delta[t : t + 64], z[t : t + 64]) for t in range(0, len(delta), 64)])
    own = gram or grams
    products = own(delta) * own(z)
    squares = products.sum(axis=(1, 2), dtype=np.float64)
    safe = 1e-12 if delta.dtype == np.float32 else 1e-200
    apart = 1e-6 * np.trace(products, axis1=1, axis2=2)
    logs = np.asarray(np.log10(np.maximum(squares, 0)) / 2)
    for t in np.flatnonzero(~((squares > safe) & (squares < 1 / safe) & (squares > apart))):
        logs[t] = log10_share_norm(delta[t].T, z[t].T)
    return logs


def grams(array: Array) -> Array:
    """The Gram matrix of the sequences of every timestep, (T,B,B), of (T,n,B)."""
    return np.asarray(np.matmul(array.swapaxes(1, 2), array))


def _made(delta: Array, z: Array) -> Array:
    shares = np.matmul(delta, z.swapaxes(1, 2))
    return log10_norms(shares.reshape(len(shares), -1))


def log10_share_norm(delta: Array, z: Array | None, matrix: bool = True) -> float:
    """log10 of the norm of one step's share, exactly, without making it.

    `delta` is (B,H), `z` is (B,n) or None for a bias. For one sequence the norm of an outer
    product is the product of the norms; for a batch it comes from the two Gram matrices.
    """
    if z is None:
        return log10_norm(delta.sum(axis=0))
    if not matrix:
        return log10_norm((delta * z).sum(axis=0))
    if len(delta) == 1:
        return log10_norm(delta) + log10_norm(z)
    return _gram(delta, z)


def _gram(delta: Array, z: Array) -> float:
    left, right = _largest(delta), _largest(z)
    if not (0 < left < math.inf and 0 < right < math.inf):
        return log10_norm(delta.T @ z)
    d, s = (values.astype(np.float64) / largest for values, largest in ((delta, left), (z, right)))
    products = (d @ d.T) * (s @ s.T)
    squares = float(products.sum())
    if squares <= 1e-6 * float(np.trace(products)):
        # The sequences nearly cancel: the sum of squares has lost its digits, so make the share.
        return _scaled((d.T @ s).ravel()) + math.log10(left) + math.log10(right)
    return math.log10(squares) / 2 + math.log10(left) + math.log10(right)


def _scaled(flat: Array) -> float:
    largest = _largest(flat)
    if largest == 0:
        return -math.inf
    if not math.isfinite(largest):
        return largest
    ratio = (flat / largest).astype(np.float64)
    return math.log10(largest) + math.log10(float(ratio @ ratio)) / 2


def _scaled_rows(rows: Array) -> Array:
    """As `_scaled`, of each row of (N,n)."""
    largest = np.abs(rows).max(axis=-1).astype(np.float64)
    ratio = (rows / np.where(largest > 0, largest, 1)[:, None]).astype(np.float64)
    logs = np.log10(largest) + np.log10(np.vecdot(ratio, ratio)) / 2
    return np.asarray(np.where(np.isfinite(largest) & (largest > 0), logs, np.log10(largest)))


def _largest(values: Array) -> float:
    return float(np.abs(values).max()) if values.size else 0.0
