"""One timestep of each cell, forward and backward, in operators that PyTorch's and JAX's arrays both have.

Vectors are rows whose last axis is a stack of gates, in the order of `case.STACKED`. The backward step is the one of
least work: what depends on forward values alone is made before, for all timesteps at once (`coefficients`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Tensor = Any
Tensors = dict[str, Tensor]
State = tuple[Tensor, ...]


@dataclass(frozen=True)
class Operations:
    """What the two libraries name differently; `concatenate`, `log_softmax` and `norm` go along the last axis."""

    sigmoid: Callable[[Tensor], Tensor]
    tanh: Callable[[Tensor], Tensor]
    exp: Callable[[Tensor], Tensor]
    log_softmax: Callable[[Tensor], Tensor]
    concatenate: Callable[[list[Tensor]], Tensor]
    norm: Callable[[Tensor], Tensor]


def split(stack: Tensor, count: int) -> list[Tensor]:
    """A stack's last axis cut into `count` equal parts."""
    size = stack.shape[-1] // count
    return [stack[..., index * size : (index + 1) * size] for index in range(count)]


def forward(cell: str, ops: Operations, u: Tensor, w: Tensor, state: State) -> tuple[State, Tensors]:
    """The next state and the step's values from u = U x + b and w = W h_prev + r, both (..., G*H)."""
    if cell == "rnn":
        a = u + w
        return (ops.tanh(a),), {"a": a}
    if cell == "gru":
        return _gru(ops, u, w, *state)
    a = u + w
    size = a.shape[-1] // 4
    sigmoids, candidate = ops.sigmoid(a[..., : 3 * size]), ops.tanh(a[..., 3 * size :])
    output, enter, forget = split(sigmoids, 3)
    cell_state = forget * state[1] + enter * candidate
    squashed = ops.tanh(cell_state)
    values = {"a": a, "sigmoids": sigmoids, "candidate": candidate, "squashed": squashed}
    return (output * squashed, cell_state), values


def _gru(ops: Operations, u: Tensor, w: Tensor, before: Tensor) -> tuple[State, Tensors]:
    size = before.shape[-1]
    a = u[..., : 2 * size] + w[..., : 2 * size]
    part = w[..., 2 * size :]
    sigmoids = ops.sigmoid(a)
    reset, update = split(sigmoids, 2)
    inside = u[..., 2 * size :] + reset * part
    candidate = ops.tanh(inside)
    values = {"a": a, "inside": inside, "sigmoids": sigmoids, "part": part, "candidate": candidate}
    return (candidate + update * (before - candidate),), values


def coefficients(cell: str, ops: Operations, values: Tensors) -> Tensors:
    """What multiplies the arriving gradients, each (T, n); `values` hold the states and those before too.

    `to` leads from a state's gradient to the gradients at the recurrent product's output.
    """
    if cell == "rnn":
        return {"to": 1 - values["h"] ** 2}
    slopes = values["sigmoids"] * (1 - values["sigmoids"])
    candidate = values["candidate"]
    if cell == "gru":
        reset, update = split(values["sigmoids"], 2)
        slope_reset, slope_update = split(slopes, 2)
        inside = (1 - update) * (1 - candidate**2)
        to = [inside * values["part"] * slope_reset, (values["h_prev"] - candidate) * slope_update, inside * reset]
        return {"to": ops.concatenate(to), "inside": inside, "keep": update}
    output, enter, forget = split(values["sigmoids"], 3)
    slope_output, slope_enter, slope_forget = split(slopes, 3)
    to = [candidate * slope_enter, values["cell_state_prev"] * slope_forget, enter * (1 - candidate**2)]
    return {
        "to_output": values["squashed"] * slope_output,
        "to": ops.concatenate(to),
        "through": output * (1 - values["squashed"] ** 2),
        "keep": forget,
    }


def backward(
    cell: str, ops: Operations, k: Tensors, W: Tensor, arriving: State, above: Tensor
) -> tuple[State, Tensors]:
    """One step back: what arrives at the step before, and this step's gradients, `k` its coefficients.

    `arriving` is the gradient from the future of each state, `above` (..., H) that of h from the readout.
    """
    grad_h = arriving[0] + above
    if cell == "rnn":
        delta = k["to"] * grad_h
        return (delta @ W,), {"delta": delta, "grad.h": grad_h}
    if cell == "gru":
        delta = ops.concatenate([part * grad_h for part in split(k["to"], 3)])
        return (delta @ W + k["keep"] * grad_h,), {"delta": delta, "grad.h": grad_h}
    grad_cell = arriving[1] + k["through"] * grad_h
    delta = ops.concatenate([k["to_output"] * grad_h, *(part * grad_cell for part in split(k["to"], 3))])
    found = {"delta": delta, "grad.h": grad_h, "grad.cell_state": grad_cell}
    return (delta @ W, k["keep"] * grad_cell), found


