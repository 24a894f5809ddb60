"""A cell compiled to NumPy code: what can be done for many timesteps at once, and the two loops over time.

- `prepare` (chunk): input products, biases, whatever does not depend on the step before
- `forward` (loop): the rest of the forward lines
- `coefficients` (chunk): what the arriving gradients are multiplied by, from forward values alone
- `backward` (loop): coefficient times gradient, and the transposed matrix products
- `fill` (chunk): every other named gradient
- `below` (chunk): the gradients of the layer's inputs

The code is written from the checked expressions, never from the user's text, and compiled once per
cell. Arrays are `(T, n, B)`, features before sequences, so that parts that lie side by side are contiguous.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

from engine.backward_code import BackwardWriter
from engine.code import Buffer, Code, Place
from engine.collapse import Sweep, collapse
from engine.derive import Derivation, Share, derive
from engine.equations import Equations
from engine.expressions import Name
from engine.forward_code import ForwardWriter
from engine.shapes import FED_BACK, INPUT, PREVIOUS
from engine.stacks import Stack, Stacks


class Program:
    """A cell's code and the plan of its arrays.

    `places` tells where each value of the trace lies, by the trace's names without the layer; `buffers`
    what arrays to make; `stacks` which parameters lie side by side in one. `tied` is whether all
    timesteps share their parameters.
    """

    def __init__(self, cell: Equations, tied: bool = True) -> None:
        self.cell, self.tied = cell, tied
        self._vectors = {one.name: one.shape[0] for one in cell.parameters if one.role != "matrix"}
        self.derivation: Derivation = derive(cell)
        self.sweep: Sweep = collapse(self.derivation)
        self.stacks = Stacks(self.derivation, self.sweep, self.letter)
        self.places: dict[str, Place] = {}
        self.buffers: dict[str, Buffer] = {}
        forward = ForwardWriter(self)
        self.forward_buffers = dict(self.buffers)
        backward = self._backward = BackwardWriter(self, forward)
        written = (forward.prepare(), forward.loop(), backward.coefficients(), backward.loop(), backward.fill())
        codes = (*written, backward.below())
        self.codes: dict[str, Code] = {code.name: code for code in codes}
        self.compiled = {name: compile(code.source, f"<{name}>", "exec") for name, code in self.codes.items()}
        self._alias()
        self._temporaries()

    @property
    def computed(self) -> tuple[str, ...]:
        """The names the forward lines assign, in order."""
        return tuple(line.target for line in self.derivation.forward)

    @property
    def aliases(self) -> dict[str, str]:
        """The pre-activations that are another value under a second name, e.g. rnn's `h.a` is `a`."""
        states = {state + PREVIOUS for state in self.cell.states}
        kept = states.union(self.computed)
        return {inside: name for inside, name in self.derivation.aliases.items() if name in kept}

    def letter(self, name: str) -> str:
        """How long a value or a vector of parameters is: H, I or O."""
        if name in self._vectors:
            return self._vectors[name]
        if name == INPUT or name in self.derivation.inputs:
            return "I"
        return "O" if name == FED_BACK or name in self.derivation.outputs else "H"

    def buffer(self, name: str, letter: str = "H", rows: int = 1, extra: int = 0, chunk: bool = False) -> Place:
        """Plan one more array; its first row's place."""
        self.buffers[name] = Buffer(rows, letter, extra, chunk)
        return Place(name)

    def factor(self, share: Share, part: str) -> str | None:
        """The name of the array that holds a share's `delta` or `z`; None where z is 1."""
        expression = share.delta if part == "delta" else share.z
        if expression is None or isinstance(expression, Name):
            return None if expression is None else expression.id
        key = str(expression)
        return key if key in self.places else f"{part}.{self.derivation.shares.index(share)}"

    @cached_property
    def fills_first(self) -> bool:
        """Whether some parameter's gradient is made of what only `fill` computes."""
        shares = self.derivation.shares
        return any(self._filled(self.factor(share, part)) for share in shares for part in ("delta", "z"))

    @cached_property
    def fills_before_below(self) -> bool:
        """Whether what a layer hands down is made of what only `fill` computes."""
        return any(self._filled(name) for name in self._backward.read_below)

    def _filled(self, name: str | None) -> bool:
        return name is not None and name in self.places and self.places[name].buffer in self._backward.filled

    def deltas(self, stack: Stack) -> list[str]:
        """The gradients of a stack's rows."""
        return [f"grad.{name}" for name in self.stacks.affine[stack.first : stack.last]]

    def side_by_side(self, stack: Stack) -> bool:
        """Whether the loop makes these gradients as neighbouring rows."""
        return self._backward.together(self.deltas(stack))

    def _alias(self) -> None:
        for inside, name in self.aliases.items():
            self.places[inside] = self.places[name]
            if f"grad.{name}" in self.places:
                self.places[f"grad.{inside}"] = self.places[f"grad.{name}"]

    def _temporaries(self) -> None:
        for code in self.codes.values():
            for one in code.temporaries if code.chunk else ():
                self.buffers[one.buffer] = Buffer(one.rows, one.letter, chunk=True)


@lru_cache(maxsize=64)
def compile_cell(cell: Equations, tied: bool = True) -> Program:
    """The program of a cell, made once."""
    return Program(cell, tied)
