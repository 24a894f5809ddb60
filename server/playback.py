"""One pass on its way to a reader: its plan first, then its steps, each computed when it is asked for."""

from __future__ import annotations

import engine
from server import specs, wire
from server.protocol import Done, Plan, Run, Step


class Playback:
    """A run as messages. Every method computes and belongs in a thread, one at a time."""

    def __init__(self, request: Run, memory_limit: int) -> None:
        """Raises SpecError for a bad spec, before anything large is made."""
        self.plan = specs.planned(request.spec, memory_limit)
        self._request = request
        self._pass = engine.Pass(self.plan.spec)
        self._steps = enumerate(self._pass.steps())

    def opening(self) -> str:
        """The `plan` message."""
        plan = self.plan
        return Plan(
            run=self._request.run,
            id=plan.id,
            spec=plan.spec.model_dump(mode="json"),
            equations=plan.equations,
            parameters=plan.parameters,
            rows=plan.rows,
            norms=plan.norms,
            columns=plan.columns,
            task=plan.task,
            sizes=plan.sizes,
            total=plan.total,
            code=plan.code,
        ).model_dump_json()

    def frame(self) -> bytes | None:
        """The next step as a binary frame; None after the last."""
        following = next(self._steps, None)
        if following is None:
            return None
        seq, step = following
        head = Step.model_validate(
            {"run": self._request.run, "seq": seq, "phase": step.phase, "t": step.t, "layer": step.layer} | step.scalars
        )
        return wire.encode(step.arrays, head.metadata(), self._request.dtype)

    def closing(self) -> Done:
        """The `done` message."""
        return Done(run=self._request.run, id=self.plan.id, loss=self._pass.loss)
