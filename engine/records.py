"""What a pass shows of itself: a record for every step, and the trace it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.activations import Array
from engine.contributions import ContributionNorms
from engine.factors import Factors
from engine.feedback import FORCED
from engine.norms import log10_norm, log10_share_norm
from engine.overrides import initials
from engine.shapes import FED_BACK
from engine.shares import Shares
from engine.trace import Trace

if TYPE_CHECKING:
    from engine.passes import Pass

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


class Records:
    """The records and the trace of a pass, read from its arrays."""

    def __init__(self, one: Pass) -> None:
        self.one, self.plan, self.spec = one, one.plan, one.spec
        self.top = one.spec.layers - 1
        self.depth = range(one.spec.layers)

    def steps(self) -> Iterator[Step]:
        """The pass, computed a chunk at a time, as records in its order."""
        layers = self.one.layers
        for phase, chunk in self.one.work():
            first, last = layers[0].chunks[chunk]
            match phase:
                case "forward":
                    yield from (self._forward(t, layer) for t in range(first, last) for layer in self.depth)
                case "output":
                    yield Step("output", None, None, {self._own_output: self._readout(self.one.readout.own)})
                case "backward":
                    self.one.fill(chunk)
                    places = ((t, layer) for t in reversed(range(first, last)) for layer in reversed(self.depth))
                    yield from (self._backward(t, layer) for t, layer in places)
                case "sum":
                    yield from self._closing()

    @property
    def _own_output(self) -> str:
        return "grad.o.from_loss" if self.one.feedback.passes else "grad.o"

    def _closing(self) -> Iterator[Step]:
        gradients, updated, scalars = self.one.gradients, self.one.updated, self.one.scalars
        for layer in self.depth:
            yield Step("sum", None, layer, self._owned(gradients, layer, "grad."), scalars)
        for layer in self.depth:
            yield Step("update", None, layer, self._owned(updated, layer, "updated."))

    def _owned(self, table: dict[str, Array], layer: int, prefix: str = "") -> Arrays:
        """The layer's part of a table of parameters; the readout's goes with the top layer."""
        return {prefix + name: value for name, value in table.items() if self._owns(layer, name)}

    def _owns(self, layer: int, name: str) -> bool:
        return name.startswith(f"layer{layer}.") or (layer == self.top and "." not in name)

    def _forward(self, t: int, layer: int) -> Step:
        arrays: Arrays = {}
        if layer == 0:
            arrays |= {name: array[t] for name, array in self._inputs.items()}
        arrays |= {name: array[t] for name, array in self._values[layer].items()}
        if layer == self.top:
            arrays |= {name: array[t] for name, array in self._outputs.items()} | {"y": self.one.readout.y[t]}
        return Step("forward", t, layer, arrays | (self._begun(layer) if t == 0 else {}))

    def _begun(self, layer: int) -> Arrays:
        """What a layer begins with: its parameters, and the initial states that were set by hand."""
        states = {name: array for name, array in self._initials.items() if name.startswith(f"layer{layer}.")}
        return self._owned(self.one.parameters, layer) | states

    def _backward(self, t: int, layer: int) -> Step:
        arrays = {name: array[t] for name, array in self._grads[layer].items()}
        with np.errstate(all="ignore"):
            norms = [log10_norm(arrays[f"grad.layer{layer}.{name}"]) for name in self.plan.backward_names]
            for name, uses in self.uses.items():
                if self._owns(layer, name):
                    at = Factors.stack([use.at(t) for use in uses])
                    norms.append(log10_share_norm(at.delta, at.z, at.matrix))
                    arrays[f"factor.{name}.delta"] = at.delta
                    if at.z is not None:
                        arrays[f"factor.{name}.z"] = at.z
        if layer == self.top and self.one.feedback.passes:
            arrays |= {name: array[t] for name, array in self._fed_outputs.items()}
        if t == 0:
            arrays |= self._initial_grads(layer)
        return Step("backward", t, layer, arrays | {"log10_norms": np.array(norms)})

    def trace(self) -> Trace:
        """The trace: what the loops made at once, the other named gradients when one is asked for."""
        given = {name: array for name, array in self.one.data.arrays().items() if name != "x"}
        arrays = self._made | given | self._norms()
        return Trace(self.spec, self.one.identity, self.one.loss, arrays, self.uses, self._rest, lambda: self._shares())

    @cached_property
    def _shares(self) -> Shares:
        return Shares(self.one, self.uses)

    @cached_property
    def _norms(self) -> ContributionNorms:
        return ContributionNorms(self.one, self.uses)

    @cached_property
    def uses(self) -> dict[str, list[Factors]]:
        """The factors of every parameter's shares, in the parameters' order."""
        readout = self.one.readout
        grad_o, h = self._readout(readout.grad_o), self._readout(readout.h)
        found = {"V": [Factors(grad_o, h, True)], "c": [Factors(grad_o, None, False)]}
        for index, layer in enumerate(self.one.layers):
            own = layer.factors(layer.parameters)
            found |= {f"layer{index}.{name}": uses for name, uses in own.items()}
        return {name: found[name] for name in self.one.parameters}

    @staticmethod
    def _readout(array: Array) -> Array:
        return array.swapaxes(1, 2)

    @cached_property
    def _inputs(self) -> Arrays:
        arrays: Arrays = {"x": self.one.x.swapaxes(1, 2)}
        if self.spec.feedback.source == "output":
            arrays |= {FED_BACK: self.one.fed_back.swapaxes(1, 2), FORCED: self.one.feedback.forced}
        return arrays

    @cached_property
    def _initials(self) -> Arrays:
        """The initial states that were set by hand: the others are zero, and nothing tells of them."""
        told = initials(self.spec.overrides)
        return {name: array for name, array in self.one.initials().items() if name in told}

    @cached_property
    def _outputs(self) -> Arrays:
        readout = self.one.readout
        arrays: Arrays = {"o": self._readout(readout.o), "y_hat": self._readout(readout.y_hat)}
        return arrays | {"loss": readout.losses}

    @cached_property
    def _fed_outputs(self) -> Arrays:
        readout = self.one.readout
        return {"grad.o": self._readout(readout.grad_o), "grad.o.from_future": self._readout(readout.fed)}

    @cached_property
    def _values(self) -> list[Arrays]:
        names = self.plan.forward_names
        return [
            {f"layer{index}.{name}": layer.value(name) for name in names} for index, layer in enumerate(self.one.layers)
        ]

    @cached_property
    def _grads(self) -> list[Arrays]:
        """Every named gradient of each layer, and at the lowest of its inputs."""
        names = self.plan.backward_names
        found: list[Arrays] = []
        for index, layer in enumerate(self.one.layers):
            found.append({f"grad.layer{index}.{name}": layer.value(f"grad.{name}") for name in names})
        lowest = self.one.layers[0].value("grad.x")
        found[0]["grad.x"] = lowest[..., : self.plan.sizes["I"]]
        if self.spec.feedback.source == "output":
            found[0]["grad.y_prev"] = self.one.grad_fed_back.swapaxes(1, 2)
        return found

    def _initial_grads(self, layer: int) -> Arrays:
        first, prefix = self.one.layers[layer].first, f"grad.layer{layer}"
        return {f"{prefix}.{state}.initial": first(f"grad.{state}_prev") for state in self.plan.cell.states}

    @cached_property
    def _made(self) -> Arrays:
        """What is there as soon as the loops are done."""
        arrays: Arrays = {**self._inputs, **self._outputs, "grad.o": self._readout(self.one.readout.grad_o)}
        if self.one.feedback.passes:
            arrays |= {"grad.o.from_loss": self._readout(self.one.readout.own), **self._fed_outputs}
        for values in self._values:
            arrays |= values
        arrays |= self._initials
        for index in self.depth:
            arrays |= self._initial_grads(index)
        arrays |= self.one.parameters
        return arrays | {f"grad.{name}": value for name, value in self.one.gradients.items()}

    def _rest(self) -> Arrays:
        """Every named gradient, filled in, and the updated parameters."""
        for chunk in range(self.one.chunks):
            self.one.fill(chunk)
        arrays = {name: array for grads in self._grads for name, array in grads.items()}
        return arrays | {f"updated.{name}": value for name, value in self.one.updated.items()}
