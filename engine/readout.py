"""The readout and its loss: o = V h + c, y_hat, and what each timestep pays.

Goodfellow, Bengio and Courville (2016), equations 10.10, 10.11 and 10.18.
"""

from __future__ import annotations

import numpy as np

from engine.activations import Array
from engine.spec import Spec
from engine.tasks import Data

Lines = list[dict[str, object]]


class Readout:
    """The readout's arrays: `o`, `y_hat` and `grad_o` (T,B,O), `losses` (T,B).

    `h` (T,B,H) is the top layer's hidden state, `above` (T,B,H) where its gradient goes.
    """

    def __init__(self, spec: Spec, data: Data, parameters: dict[str, Array], h: Array, above: Array) -> None:
        self.softmax = spec.readout == "softmax"
        self.y = data.y
        self.h, self.above = h, above
        self.weights, self.bias = parameters["V"], parameters.get("c")
        self.first = 0 if spec.loss_at == "every_step" else len(h) - 1
        shape = (*h.shape[:2], data.outputs)
        self.o, self.grad_o = np.zeros(shape, h.dtype), np.zeros(shape, h.dtype)
        self.y_hat = np.zeros(shape, h.dtype) if self.softmax else self.o
        self.losses = np.zeros(shape[:2], h.dtype)

    @property
    def loss(self) -> float:
        """The loss of the pass: the mean over all counted timesteps and sequences."""
        return float(self.counted.mean(dtype=np.float64))

    @property
    def counted(self) -> Array:
        """The losses that count: of every timestep, or of the last."""
        return self.losses[self.first :]

    def forward(self, t: int) -> None:
        """The prediction and the loss of timestep t."""
        o, y = self.o[t], self.y[t]
        o[...] = self.h[t] @ self.weights.T
        if self.bias is not None:
            o += self.bias
        if not self.softmax:
            self.losses[t] = ((o - y) ** 2).sum(axis=-1) / 2
            return
        shifted = o - o.max(axis=-1, keepdims=True)
        exponentials = np.exp(shifted)
        sums = exponentials.sum(axis=-1, keepdims=True)
        np.divide(exponentials, sums, out=self.y_hat[t])
        self.losses[t] = np.log(sums[:, 0]) - shifted[np.arange(len(y)), y.astype(np.int64)]

    def backward(self) -> None:
        """grad.o for all timesteps at once, and what the readout sends to the top layer."""
        grad, y = self.grad_o[self.first :], self.y[self.first :]
        if self.softmax:
            grad[...] = self.y_hat[self.first :]
            grad[(*np.indices(y.shape), y.astype(np.int64))] -= 1
        else:
            np.subtract(self.y_hat[self.first :], y, out=grad)
        grad /= grad.shape[0] * grad.shape[1]
        np.matmul(self.grad_o, self.weights, out=self.above)


def lines(spec: Spec) -> tuple[Lines, Lines]:
    """The readout's forward lines and its backward line, for the page."""
    affine = ["@", "V", "h"]
    text = "o = V @ h + c" if spec.bias else "o = V @ h"
    forward = [_line("o", text, ["+", affine, "c"] if spec.bias else affine)]
    if spec.readout == "softmax":
        forward.append(_line("y_hat", "y_hat = softmax(o)", ["call", "softmax", "o"]))
        forward.append(_line("loss", "loss = -log(y_hat[y])", ["call", "cross_entropy", ["list", "y_hat", "y"]]))
    else:
        forward.append(_line("y_hat", "y_hat = o", "o"))
        forward.append(
            _line(
                "loss",
                "loss = |y_hat - y|^2 / 2",
                ["call", "half_squared_error", ["list", "y_hat", "y"]],
            )
        )
    error = ["/", ["-", "y_hat", "y"], "N"]
    return forward, [_line("grad.o", "grad.o = (y_hat - y) / N", error)]


def _line(target: str, text: str, tree: object) -> dict[str, object]:
    return {"target": target, "text": text, "tree": tree, "kind": "readout"}
