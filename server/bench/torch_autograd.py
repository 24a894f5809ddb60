"""PyTorch's forms by autograd: every value of the pass kept, and its gradient asked for.

Both uses of a state are views of it, so that what arrives from above and from the future stay apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from server.bench.steps import Tensor, Tensors, forward, norms, sums
from server.bench.torch_problem import OPERATIONS, Problem, product

# What autograd calls a gradient of, and the name of that gradient in a peer's trace.
GRADIENTS = {
    "u": "at_inputs",
    "w": "delta",
    "h": "grad.h",
    "above": "above",
    "h.future": "grad.h.from_future",
    "cell_state": "grad.cell_state",
    "cell_state.future": "grad.cell_state.from_future",
    "sigmoids": "grad.sigmoids",
    "candidate": "grad.candidate",
}
# Those whose values belong to the trace too.
KEPT = ("h", "cell_state", "sigmoids", "candidate")


def tied(problem: Problem) -> Tensors:
    """A trace with the weights shared by all steps."""
    weights = {name: tensor.detach().requires_grad_() for name, tensor in problem.weights.items()}
    x = problem.x.detach().requires_grad_()
    inputs = torch.addmm(weights["b"], x, weights["U"].T)
    count = len(x)
    steps = record(problem, inputs.unbind(0), [weights["W"]] * count, [weights["r"]] * count)
    h = torch.stack([step["above"] for step in steps])
    o = torch.addmm(weights["c"], h, weights["V"].T)
    return differentiate(problem, steps, x, o, [])[0]


def leaves(problem: Problem) -> tuple[Tensors, dict[str, list[Tensor]]]:
    """A trace, and every contribution in full as the gradient of a step's own leaf: lists of T tensors.

    The leaves share their memory: only the gradients are there T times.
    """
    kinds = "UWbrVc" if problem.cell == "gru" else "UWbVc"
    copies = {kind: [problem.weights[kind].detach().requires_grad_() for _ in problem.x] for kind in kinds}
    x = problem.x.detach().requires_grad_()
    inputs = [torch.addmv(b, U, row) for b, U, row in zip(copies["b"], copies["U"], x.unbind(0), strict=True)]
    steps = record(problem, inputs, copies["W"], copies.get("r", copies["b"]))
    h = [step["above"] for step in steps]
    o = torch.stack([torch.addmv(c, V, row) for c, V, row in zip(copies["c"], copies["V"], h, strict=True)])
    wanted = [leaf for kind in kinds for leaf in copies[kind]]
    found, grads = differentiate(problem, steps, x, o, wanted)
    count = len(h)
    return found, {kind: grads[i * count : (i + 1) * count] for i, kind in enumerate(kinds)}


def record(problem: Problem, inputs: Sequence[Tensor], W: list[Tensor], r: list[Tensor]) -> list[Tensors]:
    """The forward loop: of every step all its values, and the views of its states."""
    state, steps = problem.zeros, []
    for t, u in enumerate(inputs):
        w = product(W[t], state[0], r[t], problem.cell)
        state, step = forward(problem.cell, OPERATIONS, u, w, state)
        step |= {"u": u, "w": w, "above": state[0].view_as(state[0])} | dict(zip(problem.states, state, strict=True))
        state = tuple(value.view_as(value) for value in state)
        steps.append(step | {f"{name}.future": view for name, view in zip(problem.states, state, strict=True)})
    return steps


def differentiate(
    problem: Problem, steps: list[Tensors], x: Tensor, o: Tensor, wanted: list[Tensor]
) -> tuple[Tensors, list[Tensor]]:
    """The trace, and the gradients of what else is `wanted`; o (T,O) is not detached from x (T,I)."""
    log_y_hat = torch.log_softmax(o, -1)
    loss = -(log_y_hat * problem.one_hot).sum(-1)
    names = [name for name in GRADIENTS if name in steps[0]]
    every = [step[name] for name in names for step in steps]
    # The last step has no future.
    grads = torch.autograd.grad(loss.mean(), [x, o, *wanted, *every], allow_unused=True)
    first, count = 2 + len(wanted), len(steps)
    with torch.inference_mode():
        found = problem.stack([{k: v for k, v in step.items() if k not in GRADIENTS or k in KEPT} for step in steps])
        found |= {"x": x, "o": o, "y_hat": log_y_hat.exp(), "loss": loss, "grad.x": grads[0], "grad.o": grads[1]}
        for index, name in enumerate(names):
            rows = grads[first + index * count : first + (index + 1) * count]
            found[GRADIENTS[name]] = torch.stack([torch.zeros_like(steps[0][name]) if g is None else g for g in rows])
        found |= _gates(found)
        inputs = found["at_inputs"]
        found |= sums(problem.cell, found, inputs) | norms(problem.cell, OPERATIONS, found, inputs)
    return found, list(grads[2:first])


def _gates(found: Tensors) -> Tensors:
    """The gates' gradients side by side, where the cell has gates."""
    if "grad.sigmoids" not in found:
        return {}
    return {"grad.gates": OPERATIONS.concatenate([found["grad.sigmoids"], found["grad.candidate"]])}
