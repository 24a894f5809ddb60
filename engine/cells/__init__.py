"""The built-in cells, one text each: every `NAME.toml` in this folder is the cell NAME."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from engine.equations import Equations, parse, with_activation


@dataclass(frozen=True)
class CellText:
    """A built-in cell as its file says it.

    `content` names the lines whose outermost activation is the cell's new content, `gates` those
    of its gates. `pytorch` lists, for each array of PyTorch's own cell, which parameters its rows
    are; empty where PyTorch has no such cell. `defaults` are fields of a spec where it is silent. `presets`
    name lines that may be held, each with its value, by what that does.
    """

    name: str
    title: str
    source: str
    equations: str
    content: tuple[str, ...]
    gates: tuple[str, ...]
    pytorch: dict[str, list[str]] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    presets: dict[str, dict[str, float]] = field(default_factory=dict)

    def with_activations(self, content: str, gate: str) -> Equations:
        """The cell's equations with these activations in its content and its gates."""
        return with_activation(with_activation(parse(self.equations), self.content, content), self.gates, gate)


@cache
def cells() -> dict[str, CellText]:
    """The built-in cells by name: first those people know from PyTorch, the simpler ones before."""
    found = [entry for entry in files(__name__).iterdir() if entry.name.endswith(".toml")]
    texts = [_read(entry.name.removesuffix(".toml"), entry.read_text("utf-8")) for entry in found]
    ordered = sorted(
        texts, key=lambda text: (bool(text.defaults), not text.pytorch, len(text.equations.splitlines()), text.name)
    )
    return {text.name: text for text in ordered}


def _read(name: str, text: str) -> CellText:
    data = tomllib.loads(text)
    return CellText(
        name,
        data["title"],
        data["source"],
        data["equations"].strip(),
        tuple(data["content"]),
        tuple(data["gates"]),
        data.get("pytorch", {}),
        data.get("defaults", {}),
        data.get("presets", {}),
    )
