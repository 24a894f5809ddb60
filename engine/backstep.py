"""One step back through a layer for many gradients at once.

What a step hands back is linear in what arrives, so its matrices are put together first: the sum over
an affine map's rows of diag(coefficient) @ matrix, one for each gradient that the loop computes as a
whole. Then each step is one product, however many gradients go through it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.activations import Array
from engine.backward_code import COEFFICIENT
from engine.collapse import Pull
from engine.layer import Layer

MIXED = 2**18
"""How many numbers of mixed matrices are made at once: the fewer calls the better, while they stay in the cache."""

Call = tuple[Callable[..., object], tuple[Array, ...]]
Calls = list[Call]

Parts = dict[int, list[tuple[int | None, str]]]
"""By root, what goes through matrices: places of coefficients in the block (None for 1) and names of matrices."""


@dataclass(frozen=True)
class _Sum:
    """One gradient of the step: `out` = what goes through matrices + `start` + coefficient * root for each of `rows`.

    `rows` holds places of coefficients and roots, `others` roots that are added as they are.
    """

    out: Array
    start: Array | None = None
    mixer: str | None = None
    rows: list[tuple[int, Array]] = field(default_factory=list)
    others: list[Array] = field(default_factory=list)


class Backstep:
    """The step of a layer as a map from what arrives to what is handed back.

    `roots` (B,N,H) are the N gradients that the loop computes as a whole, `arriving` (B,N,H) what comes
    to each state from the step after.
    """

    def __init__(self, layer: Layer, count: int) -> None:
        self.layer, self.sweep = layer, layer.program.sweep
        self.size, self.batch, self.chunk = layer.lengths["H"], layer.batch, layer.around.chunk
        self.rows = {row.target: row for row in self.sweep.rows}
        self.order = {target: place for place, target in enumerate(layer.program.stacks.rows)}
        self.numbers = {root.name: number for number, root in enumerate(self.sweep.roots)}
        self.gradients = np.zeros((self.batch, count, len(self.numbers) * self.size), layer.dtype)
        self.roots = {name: self.gradients[:, :, self._columns(place)] for name, place in self.numbers.items()}
        self.arriving = {
            one.state: np.zeros((self.batch, count, self.size), layer.dtype) for one in self.sweep.handovers
        }
        self.scratch = np.zeros((self.batch, count, self.size), layer.dtype)
        self.coefficients = self._coefficients()
        self.mixers: dict[str, Parts] = {}
        self.mixed: dict[str, Array] = {}
        self._weights: dict[tuple[str, ...], Array] = {}
        self._bound: dict[tuple[int, int], tuple[Calls, Array, Calls]] = {}
        self.sums = [self._root(place) for place in range(len(self.numbers))]
        self.handed = [self._handover(place) for place in range(len(self.arriving))]

    def __call__(self, t: int, first: int, above: Array | None = None) -> None:
        """Take the gradients from number `first` on one step back, at timestep t; from the last to the first.

        `above` (B,N,H) is what comes to the hidden state from above for the first N of them. What
        arrives is replaced by what is handed back.
        """
        if self._ends(t):
            self._prepare(t)
        key = (t, first)
        if key not in self._bound:
            self._bound[key] = self._calls(t, first)
        before, hidden, after = self._bound[key]
        for function, arguments in before:
            function(*arguments)
        if above is not None:
            hidden[:, : above.shape[1]] += above
        for function, arguments in after:
            function(*arguments)

    def begin(self) -> None:
        """Nothing arrives yet."""
        for arriving in self.arriving.values():
            arriving[...] = 0

    # What there is to compute.

    def _root(self, place: int) -> _Sum:
        root = self.sweep.roots[place]
        start = None if root.state is None else self.arriving[root.state]
        sums = _Sum(self.roots[root.name], start, self._mixer(root.name, root.pulls))
        for key in (root.above, root.own):
            self._add(sums, key)
        return sums

    def _handover(self, place: int) -> _Sum:
        handover = self.sweep.handovers[place]
        sums = _Sum(self.arriving[handover.state], None, self._mixer(f"to {handover.state}", handover.pulls))
        self._add(sums, handover.carry)
        return sums

    def _add(self, sums: _Sum, key: str | None) -> None:
        if key in self.roots:
            sums.others.append(self.roots[key])
        elif key is not None:
            for target in (key, *self.sweep.sums.get(key, ())):
                sums.rows.append((self.order[target], self.roots[self.rows[target].root]))

    def _mixer(self, name: str, pulls: tuple[Pull, ...]) -> str | None:
        parts: Parts = {}
        for pull in pulls:
            if pull.delta in self.numbers:
                parts.setdefault(self.numbers[pull.delta], []).append((None, pull.matrix))
                continue
            for target in (pull.delta, *self.sweep.sums.get(pull.delta, ())):
                root = self.numbers[self.rows[target].root]
                parts.setdefault(root, []).append((self.order[target], pull.matrix))
        if not parts:
            return None
        self.mixers[name] = parts
        if _single(parts):
            return name
        width = (max(parts) + 1 - min(parts)) * self.size
        steps = max(1, min(self.chunk, MIXED // (self.batch * width * self.size)))
        self.mixed[name] = np.zeros((steps, self.batch, width, self.size), self.layer.dtype)
        return name

    def _columns(self, root: int, last: int | None = None) -> slice:
        return slice(root * self.size, (root + 1 if last is None else last) * self.size)

    # At a timestep.

    def _calls(self, t: int, first: int) -> tuple[Calls, Array, Calls]:
        """The calls of a step up to the hidden state's gradient, that, and the calls after it."""
        place = [one.out is self.roots["grad.h"] for one in self.sums].index(True) + 1
        after = [*self.sums[place:], *(self.handed if self.layer.around.recurrence else ())]
        before = [call for one in self.sums[:place] for call in self._sum(one, t, first)]
        return before, self.roots["grad.h"][:, first:], [call for one in after for call in self._sum(one, t, first)]

    def _sum(self, one: _Sum, t: int, first: int) -> Calls:
        """The calls that compute one sum, bound to their arrays."""
        out, scratch, calls = one.out[:, first:], self.scratch[:, first:], list[Call]()
        if one.mixer is not None:
            calls += self._product(one.mixer, t, first, out)
        for array in one.others if one.start is None else (one.start, *one.others):
            own = array[:, first:]
            calls.append((np.add, (out, own, out)) if calls else (np.copyto, (out, own)))
        for place, root in one.rows:
            factors = (self.coefficients[t % self.chunk, place], root[:, first:])
            if calls:
                calls += [(np.multiply, (*factors, scratch)), (np.add, (out, scratch, out))]
            else:
                calls.append((np.multiply, (*factors, out)))
        return calls or [(np.copyto, (out, np.zeros((), out.dtype)))]

    def _product(self, name: str, t: int, first: int, out: Array) -> Calls:
        """The calls of what goes through matrices: with their mix, or, where there is but one, with that."""
        parts = self.mixers[name]
        if not _single(parts):
            read = self.gradients[:, first:, self._columns(min(parts), max(parts) + 1)]
            mixed = self.mixed[name]
            return [(np.matmul, (read, mixed[t % self.chunk % len(mixed)], out))]
        ((root, [(place, matrix)]),) = parts.items()
        parameter, read = self.layer.parameters[matrix], self.gradients[:, first:, self._columns(root)]
        weights = parameter if self.layer.program.tied else parameter[t]
        if place is None:
            return [(np.matmul, (read, weights, out))]
        delta = self.scratch[:, first:]
        scale = self.coefficients[t % self.chunk, place]
        return [(np.multiply, (scale, read, delta)), (np.matmul, (delta, weights, out))]

    def _ends(self, t: int) -> bool:
        """Whether a chunk, or a group of mixed matrices, ends with timestep t: these are made anew there."""
        place = t % self.chunk
        last = t + 1 == self.layer.steps or place + 1 == self.chunk
        return last or any((place + 1) % len(mixed) == 0 for mixed in self.mixed.values())

    def _prepare(self, t: int) -> None:
        place = t % self.chunk
        if t + 1 == self.layer.steps or place + 1 == self.chunk:
            self.layer.run("coefficients", t // self.chunk)
            self._weights.clear()
        for name, mixed in self.mixed.items():
            begin = place - place % len(mixed)
            if place + 1 - begin == len(mixed) or t + 1 == self.layer.steps or place + 1 == self.chunk:
                self._mix(name, t - place + begin, t + 1)

    def _coefficients(self) -> Array:
        """The coefficients of a chunk of timesteps where the layer makes them, (n,R,B,1,H)."""
        block = self.layer.buffers.get(COEFFICIENT, np.zeros((1, 0, self.batch), self.layer.dtype))
        own = block.reshape(len(block), -1, self.size, self.batch)
        return np.asarray(own.transpose(0, 1, 3, 2)[:, :, :, None])

    def _mix(self, name: str, first: int, last: int) -> None:
        """The mixed matrices of the timesteps from `first` to before `last`, which are in one chunk."""
        parts, count = self.mixers[name], last - first
        for root, own in parts.items():
            out = self.mixed[name][:count, :, self._columns(root - min(parts))]
            scales = np.stack([self._scale(place, first % self.chunk, count) for place, _ in own], axis=-1)
            if self.layer.program.tied:
                _together(scales, self._side_by_side([matrix for _, matrix in own], 0), out)
                continue
            for step in range(count):
                weights = self._side_by_side([matrix for _, matrix in own], first + step)
                _together(scales[step], weights, out[step])

    def _scale(self, place: int | None, first: int, count: int) -> Array:
        """A coefficient of some timesteps, (n,B,H)."""
        if place is None:
            return np.ones((count, self.batch, self.size), self.layer.dtype)
        return np.asarray(self.coefficients[first : first + count, place, :, 0])

    def _side_by_side(self, names: list[str], t: int) -> Array:
        """Matrices (H,R,H), each unit's rows side by side."""
        key = tuple(names)
        if key not in self._weights or not self.layer.program.tied:
            own = [self.layer.parameters[name] for name in names]
            self._weights[key] = np.stack(own if self.layer.program.tied else [one[t] for one in own], axis=1)
        return self._weights[key]


def _single(parts: Parts) -> bool:
    """Whether all of it comes through one matrix: then there is nothing to mix."""
    return len(parts) == 1 and all(len(own) == 1 for own in parts.values())


def _together(scales: Array, weights: Array, out: Array) -> None:
    """out (...,H,m) = the sum over R of diag(scale) @ matrix, of scales (...,H,R) and matrices (H,R,m)."""
    if weights.shape[1] == 1:
        np.multiply(scales, weights[:, 0], out)
    else:
        np.matmul(scales[..., None, :], weights, out=out[..., None, :])
