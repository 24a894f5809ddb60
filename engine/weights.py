"""A layer's parameters and their gradients, each where the program reads or writes it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.activations import Array
from engine.program import Program


class Weights:
    """`parameters` and `gradients` by name: those that are stacked are views of `stacks` and `totals`.

    `given` holds the first values, which are copied; `hidden_size` is the number of a parameter's rows.
    """

    def __init__(self, program: Program, given: dict[str, Array], hidden_size: int) -> None:
        self.program, self.hidden_size = program, hidden_size
        self.stacks: dict[str, Array] = {}
        self.totals: dict[str, Array] = {}
        self.parameters: dict[str, Array] = {}
        self.gradients: dict[str, Array] = {}
        for stack in program.stacks.stacks:
            values = [given[name] for name in stack.parameters]
            self.stacks[stack.name] = np.concatenate(values, axis=0 if program.tied else 1)
            self.totals[stack.name] = np.zeros_like(self.stacks[stack.name])
            for index, name in enumerate(stack.parameters):
                self.parameters[name] = self._rows(self.stacks[stack.name], index)
                self.gradients[name] = self._rows(self.totals[stack.name], index)
        for name in given.keys() - self.parameters.keys():
            self.parameters[name] = given[name].copy()
            self.gradients[name] = np.zeros_like(given[name])

    def of(self, name: str) -> Array:
        """A parameter, a stack, or some parameters that lie side by side in one, by their joined names."""
        if name in self.stacks:
            return self.stacks[name]
        if name in self.parameters:
            return self.parameters[name]
        names = name.split("__")
        stack, index = self.program.stacks.place_of(names[0])
        return self._rows(self.stacks[stack.name], index, len(names))

    @property
    def whole_gradient(self) -> Iterator[Array]:
        """The gradients of all parameters, stacked where they lie so."""
        yield from self.totals.values()
        yield from (self.gradients[name] for name in self.program.stacks.loose(self.gradients))

    def _rows(self, stacked: Array, index: int, count: int = 1) -> Array:
        rows = slice(index * self.hidden_size, (index + count) * self.hidden_size)
        return stacked[rows] if self.program.tied else stacked[:, rows]
