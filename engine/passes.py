"""One pass: forward, loss, backward through time, sum, update.

>>> from engine.spec import parse_spec
>>> one = Pass(parse_spec({"task": {"kind": "text", "text": "abc"}, "hidden_size": 2}))
>>> [(step.phase, step.t) for step in one.steps()]
[('forward', 0), ('forward', 1), ('output', None), ('backward', 1), ('backward', 0), \
('sum', None), ('update', None)]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from engine.activations import Array
from engine.errors import SpecError
from engine.feedback import Feedback
from engine.flow import Flow
from engine.held import without_gone
from engine.layer import Layer, Surroundings
from engine.network import check_weights, initialize
from engine.norms import log10_total
from engine.optimizers import optimizer
from engine.overrides import INITIAL, apply
from engine.plan import CHUNK, Plan, describe, digest, read_task
from engine.program import Program, compile_cell
from engine.readout import Readout
from engine.records import Records, Step
from engine.shapes import INPUT
from engine.spec import Spec, spec_id
from engine.spectra import eigenvalues, singular_values
from engine.tasks import Data
from engine.tasks.data import Mask
from engine.trace import Trace
from engine.truncation import Sweep, planned


class Pass:
    """A pass of a spec and its workspace: `run()` or `steps()` computes it, `gradient()` only what training needs.

    `data` replaces the spec's task, `weights` its initial values (names as in the trace; those of parameters
    that only held lines read are passed over); the spec's overrides win over both. Raises SpecError where
    something does not fit. Run again, a pass refills the same arrays: a trace is that of the latest run.
    """

    def __init__(
        self, spec: Spec, data: Data | None = None, weights: dict[str, Array] | None = None, chunk: int = CHUNK
    ) -> None:
        self.spec = spec
        if data is not None and weights is not None and np.ndim(weights.get("V", 0)) > 0:
            data = data.with_outputs(weights["V"].shape[-2])
        weights = None if weights is None else without_gone(weights, spec.whole_cell(), spec.equations())
        self.plan: Plan = describe(spec, data, weights)
        self.data = self._first = read_task(spec) if data is None else data
        self.program: Program = compile_cell(self.plan.cell, spec.weights_shared)
        self.sweeps: list[Sweep] = planned(spec.algorithm, self.plan.sizes["T"])
        given = (
            initialize(spec, self.plan.slots)
            if weights is None
            else check_weights(self.plan.slots, weights, spec.weights_shared)
        )
        given = {name: np.array(value, spec.dtype, order="C") for name, value in given.items()}
        for name, value in given.items():
            apply(spec.overrides, name, value)
        self._surround()
        self.layers = self._layers(given, chunk if self.plan.ahead else 1)
        for name, state in self.initials().items():
            apply(spec.overrides, name, state)
        top = self.layers[-1]
        self.readout = Readout(spec, self.data, given, top.array("h"), top.above)
        self.feedback = Feedback(spec, self.fed_back, self.readout)
        if self.feedback.passes:
            self.readout.split()
        self.parameters, self.gradients = self._tables(given)
        beside = self.layers[0].array("grad.x")[:, self.plan.sizes["I"] :]
        self.grad_fed_back = beside if self.plan.concatenated else np.zeros_like(self.fed_back)
        self.remembered: dict[str, Array] = {}
        self.records = Records(self)
        self.load(self.data)

    @property
    def loss(self) -> float:
        """The loss of the pass: the mean over all counted timesteps and sequences."""
        with np.errstate(all="ignore"):
            return self.readout.loss

    @property
    def x(self) -> Array:
        """The inputs as they are read, (T,I,B); may be changed in place."""
        return self._input[:, : self.plan.sizes["I"]]

    def initials(self) -> dict[str, Array]:
        """The states that the first step is given, `layerL.STATE.initial` (B,H); may be changed in place."""
        return {
            f"layer{index}.{state}{INITIAL}": layer.buffers[f".state.{state}"][0].T
            for index, layer in enumerate(self.layers)
            for state in self.plan.cell.states
        }

    @property
    def updated(self) -> dict[str, Array]:
        """Every parameter after one update by the clipped gradients, from an optimizer that `remembered` as much."""
        scale = self.scalars["clip_scale"]
        moved = {name: value.copy() for name, value in self.parameters.items()}
        clipped = {name: np.asarray(scale * value, value.dtype) for name, value in self.gradients.items()}
        with np.errstate(all="ignore"):
            state = {name: value.copy() for name, value in self.remembered.items()}
            optimizer(self.spec.optimizer, state)(moved, clipped)
        return moved

    @property
    def trace(self) -> Trace:
        """Everything the pass computed, once it is through."""
        with np.errstate(all="ignore"):  # of a pass that overflowed the norms do too
            return self.records.trace()

    def identity(self) -> str:
        """The id of the pass with the data and the parameters that it has now."""
        if self.data is self._first:
            return self.plan.id
        return spec_id(self.spec, digest(self.data.arrays() | self.parameters))

    def load(self, data: Data) -> None:
        """Take other data of the same shape; raises SpecError for another one."""
        if data.x.shape != self.data.x.shape or data.outputs != self.data.outputs:
            wanted, given = ((*one.x.shape, one.outputs) for one in (self.data, data))
            raise SpecError(f"data of the shape (T, B, I, O) {wanted} are needed here, got {given}", "data.x")
        self.data = data
        self.x[...] = data.x.swapaxes(1, 2)
        apply(self.spec.overrides, INPUT, self.x.swapaxes(1, 2))
        if data.there is not None:
            np.copyto(self.x, 0, where=~data.there[:, None])
        self.readout.load(data)
        self.feedback.teach()

    def run(self) -> Trace:
        """The whole pass at once."""
        for _ in self.work():
            pass
        return self.trace

    def steps(self) -> Iterator[Step]:
        """The pass as records, each computed when it is asked for."""
        return self.records.steps()

    def gradient(self) -> float:
        """Forward, loss and backward, for the gradients alone; returns the loss."""
        self.forward()
        for _ in self.backward():
            pass
        self.total()
        return self.loss

    def flow(self) -> dict[str, Array]:
        """`flow.layerL.STATE` (T,T) of the pass as it was run last."""
        return self._flow()

    @cached_property
    def _flow(self) -> Flow:
        return Flow(self)

    def singular_values(self) -> dict[str, Array]:
        """`singular_values.layerL.STATE` (T,B,H) of the pass as it was run last."""
        return singular_values(self)

    def eigenvalues(self) -> dict[str, Array]:
        """`eigenvalues.layerL.PARAM` (H,2), real and imaginary part, of every square recurrent matrix."""
        return eigenvalues(self)

    def work(self) -> Iterator[tuple[str, int]]:
        """Computes the pass and tells now and then how far it is: the phase and the chunk that is done."""
        for chunk in range(self.chunks):
            self.forward_chunk(chunk)
            yield "forward", chunk
        self._send()
        yield "output", 0
        for done in self.backward(sent=True):
            yield ("sweep", 0) if done is None else ("backward", done)
        self.total()
        yield "sum", 0

    def forward(self) -> float:
        """The forward pass alone, and its loss."""
        for chunk in range(self.chunks):
            self.forward_chunk(chunk)
        return self.loss

    @property
    def chunks(self) -> int:
        """How many chunks of timesteps there are."""
        return len(self.layers[0].chunks)

    def forward_chunk(self, chunk: int) -> None:
        """The layers upwards, then the readout, for the timesteps of a chunk.

        A pass may overflow or hold NaN: that is a lesson, and it is shown, not warned about.
        """
        first, last = self.layers[0].chunks[chunk]
        there = self.readout.there
        with np.errstate(all="ignore"):
            self.feedback.give(first)
            for layer in self.layers:
                layer.forward(chunk)
                if there is not None:
                    layer.blank(first, last, ~there[first:last])
            self.readout.forward(first, last)

    def backward(self, sent: bool = False) -> Iterator[int | None]:
        """Sweep by sweep, the last chunk first; tells of a chunk when it is done in all of them, else None.

        `sent` is whether the readout has sent the gradients of its losses already.
        """
        if len(self.sweeps) == 1:
            if not sent:
                self._send()
            yield from self._sweep(0)
            return
        sums: list[Array] = []
        for number, sweep in enumerate(self.sweeps):
            self._send(sweep.sends(len(self._input)))
            yield from (None for _ in self._sweep(number))
            with np.errstate(all="ignore"):
                arrays = self._swept()
                sums = [whole + array for whole, array in zip(sums, arrays, strict=True)] if sums else arrays
                sums = [array.copy() for array in sums] if number == 0 else sums
        for array, whole in zip(self._swept(), sums, strict=True):
            array[...] = whole
        yield from reversed(range(self.chunks))

    def _send(self, sends: Mask | None = None) -> None:
        """The gradients of the losses into the network, of those timesteps alone that `sends` (T,) names."""
        with np.errstate(all="ignore"):
            self.readout.backward(sends)

    def _sweep(self, number: int) -> Iterator[int]:
        for chunk in reversed(range(self.chunks)):
            self._backward_chunk(chunk, number)
            for layer in self.layers:
                layer.cut(chunk, number)
            yield chunk

    def total(self) -> None:
        """Every parameter's gradient, the sum of its shares, into `gradients`."""
        with np.errstate(all="ignore"):
            for layer in self.layers:
                if self.program.fills_first:
                    layer.fill()
                layer.total()
            self.readout.total()

    def fill(self, chunk: int) -> None:
        """Every named gradient of a chunk that the loop did not need."""
        with np.errstate(all="ignore"):
            for layer in self.layers:
                layer.run("fill", chunk)
                layer.run("below", chunk)
            if self.spec.feedback.source == "output" and not self.plan.concatenated:
                part = slice(*self.layers[0].chunks[chunk])
                self.grad_fed_back[part] = sum(layer.array("grad.y_prev")[part] for layer in self.layers)

    @property
    def scalars(self) -> dict[str, float]:
        """`grad_norm`, the norm of the whole gradient, and what clipping multiplies it by (Pascanu et al. 2013)."""
        layers = [one for layer in self.layers for one in layer.weights.whole_gradient]
        with np.errstate(all="ignore"):
            norm = float(np.power(10.0, log10_total([*self.readout.gradients.values(), *layers])))
        clip = self.spec.clip_norm
        return {"grad_norm": norm, "clip_scale": clip / norm if clip is not None and norm > clip else 1.0}

    def _surround(self) -> None:
        """Arrays around the layers: the input, with the output fed back beside it or apart."""
        sizes = self.plan.sizes
        steps, batch, inputs, outputs = (sizes[letter] for letter in "TBIO")
        beside = outputs if self.plan.concatenated else 0
        self._input = np.zeros((steps, inputs + beside, batch), self.spec.dtype)
        self.fed_back = self._input[:, inputs:] if beside else np.zeros((steps, outputs, batch), self.spec.dtype)

    def _layers(self, given: dict[str, Array], chunk: int) -> list[Layer]:
        cuts = tuple(sweep.cuts for sweep in self.sweeps)
        hidden, recurrence = self.spec.hidden_size, self.spec.recurrence == "full"
        around = Surroundings(self._input, self.fed_back, hidden, chunk, cuts, recurrence)
        layers: list[Layer] = []
        for index in range(self.spec.layers):
            prefix = f"layer{index}."
            own = {name.removeprefix(prefix): value for name, value in given.items() if name.startswith(prefix)}
            layers.append(Layer(self.program, around, own))
            around = replace(around, x=layers[-1].array("h"))
        # What a layer sends back to its input is what arrives from above at the layer below.
        for lower, upper in pairwise(layers):
            lower.receive(upper.array("grad.x"))
        layers[-1].receive(np.zeros_like(layers[-1].array("h")))
        return layers

    def _tables(self, given: dict[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
        """Parameters and gradients by the trace's names, in its order; the arrays are those that are computed with."""
        parameters = {name: value for name, value in given.items() if name in ("V", "c")}
        gradients = dict(self.readout.gradients)
        for index, layer in enumerate(self.layers):
            parameters |= {f"layer{index}.{name}": value for name, value in layer.parameters.items()}
            gradients |= {f"layer{index}.{name}": value for name, value in layer.weights.gradients.items()}
        order = [slot.name for slot in self.plan.slots]
        return {name: parameters[name] for name in order}, {name: gradients[name] for name in order}

    def _backward_chunk(self, chunk: int, sweep: int) -> None:
        with np.errstate(all="ignore"):
            if self.feedback.passes:
                self.readout.merge(chunk, self._returned(chunk, sweep))
            for number, layer in reversed(list(enumerate(self.layers))):
                layer.backward(chunk, sweep)
                if number > 0 or self.feedback.passes:
                    layer.below(chunk)

    def _returned(self, t: int, sweep: int) -> Array | None:
        """What comes back to the prediction of step t through step t + 1, (O,B); None where nothing does."""
        if t + 1 == len(self._input) or t in self.sweeps[sweep].cuts:
            return None
        if self.plan.concatenated:
            return self.layers[0].array("grad.x")[t + 1, self.plan.sizes["I"] :]
        return np.asarray(sum(layer.array("grad.y_prev")[t + 1] for layer in self.layers))

    def _swept(self) -> list[Array]:
        """Every array that a sweep writes."""
        readout = self.readout
        fed = [readout.own, readout.fed] if self.feedback.passes else []
        layers = [array for layer in self.layers for array in layer.swept()]
        return [*layers, readout.grad_o, readout.above, *fed]


def run(spec: Spec, data: Data | None = None, weights: dict[str, Array] | None = None) -> Trace:
    """The trace of one pass; raises SpecError where data or weights do not fit."""
    return Pass(spec, data, weights).run()
