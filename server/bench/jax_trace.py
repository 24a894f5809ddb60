"""JAX's form of a whole trace at batch 1: a scan forward, a scan back, all else for all timesteps at once."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from server.bench.case import Case
from server.bench.jax_problem import OPERATIONS, Problem, in_numpy, product
from server.bench.named import named
from server.bench.peer import Peer
from server.bench.steps import State, Tensor, Tensors, backward, coefficients, fill, forward, readout


def traces(case: Case) -> list[Peer]:
    """The one form, compiled."""
    problem = Problem(case, single=True)

    def trace(weights: Tensors, x: Tensor, one_hot: Tensor) -> Tensors:
        return by_scan(problem, weights, x, one_hot)

    run = problem.compiled(trace, problem.weights, problem.x, problem.one_hot)
    return [Peer("jax jit and scan", run, lambda found: named(case, in_numpy(found)))]


def by_scan(problem: Problem, weights: Tensors, x: Tensor, one_hot: Tensor) -> Tensors:
    """Everything a trace holds, stacked."""
    cell = problem.cell
    found = {"x": x} | forward_scan(problem, weights, x)
    found |= readout(OPERATIONS, weights, found["h"], one_hot)
    k = coefficients(cell, OPERATIONS, found)

    def back(arriving: State, row: tuple[Tensors, Tensor]) -> tuple[State, Tensors]:
        sent, step = backward(cell, OPERATIONS, row[0], weights["W"], arriving, row[1])
        future = {f"grad.{state}.from_future": grad for state, grad in zip(problem.states, arriving, strict=True)}
        return sent, step | future

    found |= jax.lax.scan(back, problem.zeros, (k, found["above"]), reverse=True)[1]
    return found | fill(cell, OPERATIONS, weights, found, k)


def forward_scan(problem: Problem, weights: Tensors, x: Tensor) -> Tensors:
    """Every value of the forward pass, (T, ..., n), the states before too."""

    def step(state: State, u: Tensor) -> tuple[State, Tensors]:
        w = product(weights, state[0], problem.cell)
        after, values = forward(problem.cell, OPERATIONS, u, w, state)
        return after, values | dict(zip(problem.states, after, strict=True))

    found: dict[str, Any] = jax.lax.scan(step, problem.zeros, x @ weights["U"].T + weights["b"])[1]
    for state, zero in zip(problem.states, problem.zeros, strict=True):
        found[f"{state}_prev"] = jnp.concatenate([zero[None], found[state][:-1]])
    return found
