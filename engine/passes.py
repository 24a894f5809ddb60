"""One pass: forward, loss, backward through time, sum, update, a Step at a time.

>>> from engine.spec import parse_spec
>>> one = Pass(parse_spec({"task": {"kind": "text", "text": "abc"}, "hidden_size": 2}))
>>> [(step.phase, step.t) for step in one.steps()]
[('forward', 0), ('forward', 1), ('output', None), ('backward', 1), ('backward', 0), \
('sum', None), ('update', None)]
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.activations import Array
from engine.factors import Factors
from engine.network import check_weights, initialize
from engine.norms import log10_norm
from engine.plan import Plan, describe, read_task
from engine.program import Layer, compile_cell
from engine.readout import Readout
from engine.spec import Spec
from engine.tasks import Data
from engine.trace import Trace, factors_log10_norm

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Step:
    """What one step of a pass computed: arrays by the trace's names, views of the trace.

    `phase` is forward, output, backward, sum or update. Arrays of a step that has a `t` are the
    trace's at t. `log10_norms` holds what the plan's `norms` name. `scalars` of phase sum holds
    `grad_norm`, the norm of the whole gradient, and `clip_scale`, what clipping multiplies it by.
    """

    phase: str
    t: int | None
    layer: int | None
    arrays: Arrays
    scalars: dict[str, float] = field(default_factory=dict)


class Pass:
    """A pass of a spec: `steps()` or `run()` computes it, `trace` is what it leaves behind.

    `data` replaces the spec's task, `weights` its initial values (names as in the trace). Raises
    SpecError where they do not fit.
    """

    def __init__(self, spec: Spec, data: Data | None = None, weights: dict[str, Array] | None = None) -> None:
        self.spec = spec
        if data is not None and weights is not None and np.ndim(weights.get("V", 0)) > 0:
            data = data.with_outputs(len(weights["V"]))
        self.plan: Plan = describe(spec, data, weights)
        self.data = read_task(spec) if data is None else data
        places = self.plan.slots
        given = initialize(spec, places) if weights is None else check_weights(places, weights)
        self.parameters: dict[str, Array] = {
            name: np.ascontiguousarray(value, spec.dtype) for name, value in given.items()
        }
        self.gradients: dict[str, Array] = {}
        self.updated: dict[str, Array] = {}
        self.scalars: dict[str, float] = {}
        self.x: Array = np.ascontiguousarray(self.data.x, spec.dtype)
        self.layers = self._layers()
        top = self.layers[-1].values
        above = top["grad.h.from_above"]
        self.readout = Readout(spec, self.data, self.parameters, top["h"], above)
        self.uses = self._uses()

    @property
    def loss(self) -> float:
        """The loss of the pass: the mean over all counted timesteps and sequences."""
        return self.readout.loss

    @property
    def trace(self) -> Trace:
        """Everything the pass computed, once it is through."""
        with np.errstate(all="ignore"):  # of a pass that overflowed the norms do too
            return Trace(self.spec, self.plan.id, self.loss, self._arrays(), self.uses)

    def run(self) -> Trace:
        """The whole pass at once."""
        for _ in self._advance():
            pass
        return self.trace

    def steps(self) -> Iterator[Step]:
        """The pass as records, each computed when it is asked for."""
        for phase, t, layer in self._advance():
            yield self._step(phase, t, layer)

    def forward(self) -> float:
        """The forward pass alone, and its loss."""
        for t in range(len(self.x)):
            for layer in range(len(self.layers)):
                self._forward(t, layer)
        return self.loss

    def _layers(self) -> list[Layer]:
        program = compile_cell(self.plan.cell)
        layers: list[Layer] = []
        x = self.x
        for index in range(self.spec.layers):
            prefix = f"layer{index}."
            own = {
                name.removeprefix(prefix): value for name, value in self.parameters.items() if name.startswith(prefix)
            }
            layers.append(Layer(program, x, self.spec.hidden_size, own))
            x = layers[-1].values["h"]
        return layers

    def _uses(self) -> dict[str, list[Factors]]:
        """The factors of every parameter's shares, in the parameters' order."""
        grad_o, h = self.readout.grad_o, self.readout.h
        found = {"V": [Factors(grad_o, h, True)], "c": [Factors(grad_o, None, False)]}
        for index, layer in enumerate(self.layers):
            found |= {f"layer{index}.{name}": uses for name, uses in layer.factors().items()}
        return {name: found[name] for name in self.parameters}

    def _advance(self) -> Iterator[tuple[str, int | None, int | None]]:
        """Computes the pass in order and tells after each step which one it was."""
        steps, depth = len(self.x), len(self.layers)
        for t in range(steps):
            for layer in range(depth):
                self._forward(t, layer)
                yield "forward", t, layer
        with np.errstate(all="ignore"):
            self.readout.backward()
        yield "output", None, None
        for t in reversed(range(steps)):
            for layer in reversed(range(depth)):
                self._backward(t, layer)
                yield "backward", t, layer
        self._sum()
        yield from (("sum", None, layer) for layer in range(depth))
        self._update()
        yield from (("update", None, layer) for layer in range(depth))

    def _forward(self, t: int, layer: int) -> None:
        # A pass may overflow or hold NaN: that is a lesson, and it is shown, not warned about.
        with np.errstate(all="ignore"):
            self.layers[layer].forward(t)
            if layer == len(self.layers) - 1:
                self.readout.forward(t)

    def _backward(self, t: int, layer: int) -> None:
        with np.errstate(all="ignore"):
            if layer < len(self.layers) - 1:
                above = self.layers[layer + 1].values["grad.x"]
                self.layers[layer].values["grad.h.from_above"][t] = above[t]
            self.layers[layer].backward(t)

    def _sum(self) -> None:
        """Every parameter's gradient, the sum of its shares, and what clipping makes of them."""
        with np.errstate(all="ignore"):
            self.gradients = {name: Factors.stack(use).total() for name, use in self.uses.items()}
            norm = _norm(self.gradients)
        clip = self.spec.clip_norm
        scale = clip / norm if clip is not None and norm > clip else 1.0
        self.scalars = {"grad_norm": norm, "clip_scale": scale}

    def _update(self) -> None:
        """weight - learning_rate * gradient, clipped by the norm of all (Pascanu et al. 2013)."""
        rate = self.spec.optimizer.learning_rate * self.scalars["clip_scale"]
        with np.errstate(all="ignore"):
            for name, weight in self.parameters.items():
                step = np.asarray(rate * self.gradients[name], weight.dtype)
                self.updated[name] = weight - step

    def _step(self, phase: str, t: int | None, layer: int | None) -> Step:
        if t is not None and layer is not None:
            with np.errstate(all="ignore"):
                arrays = (self._forward_at if phase == "forward" else self._backward_at)(t, layer)
            return Step(phase, t, layer, arrays)
        if layer is None:
            return Step(phase, t, layer, {"grad.o": self.readout.grad_o})
        if phase == "sum":
            return Step(phase, t, layer, self._own(self.gradients, layer, "grad."), self.scalars)
        return Step(phase, t, layer, self._own(self.updated, layer, "updated."))

    def _own(self, table: dict[str, Array], layer: int, prefix: str = "") -> Arrays:
        """The layer's part of a table of parameters; the readout's goes with the top layer."""
        top = layer == len(self.layers) - 1
        return {
            prefix + name: value
            for name, value in table.items()
            if name.startswith(f"layer{layer}.") or (top and "." not in name)
        }

    def _forward_at(self, t: int, layer: int) -> Arrays:
        arrays: Arrays = {"x": self.x[t]} if layer == 0 else {}
        arrays |= {name: array[t] for name, array in self._values(layer).items()}
        if layer == len(self.layers) - 1:
            arrays |= {name: array[t] for name, array in self._readout_values().items()}
        return arrays | (self._own(self.parameters, layer) if t == 0 else {})

    def _backward_at(self, t: int, layer: int) -> Arrays:
        arrays = {name: array[t] for name, array in self._grads(layer).items()}
        norms = [log10_norm(arrays[f"grad.layer{layer}.{n}"]) for n in self.plan.backward_names]
        top = layer == len(self.layers) - 1
        for name, uses in self.uses.items():
            if name.startswith(f"layer{layer}.") or (top and "." not in name):
                at = Factors.stack([use.at(t) for use in uses])
                arrays[f"factor.{name}.delta"] = at.delta
                if at.z is not None:
                    arrays[f"factor.{name}.z"] = at.z
                norms.append(factors_log10_norm(uses, t))
        if t == 0:
            arrays |= self._initial_grads(layer)
        return arrays | {"log10_norms": np.array(norms)}

    def _values(self, layer: int) -> Arrays:
        values = self.layers[layer].values
        return {f"layer{layer}.{name}": values[name] for name in self.plan.forward_names}

    def _readout_values(self) -> Arrays:
        readout = self.readout
        return {"o": readout.o, "y_hat": readout.y_hat, "loss": readout.losses, "y": self.data.y}

    def _grads(self, layer: int) -> Arrays:
        values, prefix = self.layers[layer].values, f"grad.layer{layer}"
        arrays: Arrays = {f"{prefix}.{n}": values[f"grad.{n}"] for n in self.plan.backward_names}
        return arrays | ({"grad.x": values["grad.x"]} if layer == 0 else {})

    def _initial_grads(self, layer: int) -> Arrays:
        grads = self.layers[layer].initial_grad
        return {f"grad.layer{layer}.{state}.initial": grad for state, grad in grads.items()}

    def _arrays(self) -> Arrays:
        arrays: Arrays = {"x": self.x, **self._readout_values(), "grad.o": self.readout.grad_o}
        for layer in range(len(self.layers)):
            arrays |= self._values(layer) | self._grads(layer) | self._initial_grads(layer)
        arrays |= self.parameters
        arrays |= {f"grad.{name}": value for name, value in self.gradients.items()}
        return arrays | {f"updated.{name}": value for name, value in self.updated.items()}


def run(spec: Spec, data: Data | None = None, weights: dict[str, Array] | None = None) -> Trace:
    """The trace of one pass; raises SpecError where data or weights do not fit."""
    return Pass(spec, data, weights).run()


def _norm(gradients: dict[str, Array]) -> float:
    """The norm of the whole gradient, every parameter together."""
    logs = [log10_norm(gradient) for gradient in gradients.values()]
    largest = max(logs)
    if largest == -math.inf:
        return 0.0
    ratio = 10.0 ** (np.array(logs) - largest)
    return float(10.0**largest * np.sqrt(ratio @ ratio))
