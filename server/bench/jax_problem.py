"""A case as JAX's arrays, JAX's names for what the cells' steps are written in, and JAX held to one thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

# Read by JAX when it is imported. The flags do not hold its other threads back: NPROC does, the size of its pool.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ |= {"NPROC": "1", "PJRT_NPROC": "1"}

import jax
import jax.numpy as jnp
import numpy as np

from server.bench.case import STACKED, STATES, Case, Values
from server.bench.steps import Operations, Tensor, Tensors

jax.config.update("jax_enable_x64", True)

OPERATIONS = Operations(
    sigmoid=jax.nn.sigmoid,
    tanh=jnp.tanh,
    exp=jnp.exp,
    log_softmax=lambda o: jax.nn.log_softmax(o, -1),
    concatenate=lambda parts: jnp.concatenate(parts, -1),
    norm=lambda values: jnp.sqrt((values * values).sum(-1)),
)


class Problem:
    """`weights` stacked, `x` (T,B,I), `one_hot` (T,B,O); B is left out where `single`, for a batch of one."""

    def __init__(self, case: Case, single: bool) -> None:
        self.case, self.cell, self.states = case, case.cell, STATES[case.cell]
        self.weights: Tensors = {name: jnp.asarray(v) for name, v in case.stacked(STACKED[case.cell]).items()}
        x, one_hot = jnp.asarray(case.data.x), jnp.asarray(case.one_hot)
        self.x, self.one_hot = (x[:, 0], one_hot[:, 0]) if single else (x, one_hot)
        shape = (case.hidden,) if single else (case.batch, case.hidden)
        self.zeros = tuple(jnp.zeros(shape, x.dtype) for _ in self.states)

    def compiled(self, function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
        """A call of a function of arrays, compiled before and waited for."""
        program = jax.jit(function).lower(*arguments).compile()
        return lambda: jax.block_until_ready(program(*arguments))


def product(weights: Tensors, h: Tensor, cell: str) -> Tensor:
    """W h, and + r where the cell has an r; h is (H,) or (B,H)."""
    # Of a vector W @ h is twice as fast as h @ W.T (jaxlib 0.10).
    w = weights["W"] @ h if h.ndim == 1 else h @ weights["W"].T
    return w + weights["r"] if cell == "gru" else w


def in_numpy(found: Tensors) -> Values:
    """The same arrays as NumPy's."""
    return {name: np.asarray(value) for name, value in found.items()}
