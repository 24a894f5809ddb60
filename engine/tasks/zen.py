"""The next character of the Zen of Python, which ships with Python as the module `this`.

Importing that module prints, so its source is read instead: there the text is a literal, in rot13.

>>> zen()[:32]
'The Zen of Python, by Tim Peters'

Source: Peters (2004), PEP 20.
"""

from __future__ import annotations

import ast
import codecs
import sysconfig
from functools import cache
from pathlib import Path

import numpy as np

from engine.task_spec import ZenTask
from engine.tasks.data import Data
from engine.tasks.task import About, Task
from engine.tasks.text import about_text, characters


@cache
def zen() -> str:
    """The Zen of Python, 856 characters."""
    source = Path(sysconfig.get_path("stdlib"), "this.py").read_text("utf-8")
    literals = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return codecs.decode(max((text for text in literals if isinstance(text, str)), key=len), "rot13")


def _draw(task: ZenTask, _: np.random.Generator) -> Data:
    return characters(zen()[: task.length])


def _about(task: ZenTask) -> About:
    return about_text(zen()[: task.length], "The Zen of Python", "length")


ZEN = Task(_draw, _about)
