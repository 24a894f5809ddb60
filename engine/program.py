"""A cell's lines as NumPy code that runs one timestep at a time.

The code is written from the checked expressions, never from the user's text, and compiled once per
cell. Arrays are `(T, B, n)`; vectors are rows, so `U @ x` is computed as `x @ U.T`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from types import CodeType

import numpy as np

from engine.activations import ACTIVATIONS, Array
from engine.derive import Derivation, derive
from engine.equations import Equations
from engine.expressions import (
    Binary,
    Call,
    Expression,
    Line,
    Name,
    Negative,
    Number,
    Product,
)
from engine.factors import Factors
from engine.shapes import INPUT, PREVIOUS


class Program:
    """A cell compiled: what its code computes, and the code."""

    def __init__(self, cell: Equations) -> None:
        self.cell = cell
        self.derivation: Derivation = derive(cell)
        self.source = "\n".join([*self._forward(), "", *self._backward(), ""])
        self.code: CodeType = compile(self.source, "<cell>", "exec")

    @property
    def computed(self) -> tuple[str, ...]:
        """The names the forward code assigns, in order."""
        return tuple(line.target for line in self.derivation.forward)

    @property
    def aliases(self) -> dict[str, str]:
        """The pre-activations that are another value under a second name, e.g. rnn's `h.a` is `a`."""
        states = {state + PREVIOUS for state in self.cell.states}
        kept = states.union(self.computed)
        return {inside: name for inside, name in self.derivation.aliases.items() if name in kept}

    def _forward(self) -> list[str]:
        lines = self.derivation.forward
        known = [INPUT, *(state + PREVIOUS for state in self.cell.states)]
        return [
            "def forward(t):",
            *self._views(known + [line.target for line in lines]),
            *(self._assign(line.target, line.expression) for line in lines),
        ]

    def _backward(self) -> list[str]:
        lines = [line for line in self.derivation.backward if line.kind != "share"]
        known = [INPUT, *(state + PREVIOUS for state in self.cell.states), *self.computed]
        return [
            "def backward(t):",
            *self._views(known + _grads(lines)),
            *(self._assign(line.target, line.expression) for line in lines),
            *self._factors(),
        ]

    def _factors(self) -> list[str]:
        """Code for the deltas and inputs that are not named values already."""
        return [f"    A_{_identifier(key)}[t] = {self._code(expression)}" for key, expression in self.unnamed()]

    def unnamed(self) -> list[tuple[str, Expression]]:
        """The factors that need an array of their own, by its name."""
        found: list[tuple[str, Expression]] = []
        for index, share in enumerate(self.derivation.shares):
            for part, expression in (("delta", share.delta), ("z", share.z)):
                if expression is not None and not isinstance(expression, Name):
                    found.append((f"{part}.{index}", expression))
        return found

    def _views(self, names: Iterable[str]) -> list[str]:
        return [f"    {_identifier(name)} = A_{_identifier(name)}[t]" for name in dict.fromkeys(names)]

    def _assign(self, target: str, expression: Expression) -> str:
        return f"    {_identifier(target)}[...] = {self._code(expression)}"

    def _code(self, node: Expression) -> str:
        match node:
            case Name(name):
                return _identifier(name)
            case Number(value):
                return repr(value)
            case Binary(operator, left, right):
                # A long sum leans to the left: parentheses there would nest deeper than Python reads.
                return f"{self._left(left, operator)} {operator} {self._factor(right)}"
            case Negative(operand):
                return f"-{self._factor(operand)}"
            case Product(matrix, operand, transposed):
                weights = _identifier(matrix) if transposed else f"{_identifier(matrix)}.T"
                return f"{self._factor(operand)} @ {weights}"
            case Call():
                return self._call(node)
            case _:
                raise TypeError(f"no code for {node}")

    def _factor(self, node: Expression) -> str:
        """Code that may stand on either side of any operator."""
        code = self._code(node)
        return code if isinstance(node, Name | Call) else f"({code})"

    def _left(self, node: Expression, operator: str) -> str:
        """Code for the left side of an operator."""
        sums = operator in "+-" and isinstance(node, Binary) and node.operator in "+-"
        return self._code(node) if sums else self._factor(node)

    def _call(self, node: Call) -> str:
        argument = self._code(node.argument)
        if not node.slope:
            return f"value_{node.function}({argument})"
        result = self.derivation.activated.get((str(node.argument), node.function))
        value = _identifier(result) if result else f"value_{node.function}({argument})"
        return f"slope_{node.function}({argument}, {value})"


@lru_cache(maxsize=64)
def compile_cell(cell: Equations) -> Program:
    """The program of a cell, made once."""
    return Program(cell)


def _identifier(name: str) -> str:
    # A user's name has no double underscore and begins with a letter, so nothing can collide.
    return "v_" + name.replace(".", "__")


