"""Where each timestep's loss goes: how much of it reaches each state of each earlier step.

The losses are one more axis of the backward pass: one sweep from the last step to the first takes all of
them along. What truncation cuts is here too; `truncation.kept` tells which part that is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import ACTIVATIONS, Array
from engine.backstep import Backstep
from engine.expressions import Binary, Call, Expression, Name, Negative, Number, Product
from engine.layer import Layer
from engine.norms import moderate, norms
from engine.shapes import FED_BACK, INPUT

if TYPE_CHECKING:
    from engine.passes import Pass


class Flow:
    """`flow.layerL.STATE` (T,T): row t, column k is the norm of d loss_t / d STATE_k, the total derivative.

    The loss of a timestep is summed over the batch and unscaled; the norm runs over units and batch.
    Called, it gives the matrices of the pass as it was run last; its memory is made once. Number t of a
    step's gradients is that of the loss of timestep t.
    """

    def __init__(self, one: Pass) -> None:
        self.one = one
        self.steps = len(one.data.x)
        self.backsteps = [Backstep(layer, self.steps) for layer in one.layers]
        self.below = [_Below(layer, back) for layer, back in zip(one.layers, self.backsteps, strict=True)]
        sizes = one.plan.sizes
        self.errors = np.zeros((sizes["B"], self.steps, sizes["O"]), one.spec.dtype)
        self.own = np.zeros((sizes["B"], self.steps, sizes["H"]), one.spec.dtype)
        self.fed = np.zeros_like(self.errors)
        names = [(index, state) for index, back in enumerate(self.backsteps) for state in back.arriving]
        self.names = [f"flow.layer{index}.{state}" for index, state in names]
        self.states = [self.backsteps[index].roots[f"grad.{state}"] for index, state in names]

    def __call__(self) -> dict[str, Array]:
        """One matrix for each state of each layer."""
        with np.errstate(all="ignore"):
            self.errors[...] = self.one.readout.errors().transpose(2, 0, 1)
            self.own[...] = self._sent(self.errors)
            return self._matrices()

    def _matrices(self) -> dict[str, Array]:
        """Squares are quick; where one is so small or so large that digits may be lost, all is done with care."""
        sent = np.tri(self.steps, dtype=bool) & np.any(self.errors, axis=(0, 2))[:, None]
        found = self._swept(lambda rows, out: np.vecdot(rows, rows, out))
        if moderate(found[:, sent]):
            found = np.sqrt(found, found)
        else:
            del found  # as large as what takes its place
            found = self._swept(lambda rows, out: np.copyto(out, norms(rows)))
        return dict(zip(self.names, found, strict=True))

    def _swept(self, measure: Callable[[Array, Array], object]) -> Array:
        """A number for every loss t and state k, (S,T,T), of each of the S states."""
        found = np.zeros((len(self.names), self.steps, self.steps), self.errors.dtype)
        for back in self.backsteps:
            back.begin()
        self.fed[...] = 0
        for k in reversed(range(self.steps)):
            self._step(k)
            for matrix, gradients in zip(found, self.states, strict=True):
                measure(self._rows(gradients[:, k:]), matrix[k, k:])
        return found.swapaxes(1, 2)

    @staticmethod
    def _rows(gradients: Array) -> Array:
        """Gradients (B,N,H) as rows (N,B H)."""
        batch, count, _ = gradients.shape
        return gradients[0] if batch == 1 else gradients.swapaxes(0, 1).reshape(count, -1)

    def _sent(self, errors: Array) -> Array:
        """What the gradients of the logits (B,T,O) send to the hidden state of their own timesteps, (B,T,H)."""
        weights = self.one.readout.weights
        return np.asarray(errors @ weights if self.one.readout.tied else (errors[:, :, None] @ weights)[:, :, 0])

    def _step(self, k: int) -> None:
        """All layers downwards at timestep k, for the losses of k and of later steps."""
        above = self._from_output(k)
        passes, concatenated = self.one.feedback.passes, self.one.plan.concatenated
        returned: Array | None = None
        for index in reversed(range(len(self.backsteps))):
            self.backsteps[index](k, k, above)
            if index > 0:
                above = self.below[index].gradient(INPUT, k)
            if passes and not concatenated:
                own = self.below[index].gradient(FED_BACK, k)
                returned = own if returned is None else returned + own
        if passes and concatenated:
            returned = self.below[0].gradient(INPUT, k)[..., self.one.plan.sizes["I"] :]
        if returned is not None:
            self.fed[:, k:] = returned

    def _from_output(self, k: int) -> Array:
        """What comes from the readout at timestep k: of its own loss, and of later ones through a prediction."""
        if not self.one.feedback.passes:
            return self.own[:, k : k + 1]
        readout, grad = self.one.readout, self.fed[:, k:]
        if readout.softmax:
            predicted = readout.y_hat[k].T[:, None]
            grad = predicted * (grad - (predicted * grad).sum(axis=-1, keepdims=True))
        grad[:, 0] = self.errors[:, k]
        return np.asarray(grad @ (readout.weights if readout.tied else readout.weights[k]))


class _Below:
    """What a step gives to the inputs of its layer, worked out from the backward lines as they are."""

    def __init__(self, layer: Layer, back: Backstep) -> None:
        self.layer, self.back = layer, back
        self.lines = {
            line.target: line.expression for line in layer.program.derivation.backward if line.kind != "share"
        }

    def gradient(self, name: str, k: int) -> Array:
        """The gradient of an input at timestep k, (B,N,n), for the losses from k on."""
        self.k = k
        self.known: dict[str, Array] = {}
        return self._of(f"grad.{name}")

    def _of(self, name: str) -> Array:
        if name in self.back.roots:
            return self.back.roots[name][:, self.k :]
        if name not in self.known:
            letter = self.layer.program.letter(name.removeprefix("grad."))
            shape = (self.back.batch, len(self.layer.around.x) - self.k, self.layer.lengths[letter])
            self.known[name] = np.broadcast_to(self._value(self.lines[name]), shape)
        return self.known[name]

    def _value(self, node: Expression) -> Array:
        match node:
            case Name(name):
                return self._of(name) if name.startswith("grad.") else self._forward(name)
            case Number(value):
                return np.asarray(value, self.layer.dtype)
            case Negative(operand):
                return -self._value(operand)
            case Binary(operator, left, right):
                first, second = self._value(left), self._value(right)
                return {"+": np.add, "-": np.subtract, "*": np.multiply}[operator](first, second)
            case Call(function, argument, slope):
                known = ACTIVATIONS[function]
                inside = self._value(argument)
                return known.slope(inside, known.value(inside)) if slope else known.value(inside)
            case Product(matrix, operand, _):
                return np.asarray(self._value(operand) @ self._parameter(matrix))
            case _:
                raise TypeError(f"no gradient through {node}")

    def _forward(self, name: str) -> Array:
        """A forward value or a vector of parameters at timestep k, (B,1,n)."""
        if name in self.layer.parameters:
            return self._parameter(name)
        return np.asarray(self.layer.array(name)[self.k].T[:, None])

    def _parameter(self, name: str) -> Array:
        value = self.layer.parameters[name]
        return value if self.layer.program.tied else np.asarray(value[self.k])
