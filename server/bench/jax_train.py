"""JAX's form of a training step: `value_and_grad` of a scan, compiled."""

from __future__ import annotations

from typing import Any

import jax

from server.bench.case import STACKED, Case, Values
from server.bench.jax_problem import OPERATIONS, Problem, in_numpy, product
from server.bench.named import totals
from server.bench.peer import Peer
from server.bench.steps import State, Tensor, Tensors, forward


def steps(case: Case) -> list[Peer]:
    """The one form; it returns the loss and the stacked gradients."""
    problem = Problem(case, single=False)

    def loss(weights: Tensors, x: Tensor, one_hot: Tensor) -> Tensor:
        def step(state: State, u: Tensor) -> tuple[State, Tensor]:
            after, _ = forward(case.cell, OPERATIONS, u, product(weights, state[0], case.cell), state)
            return after, after[0]

        h = jax.lax.scan(step, problem.zeros, x @ weights["U"].T + weights["b"])[1]
        log_y_hat = OPERATIONS.log_softmax(h @ weights["V"].T + weights["c"])
        return -(log_y_hat * one_hot).sum(-1).mean()

    def values(found: Any) -> Values:
        mean_loss, gradients = found
        return totals(case, in_numpy(gradients), STACKED[case.cell]) | in_numpy({"mean_loss": mean_loss})

    run = problem.compiled(jax.value_and_grad(loss), problem.weights, problem.x, problem.one_hot)
    return [Peer("jax jit and scan", run, values)]
