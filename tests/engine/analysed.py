"""Passes to be analysed, of every cell and of some that fade."""

from dataclasses import replace
from typing import Any

import numpy as np

import engine
from engine.passes import Pass
from tests.engine.typed_cells import TYPED, own

T = 7
FADING = {"name": "fading", "equations": "h = 0.0001 * h_prev + U @ x"}
CELLS = [*engine.cells(), *(f"typed: {name}" for name in TYPED)]
Numbers = np.ndarray[Any, Any]


def drawn(batch: int = 2, steps: int = T, inputs: int = 4) -> engine.Data:
    stream = np.random.default_rng([steps, batch])
    return engine.Data(stream.normal(size=(steps, batch, inputs)), stream.integers(0, 3, (steps, batch)), 3)


def made(fields: dict[str, Any], data: engine.Data | None = None, weights: dict[str, Numbers] | None = None) -> Pass:
    given = {"hidden_size": 5, "task": {"kind": "arrays"}, **fields}
    one = Pass(engine.parse_spec(given), drawn() if data is None else data, weights)
    one.run()
    return one


def named(cell: str) -> Any:
    return own(cell.removeprefix("typed: ")) if cell.startswith("typed: ") else cell


def only_last(data: engine.Data) -> engine.Data:
    return replace(data, counted=np.broadcast_to((np.arange(len(data.x)) == len(data.x) - 1)[:, None], data.y.shape))
