"""Training: one record for each iteration, computed when it is asked for.

>>> from itertools import islice
>>> from engine.spec import parse_spec
>>> trainer = Trainer(parse_spec({"cell": "gru", "task": {"kind": "recall", "gap": 2, "batch": 16}}))
>>> [record.iteration for record in islice(trainer, 3)]
[0, 1, 2]
>>> trainer.state.iteration
3
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from engine.activations import Array
from engine.divergence import DivergenceError, first_divergence
from engine.errors import SpecError
from engine.evaluation import Evaluation, evaluate
from engine.norms import log10_norms
from engine.optimizers import Arrays, optimizer
from engine.passes import Pass
from engine.spec import Spec
from engine.state import State
from engine.tasks import Data, draw

EVERY = 25
"""Iterations from one evaluation to the next: then it costs little beside training."""


@dataclass(frozen=True)
class Record:
    """What one iteration was: a pass, and the update that followed it.

    `loss` is that of the pass, `evaluation` how the weights before the update did on the test batch, with the
    task's baseline and solved mark, or None where they were not tested. `grad_norm` is the norm of the whole
    gradient, and `clip_scale` what clipping multiplied it by. `log10_grad_norms` (T,) tells of each timestep the
    norm of the gradient of h, over layers, units and batch. `learning_rate` and `probability` (of teacher
    forcing; None without feedback) are those in force; `changed` names the fields changed just before.
    """

    iteration: int
    loss: float
    evaluation: Evaluation | None
    grad_norm: float
    clip_scale: float
    log10_grad_norms: Array
    learning_rate: float
    probability: float | None
    changed: tuple[str, ...]

    @property
    def clipped_norm(self) -> float:
        """The norm of the gradient after clipping."""
        return self.grad_norm * self.clip_scale

    @property
    def log10_signal_left(self) -> float:
        """log10 of the gradient's norm at the first timestep by that at the last that has one; NaN where none has.

        Where every step has a loss, this holds what they add on the way; `engine.findings` tells both apart.
        """
        some = self.log10_grad_norms[self.log10_grad_norms != -np.inf]
        return float(self.log10_grad_norms[0] - some[-1]) if some.size else math.nan


class Trainer(Iterator[Record]):
    """Trains a network without end, an iteration a record.

    Iteration i learns from batch i of the spec's task, or always from `data`, which it needs where the task is
    arrays. It begins with `weights` or those of the spec; or it goes on from a `state`, and comes to the same
    numbers, bit for bit, as if it had never stopped. The weights are tested at every iteration that `every`
    divides. Raises SpecError where something does not fit. Iterating raises DivergenceError, and leaves the
    state as it was before the pass that diverged.
    """

    def __init__(
        self,
        spec: Spec,
        state: State | None = None,
        data: Data | None = None,
        weights: Arrays | None = None,
        every: int = EVERY,
    ) -> None:
        self.spec, self.every, self._given = spec, every, data
        if state is None:
            first = Pass(spec, data, weights)
            state = State(spec, 0, _copied(first.parameters), _copied(optimizer(spec.optimizer).state))
        elif state.spec != spec:
            raise SpecError(f"the state is of another experiment: {_difference(state.spec, spec)} differs", "state")
        self._state: State = state
        self._resume(state)

    @property
    def iteration(self) -> int:
        """The number of the iteration that comes next."""
        return self._state.iteration

    @property
    def state(self) -> State:
        """All that is needed to go on, copied."""
        return replace(self._state, weights=_copied(self._pass.parameters), optimizer=_copied(self._move.state))

    def change(self, field: str, value: float) -> None:
        """Change `optimizer.learning_rate` or `feedback.probability` from the next iteration on; raises SpecError."""
        self._resume(self.state.with_change(field, value))

    def next_pass(self) -> Pass:
        """The pass of the next iteration, ready to be run; running it changes nothing."""
        self._pass.feedback.begin(self.iteration)
        self._pass.load(self._pass.data if self._given is not None else self._batch())
        self._pass.remembered = self._move.state
        return self._pass

    def evaluate(self) -> Evaluation:
        """How the present weights do on the test batch, or on the data that came with the call."""
        return evaluate(self._spec, self._pass.parameters, None if self._given is None else self._pass.data)

    def __next__(self) -> Record:
        """Compute an iteration."""
        one = self.next_pass()
        loss = one.gradient()
        if not (math.isfinite(loss) and _finite(one.gradients)):
            raise DivergenceError(self.state, *first_divergence(one))
        record = self._record(one, loss)
        self._update(record.clip_scale)
        self._state = replace(self._state, iteration=self.iteration + 1)
        return record

    def _resume(self, state: State) -> None:
        self._state = state
        self._spec = state.in_force()
        # The overrides of parameters were their first values: from here on the state's are what counts.
        self._pass = Pass(self._spec.begun(), self._given, state.weights)
        self._move = optimizer(self._spec.optimizer, _copied(state.optimizer))

    def _batch(self) -> Data:
        return draw(self._spec.task, self._spec.seed, self.iteration)

    def _record(self, one: Pass, loss: float) -> Record:
        scalars = one.scalars
        return Record(
            iteration=self.iteration,
            loss=loss,
            evaluation=self.evaluate() if self.iteration % self.every == 0 else None,
            grad_norm=scalars["grad_norm"],
            clip_scale=scalars["clip_scale"],
            log10_grad_norms=_log10_grad_norms(one),
            learning_rate=self._spec.optimizer.learning_rate,
            probability=_probability(self._spec),
            changed=tuple(one.field for one in self._state.changes if one.iteration == self.iteration),
        )

    def _update(self, scale: float) -> None:
        """Move the weights; one that would overflow is not made, and raises DivergenceError."""
        parameters, gradients = self._pass.parameters, self._pass.gradients
        before = self.state
        if scale != 1:
            gradients = {name: np.asarray(scale * value, value.dtype) for name, value in gradients.items()}
        with np.errstate(all="ignore"):
            self._move(parameters, gradients)
        moved = {f"updated.{name}": value for name, value in parameters.items()}
        moved |= {f"optimizer.{name}": value for name, value in self._move.state.items()}
        if not _finite(moved):
            self._resume(before)
            raise DivergenceError(before, next(name for name in moved if not _finite({name: moved[name]})), None)


def _copied(arrays: Arrays) -> Arrays:
    return {name: value.copy() for name, value in arrays.items()}


def _finite(arrays: Arrays) -> bool:
    return all(bool(np.isfinite(value).all()) for value in arrays.values())


def _log10_grad_norms(one: Pass) -> Array:
    """log10 of the norm of the gradient of every timestep's h, of all layers together, (T,)."""
    with np.errstate(all="ignore"):
        logs = [log10_norms(grad.reshape(len(grad), 1, -1))[:, 0] for grad in _hidden(one)]
    squares = 2 * math.log(10) * np.array(logs)
    return np.asarray(np.logaddexp.reduce(squares, axis=0) / (2 * math.log(10))) if len(logs) > 1 else logs[0]


def _hidden(one: Pass) -> Iterator[Array]:
    return (layer.array("grad.h") for layer in one.layers)


def _probability(spec: Spec) -> float | None:
    """That a step is given the target before, where the output is fed back."""
    if spec.feedback.source == "none":
        return None
    return {"teacher": 1.0, "scheduled": spec.feedback.probability}.get(spec.feedback.mode, 0.0)


def _difference(one: Spec, other: Spec) -> str:
    """The first field in which two specs differ."""
    return next(name for name in Spec.model_fields if getattr(one, name) != getattr(other, name))
