"""What is measured: the workloads, the sizes, and who takes part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from server.bench.case import Case
from server.bench.ours import TYPED
from server.bench.peer import Peer

SIZES = ((10, 8), (25, 32), (50, 128), (200, 256), (512, 512))
"""(T, H) of the columns."""


@dataclass(frozen=True)
class Workload:
    """One group of contenders: `kind` names what is computed, `most` the longest T it is asked of."""

    name: str
    kind: str
    batch: int = 1
    dtype: str = "float64"
    most: int = SIZES[-1][0]

    def case(self, cell: str, size: tuple[int, int]) -> Case:
        """The workload's case of a cell and a size (T,H)."""
        return Case(cell, *size, self.batch, self.dtype)


# In full, and as T copies, the largest size takes more memory than most machines have.
WORKLOADS = (
    Workload("trace", "trace"),
    Workload("materialised", "materialised", most=200),
    Workload("flow", "flow", most=200),
    Workload("train f64", "train", batch=32),
    Workload("train f32", "train", batch=32, dtype="float32"),
)


@dataclass(frozen=True)
class Row:
    """A row of the table: a workload against the quickest of those of a library's forms that begin with `form`."""

    title: str
    workload: str
    form: str


ROWS = (
    Row("trace, torch eager (best form found)", "trace", "torch"),
    Row("trace, torch eager by autograd", "trace", "torch eager, autograd"),
    Row("trace, jax jit + scan", "trace", "jax"),
    Row("trace, the same equations typed in", "trace", TYPED),
    Row("materialised, torch with a leaf per step", "materialised", "torch, a leaf per step"),
    Row("materialised, torch, outer products by hand", "materialised", "torch, outer products"),
    Row("flow, torch with T copies as a batch", "flow", "torch, T copies as a batch"),
    Row("flow, torch with T copies, each ending at its loss", "flow", "torch, T copies, each"),
    Row("flow, torch with batched gradients", "flow", "torch, batched"),
    Row("flow, jax jacrev", "flow", "jax"),
    Row("train, torch nn module f64", "train f64", "torch"),
    Row("train, torch nn module f32", "train f32", "torch"),
    Row("train, jax jit + scan f64", "train f64", "jax"),
    Row("train, jax jit + scan f32", "train f32", "jax"),
)


def peers(kind: str, case: Case, library: str) -> list[Peer]:
    """Every form that a library, torch or jax, has of a workload; the library is imported only here."""
    return (_torch if library == "torch" else _jax)(kind)(case)


def _torch(kind: str) -> Callable[[Case], list[Peer]]:
    from server.bench import torch_flow, torch_materialised, torch_trace, torch_train

    return {
        "trace": torch_trace.traces,
        "materialised": torch_materialised.materialised,
        "flow": torch_flow.flows,
        "train": torch_train.steps,
    }[kind]


def _jax(kind: str) -> Callable[[Case], list[Peer]]:
    from server.bench import jax_flow, jax_trace, jax_train

    # A trace in full is a trace and outer products: JAX is held against ours without them.
    return {
        "trace": jax_trace.traces,
        "materialised": lambda _: [],
        "flow": jax_flow.flows,
        "train": jax_train.steps,
    }[kind]
