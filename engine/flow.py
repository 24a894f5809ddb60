"""Where each timestep's loss goes: how much of it reaches each state, or the input, of each earlier step.

The losses are one more axis of the backward pass: one sweep from the last step to the first takes all of
them along. What truncation cuts is here too; `truncation.kept` tells which part that is.
"""

from __future__ import annotations

from collections.abc import Iterator
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

    With `inputs` it is `flow.x` instead, of d loss_t / d x_k: by way of everything that the input of timestep k
    reaches. An output that is fed back beside the input is no part of it.

    The loss of a timestep is summed over the batch and unscaled; the norm runs over units (of `x`: over its numbers)
    and batch. Called, it gives the matrices of the pass as it was run last; its memory is made once. Number t of a
    step's gradients is that of the loss of timestep t.
    """

    def __init__(self, one: Pass, inputs: bool = False) -> None:
        self.one, self.inputs = one, inputs
        self.steps = len(one.data.x)
        self.backsteps = [Backstep(layer, self.steps) for layer in one.layers]
        self.below = [_Below(layer, back) for layer, back in zip(one.layers, self.backsteps, strict=True)]
        sizes = one.plan.sizes
        self.errors = np.zeros((sizes["B"], self.steps, sizes["O"]), one.spec.dtype)
        self.own = np.zeros((sizes["B"], self.steps, sizes["H"]), one.spec.dtype)
        self.fed = np.zeros_like(self.errors)
        names = [(index, state) for index, back in enumerate(self.backsteps) for state in back.arriving]
        self.names = ["flow.x"] if inputs else [f"flow.layer{index}.{state}" for index, state in names]
        self.states = [self.backsteps[index].roots[f"grad.{state}"] for index, state in names]

    def __call__(self) -> dict[str, Array]:
        """One matrix for each state of each layer, or the one of the inputs."""
        found = np.zeros((len(self.names), self.steps, self.steps), self.errors.dtype)
        with np.errstate(all="ignore"):
            self._begin()
            for k in reversed(range(self.steps)):
                self._step(k)
                self._squares(self._measured(k), found[:, k, k:])
            # One look at all squares is quicker than one at each column's, and mostly there is nothing to mend.
            if moderate(found[:, self.sends & np.tri(self.steps, dtype=bool).T]):
                np.sqrt(found, found)
            else:
                for k, column in self.columns():
                    found[:, k, k:] = column
        return dict(zip(self.names, found.swapaxes(1, 2), strict=True))

    def columns(self) -> Iterator[tuple[int, Array]]:
        """Column after column, the last first: k, and the norms (S,T-k) of the losses from k on, one row a name.

        Each is computed when it is asked for, to its last digit while its gradients are there.
        """
        with np.errstate(all="ignore"):
            self._begin()
        for k in reversed(range(self.steps)):
            with np.errstate(all="ignore"):
                self._step(k)
                column = self._column(k)
            yield k, column

    def _begin(self) -> None:
        self.errors[...] = self.one.readout.errors().transpose(2, 0, 1)
        self.own[...] = self._sent(self.errors)
        self.sends = np.any(self.errors, axis=(0, 2))
        self.fed[...] = 0
        for back in self.backsteps:
            back.begin()

    def _column(self, k: int) -> Array:
        """Squares are quick; where one is so small or so large that digits may be lost, all is done with care."""
        measured = self._measured(k)
        column = np.empty((len(measured), self.steps - k), self.errors.dtype)
        self._squares(measured, column)
        if moderate(column[:, self.sends[k:]]):
            return np.sqrt(column, column)
        for gradients, out in zip(measured, column, strict=True):
            out[...] = norms(self._rows(gradients))
        return column

    def _squares(self, measured: list[Array], found: Array) -> None:
        for gradients, out in zip(measured, found, strict=True):
            rows = self._rows(gradients)
            np.vecdot(rows, rows, out)

    def _measured(self, k: int) -> list[Array]:
        """The gradients whose norms are told, (B,T-k,n) each."""
        if self.inputs:
            return [self.below[0].gradient(INPUT)[..., : self.one.plan.sizes["I"]]]
        return [gradients[:, k:] for gradients in self.states]

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
            self.below[index].begin(k)
            if index > 0:
                above = self.below[index].gradient(INPUT)
            if passes and not concatenated:
                own = self.below[index].gradient(FED_BACK)
                returned = own if returned is None else returned + own
        if passes and concatenated:
            returned = self.below[0].gradient(INPUT)[..., self.one.plan.sizes["I"] :]
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

    def begin(self, k: int) -> None:
        """The layer has stepped back to timestep k: what was known is of another step."""
        self.k = k
        self.known: dict[str, Array] = {}

    def gradient(self, name: str) -> Array:
        """The gradient of an input at that timestep, (B,N,n), for the losses from it on."""
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
