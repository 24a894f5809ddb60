"""Tasks as tests ask for them."""

from typing import Any

from engine.spec import parse_spec
from engine.task_spec import TASK_FORMS, DrawnTask, TaskPart
from engine.tasks import TASKS

MADE = [kind for kind in TASKS if kind != "arrays"]
DRAWN = [kind for kind, form in TASK_FORMS.items() if issubclass(form, DrawnTask)]


def task(kind: str, **parameters: Any) -> TaskPart:
    return parse_spec({"task": {"kind": kind, **parameters}}).task
