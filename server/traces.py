"""The specs the server remembers by id, so that a trace can be asked for by its address.

A trace is a pure function of its spec: only the spec is kept, the pass is computed again.
"""

from __future__ import annotations

from collections import OrderedDict

import engine


class Traces:
    """Specs by id; beyond `kept` the one not asked for the longest is forgotten."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._specs: OrderedDict[str, engine.Spec] = OrderedDict()

    def remember(self, plan: engine.Plan) -> None:
        """Make the pass of `plan` known by its id."""
        self._specs[plan.id] = plan.spec
        self._specs.move_to_end(plan.id)
        if len(self._specs) > self._kept:
            self._specs.popitem(last=False)

    def find(self, trace_id: str) -> engine.Spec | None:
        """The spec of an id, None where it is not known."""
        if trace_id in self._specs:
            self._specs.move_to_end(trace_id)
        return self._specs.get(trace_id)
