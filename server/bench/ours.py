"""What is timed of the engine: the public calls that the server uses, the workspace made once and reused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import engine
from server.bench.case import Case, Values
from server.bench.peer import Peer

Run = Callable[[], Any]
TYPED = "unroll, the same equations typed in"


def ours(kind: str, case: Case) -> Peer:
    """The engine's own form of a workload."""
    one = engine.Pass(case.spec, case.data, case.weights)
    run, values = {"trace": _trace, "materialised": _materialised, "flow": _flow, "train": _train}[kind](one)
    return Peer("unroll", run, values)


def typed(case: Case) -> Peer:
    """A trace of the same equations, as a student would have typed them."""
    cell = {"name": "typed", "equations": str(case.spec.equations())}
    spec = engine.parse_spec(case.spec.model_dump(mode="json") | {"cell": cell})
    return Peer(TYPED, *_trace(engine.Pass(spec, case.data, case.weights)))


def _trace(one: engine.Pass) -> tuple[Run, Callable[[Any], Values]]:
    return one.run, dict


def _materialised(one: engine.Pass) -> tuple[Run, Callable[[Any], Values]]:
    def run() -> tuple[engine.Trace, Values]:
        trace = one.run()
        return trace, trace.contributions()

    return run, lambda found: dict(found[0]) | {f"contribution.{name}": share for name, share in found[1].items()}


def _flow(one: engine.Pass) -> tuple[Run, Callable[[Any], Values]]:
    def run() -> Values:
        one.forward()
        return one.flow()

    return run, dict


def _train(one: engine.Pass) -> tuple[Run, Callable[[Any], Values]]:
    def values(_: Any) -> Values:
        return {f"grad.{name}": grad for name, grad in one.gradients.items()} | {"mean_loss": np.array(one.loss)}

    return one.gradient, values