def readout(ops: Operations, weights: Tensors, h: Tensor, one_hot: Tensor) -> Tensors:
    """Prediction, loss and their gradients for all timesteps at once, from h (T,H) and targets (T,O)."""
    o = h @ weights["V"].T + weights["c"]
    log_y_hat = ops.log_softmax(o)
    y_hat = ops.exp(log_y_hat)
    grad_o = (y_hat - one_hot) / len(h)
    loss = -(log_y_hat * one_hot).sum(-1)
    return {"o": o, "y_hat": y_hat, "loss": loss, "grad.o": grad_o, "above": grad_o @ weights["V"]}


def fill(cell: str, ops: Operations, weights: Tensors, found: Tensors, k: Tensors) -> Tensors:
    """What is left when the loop is through, for all timesteps at once: named gradients, totals, norms.

    `found` holds the values, the gradients of `backward` and `x` (T,I); `delta` is (T,G*H).
    """
    inputs = _at_inputs(cell, ops, found, k)
    named = {"grad.x": inputs @ weights["U"], "at_inputs": inputs} | _gates(cell, ops, found, inputs)
    return named | sums(cell, found, inputs) | norms(cell, ops, found, inputs)


def sums(cell: str, found: Tensors, inputs: Tensor) -> Tensors:
    """The total gradients, stacked, from the gradients at U x + b, (T,G*H)."""
    delta, grad_o = found["delta"], found["grad.o"]
    inner = {"total.r": delta.sum(0)} if cell == "gru" else {}
    return inner | {
        "total.U": inputs.T @ found["x"],
        "total.W": delta.T @ found["h_prev"],
        "total.b": inputs.sum(0),
        "total.V": grad_o.T @ found["h"],
        "total.c": grad_o.sum(0),
    }


def norms(cell: str, ops: Operations, found: Tensors, inputs: Tensor) -> Tensors:
    """Every contribution's norm, (T,G) of a stacked parameter, (T,1) of the readout's."""
    parts = (len(found["h"]), -1, found["h"].shape[-1])
    outside = ops.norm(inputs.reshape(parts))
    inside = ops.norm(found["delta"].reshape(parts)) if cell == "gru" else outside
    grad_o = ops.norm(found["grad.o"])[:, None]
    inner = {"norm.r": inside} if cell == "gru" else {}
    return inner | {
        "norm.U": outside * ops.norm(found["x"])[:, None],
        "norm.W": inside * ops.norm(found["h_prev"])[:, None],
        "norm.b": outside,
        "norm.V": grad_o * ops.norm(found["h"])[:, None],
        "norm.c": grad_o,
    }


def _at_inputs(cell: str, ops: Operations, found: Tensors, k: Tensors) -> Tensor:
    """The gradients at the output of U x + b; of gru the candidate's is not that of W h + r."""
    if cell != "gru":
        return found["delta"]
    size = found["h"].shape[-1]
    return ops.concatenate([found["delta"][:, : 2 * size], k["inside"] * found["grad.h"]])


def _gates(cell: str, ops: Operations, found: Tensors, inputs: Tensor) -> Tensors:
    """The gradients of the gates, in the stack's order."""
    if cell == "rnn":
        return {}
    grad_h, candidate = found["grad.h"], found["candidate"]
    if cell == "gru":
        update = split(found["sigmoids"], 2)[1]
        reset = split(inputs, 3)[2] * found["part"]
        return {"grad.gates": ops.concatenate([reset, grad_h * (found["h_prev"] - candidate), grad_h * (1 - update)])}
    grad_cell = found["grad.cell_state"]
    enter = split(found["sigmoids"], 3)[1]
    by_cell = [grad_cell * candidate, grad_cell * found["cell_state_prev"], grad_cell * enter]
    return {"grad.gates": ops.concatenate([grad_h * found["squashed"], *by_cell])}
