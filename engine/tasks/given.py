"""Inputs and targets that come with the call: what is checked of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.activations import Array
from engine.errors import SpecError
from engine.task_spec import ArraysTask
from engine.tasks.data import Codes, Data, Mask, Targets
from engine.tasks.task import About, Task

AnyArray = npt.NDArray[Any]


def arrays(x: Array, y: Targets, lengths: AnyArray | None = None, counted: AnyArray | None = None) -> Data:
    """Data from arrays that came with the call; raises SpecError where they do not fit.

    `x` (T,B,I) real; `y` (T,B) whole numbers or (T,B,O) real; `lengths` (B,) whole numbers from 1 to T;
    `counted` (T,B) bool. What stands in x and y after a sequence's length, and in y where no step counts,
    is set to zero before anything is checked, so that any padding will do.
    """
    if x.ndim != 3 or 0 in x.shape or not np.issubdtype(x.dtype, np.floating):
        raise SpecError(f"x must be real numbers of shape (T, B, I), got {_describe(x)}", "data.x")
    ends = None if lengths is None else _lengths(lengths, x)
    there = np.ones(x.shape[:2], bool) if ends is None else np.arange(len(x))[:, None] < ends
    targets = there if counted is None else there & _counted(counted, x)
    if not targets.any():
        raise SpecError("counted must count a step that is no padding, got none", "data.counted")
    x = np.where(there[..., None], x, 0)
    if not np.isfinite(x).all():
        raise SpecError("x must be finite, got NaN or infinity", "data.x")
    y, outputs = _targets(y, targets)
    return Data(x, y, outputs, lengths=ends, counted=None if counted is None else targets)


def _targets(y: Targets, counted: Mask) -> tuple[Targets, int]:
    """The targets, zero where none counts, and how many outputs they need."""
    steps, batch = counted.shape
    if np.issubdtype(y.dtype, np.integer):
        wanted = f"whole numbers from 0 of shape {counted.shape}"
        if y.shape != counted.shape or (y < 0)[counted].any():
            raise SpecError(f"y must be {wanted}, got {_describe(y)}", "data.y")
        codes = np.where(counted, y, 0).astype(np.int64)
        return codes, max(2, int(codes.max()) + 1)
    wanted = f"finite numbers of shape ({steps}, {batch}, O)"
    if y.ndim != 3 or y.shape[:2] != counted.shape or y.shape[2] == 0 or not np.isfinite(y[counted]).all():
        raise SpecError(f"y must be {wanted}, got {_describe(y)}", "data.y")
    return np.where(counted[..., None], y, 0).astype(np.float64), y.shape[2]


def _lengths(lengths: AnyArray, x: Array) -> Codes:
    steps, batch = x.shape[:2]
    wanted = f"lengths must be whole numbers from 1 to {steps} of shape ({batch},)"
    if not np.issubdtype(lengths.dtype, np.integer) or lengths.shape != (batch,):
        raise SpecError(f"{wanted}, got {_describe(lengths)}", "data.lengths")
    if lengths.min() < 1 or lengths.max() > steps:
        raise SpecError(f"{wanted}, got {lengths.min()} to {lengths.max()}", "data.lengths")
    return lengths.astype(np.int64)


def _counted(counted: AnyArray, x: Array) -> Mask:
    if counted.dtype != np.bool_ or counted.shape != x.shape[:2]:
        wanted = f"counted must be true or false of shape {x.shape[:2]}"
        raise SpecError(f"{wanted}, got {_describe(counted)}", "data.counted")
    return counted


def _describe(array: AnyArray) -> str:
    return f"{array.dtype} of shape {array.shape}"


def _draw(_: ArraysTask, __: np.random.Generator) -> Data:
    raise SpecError("task.kind 'arrays' needs x and y with the call (--data)", "task.kind")


def _about(_: ArraysTask) -> About:
    return About(
        title="Your own arrays",
        sentence="Inputs and targets come with the call; what must be remembered, and for how long, is theirs to say.",
        distance=None,
        baseline=None,
        solved=None,
        scored="every step that has a target",
        measure=None,
    )


ARRAYS = Task(_draw, _about)
