"""The readout and its loss: o = V h + c, y_hat, and what each timestep pays.

Goodfellow, Bengio and Courville (2016), equations 10.10, 10.11 and 10.18.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.activations import Array
from engine.spec import Spec
from engine.tasks import Data
from engine.totals import Totals

Lines = list[dict[str, object]]


class Readout:
    """The readout's arrays, features before sequences: `o`, `y_hat`, `grad_o` (T,O,B), `losses` (T,B).

    `h` (T,H,B) is the top layer's hidden state, `above` (T,H,B) where its gradient goes. `weights` is
    V (O,H) and `bias` c (O,) or None, each with a leading axis T where timesteps do not share them.
    `own` is the part of `grad_o` that comes from each timestep's own loss: the same array, unless a
    prediction is fed back with its gradient.
    """

    def __init__(self, spec: Spec, data: Data, parameters: dict[str, Array], h: Array, above: Array) -> None:
        self.softmax, self.tied = spec.readout == "softmax", spec.weights_shared
        self.at_last = spec.loss_at == "last_step"
        self.h, self.above = h, above
        self.weights, self.bias = parameters["V"], parameters.get("c")
        steps, _, batch = h.shape
        shape = (steps, data.outputs, batch)
        self.o, self.grad_o = np.zeros(shape, h.dtype), np.zeros(shape, h.dtype)
        self.own = self.grad_o
        self.y_hat = np.zeros(shape, h.dtype) if self.softmax else self.o
        self.losses = np.zeros((steps, batch), h.dtype)
        self.gradients = {name: np.zeros_like(value) for name, value in parameters.items() if name in ("V", "c")}
        self._total = Totals(self.tied)
        self._total.add(self.gradients["V"], self.grad_o, h)
        if self.bias is not None:
            self._total.add(self.gradients["c"], self.grad_o, None)
        self.load(data)

    def load(self, data: Data) -> None:
        """Take the targets of other data of the same shape."""
        steps, outputs, batch = self.o.shape
        self.there = data.there
        self.targeted = targeted(data, (steps, batch))
        self.counted = last_of(self.targeted) if self.at_last else self.targeted
        self.count = int(self.counted.sum())
        self.all_targeted = bool(self.targeted.all())
        self.y = data.y
        if self.softmax:
            symbols = np.where(self.targeted, data.y, 0).astype(np.int64)
            places = (np.arange(steps)[:, None] * outputs + symbols) * batch + np.arange(batch)
            self.target_places = places
        else:
            self.targets = np.where(self.targeted[:, None], data.y.swapaxes(1, 2), 0).astype(self.o.dtype)

    @property
    def true(self) -> Array:
        """The targets as outputs, (T,O,B): of a symbol its unit vector, zero where there is none."""
        if not self.softmax:
            return self.targets
        units = np.zeros_like(self.o)
        units.reshape(-1)[self.target_places[self.targeted]] = 1
        return units

    @property
    def loss(self) -> float:
        """The loss of the pass: the mean over all counted timesteps and sequences."""
        losses = self.losses if self.count == self.losses.size else self.losses[self.counted]
        return float(np.add.reduce(losses, None, np.float64)) / self.count

    def forward(self, first: int, last: int) -> None:
        """The predictions and losses of the timesteps from `first` to before `last`."""
        o = self.o[first:last]
        self._affine(first, last, o)
        if self.softmax:
            self._normalize(first, last, o)
        else:
            apart = o - self.targets[first:last]
            apart *= apart
            np.sum(apart, axis=1, out=self.losses[first:last])
            self.losses[first:last] /= 2
        if self.there is not None:
            for array in (self.o, self.y_hat):
                np.copyto(array[first:last], 0, where=~self.there[first:last, None])
        if not self.all_targeted:
            np.copyto(self.losses[first:last], 0, where=~self.targeted[first:last])

    def _affine(self, first: int, last: int, o: Array) -> None:
        h, weights = self.h[first:last], self.weights if self.tied else self.weights[first:last]
        if self.tied and h.shape[2] == 1:
            np.matmul(h[..., 0], weights.T, out=o[..., 0])
        else:
            np.matmul(weights, h, out=o)
        if self.bias is not None:
            o += (self.bias if self.tied else self.bias[first:last])[..., None]

    def _normalize(self, first: int, last: int, o: Array) -> None:
        """Softmax and cross-entropy, shifted by the largest logit so that nothing overflows."""
        shifted = o - np.maximum.reduce(o, 1, keepdims=True)
        predicted = np.exp(shifted, self.y_hat[first:last])
        sums = np.add.reduce(predicted, 1, keepdims=True)
        predicted /= sums
        losses = self.losses[first:last]
        np.log(sums[:, 0], losses)
        losses -= shifted.take(self.target_places[first:last] - first * o[0].size)

    def backward(self, sends: npt.NDArray[np.bool_] | None = None) -> None:
        """grad.o of all timesteps' own losses, and what that sends to the top layer.

        `sends` (T,) leaves out the losses of the other timesteps.
        """
        grad = self.own
        if self.softmax:
            grad[...] = self.y_hat
            grad.reshape(-1)[self.target_places] -= 1
        else:
            np.subtract(self.y_hat, self.targets, out=grad)
        grad /= self.count
        counts = self.counted if sends is None else self.counted & sends[:, None]
        if sends is not None or self.count < counts.size:
            np.copyto(grad, 0, where=~counts[:, None])
        if self.own is self.grad_o:
            self.send(0, len(grad))

    def errors(self) -> Array:
        """The gradient of each timestep's own loss by its logits, unscaled, zero where there is no target, (T,O,B)."""
        errors = self.y_hat - self.true
        return np.where(self.targeted[:, None], errors, 0)

    def split(self) -> None:
        """Keep what each timestep's own loss gives apart from what comes back through a fed back prediction."""
        self.own = np.zeros_like(self.grad_o)
        self.fed = np.zeros_like(self.grad_o)

    def merge(self, t: int, arriving: Array | None) -> None:
        """grad.o of timestep t: its own loss's, and what arrives at its prediction (O,B) from the step after."""
        fed = self.fed[t]
        if arriving is None:
            fed[...] = 0
        elif self.softmax:
            predicted = self.y_hat[t]
            fed[...] = predicted * (arriving - (predicted * arriving).sum(axis=0))
        else:
            fed[...] = arriving
        np.add(self.own[t], fed, self.grad_o[t])
        self.send(t, t + 1)

    def send(self, first: int, last: int) -> None:
        """The gradient of the top layer's hidden state: V.T @ grad.o."""
        grad, weights = self.grad_o[first:last], self.weights if self.tied else self.weights[first:last]
        if self.tied and grad.shape[2] == 1:
            np.matmul(grad[..., 0], weights, out=self.above[first:last, :, 0])
        else:
            np.matmul(weights.swapaxes(-1, -2), grad, out=self.above[first:last])

    def total(self) -> None:
        """The gradients of V and c into `gradients`."""
        self._total()


def targeted(data: Data, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Which timesteps have a target, (T,B)."""
    mask = np.ones(shape, bool)
    for given in (data.there, data.counted):
        if given is not None:
            mask &= given
    return mask


def last_of(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The last of the timesteps of each sequence."""
    after = np.cumsum(mask[::-1], axis=0)[::-1]
    return np.asarray(mask & (after == 1))


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
