"""The two directions in which a state moves most, and where it is along them at every step: its path as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.activations import Array

if TYPE_CHECKING:
    from engine.passes import Pass

AXES = 2
"""How many directions there are in a picture."""


def principal_axes(one: Pass) -> dict[str, Array]:
    """`coordinates.layerL.STATE` (T,B,2) and `explained.layerL.STATE` (2,), float64, of each state of each layer.

    The axes are the directions of largest variance of STATE_t over timesteps and sequences, the largest first; the
    coordinates are along them and from the mean, in the state's own unit. `explained` is their share of the
    whole variance. The unit that an axis depends on most has a positive part in it. Where there is no second
    direction, or none (one unit, a state that stays what it is), coordinates and share are 0. Padding does not
    count and is NaN; so is all of a state that is not finite. `one` is a pass that was run.

    Source: Pearson (1901), On lines and planes of closest fit; Jolliffe, Principal Component Analysis.
    """
    return {name: array for found in axes_of_states(one) for name, array in found.items()}


def axes_of_states(one: Pass) -> Iterator[dict[str, Array]]:
    """That of one state after the other, each computed when it is asked for."""
    there = one.readout.there
    for index, layer in enumerate(one.layers):
        for state in layer.program.cell.states:
            values = layer.value(state)
            counted = np.ones(values.shape[:2], bool) if there is None else there
            with np.errstate(all="ignore"):
                coordinates, explained = _axes(values, counted)
            name = f"layer{index}.{state}"
            yield {f"coordinates.{name}": coordinates, f"explained.{name}": explained}


def _axes(values: Array, counted: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    coordinates, explained = np.full((*counted.shape, AXES), np.nan), np.full(AXES, np.nan)
    rows = values[counted].astype(np.float64)
    if np.isfinite(rows).all():
        coordinates[counted], explained = _of_rows(rows)
    return coordinates, explained


def _of_rows(rows: Array) -> tuple[Array, Array]:
    """The coordinates (N,2) of rows (N,H), which are overwritten, and the shares (2,)."""
    largest = np.abs(rows).max()
    if largest > 0:  # the square of a state of 1e-200 or 1e200 is no float
        rows /= largest
    rows -= rows.mean(axis=0)
    _, sizes, directions = np.linalg.svd(rows, full_matrices=False)
    sizes[sizes <= np.finfo(np.float64).eps * max(rows.shape)] = 0
    directions[sizes == 0] = 0
    whole = sizes @ sizes
    coordinates, explained = np.zeros((len(rows), AXES)), np.zeros(AXES)
    for axis, direction in enumerate(directions[:AXES]):
        sign = -1.0 if direction[np.abs(direction).argmax()] < 0 else 1.0
        coordinates[:, axis] = rows @ direction * sign * largest
        explained[axis] = sizes[axis] ** 2 / whole if whole > 0 else 0
    return coordinates, explained
