"""Where each timestep's loss goes: how much of it reaches each state of each earlier step.

The losses are one more axis of the backward pass: one sweep from the last step to the first takes all of
them along. What truncation cuts is here too; `truncation.kept` tells which part that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.activations import ACTIVATIONS, Array
from engine.backstep import Backstep
from engine.expressions import Binary, Call, Expression, Name, Negative, Number, Product
from engine.layer import Layer
from engine.norms import norms
from engine.shapes import FED_BACK, INPUT

if TYPE_CHECKING:
    from engine.passes import Pass


def flow(one: Pass) -> dict[str, Array]:
    """`flow.layerL.STATE` (T,T): row t, column k is the norm of d loss_t / d STATE_k, the total derivative.

    The loss of a timestep is summed over the batch and unscaled; the norm runs over units and batch.
    `one` is a pass that was run.
    """
    with np.errstate(all="ignore"):
        return _Flow(one).matrices()


class _Flow:
    """The sweep over all layers; number t of a step's gradients is that of the loss of timestep t."""

    def __init__(self, one: Pass) -> None:
        self.one = one
        self.steps = len(one.data.x)
        self.backsteps = [Backstep(layer, self.steps) for layer in one.layers]
        self.below = [_Below(layer, back) for layer, back in zip(one.layers, self.backsteps, strict=True)]
        self.errors = one.readout.errors().transpose(2, 0, 1)
        self.fed = np.zeros((*self.errors.shape,), self.errors.dtype)

    def matrices(self) -> dict[str, Array]:
        """One matrix for each state of each layer."""
        names = [(index, state) for index, back in enumerate(self.backsteps) for state in back.states]
        shape = (self.steps, self.steps)
        found: dict[str, Array] = {f"flow.layer{index}.{state}": np.zeros(shape) for index, state in names}
        for k in reversed(range(self.steps)):
            self._step(k)
            for index, state in names:
                found[f"flow.layer{index}.{state}"][k:, k] = self._sizes(self.backsteps[index].of(f"grad.{state}", k))
        return found

    @staticmethod
    def _sizes(gradients: Array) -> Array:
        """The norm over units and batch of each of (B,N,H), (N,)."""
        batch, count, _ = gradients.shape
        return norms(gradients[0] if batch == 1 else gradients.swapaxes(0, 1).reshape(count, -1))

    def _step(self, k: int) -> None:
        """All layers downwards at timestep k, for the losses of k and of later steps."""
        above = self._from_output(k)
        passes = self.one.feedback.passes
        returned: Array | None = None
        for index in reversed(range(len(self.backsteps))):
            self.backsteps[index](k, k, above)
            if index > 0:
                above = self.below[index].gradient(INPUT, k)
            if passes and not self.one.plan.concatenated:
                own = self.below[index].gradient(FED_BACK, k)
                returned = own if returned is None else returned + own
        if passes:
            if returned is None:
                returned = self.below[0].gradient(INPUT, k)[..., self.one.plan.sizes["I"] :]
            self.fed[:, k:] = returned

    def _from_output(self, k: int) -> Array:
        """What comes from the readout at timestep k, (B,N,H): its own loss, and later ones through a prediction."""
        readout = self.one.readout
        weights = readout.weights if readout.tied else readout.weights[k]
        if not self.one.feedback.passes:
            above = np.zeros((self.errors.shape[0], self.steps - k, weights.shape[1]), weights.dtype)
            above[:, 0] = self.errors[:, k] @ weights
            return above
        grad = self.fed[:, k:]
        if readout.softmax:
            predicted = readout.y_hat[k].T[:, None]
            grad = predicted * (grad - (predicted * grad).sum(axis=-1, keepdims=True))
        grad[:, 0] = self.errors[:, k]
        return np.asarray(grad @ weights)


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
            return self.back.of(name, self.k)
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


def singular_values(one: Pass) -> dict[str, Array]:
    """`singular_values.layerL.STATE` (T,B,H) of d STATE_t / d STATE_{t-1}, the largest first.

    Everything else that a step is given is held fixed. `one` is a pass that was run; a step whose
    Jacobian is not finite has NaN.
    """
    found: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for index, layer in enumerate(one.layers):
            for state in layer.program.cell.states:
                jacobians = _Jacobians(layer, state)
                values = np.array([jacobians.singular_values(t) for t in reversed(range(layer.steps))])
                found[f"singular_values.layer{index}.{state}"] = values[::-1]
    return found


class _Jacobians:
    """d STATE_t / d STATE_{t-1} of one layer: a step back for the gradient of each unit."""

    def __init__(self, layer: Layer, state: str) -> None:
        self.layer, self.state = layer, state
        self.back = Backstep(layer, layer.lengths["H"])
        self.units = np.eye(layer.lengths["H"], dtype=layer.dtype)

    def singular_values(self, t: int) -> Array:
        """Those of timestep t, (B,H); asked for from the last step to the first."""
        for state, arriving in self.back.arriving.items():
            arriving[...] = self.units if state == self.state else 0
        self.back(t, 0, None)
        jacobian = self.back.arriving[self.state]
        if not self.layer.around.recurrence:
            jacobian[...] = 0
        finite = np.isfinite(jacobian).all(axis=(1, 2))
        values = np.full(jacobian.shape[:2], np.nan)
        values[finite] = np.linalg.svd(jacobian[finite], compute_uv=False)
        return values
