"""How much of a gradient survives each backward step: the measured factor, and its running product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.layer import Layer
from engine.norms import log10_norms

if TYPE_CHECKING:
    from engine.passes import Pass


def signals(one: Pass) -> dict[str, Array]:
    """`measured_factor.layerL.STATE` and `log10_signal_left.layerL.STATE`, (T,) each, float64.

    The factor at t is that of the step back from t to t-1: the norm over units and batch of what arrives at
    STATE_{t-1} from step t, by that of the whole gradient of STATE_t. At 0 it is that of the step to the initial state.
    It is 0 where truncation cuts (where windows overlap, where it cuts the last of them; else the gradients are their
    sums), and where no recurrence is. Where the gradient of STATE_t is 0 it is NaN, or inf if
    something still arrives by way of another state. What goes by way of a fed back prediction is not counted: it
    arrives from above.

    The signal left at t is the product of the factors at t+1, t+2, ... up to the last step with a gradient that is
    not 0. There it is log10 1 = 0, after it NaN, as there is no signal yet; from a factor of 0 back it is -inf,
    whatever later losses add. `one` is a pass that was run.
    """
    found: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for index, layer in enumerate(one.layers):
            for state in layer.program.cell.states:
                arrived, handed = _sizes(layer, state)
                found[f"measured_factor.layer{index}.{state}"] = np.power(10.0, handed - arrived)
                found[f"log10_signal_left.layer{index}.{state}"] = _left(arrived, handed)
    return found


def _sizes(layer: Layer, state: str) -> tuple[Array, Array]:
    """log10 of the norm of the gradient of STATE_t, and of what step t hands back to STATE_{t-1}, (T,) each."""
    grad = f"grad.{state}"
    first, later = _log10(layer.first(f"{grad}_prev")[None]), _log10(layer.array(f"{grad}.from_future"))
    return _log10(layer.array(grad)), np.concatenate([first, later[:-1]])


def _log10(array: Array) -> Array:
    """log10 of the norm of each timestep of (T,n,B), (T,)."""
    return np.asarray(log10_norms(array.reshape(len(array), 1, -1))[:, 0])


def _left(arrived: Array, handed: Array) -> Array:
    """log10 of the running product of the factors, from the last step with a gradient back."""
    left = np.full(len(arrived), np.nan)
    some = np.flatnonzero(arrived != -np.inf)
    if some.size:
        last = some[-1]
        # A gradient of 0 hands back 0: nothing is left, though no factor can be told.
        logs = np.where((arrived == -np.inf) & (handed == -np.inf), -np.inf, handed - arrived)
        left[last] = 0
        left[:last] = np.cumsum(logs[last:0:-1])[::-1]
    return left
