"""JAX's form of the flow matrix: `jacrev` of the losses by a nudge to every hidden state."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from server.bench.case import Case
from server.bench.jax_problem import OPERATIONS, Problem, in_numpy, product
from server.bench.peer import Peer
from server.bench.steps import State, Tensor, Tensors, forward


def flows(case: Case) -> list[Peer]:
    """The one form, compiled; it returns the norms (T,T) of d loss_t / d h_k, row t, column k."""
    problem = Problem(case, single=True)

    def flow(weights: Tensors, x: Tensor, one_hot: Tensor) -> Tensor:
        nudges = jnp.zeros((case.steps, case.hidden), x.dtype)
        jacobian = jax.jacrev(lambda moved: losses(problem, weights, x, one_hot, moved))(nudges)
        return OPERATIONS.norm(jacobian)

    run = problem.compiled(flow, problem.weights, problem.x, problem.one_hot)
    return [Peer("jax jacrev", run, lambda found: in_numpy({"flow.layer0.h": found}))]


def losses(problem: Problem, weights: Tensors, x: Tensor, one_hot: Tensor, nudges: Tensor) -> Tensor:
    """The loss of every timestep (T,) where `nudges` (T,H) is added to h."""

    def step(state: State, row: tuple[Tensor, Tensor]) -> tuple[State, Tensor]:
        w = product(weights, state[0], problem.cell)
        after, _ = forward(problem.cell, OPERATIONS, row[0], w, state)
        moved = (after[0] + row[1], *after[1:])
        return moved, moved[0]

    h = jax.lax.scan(step, problem.zeros, (x @ weights["U"].T + weights["b"], nudges))[1]
    log_y_hat = OPERATIONS.log_softmax(h @ weights["V"].T + weights["c"])
    return -(log_y_hat * one_hot).sum(-1)
