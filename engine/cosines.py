"""Whether a step pulls where all of them together do: the cosine of its share with the whole gradient.

Worked out from the factors, delta^T G z for a matrix, so that no share is made. Factors and gradient are scaled
first: neither a gradient of 1e-200 nor one of 1e200 has a square.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.factors import Factors
from engine.norms import log10_norms, log10_share_norms

if TYPE_CHECKING:
    from engine.passes import Pass


def contribution_cosines(one: Pass) -> dict[str, Array]:
    """`contribution_cosine.PARAM` (T,): of each timestep's share with the sum of all shares, from -1 to 1, float64.

    That sum is the gradient of PARAM, before clipping; where timesteps do not share PARAM it is the gradient that
    they would share. NaN where the share or the sum is 0, or not finite. `one` is a pass that was run.
    """
    found: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for name, uses in one.records.uses.items():
            total = one.gradients[name]
            total = total if one.spec.weights_shared else total.sum(axis=0)
            found[f"contribution_cosine.{name}"] = _cosines(Factors.stack(uses), _direction(total))
    return found


def _cosines(share: Factors, direction: Array) -> Array:
    delta, z = _scaled(share.delta), None if share.z is None else _scaled(share.z)
    if z is not None and share.matrix:
        through = np.matmul(z.reshape(-1, z.shape[-1]), direction.T).reshape(delta.shape)
        along = np.vecdot(delta, through).sum(axis=1, dtype=np.float64)
        logs = log10_share_norms(delta.swapaxes(1, 2), z.swapaxes(1, 2))
    else:
        whole = np.asarray((delta if z is None else delta * z).sum(axis=1))
        along = np.asarray(whole @ direction, np.float64)
        logs = log10_norms(whole[:, None])[:, 0]
    # Of shares of several sequences that cancel, `along` may have kept a rounding error.
    return np.asarray(np.where(logs == -np.inf, np.nan, np.clip(along / np.power(10.0, logs), -1, 1)))


def _scaled(factor: Array) -> Array:
    """Each timestep of (T,B,n) divided by its largest entry."""
    largest = np.maximum(factor.max(axis=(1, 2)), -factor.min(axis=(1, 2)))
    return np.asarray(factor / np.where(largest == 0, 1, largest)[:, None, None])


def _direction(total: Array) -> Array:
    """An array of norm 1 that points as `total` does; NaN where that is 0 or not finite."""
    ratio = total / np.abs(total).max()
    return np.asarray(ratio / np.linalg.norm(ratio))
