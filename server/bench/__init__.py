"""`unroll bench`: the engine against the best honest forms of PyTorch and JAX, in one run, with one thread."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from server.bench.case import CELLS
from server.bench.contest import Effort
from server.bench.figures import report
from server.bench.growth import GROWN
from server.bench.machine import PEERS, installed
from server.bench.table import markdown
from server.bench.workloads import SIZES
from server.workers import one_blas_thread

FULL, QUICK = Effort(seconds=1.0, rounds=3), Effort(seconds=0.2, rounds=2)
QUICK_SIZES = SIZES[:3]

__all__ = ["CELLS", "run"]


def run(quick: bool, json_path: Path | None, cells: tuple[str, ...] = CELLS) -> None:
    """Measure, print the tables as Markdown, write everything as JSON; progress goes to standard error.

    `quick` leaves out the two largest sizes and takes fewer rounds. Raises ArithmeticError where a peer's numbers
    are not the engine's, OSError where the file cannot be written.
    """
    one_blas_thread()
    for library in PEERS:
        if not installed(library):
            _tell(f"{library} is not installed, its rows are left out: .venv/bin/pip install torch==2.13.0 jax")
    found = report(cells, QUICK_SIZES if quick else SIZES, GROWN, QUICK if quick else FULL, _tell)
    sys.stdout.write(markdown(found))
    if json_path is not None:
        json_path.write_text(json.dumps(found.as_json(), indent=1) + "\n", "utf-8")


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
