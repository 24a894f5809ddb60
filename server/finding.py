"""What is found out of one pass, on its way to a reader: a frame as often as a picture of it is worth drawing anew."""

from __future__ import annotations

from time import perf_counter

import engine
from server import specs, wire
from server.protocol import Done, Find, Found
from server.workers import SLICE

GATHERED = 0.03
"""Seconds for which what is found is gathered into one frame: small cases are one, of large ones progress is seen."""


class Finding:
    """A pass and what is asked of it, as messages. Every method computes and belongs in a thread, one at a time."""

    def __init__(self, request: Find, memory_limit: int) -> None:
        """Raises SpecError for a bad spec, and for one of which this cannot be held, before anything large is made."""
        self.plan = specs.planned(request.spec, memory_limit, request.what)
        self._request = request
        self._pass = engine.Pass(self.plan.spec)
        self._portions = engine.portions(self._pass, request.what)
        self._gathered: list[engine.Portion] = []
        self._due = 0.0
        self._seq = 0

    def frame(self) -> bytes | None:
        """The next frame; empty where the time of a slice is over before there is one, None after the last."""
        end = perf_counter() + SLICE
        for portion in self._portions:
            if portion is not None and self._gather(portion):
                return self._frame()
            if perf_counter() > end:
                return b""
        return self._frame() if self._gathered else None

    def closing(self) -> Done:
        """The `done` message."""
        return Done(run=self._request.run, id=self.plan.id, loss=self._pass.loss)

    def _gather(self, portion: engine.Portion) -> bool:
        """Keep what was found; whether it is time to send it."""
        now = perf_counter()
        if not self._gathered:
            self._due = now + GATHERED
        self._gathered.append(portion)
        return now > self._due

    def _frame(self) -> bytes:
        found = engine.joined(self._gathered, self._request.what)
        head = Found(
            run=self._request.run,
            seq=self._seq,
            what=self._request.what,
            first=found.first,
            count=found.count,
            total=self.plan.sizes["T"],
        )
        self._gathered = []
        self._seq += 1
        return wire.encode(found.whole | found.arrays, head.metadata(), self._request.dtype)
