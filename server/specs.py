"""The spec a caller sends: read strictly and held against the memory limit before anything is made."""

from __future__ import annotations

import engine
from engine.errors import SpecError


def planned(data: object, memory_limit: int) -> engine.Plan:
    """The plan of a decoded spec; raises SpecError for a bad one and for one whose trace is too large."""
    plan = engine.describe(engine.parse_spec(data))
    check_size(plan.trace_bytes, memory_limit)
    return plan


def check_size(needed: int, memory_limit: int) -> None:
    """Raises SpecError, code too_large, where a trace needs more than `memory_limit` bytes."""
    if needed > memory_limit:
        raise SpecError(
            f"the trace of this experiment needs {size(needed)}, "
            f"allowed are {size(memory_limit)}: fewer timesteps, units or layers make it smaller",
            code="too_large",
        )


def size(count: int) -> str:
    """Bytes in words, e.g. 1.5 GiB."""
    value, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"
