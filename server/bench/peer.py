"""A peer: another library's form of what the engine computes, and the engine's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.bench.case import Values


@dataclass(frozen=True)
class Peer:
    """`run` is what is timed; `values` makes of what it returns arrays by the names of the engine's trace."""

    name: str
    run: Callable[[], Any]
    values: Callable[[Any], Values]
