"""The tasks a spec may name, told from the spec's own schema and from the tasks themselves."""

from __future__ import annotations

from typing import Any

import engine
from engine.task_spec import TASK_FORMS, TaskPart
from engine.tasks import about
from server.answers import TaskAnswer


def offered() -> list[TaskAnswer]:
    """Every task with its parameters; of a text and of a list, `range` is that of its length."""
    return [_told(name, form) for name, form in TASK_FORMS.items()]


def _told(name: str, form: type[TaskPart]) -> TaskAnswer:
    told = about(form.model_validate({}))
    return TaskAnswer(
        name=name,
        title=told.title,
        sentence=told.sentence,
        parameters=_parameters(name, form),
        readout=form.readout,
        distance=told.distance,
        measure=told.measure,
        better=told.better,
        scored=told.scored,
        baseline=told.baseline,
        solved=told.solved,
    )


def _parameters(name: str, form: type[TaskPart]) -> dict[str, dict[str, Any]]:
    """Each parameter's schema with its range."""
    schemas = form.model_json_schema()["properties"]
    # What makes the task comes before how many at once; the sort keeps the rest in order.
    keys = sorted((key for key in schemas if key != "kind"), key=lambda key: key == "batch")
    return {key: {**schemas[key], "range": engine.RANGES[_ranged(name, key)]} for key in keys}


def _ranged(name: str, key: str) -> str:
    """The range's name: a task's own where there is one, else that of all tasks."""
    own = f"task.{name}.{key}"
    return own if own in engine.RANGES else f"task.{key}"
