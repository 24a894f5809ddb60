"""Every gradient of a case by autograd, under the trace's names.

No gradient is written here, but for adding up those of several windows or sequences. One call of `torch.autograd.grad`
asks for all of a window's (so no `.grad` is ever filled, and nothing can be gathered twice).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from tests.reference.hand_cells import Values, Weights
from tests.reference.hand_pass import at_each_step, forward, leaves, nothing_before
from tests.reference.reference_case import Case, Window


class Schedule(NamedTuple):
    """Which losses go back how far, and how many losses the pass counts in all."""

    windows: list[Window]
    losses: int


def gradients(loss: Tensor, of: Values) -> Values:
    """dloss/d of every tensor given, `grad.` before its name; zero where the loss does not depend on it."""
    found = torch.autograd.grad(loss, list(of.values()), materialize_grads=True)
    return {f"grad.{name}": gradient for name, gradient in zip(of, found, strict=True)}


def window_loss(case: Case, loss: Tensor, window: Window, count: int) -> Tensor:
    """What the losses (T,B) of a window's steps are of the loss of the pass."""
    first, _, end = window
    counted = loss[first:end][case.counted[first:end]]
    return counted.sum() / count


def _summed(one: Callable[[Window], tuple[Values, Values]], windows: list[Window]) -> tuple[Values, Values]:
    """The values of any window, and the gradients of all, added up."""
    values, total = one(windows[0])
    for window in windows[1:]:
        again, found = one(window)
        assert all(torch.equal(again[name], value) for name, value in values.items())
        total = {name: gradient + found[name] for name, gradient in total.items()}
    return values, total


def without_padding(case: Case, parameters: Weights, x: Tensor, y: Tensor, schedule: Schedule) -> Values:
    """Values and gradients of a pass without padding; parameters are (T, ...) where timesteps do not share them.

    Keys are the trace's names, time first, with `x`, `grad.x` and, for dL/d of the state before the first step,
    `grad.layerL.STATE.initial` (B,H). Every window has a graph of its own.
    """
    one = partial(_window_pass, case, parameters, x, y, schedule.losses)
    values, grads = _summed(one, schedule.windows)
    copies = (".from_above", ".from_future", ".from_loss")
    kept = {name: value for name, value in values.items() if not name.endswith(copies)}
    return kept | {"x": x} | {name: grad for name, grad in grads.items() if _is_told(case, name)}


def _window_pass(
    case: Case, parameters: Weights, x: Tensor, y: Tensor, losses: int, window: Window
) -> tuple[Values, Values]:
    """The values of the whole pass, and the gradients of one window's losses."""
    shared, before, inputs = leaves(parameters), nothing_before(case), leaves({"x": x})
    steps = forward(case, at_each_step(case, shared), inputs["x"], y, before, window[1])
    trace = {name: torch.stack([step[name] for step in steps]) for name in steps[0]}
    initial = {f"{name}.initial": state for name, state in before.items() if name != "y_prev"}
    timed = {f"{name}@{t}": value for t, step in enumerate(steps) for name, value in step.items()}
    loss = window_loss(case, trace["loss"], window, losses)
    found = gradients(loss, shared | inputs | initial | timed)
    return {name: value.detach() for name, value in trace.items()}, _by_name(trace, found, case)


def _by_name(trace: Weights, found: Values, case: Case) -> Values:
    """The gradients of the steps' values stacked, those of all else as they are."""
    named = {name: gradient for name, gradient in found.items() if "@" not in name}
    for name in trace:
        named[f"grad.{name}"] = torch.stack([found[f"grad.{name}@{t}"] for t in range(case.timesteps)])
    return named


def _is_told(case: Case, name: str) -> bool:
    """The trace has no gradients of y_hat and loss; o's is taken apart only where two things arrive."""
    if name in ("grad.o.from_loss", "grad.o.from_future"):
        return case.feedback == "free"
    return name not in ("grad.y_hat", "grad.loss")


def contributions(case: Case, parameters: Weights, x: Tensor, y: Tensor, schedule: Schedule) -> Values:
    """`contribution.PARAM` (T, PARAM's shape): the gradients of parameters that each timestep has for itself.

    The values are those of the network. Since every copy is used at one timestep only, its gradient is that timestep's
    share of the shared parameter's gradient.
    """

    def one(window: Window) -> tuple[Values, Values]:
        untied = [leaves(own) for own in at_each_step(case, dict(parameters))]
        steps = forward(case, untied, x, y, nothing_before(case), window[1])
        loss = window_loss(case, torch.stack([step["loss"] for step in steps]), window, schedule.losses)
        copies = {f"{name}@{t}": value for t, copy in enumerate(untied) for name, value in copy.items()}
        found = gradients(loss, copies)
        times = range(case.timesteps)
        return {}, {name: torch.stack([found[f"grad.{name}@{t}"] for t in times]) for name in parameters}

    _, found = _summed(one, schedule.windows)
    return {f"contribution.{name}": share for name, share in found.items()}


def whole_pass(case: Case, parameters: Weights, x: Tensor, y: Tensor) -> Values:
    """Everything of a pass: values, gradients, contributions. The loss is zero where there is no target.

    Sequences of different lengths are passes of their own, each as long as its sequence, and so nothing can come from
    padding. Then zeros fill them up to T.
    """
    schedule = Schedule(case.windows, int(case.counted.sum()))
    if not case.lengths:
        whole = without_padding(case, parameters, x, y, schedule) | contributions(case, parameters, x, y, schedule)
        return whole | {"loss": whole["loss"] * case.targeted}
    found: list[Values] = []
    for b, length in enumerate(case.lengths):
        alone = replace(case, batch=1, timesteps=length, lengths=())
        data = x[:length, b : b + 1], y[:length, b : b + 1]
        values = without_padding(alone, parameters, *data, schedule)
        found.append(values | contributions(alone, parameters, *data, schedule))
    whole = {name: _joined(case, name, [one[name] for one in found], parameters) for name in found[0]}
    return whole | {"loss": whole["loss"] * case.targeted}


def _joined(case: Case, name: str, parts: list[Tensor], parameters: Weights) -> Tensor:
    """One array of the batch from those of its sequences."""
    if name.removeprefix("grad.") in parameters:
        return torch.stack(parts).sum(0)
    if name.endswith(".initial"):
        return torch.cat(parts)
    padded = [_filled(part, case.timesteps) for part in parts]
    return torch.stack(padded).sum(0) if name.startswith("contribution.") else torch.cat(padded, 1)


def _filled(part: Tensor, timesteps: int) -> Tensor:
    """The array with zeros after its last timestep, up to T."""
    missing = timesteps - part.shape[0]
    return functional.pad(part, [0, 0] * (part.dim() - 1) + [0, missing])
