"""Experiments that are worth training: for every task one that learns it, and some that fail for a reason.

They stand in `presets.toml`; `make presets` measures them.

>>> presets()["recall-40-rnn"].reaches
'baseline'
>>> presets()["recall"].spec.task.kind
'recall'
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from engine.evaluation import Evaluation
from engine.spec import Spec, parse_spec

FILE = Path(__file__).with_name("presets.toml")

GUESSING = 0.2
"""A score counts as guessed up to this share of the way from the baseline to the solved mark."""


@dataclass(frozen=True)
class Preset:
    """An experiment by `name`, and what is seen when it is trained.

    `reaches` tells how it ends: within `iterations` at the `solved` mark of its task or in a `divergence`, or
    after them still at the `baseline`, where guessing is.
    """

    name: str
    shows: str
    spec: Spec
    iterations: int
    reaches: Literal["solved", "baseline", "divergence"]


@cache
def presets() -> Mapping[str, Preset]:
    """Every preset by name, task by task in the order in which they are offered."""
    found = tomllib.loads(FILE.read_text("utf-8"))
    return MappingProxyType(
        {name: Preset(name, spec=parse_spec(given.pop("spec")), **given) for name, given in found.items()}
    )


def progress(found: Evaluation) -> float:
    """How far a score is on the way from the baseline, 0, to the solved mark, 1; NaN where there is no score."""
    if found.score is None or found.baseline is None or found.solved is None:
        return float("nan")
    return (found.score - found.baseline) / (found.solved - found.baseline)
