"""One layer: the arrays of a cell's program, and its code bound to them.

Arrays lie as `(T, n, B)`, features before sequences; `values` shows them as the trace does, `(T, B, n)`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.activations import ACTIVATIONS, Array
from engine.backward_code import ABOVE, DELTA
from engine.code import UFUNCS, Code, View
from engine.factors import Factors
from engine.program import Program
from engine.shapes import FED_BACK, INPUT, PREVIOUS
from engine.stacks import Stack
from engine.totals import Totals
from engine.weights import Weights

Function = Callable[..., None]
Steps = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Surroundings:
    """What a layer is put between.

    `x` (T,I,B) is read in place, `fed_back` (T,O,B) too. `chunk` timesteps are computed at once. In each
    sweep backwards nothing arrives from the step after at the timesteps in its `cuts`; without
    `recurrence` nothing ever does, and every step begins with states of zero.
    """

    x: Array
    fed_back: Array
    hidden_size: int
    chunk: int
    cuts: tuple[frozenset[int], ...]
    recurrence: bool


class Layer:
    """A program with its arrays; `parameters` maps names to their values, copied to where the code reads them."""

    def __init__(self, program: Program, around: Surroundings, parameters: dict[str, Array]) -> None:
        self.program, self.around = program, around
        self.steps, inputs, self.batch = around.x.shape
        self.dtype = around.x.dtype
        self.lengths = {"I": inputs, "H": around.hidden_size, "O": around.fed_back.shape[1]}
        self.buffers: dict[str, Array] = {INPUT: around.x, FED_BACK: around.fed_back}
        for name, buffer in program.buffers.items():
            steps = min(around.chunk, self.steps) if buffer.chunk else self.steps + buffer.extra
            self.buffers[name] = self._zeros(steps, buffer.rows * self.lengths[buffer.letter])
        self.weights = Weights(program, parameters, around.hidden_size)
        self.nothing = self._zeros(self.steps, max(self.lengths.values()))
        self.functions = self._bind()
        self.chunks = [(first, min(first + around.chunk, self.steps)) for first in range(0, self.steps, around.chunk)]
        self._views: dict[tuple[str, int], Any] = {}
        self._cut_views: dict[int, tuple[Any, ...]] = {}

    @property
    def parameters(self) -> dict[str, Array]:
        """The values of its parameters by name, those that the code reads."""
        return self.weights.parameters

    @property
    def above(self) -> Array:
        """Where the gradient of the hidden state arrives from above, (T,H,B)."""
        return self.buffers[ABOVE]

    def receive(self, above: Array) -> None:
        """Say where that is, once, before anything is computed."""
        self.buffers[ABOVE] = above

    def _zeros(self, *shape: int) -> Array:
        return np.zeros((*shape, self.batch), self.dtype)

    # The code, bound to the arrays.

    def _bind(self) -> dict[str, Function]:
        called = {name for activation in ACTIVATIONS.values() for name, *_ in activation.calls}
        scope: dict[str, object] = {name: getattr(np, name) for name in {*UFUNCS.values(), *called}}
        scope |= {"copyto": np.copyto, "project": self._project()}
        for name, activation in ACTIVATIONS.items():
            scope[f"value_{name}"] = activation.value
            scope[f"slope_{name}"] = activation.slope
        functions: dict[str, Function] = {}
        for name, code in self.program.codes.items():
            own = scope | self._constants(code)
            # The code was written by Code from whitelisted expressions; no text of the user is in it.
            exec(self.program.compiled[name], own)  # noqa: S102
            functions[name] = own[name]  # type: ignore[assignment]
        return functions

    def _project(self) -> Callable[[Array, Array, Array], object]:
        """`project(matrix, planes, out)`: one product for all timesteps of a single sequence."""
        if self._single:
            return lambda matrix, planes, out: np.matmul(planes, matrix, out)
        return np.matmul

    @property
    def _single(self) -> bool:
        return self.batch == 1 and self.program.tied

    def _constants(self, code: Code) -> dict[str, object]:
        with np.errstate(over="ignore"):  # a constant may be beyond float32: inf, and shown so
            found: dict[str, object] = {key: np.array(value, self.dtype) for value, key in code.numbers.items()}
        if not code.chunk:
            for one, key in code.temporaries.items():
                size = self.lengths[one.letter]
                whole = self.buffers.setdefault(one.buffer, self._zeros(1, one.rows * size))
                found[key] = self._flat(whole[0, one.first * size : one.last * size])
        if self.program.tied:
            found |= {key: self._matrix(code, *which, 0, 0) for which, key in code.matrices.items()}
            found |= {key: self._vector(code, which, 0, 0) for which, key in code.vectors.items()}
        return found

    def _matrix(self, code: Code, name: str, transposed: bool, first: int, last: int) -> object:
        """A matrix as the code multiplies with it: its bound `dot` in the loop, planes of it in a chunk."""
        matrix = self.weights.of(name)
        if not self.program.tied:
            matrix = matrix[first:last] if code.chunk else matrix[first]
        if transposed:
            matrix = matrix.swapaxes(-1, -2)
        if not code.chunk:
            return matrix.dot
        return matrix.T if self._single else matrix

    def _vector(self, code: Code, name: str, first: int, last: int) -> Array:
        vector = self.weights.of(name)
        if not self.program.tied:
            vector = vector[first:last] if code.chunk else vector[first]
        return vector if self.batch == 1 and not code.chunk else vector[..., None]

    def _flat(self, array: Array) -> Array:
        return array[..., 0] if self.batch == 1 else array

    def _seen(self, code: Code, view: View, first: int, last: int, cut: bool) -> Array:
        """A view for a timestep, or for a chunk from `first` to before `last`."""
        size = self.lengths[self._letter(view.buffer)]
        rows = slice(view.first * size, view.last * size)
        if self._absent(view, cut):
            seen = self.nothing[: last - first, : (view.last - view.first) * size]
        else:
            begin = (first % self.around.chunk if self._is_chunk(view.buffer) else first) + view.shift
            seen = self.buffers[view.buffer][begin : begin + last - first, rows]
        if code.chunk:
            return seen[..., 0] if view.form == "plane" and self._single else seen
        return self._flat(seen[0].reshape(-1, size, self.batch) if view.form == "rows" else seen[0])

    def _absent(self, view: View, cut: bool) -> bool:
        """Whether zeros stand for a view: states without recurrence, gradients where they are cut."""
        around = self.around
        if view.cut:
            return not around.recurrence or cut
        return view.buffer.startswith(".state.") and view.shift == 0 and not around.recurrence

    def _letter(self, buffer: str) -> str:
        known = self.program.buffers.get(buffer)
        return known.letter if known else {INPUT: "I", FED_BACK: "O"}.get(buffer, "H")

    def _is_chunk(self, buffer: str) -> bool:
        return buffer in self.program.buffers and self.program.buffers[buffer].chunk

    def _unpacked(self, code: Code, first: int, last: int, cut: bool = False) -> tuple[Any, ...]:
        views: list[Any] = [self._seen(code, view, first, last, cut) for view in code.views]
        if not self.program.tied:
            views += [self._matrix(code, *which, first, last) for which in code.matrices]
            views += [self._vector(code, which, first, last) for which in code.vectors]
        return tuple(views)

    def run(self, name: str, chunk: int, sweep: int = 0) -> None:
        """Run one of the program's functions for a chunk, by its number."""
        key = (name, chunk)
        if key not in self._views:
            self._views[key] = self._views_of(self.program.codes[name], self.chunks[chunk])
        views = self._views[key]
        if isinstance(views, tuple):
            self.functions[name](*views)
        else:
            self.functions[name](self._cut_in(views, chunk, sweep) if name == "backward" else views)

    def _views_of(self, code: Code, chunk: tuple[int, int]) -> tuple[Any, ...] | Steps:
        """The views of a chunk, or of each of its timesteps in the order of the loop."""
        if code.chunk:
            return self._unpacked(code, *chunk)
        order = reversed(range(*chunk)) if code.name == "backward" else range(*chunk)
        return [self._unpacked(code, t, t + 1) for t in order]

    def _cut_in(self, views: Steps, chunk: int, sweep: int) -> Steps:
        """The views of the loop back, with those of the timesteps at which a sweep is cut in their places."""
        first, last = self.chunks[chunk]
        cuts = [t for t in self.around.cuts[sweep] if first <= t < last]
        if not cuts:
            return views
        views = views.copy()
        for t in cuts:
            if t not in self._cut_views:
                self._cut_views[t] = self._unpacked(self.program.codes["backward"], t, t + 1, cut=True)
            views[last - 1 - t] = self._cut_views[t]
        return views

    def forward(self, chunk: int) -> None:
        """The forward values of a chunk of timesteps, in order."""
        self.run("prepare", chunk)
        self.run("forward", chunk)

    def backward(self, chunk: int, sweep: int) -> None:
        """The gradients of a chunk of timesteps, the last chunk first."""
        self.run("coefficients", chunk)
        self.run("backward", chunk, sweep)

    def below(self, chunk: int) -> None:
        """The gradients of the layer's inputs."""
        if self.program.fills_before_below:
            self.run("fill", chunk)
        self.run("below", chunk)

    def fill(self) -> None:
        """Every named gradient that the loop did not need."""
        for chunk in range(len(self.chunks)):
            self.run("fill", chunk)

    def blank(self, first: int, last: int, padding: npt.NDArray[np.bool_]) -> None:
        """Make every value of the timesteps from `first` to before `last` zero where `padding` (n,B) is."""
        for name, buffer in self.program.forward_buffers.items():
            rows = self.buffers[name][first + buffer.extra : last + buffer.extra]
            np.copyto(rows, 0, where=padding[:, None])

    # What it holds.

    def array(self, name: str) -> Array:
        """A value or gradient as it lies, (T, n, B)."""
        place = self.program.places[name]
        size = self.lengths[self._letter(place.buffer)]
        rows = slice(place.row * size, (place.row + 1) * size)
        if not self.around.recurrence and name.endswith(PREVIOUS) and not name.startswith("grad."):
            return self.nothing[:, :size] if name != FED_BACK else self.around.fed_back
        return self.buffers[place.buffer][place.shift : place.shift + self.steps, rows]

    def value(self, name: str) -> Array:
        """A value or gradient as the trace has it, (T, B, n)."""
        return np.asarray(self.array(name).swapaxes(1, 2))

    def first(self, name: str) -> Array:
        """What lies before the first step: a state's value (`h_prev`) or gradient (`grad.h_prev`), (B, n)."""
        return np.asarray(self.array(name)[0].T)

    def swept(self) -> list[Array]:
        """The arrays that the backward loop writes."""
        names = [name for name in self.buffers if name.startswith((DELTA, ".grad.", ".arriving.", ".future."))]
        return [self.buffers[name] for name in names]

    def cut(self, chunk: int, sweep: int) -> None:
        """Take away what a chunk handed back over a cut, or to states that every step begins anew."""
        around, (first, last) = self.around, self.chunks[chunk]
        if not around.recurrence:
            cut = list(range(first, last))
        else:
            cut = [t for t in range(first, last) if t - 1 in around.cuts[sweep]] if around.cuts[sweep] else []
        for state in self.program.cell.states if cut else ():
            place, size = self.program.places[f"grad.{state}{PREVIOUS}"], self.lengths["H"]
            self.buffers[place.buffer][cut, place.row * size : (place.row + 1) * size] = 0

    # The gradients of its parameters.

    def total(self) -> None:
        """Every parameter's gradient, the sum of its shares, into `gradients`."""
        self._total()
        for name, uses in self._loose.items():
            self.weights.gradients[name][...] = sum(use.total() if self.program.tied else use.shares() for use in uses)

    @cached_property
    def stacked_uses(self) -> list[tuple[Stack, Array, Array | None]]:
        """Each stack whose deltas lie side by side with its deltas (T,R n,B), and z (T,m,B) or None for biases."""
        return [
            (stack, self._deltas(stack), None if stack.operand is None else self.array(stack.operand))
            for stack in self.program.stacks.stacks
            if self.program.side_by_side(stack)
        ]

    def _deltas(self, stack: Stack) -> Array:
        place, size = self.program.places[self.program.deltas(stack)[0]], self.lengths["H"]
        rows = slice(place.row * size, (place.row + len(stack.parameters)) * size)
        return self.buffers[place.buffer][: self.steps, rows]

    @cached_property
    def _total(self) -> Totals:
        totals = Totals(self.program.tied)
        for stack, deltas, z in self.stacked_uses:
            totals.add(self.weights.totals[stack.name], deltas, z)
        return totals

    @cached_property
    def _loose(self) -> dict[str, list[Factors]]:
        """The factors of the parameters whose gradient no stack gives."""
        given = {
            name for one in self.program.stacks.stacks if self.program.side_by_side(one) for name in one.parameters
        }
        return self.factors(self.parameters.keys() - given)

    def factors(self, names: Collection[str]) -> dict[str, list[Factors]]:
        """Every use of the parameters named, as factors over all timesteps."""
        found: dict[str, list[Factors]] = {name: [] for name in names}
        for share in self.program.derivation.shares:
            if share.parameter in found:
                delta = self.program.factor(share, "delta")
                z = self.program.factor(share, "z")
                found[share.parameter].append(Factors(self.value(str(delta)), self._factor(z), share.matrix))
        return found

    def _factor(self, name: str | None) -> Array | None:
        if name is None:
            return None
        if name in self.parameters:
            vector = self.parameters[name] if self.program.tied else self.parameters[name][:, None]
            return np.broadcast_to(vector, (self.steps, self.batch, vector.shape[-1]))
        return self.value(name)
