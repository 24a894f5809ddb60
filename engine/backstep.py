"""One step back through a layer for many gradients at once.

What a step hands back is linear in what arrives, so its matrices are put together first: the sum over
an affine map's rows of diag(coefficient) @ matrix, one for each gradient that the loop computes as a
whole. Then each step is one product, however many gradients go through it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.activations import Array
from engine.backward_code import COEFFICIENT
from engine.collapse import Pull, Root
from engine.layer import Layer


@dataclass(frozen=True)
class _Mixer:
    """What goes through matrices to one gradient or state: for each root the rows' coefficients and matrices.

    `parts` holds, by root, places of coefficients in the block (None for 1) and names of matrices.
    """

    first: int
    last: int
    parts: dict[int, list[tuple[int | None, str]]]


class Backstep:
    """The step of a layer as a map from what arrives to what is handed back.

    `gradients` (B,N,R H) holds the R roots of N gradients side by side, in the order of the loop.
    """

    def __init__(self, layer: Layer, count: int) -> None:
        self.layer, self.sweep = layer, layer.program.sweep
        self.size, self.batch = layer.lengths["H"], layer.batch
        self.roots = {root.name: index for index, root in enumerate(self.sweep.roots)}
        self.rows = {row.target: row for row in self.sweep.rows}
        self.order = {target: place for place, target in enumerate(layer.program.stacks.rows)}
        self.gradients = np.zeros((self.batch, count, len(self.roots) * self.size), layer.dtype)
        self.mixers = {root.name: self._mixer(root.pulls) for root in self.sweep.roots if root.pulls}
        self.mixers |= {one.state: self._mixer(one.pulls) for one in self.sweep.handovers if one.pulls}
        self.arriving = {state: np.zeros((self.batch, count, self.size), layer.dtype) for state in self.states}
        self._mixed: dict[str, Array] = {}
        self._side_by_side: dict[tuple[str, ...], Array] = {}

    @property
    def states(self) -> list[str]:
        """The states in the order of the handovers."""
        return [handover.state for handover in self.sweep.handovers]

    def of(self, root: str, first: int = 0) -> Array:
        """A root's gradients from number `first` on, (B,N,H)."""
        place = self.roots[root] * self.size
        return self.gradients[:, first:, place : place + self.size]

    def __call__(self, t: int, first: int, above: Array | None) -> None:
        """Take the gradients from number `first` on one step back, at timestep t.

        `above` (B,N,H) is what comes to the hidden state from above, and `arriving` what comes to the
        states from the step after; it is replaced by what they hand back.
        """
        coefficients = self._coefficients(t)
        for root in self.sweep.roots:
            self._compute(root, t, first, above, coefficients)
        if not self.layer.around.recurrence:
            return
        for handover in self.sweep.handovers:
            out = self.arriving[handover.state][:, first:]
            self._mix(handover.state, t, first, coefficients, out)
            self._add_rows(handover.carry, first, coefficients, out, begin=not handover.pulls)

    def _coefficients(self, t: int) -> Array:
        """The coefficients of timestep t, (R,B,H)."""
        layer, chunk = self.layer, t // self.layer.around.chunk
        if COEFFICIENT not in layer.buffers:
            return np.zeros((0, self.batch, self.size), layer.dtype)
        if t + 1 == layer.chunks[chunk][1]:
            layer.run("coefficients", chunk)
        own = layer.buffers[COEFFICIENT][t - layer.chunks[chunk][0]]
        return np.asarray(own.reshape(-1, self.size, self.batch).swapaxes(1, 2))

    def _compute(self, root: Root, t: int, first: int, above: Array | None, coefficients: Array) -> None:
        out = self.of(root.name, first)
        if root.state is None:
            self._mix(root.name, t, first, coefficients, out)
            self._add_rows(root.own, first, coefficients, out)
            return
        out[...] = self.arriving[root.state][:, first:]
        if root.state == "h" and above is not None:
            out += above
        self._add_rows(root.above, first, coefficients, out)
        self._add_rows(root.own, first, coefficients, out)

    def _add_rows(self, key: str | None, first: int, coefficients: Array, out: Array, begin: bool = False) -> None:
        """Add a row and the rows it sums up, or another root; `begin` anew."""
        if begin:
            out[...] = 0
        if key is None:
            return
        if key in self.roots:
            out += self.of(key, first)
            return
        for target in (key, *self.sweep.sums.get(key, ())):
            coefficient = coefficients[self.order[target]][:, None]
            out += coefficient * self.of(self.rows[target].root, first)

    def _mixer(self, pulls: tuple[Pull, ...]) -> _Mixer:
        parts: dict[int, list[tuple[int | None, str]]] = {}
        for pull in pulls:
            if pull.delta in self.roots:
                parts.setdefault(self.roots[pull.delta], []).append((None, pull.matrix))
            else:
                for target in (pull.delta, *self.sweep.sums.get(pull.delta, ())):
                    root = self.roots[self.rows[target].root]
                    parts.setdefault(root, []).append((self.order[target], pull.matrix))
        return _Mixer(min(parts), max(parts) + 1, parts)

    def _mix(self, name: str, t: int, first: int, coefficients: Array, out: Array) -> None:
        """out = the gradients through the matrices of a mixer, one product."""
        mixer = self.mixers.get(name)
        if mixer is None:
            return
        if name not in self._mixed:
            self._mixed[name] = np.zeros((self.batch, (mixer.last - mixer.first) * self.size, self.size), out.dtype)
        mixed = self._mixed[name]
        for root, parts in mixer.parts.items():
            block = mixed[:, (root - mixer.first) * self.size : (root - mixer.first + 1) * self.size]
            self._together(parts, t, coefficients, block)
        read = self.gradients[:, first:, mixer.first * self.size : mixer.last * self.size]
        np.matmul(read, mixed, out=out)

    def _together(self, parts: list[tuple[int | None, str]], t: int, coefficients: Array, out: Array) -> None:
        """out (B,H,H) = the sum of diag(coefficient) @ matrix."""
        weights = self._weights(tuple(name for _, name in parts), t)
        ones = np.ones((self.batch, self.size), out.dtype)
        scales = np.array([ones if place is None else coefficients[place] for place, _ in parts])
        np.matmul(scales.transpose(1, 2, 0)[:, :, None], weights, out=out[:, :, None])

    def _weights(self, names: tuple[str, ...], t: int) -> Array:
        """Matrices (H,R,H), each unit's rows side by side."""
        tied = self.layer.program.tied
        if not tied or names not in self._side_by_side:
            own = [self.layer.parameters[name] for name in names]
            self._side_by_side[names] = np.stack(own if tied else [matrix[t] for matrix in own], axis=1)
        return self._side_by_side[names]
