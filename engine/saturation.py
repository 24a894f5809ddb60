"""How many units let no gradient through: those at the ends of their activation's range, and the dead ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.activations import ACTIVATIONS, Activation, Array
from engine.expressions import Call
from engine.layer import Layer

if TYPE_CHECKING:
    from engine.passes import Pass

Mask = npt.NDArray[np.bool_]

SATURATED = 0.97
"""Where the least an activation can give is -1 and the most is 1, beyond this a unit is saturated."""


def saturation(one: Pass) -> dict[str, Array]:
    """`saturation.layerL.NAME` and `dead.layerL.NAME`, (T,) each: shares of units, from 0 to 1.

    Of every line with an outermost activation. Saturated are units past `SATURATED` of the range of an activation
    that has bounds (tanh: |value| > 0.97; sigmoid and hard_sigmoid: value < 0.015 or > 0.985); without bounds no
    unit is, and the line has no `saturation`. Dead are units whose slope is exactly 0, whatever the activation: of
    relu the negative ones, of hard_sigmoid those on a flat end (a part of the saturated ones), of tanh those so
    far out that the slope is rounded to 0. The shares are over the units of all sequences that are no padding at t;
    NaN where there is none, or where a value is NaN. `one` is a pass that was run.
    """
    there = one.readout.there
    found: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for index, layer in enumerate(one.layers):
            for line in layer.program.cell.lines:
                if isinstance(line.expression, Call):
                    activation, name = ACTIVATIONS[line.expression.function], f"layer{index}.{line.target}"
                    value = layer.array(line.target)
                    if activation.bounds is not None:
                        found[f"saturation.{name}"] = _share(_saturated(activation.bounds, value), value, there)
                    found[f"dead.{name}"] = _share(_dead(activation, layer, line.target), value, there)
    return found


def _saturated(bounds: tuple[float, float], value: Array) -> Mask:
    middle, half = (bounds[0] + bounds[1]) / 2, (bounds[1] - bounds[0]) / 2
    return np.asarray(np.abs(value - middle) > SATURATED * half)


def _dead(activation: Activation, layer: Layer, target: str) -> Mask:
    value = layer.array(target)
    inside = layer.program.derivation.aliases.get(f"{target}.a", f"{target}.a")
    if inside in layer.parameters:
        argument = np.broadcast_to(layer.parameters[inside][..., None], value.shape)
    else:
        argument = layer.array(inside)
    return np.asarray(activation.slope(argument, value) == 0)


def _share(units: Mask, value: Array, there: Mask | None) -> Array:
    """The share of (T,H,B) that is true at each timestep, (T,)."""
    shares = np.count_nonzero(units, axis=1) / units.shape[1]
    shares[np.isnan(value).any(axis=1)] = np.nan
    if there is None:
        return np.asarray(shares.mean(axis=1))
    return np.asarray(np.where(there, shares, 0).sum(axis=1) / there.sum(axis=1))
