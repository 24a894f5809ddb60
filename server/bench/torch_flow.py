"""PyTorch's forms of the flow matrix: T copies of the sequence as a batch, one for each loss, or batched gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch

from server.bench.case import Case
from server.bench.peer import Peer
from server.bench.steps import State, Tensor, forward
from server.bench.torch_problem import OPERATIONS, Problem


def flows(case: Case) -> list[Peer]:
    """Every form; each returns the norms (T,T) of d loss_t / d h_k, row t, column k."""
    problem = Problem(case)
    forms: list[tuple[str, Callable[[Problem], Tensor]]] = [
        ("T copies as a batch", copies),
        ("T copies, each ending at its loss", ending_copies),
        ("batched gradients", batched),
    ]
    return [
        Peer(f"torch, {name}", partial(form, problem), lambda flow: {"flow.layer0.h": flow.numpy()})
        for name, form in forms
    ]


def copies(problem: Problem) -> Tensor:
    """Copy t of the sequence is asked for the loss of timestep t alone."""
    h: list[Tensor] = []
    state = _start(problem, problem.case.steps)
    for u in _inputs(problem):
        state = _step(problem, u, state)
        h.append(state[0])
    each = torch.diagonal(torch.stack(h)).T
    grads = torch.autograd.grad(_losses(problem, each).sum(), h)
    return torch.linalg.vector_norm(torch.stack(grads), dim=-1).T


def ending_copies(problem: Problem) -> Tensor:
    """The same, where a copy is no longer computed after its loss."""
    h: list[Tensor] = []
    state = _start(problem, problem.case.steps)
    for u in _inputs(problem):
        state = _step(problem, u, state)
        h.append(state[0])
        state = tuple(value[1:] for value in state)
    each = torch.stack([value[0] for value in h])
    grads = torch.autograd.grad(_losses(problem, each).sum(), h)
    flow = torch.zeros(len(h), len(h), dtype=each.dtype)
    for k, grad in enumerate(grads):
        flow[k:, k] = torch.linalg.vector_norm(grad, dim=-1)
    return flow


def batched(problem: Problem) -> Tensor:
    """One sequence forward, and T gradients at once back."""
    h: list[Tensor] = []
    state = _start(problem, 1)
    for u in _inputs(problem):
        state = _step(problem, u, state)
        h.append(state[0])
    losses = _losses(problem, torch.cat(h))
    rows = torch.eye(len(h), dtype=losses.dtype)
    grads = torch.autograd.grad(losses, h, rows, is_grads_batched=True)
    return torch.stack([torch.linalg.vector_norm(grad, dim=(-2, -1)) for grad in grads], dim=1)


def _start(problem: Problem, batch: int) -> State:
    # The first state needs a gradient, so that all that follow have one; nothing else does.
    return tuple(torch.zeros(batch, len(zero), dtype=zero.dtype, requires_grad=True) for zero in problem.zeros)


def _inputs(problem: Problem) -> tuple[Tensor, ...]:
    weights = problem.weights
    rows: tuple[Tensor, ...] = torch.addmm(weights["b"], problem.x, weights["U"].T).unbind(0)
    return rows


def _step(problem: Problem, u: Tensor, state: State) -> State:
    W, r = problem.weights["W"], problem.weights["r"]
    w = torch.addmm(r, state[0], W.T) if problem.cell == "gru" else state[0] @ W.T
    return forward(problem.cell, OPERATIONS, u, w, state)[0]


def _losses(problem: Problem, h: Tensor) -> Tensor:
    """The loss of every timestep (T,) from the h (T,H) that pays it."""
    o = torch.addmm(problem.weights["c"], h, problem.weights["V"].T)
    return -(torch.log_softmax(o, -1) * problem.one_hot).sum(-1)
