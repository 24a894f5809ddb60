"""PyTorch's forms of a whole trace at batch 1: by autograd, by hand, and by hand into memory that is reused."""

from __future__ import annotations

from collections.abc import Callable

import torch

from server.bench.case import Case
from server.bench.peer import Peer
from server.bench.steps import Tensors, backward, coefficients, fill, forward, readout
from server.bench.torch_autograd import tied
from server.bench.torch_buffers import BUFFERED
from server.bench.torch_problem import OPERATIONS, Problem, product


def traces(case: Case) -> list[Peer]:
    """Every form; the two by hand are without autograd's bookkeeping."""
    problem = Problem(case)
    buffered = BUFFERED[case.cell](problem)
    forms: list[tuple[str, Callable[[], Tensors]]] = [
        ("autograd", lambda: tied(problem)),
        ("by hand", torch.inference_mode()(lambda: by_hand(problem))),
        ("by hand, memory reused", torch.inference_mode()(buffered.run)),
    ]
    return [Peer(f"torch eager, {name}", run, problem.named) for name, run in forms]


def by_hand(problem: Problem) -> Tensors:
    """A loop forward, a loop back, all else for all timesteps at once."""
    cell, weights = problem.cell, problem.weights
    found = {"x": problem.x} | _forward(problem)
    found |= readout(OPERATIONS, weights, found["h"], problem.one_hot)
    k = coefficients(cell, OPERATIONS, found)
    rows = [dict(zip(k, parts, strict=True)) for parts in zip(*(part.unbind(0) for part in k.values()), strict=True)]
    above, arriving = found["above"].unbind(0), problem.zeros
    steps: list[Tensors] = []
    for t in reversed(range(len(above))):
        future = {f"grad.{state}.from_future": grad for state, grad in zip(problem.states, arriving, strict=True)}
        arriving, step = backward(cell, OPERATIONS, rows[t], weights["W"], arriving, above[t])
        steps.append(step | future)
    found |= problem.stack(steps[::-1])
    return found | fill(cell, OPERATIONS, weights, found, k)


def _forward(problem: Problem) -> Tensors:
    """Every value of the forward loop, (T, n)."""
    weights, state = problem.weights, problem.zeros
    steps: list[Tensors] = []
    for u in torch.addmm(weights["b"], problem.x, weights["U"].T).unbind(0):
        w = product(weights["W"], state[0], weights["r"], problem.cell)
        state, step = forward(problem.cell, OPERATIONS, u, w, state)
        steps.append(step | dict(zip(problem.states, state, strict=True)))
    return problem.stack(steps)