def _grads(lines: Iterable[Line]) -> list[str]:
    """The gradients the lines write and read, each once."""
    found: dict[str, None] = {}
    for line in lines:
        found[line.target] = None
        if line.kind == "merge":
            found[f"{line.target}.from_above"] = None
            found[f"{line.target}.from_future"] = None
        elif line.target.endswith(".from_future"):
            found[line.target.replace(".from_future", ".next")] = None
    return list(found)


class Layer:
    """One layer's arrays with its program bound to them.

    `values` maps the trace's names without the layer (`h`, `h.a`, `grad.h.from_future`, `x`,
    `h_prev`, ...) to arrays (T, B, n), views of one another where they are the same numbers.
    `initial` and `initial_grad` map a state to its value before the first step, and the gradient
    that arrives there, both (B, H). `x` (T, B, I) is read in place.
    """

    def __init__(self, program: Program, x: Array, hidden_size: int, parameters: dict[str, Array]) -> None:
        self.program = program
        self.parameters = parameters
        self.steps, self.batch, inputs = x.shape
        self._lengths = {"I": inputs, "H": hidden_size}
        self._dtype = x.dtype
        self.values: dict[str, Array] = {INPUT: x, f"grad.{INPUT}": self._array("I")}
        self.initial: dict[str, Array] = {}
        self.initial_grad: dict[str, Array] = {}
        self._allocate()
        self.forward, self.backward = self._bind()

    def _array(self, letter: str = "H", steps: int | None = None) -> Array:
        shape = (self.steps if steps is None else steps, self.batch, self._lengths[letter])
        return np.zeros(shape, self._dtype)

    def _allocate(self) -> None:
        inputs = self.program.derivation.inputs
        for state in self.program.cell.states:
            self._allocate_state(state)
        for name in self.program.computed:
            letter = "I" if name in inputs else "H"
            for key in (name, f"grad.{name}"):
                if key not in self.values:
                    self.values[key] = self._array(letter)
        for name, _ in self.program.unnamed():
            self.values[name] = self._array(self._unnamed_letter(name))
        for inside, name in self.program.aliases.items():
            self.values[inside] = self.values[name]
            self.values[f"grad.{inside}"] = self.values[f"grad.{name}"]

    def _allocate_state(self, state: str) -> None:
        # Row 0 is before the first step: `h_prev` is `h` seen one row earlier, with no copy, and
        # what step t hands back lands where step t-1 finds it.
        value, arriving = (self._array(steps=self.steps + 1) for _ in range(2))
        grad = f"grad.{state}"
        values = self.values
        values[state], values[state + PREVIOUS] = value[1:], value[:-1]
        values[grad], values[f"{grad}.from_above"] = self._array(), self._array()
        values[f"{grad}.next"], values[f"{grad}{PREVIOUS}"] = arriving[1:], arriving[:-1]
        targets = {line.target for line in self.program.derivation.backward}
        apart = f"{grad}.from_future" in targets
        values[f"{grad}.from_future"] = self._array() if apart else arriving[1:]
        self.initial[state], self.initial_grad[state] = value[0], arriving[0]

    def _unnamed_letter(self, name: str) -> str:
        part, _, index = name.partition(".")
        share = self.program.derivation.shares[int(index)]
        shapes = {parameter.name: parameter.shape for parameter in self.program.cell.parameters}
        return shapes[share.parameter][-1 if part == "z" else 0]

    def _bind(self) -> tuple[Callable[[int], None], Callable[[int], None]]:
        scope: dict[str, object] = {}
        for name, activation in ACTIVATIONS.items():
            scope[f"value_{name}"] = activation.value
            scope[f"slope_{name}"] = activation.slope
        scope |= {_identifier(name): array for name, array in self.parameters.items()}
        scope |= {f"A_{_identifier(name)}": array for name, array in self.values.items()}
        # The code was written by _code from whitelisted expressions; no text of the user is in it.
        exec(self.program.code, scope)  # noqa: S102
        return scope["forward"], scope["backward"]  # type: ignore[return-value]

    def factors(self) -> dict[str, list[Factors]]:
        """Every use of every parameter, as factors over all timesteps."""
        found: dict[str, list[Factors]] = {name: [] for name in self.parameters}
        for index, share in enumerate(self.program.derivation.shares):
            key = share.delta.id if isinstance(share.delta, Name) else f"delta.{index}"
            z = self._factor_input(share.z, index)
            found[share.parameter].append(Factors(self.values[key], z, share.matrix))
        return found

    def _factor_input(self, z: Expression | None, index: int) -> Array | None:
        if z is None:
            return None
        if isinstance(z, Name) and z.id in self.parameters:
            parameter = self.parameters[z.id]
            return np.broadcast_to(parameter, (self.steps, self.batch, len(parameter)))
        return self.values[z.id if isinstance(z, Name) else f"z.{index}"]
