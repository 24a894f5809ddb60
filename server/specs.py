"""The spec a caller sends: read strictly and held against the memory limit before anything is made."""

from __future__ import annotations

import engine
from engine.errors import SpecError
from engine.gradcheck import ENTRIES
from engine.truncation import planned as planned_sweeps
from engine.truncation import timesteps

SECONDS_A_NAME = 10e-6
SECONDS_A_WEIGHT = 0.3e-9
"""What a timestep of a forward pass costs for each array it fills and each weight it reads; measured for RNN,
GRU and LSTM with 8 to 512 units. On a slower machine a check takes longer, but what is refused is the same."""


SWEEPING = 20.0
"""Seconds that the sweeps of a truncated pass may take here: all that time its reader waits for the first step back."""


def planned(data: object, memory_limit: int, what: engine.What | None = None) -> engine.Plan:
    """The plan of a decoded spec; raises SpecError for a bad one and for one whose trace is too large.

    Where `what` is to be found out of the pass, it is counted with the trace.
    """
    plan = engine.describe(engine.parse_spec(data))
    check_size(plan, memory_limit, 0 if what is None else engine.finding_bytes(plan, what))
    check_sweeps(plan)
    return plan


def check_size(plan: engine.Plan, memory_limit: int, beside: int = 0) -> None:
    """Raises SpecError, code too_large, where a trace and the bytes `beside` it exceed `memory_limit`."""
    needed = plan.trace_bytes + plan.held_bytes + beside
    if needed <= memory_limit:
        return
    # Where the weights alone are too many, no shorter text helps.
    weights = 3 * _weights(plan) * (8 if plan.spec.dtype == "float64" else 4)
    field = _length_field(plan) if weights <= memory_limit else "hidden_size"
    raise SpecError(
        f"{field} must be smaller, got {_dimensions(plan)}: the trace needs {size(needed)}, "
        f"allowed are {size(memory_limit)}; fewer timesteps, units or layers need less",
        field,
        "too_large",
    )


def check_sweeps(plan: engine.Plan) -> None:
    """Raises SpecError, code too_large, where overlapping windows of truncation would take more than SWEEPING."""
    sizes = plan.sizes
    count = len(planned_sweeps(plan.spec.algorithm, sizes["T"]))
    step = sizes["L"] * len(plan.forward_names) * SECONDS_A_NAME / 3
    step += sizes["B"] * _weights(plan) * SECONDS_A_WEIGHT
    needed = count * sizes["T"] * step
    if count > 1 and needed > SWEEPING:
        raise SpecError(
            f"algorithm.k2 must be smaller, got {_dimensions(plan)}: {count:,} windows lie over one another, which "
            f"takes about {_duration(needed)}, allowed are {_duration(SWEEPING)}; a larger k1 needs less too",
            "algorithm.k2",
            "too_large",
        )


def check_work(plan: engine.Plan, most: float, passes: int) -> None:
    """Raises SpecError, code too_large, where as many forward passes would take more than `most` seconds."""
    names = plan.sizes["L"] * len(plan.forward_names)
    step = names * SECONDS_A_NAME + plan.sizes["B"] * _weights(plan) * SECONDS_A_WEIGHT
    needed = passes * timesteps(plan.spec.algorithm, plan.sizes["T"]) * step
    if needed <= most:
        return
    field = _length_field(plan)
    raise SpecError(
        f"{field} must be smaller for a check, got {_dimensions(plan)}: {passes:,} forward passes take about "
        f"{_duration(needed)}, allowed are {_duration(most)}; fewer timesteps, units or layers need less, "
        "and `unroll check` takes as long as it takes",
        field,
        "too_large",
    )


def forward_passes(plan: engine.Plan) -> int:
    """How many forward passes a gradient check makes: two for each entry it moves."""
    sizes = plan.sizes
    states = [sizes["B"] * sizes["H"]] * len(plan.cell.states) * sizes["L"]
    counts = [slot.count for slot in plan.slots]
    x = sizes["T"] * sizes["B"] * sizes["I"]
    return 2 * sum(min(count, ENTRIES) for count in (*counts, *states, x))


def _length_field(plan: engine.Plan) -> str:
    """Where the number of timesteps is from, to which memory and time are all but proportional."""
    longer = plan.spec.task.longer
    return "data.x" if longer is None else f"task.{longer}"


def _dimensions(plan: engine.Plan) -> str:
    sizes = plan.sizes
    return f"{sizes['T']:,} timesteps with hidden_size {sizes['H']} and layers {sizes['L']}"


def _weights(plan: engine.Plan) -> int:
    return sum(slot.count for slot in plan.slots)


def _duration(seconds: float) -> str:
    """Seconds in words, e.g. 12 minutes."""
    return f"{seconds:.3g} seconds" if seconds < 120 else f"{seconds / 60:,.0f} minutes"


def size(count: int) -> str:
    """Bytes in words, e.g. 1.5 GiB."""
    value, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"
