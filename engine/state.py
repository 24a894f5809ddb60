"""Where a training run is: all that is needed to go on, and to run the next pass once more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.activations import Array
from engine.errors import SpecError, shorten
from engine.spec import Spec, parse_spec

CHANGEABLE = ("optimizer.learning_rate", "feedback.probability")
"""The fields of a spec that may be changed while a network trains."""


@dataclass(frozen=True)
class Change:
    """A `field` of the spec that has another `value` from an `iteration` on."""

    iteration: int
    field: str
    value: float


@dataclass(frozen=True)
class State:
    """Training before its pass number `iteration`, from 0.

    `weights` go by the trace's names; `optimizer` holds what the optimizer remembers, e.g. `velocity.layer0.W`;
    `changes` are those made so far, the oldest first. `spec` is the experiment as it began.
    """

    spec: Spec
    iteration: int
    weights: dict[str, Array]
    optimizer: dict[str, Array]
    changes: tuple[Change, ...] = ()

    def in_force(self) -> Spec:
        """The spec with all changes made; raises SpecError for one that is not allowed."""
        spec = self.spec
        for change in self.changes:
            spec = changed(spec, change.field, change.value)
        return spec

    def with_change(self, field: str, value: float) -> State:
        """The same with a field changed from here on; raises SpecError where that is not allowed."""
        changed(self.in_force(), field, value)
        return replace(self, changes=(*self.changes, Change(self.iteration, field, value)))


def changed(spec: Spec, field: str, value: float) -> Spec:
    """A spec with one of the changeable fields changed; raises SpecError."""
    if field not in CHANGEABLE:
        raise SpecError(f"{' or '.join(CHANGEABLE)} can be changed while a network trains, got {shorten(field)}", field)
    if field == "feedback.probability" and (spec.feedback.source, spec.feedback.mode) != ("output", "scheduled"):
        told = f"source '{spec.feedback.source}' and mode '{spec.feedback.mode}'"
        raise SpecError(f"{field} needs feedback of source 'output' and mode 'scheduled', got {told}", field)
    part, _, name = field.partition(".")
    fields = spec.model_dump(mode="json")
    return parse_spec({**fields, part: {**fields[part], name: value}})
