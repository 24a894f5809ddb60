"""How well a network does its task: on sequences of its own, at test time.

>>> from engine.passes import Pass
>>> from engine.spec import parse_spec
>>> spec = parse_spec({"task": {"kind": "recall", "gap": 3, "batch": 64}})
>>> found = evaluate(spec, Pass(spec).parameters)
>>> found.baseline, found.solved, found.better
(0.25, 0.9925, 'higher')
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.activations import Array
from engine.passes import Pass
from engine.spec import Spec
from engine.tasks import Data, about, draw, score

TEST = 2**31
"""The number of the batch that a network is tested on: training counts from 0 and never comes so far."""


@dataclass(frozen=True)
class Evaluation:
    """The loss, and the score beside those of guessing (`baseline`) and of having learned the task (`solved`).

    The scores are None for data that come with the call, whose task is unknown. `better` is `higher` or `lower`.
    """

    loss: float
    score: float | None
    baseline: float | None
    solved: float | None
    better: str | None


def evaluate(spec: Spec, weights: dict[str, Array], data: Data | None = None) -> Evaluation:
    """How a network with these weights does on `data`, or on a batch of its task that training never draws.

    Where it was given the target before, it is given its own prediction: at test time there is no target.
    The sequences may be longer or shorter than those it was trained on. Raises SpecError as `Pass` does,
    and where weights that timesteps do not share are not of enough steps.
    """
    given = draw(spec.task, spec.seed, TEST) if data is None else data
    one = Pass(spec.at_test(), given, weights)
    loss = one.forward()
    told = about(spec.task)
    if told.baseline is None:
        return Evaluation(loss, None, None, None, None)
    reached = score(spec.task, one.readout.y_hat.swapaxes(1, 2), given)
    return Evaluation(loss, reached, told.baseline, told.solved, told.better)
