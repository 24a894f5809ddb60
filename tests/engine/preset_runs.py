"""The presets, trained: how each ends, and the README's table of that (`make presets`)."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from time import process_time

import numpy as np
from threadpoolctl import threadpool_limits

import engine
from engine.presets import GUESSING, Preset, presets, progress

HEAD = "| preset | cell | H | ends | at iteration | score | guessing | solved at | seconds |"


@dataclass(frozen=True)
class Ending:
    """How the training of a preset ended: at which iteration, how the weights did last, in how many seconds."""

    reached: str
    iteration: int
    last: engine.Evaluation
    seconds: float


def ending(preset: Preset, seed: int = 0) -> Ending:
    """Train a preset until its task is solved, it diverges, or its iterations are over."""
    trainer = engine.Trainer(preset.spec.model_copy(update={"seed": seed}))
    begin, found = process_time(), list[engine.Evaluation]()
    try:
        with threadpool_limits(1):  # several threads are slower at this size
            iteration = _train(trainer, preset.iterations, found)
        near = all(abs(progress(one)) <= GUESSING for one in found[1:])
        reached = "solved" if progress(found[-1]) >= 1 else "baseline" if near else "neither"
    except engine.DivergenceError as error:
        iteration, reached = error.iteration, "divergence"
    return Ending(reached, iteration, found[-1], process_time() - begin)


def _train(trainer: engine.Trainer, iterations: int, found: list[engine.Evaluation]) -> int:
    """Train until solved or through, the evaluations into `found`; returns the last iteration."""
    for record in islice(trainer, iterations):
        found += [record.evaluation] if record.evaluation else []
        if progress(found[-1]) >= 1:
            return record.iteration
    found.append(trainer.evaluate())
    return iterations


def row(preset: Preset) -> str:
    """A preset's row of the table."""
    spec, end = preset.spec, ending(preset)
    last = end.last
    scores = " | ".join(f"{value:.3g}" for value in (last.score, last.baseline, last.solved) if value is not None)
    cells = (f"`{preset.name}`", spec.cell_name, spec.hidden_size, end.reached, end.iteration, scores)
    return f"| {' | '.join(map(str, cells))} | {end.seconds:.2f} |"


def table() -> None:
    """Print the table, a row as soon as it is measured."""
    now, python = f"{datetime.now(UTC):%Y-%m-%d}", platform.python_version()
    print(f"Measured {now}, one core of {platform.machine()}; Python {python}, numpy {np.__version__}.\n")
    print(HEAD, f"|{'---|' * HEAD.count(' | ')}---|", sep="\n")
    for preset in presets().values():
        print(row(preset), flush=True)


if __name__ == "__main__":
    table()
