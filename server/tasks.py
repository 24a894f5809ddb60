"""The tasks a spec may name, told from the spec's own schema."""

from __future__ import annotations

from typing import Any

import engine
from server.answers import TaskAnswer


def offered() -> list[TaskAnswer]:
    """Every task with its parameters; of a text, `range` is that of its length."""
    schema = engine.Spec.model_json_schema()
    forms = schema["properties"]["task"]["oneOf"]
    return [_told(schema["$defs"][form["$ref"].rpartition("/")[2]]) for form in forms]


def _told(schema: dict[str, Any]) -> TaskAnswer:
    parameters = {key: dict(value) for key, value in schema["properties"].items()}
    name = parameters.pop("kind")["const"]
    for key, value in parameters.items():
        if f"task.{key}" in engine.RANGES:
            value["range"] = engine.RANGES[f"task.{key}"]
    return TaskAnswer(name=name, title=schema["description"], parameters=parameters)
