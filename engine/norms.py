"""Norms that neither underflow nor overflow, as base-10 logarithms.

A gradient of 1e-200 is a lesson, not a zero: its square is no float64. Zero is -inf, and a vector
that holds NaN gives NaN.
"""

from __future__ import annotations

import math

import numpy as np

from engine.activations import Array


def log10_norm(vector: Array) -> float:
    """log10 of the Frobenius norm of an array of any shape."""
    flat = vector.ravel()
    squares = float(np.vdot(flat, flat))
    safe = 1e-20 if flat.dtype == np.float32 else 1e-250
    if safe < squares < 1 / safe:
        return math.log10(squares) / 2
    return _scaled(flat)


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


def _largest(values: Array) -> float:
    return float(np.abs(values).max()) if values.size else 0.0
