"""A training run on the command line: what is told while it goes on, and Ctrl-C, which loses nothing."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from threading import Event

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import engine


def train(trainer: engine.Trainer, iterations: int) -> bool:
    """Train up to a number of iterations in all; returns whether Ctrl-C came before.

    Prints a line for every evaluation, one more for the last weights. Raises DivergenceError.
    """
    with _interruption() as stopped, _progress() as progress:
        task = progress.add_task("training", total=iterations, completed=trainer.iteration, loss=float("nan"))
        for record in islice(trainer, iterations - trainer.iteration):
            if record.evaluation is not None:
                progress.stop()  # on a terminal the line takes the bar's place
                _tell(record.iteration, record.evaluation)
                progress.start()
            progress.update(task, advance=1, loss=record.loss)
            if stopped.is_set():
                return trainer.iteration < iterations
    _tell(trainer.iteration, trainer.evaluate())
    return False


def _tell(iteration: int, found: engine.Evaluation) -> None:
    """One line of how weights did on the test batch, before the iteration of that number."""
    line = f"iteration {iteration}: loss {found.loss:.6g}"
    if found.score is not None:
        line += f", score {found.score:.4g} (guessing {found.baseline:.4g}, solved at {found.solved:.4g})"
    typer.echo(line)


def _progress() -> Progress:
    """A bar on standard error, where that is a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("loss {task.fields[loss]:.4g}"),
    )
    hidden = not sys.stderr.isatty()
    # Results stay on standard output: Rich would take them to where the bar is.
    return Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False, disable=hidden)


@contextmanager
def _interruption() -> Iterator[Event]:
    """Ctrl-C sets the event, since an update half made must not be saved; the second one stops at once."""
    stopped = Event()

    def stop(*_: object) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
