"""Expressions as statements that compute with NumPy into arrays that are there already.

Code is written for one timestep, to run in the loop over time, or for a chunk of timesteps at once.
It names the arrays it works on by views of buffers; whoever runs it binds them (`engine.layer`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.activations import ACTIVATIONS
from engine.expressions import Binary, Call, Expression, Name, Negative, Number, Product

UFUNCS = {"+": "add", "-": "subtract", "*": "multiply"}


@dataclass(frozen=True)
class Place:
    """Where a value lies: a row of a buffer, `shift` timesteps later than its own."""

    buffer: str
    row: int = 0
    shift: int = 0


@dataclass(frozen=True)
class View:
    """Rows `first` to `last` of a buffer as the code wants them.

    `form` is `flat` (rows side by side), `rows` (an axis of their own) or `plane` (flat, without the axis
    of a single sequence). `cut` marks what does not arrive where the gradient is cut.
    """

    buffer: str
    first: int
    last: int
    shift: int = 0
    form: str = "flat"
    cut: bool = False


@dataclass(frozen=True)
class Buffer:
    """An array to be made: `rows` of `letter` entries for every timestep and `extra` more.

    `chunk` is one that serves a chunk of timesteps after the other.
    """

    rows: int
    letter: str
    extra: int = 0
    chunk: bool = False


@dataclass(frozen=True)
class Temporary:
    """Rows `first` to `last` of an array to compute in; `depth` keeps those in use at once apart."""

    rows: int
    letter: str
    depth: int
    first: int
    last: int

    @property
    def buffer(self) -> str:
        """The name of its buffer."""
        return f".temporary.{self.rows}{self.letter}{self.depth}"


class Code:
    """A function being written: its lines, the views it unpacks, the constants it uses.

    `places` tells where each name lies, `letter` how long it is; `known` maps the text of an activation
    or slope that is already computed to its place.
    """

    def __init__(
        self, name: str, places: Mapping[str, Place], letter: Callable[[str], str], chunk: bool, tied: bool
    ) -> None:
        self.name, self.letter, self.chunk, self.tied = name, letter, chunk, tied
        self.places = places
        self.known: dict[str, Place] = {}
        self.lines: list[str] = []
        self.views: dict[View, str] = {}
        self.matrices: dict[tuple[str, bool], str] = {}
        self.vectors: dict[str, str] = {}
        self.numbers: dict[float, str] = {}
        self.temporaries: dict[Temporary, str] = {}
        self.depth = 0

    @property
    def source(self) -> str:
        """The function's text: over a list of views a timestep, or over the views of one chunk."""
        names = "".join(f"{name}, " for name in [*self.views.values(), *self._moving()])
        body = self.lines or ["pass"]
        if self.chunk:
            return "\n".join([f"def {self.name}({names}):", *(f"    {line}" for line in body)])
        loop = f"    for {names or '_'} in steps:"
        return "\n".join([f"def {self.name}(steps):", loop, *(f"        {line}" for line in body)])

    def _moving(self) -> list[str]:
        """The parameters that are unpacked with the views, as each timestep has its own."""
        return [] if self.tied else [*self.matrices.values(), *self.vectors.values()]

    def view(self, view: View) -> str:
        """The identifier of a view."""
        return self.views.setdefault(view, f"{self.name[0]}{len(self.views)}")

    def at(self, place: Place, last: int | None = None, form: str = "flat", cut: bool = False) -> str:
        """The identifier of a place, or of the rows from there up to `last`."""
        end = place.row + 1 if last is None else last
        return self.view(View(place.buffer, place.row, end, place.shift, form, cut))

    def number(self, value: float) -> str:
        """The identifier of a constant of the pass's type."""
        return self.numbers.setdefault(value, f"number{len(self.numbers)}")

    def vector(self, parameter: str) -> str:
        """The identifier of a parameter that is added or multiplies."""
        return self.vectors.setdefault(parameter, f"vector_{parameter}")

    def matrix(self, name: str, transposed: bool = False) -> str:
        """The identifier of a matrix ready to multiply: its `dot` in the loop, else the array."""
        side = "back" if transposed else "to"
        return self.matrices.setdefault((name, transposed), f"{side}_{name}")

    def temporary(self, letter: str, rows: int = 1) -> str:
        """An array to compute in until the next statement of a line."""
        return self._temporary(Temporary(rows, letter, self.depth, 0, rows))

    def temporary_rows(self, identifier: str, first: int, last: int) -> str:
        """Some rows of a temporary array."""
        whole = next(one for one, known in self.temporaries.items() if known == identifier)
        return self._temporary(replace(whole, first=first, last=last))

    def _temporary(self, one: Temporary) -> str:
        if one not in self.temporaries:
            own = f"temporary{len(self.temporaries)}"
            self.temporaries[one] = self.view(View(one.buffer, one.first, one.last)) if self.chunk else own
        return self.temporaries[one]

    def call(self, function: str, *arguments: str) -> None:
        """One statement; the last argument is where the result goes."""
        self.lines.append(f"{function}({', '.join(arguments)})")

    def negate(self, value: str, out: str) -> None:
        """`out = -value`.

        Not by `np.negative`: NumPy 2.4's is wrong where `value` has a stride of 64 bytes (16 in float32) and
        `out` is not contiguous, as rows of a block are with one unit and one sequence.
        """
        self.call("multiply", value, self.number(-1.0), out)

    def multiply(self, matrix: str, operand: str, out: str, transposed: bool = False) -> None:
        """`out = matrix @ operand`; operand and out are identifiers, in a chunk of planes."""
        if self.chunk:
            self.call("project", self.matrix(matrix, transposed), operand, out)
        else:
            self.call(self.matrix(matrix, transposed), operand, out)

    def value(self, node: Expression, letter: str = "H", out: str | None = None) -> str:
        """The identifier of an expression's value, computed into `out` or a temporary where it must be."""
        simple = self.simple(node)
        if simple is not None:
            return simple
        target = self.temporary(letter) if out is None else out
        self.depth += 1
        self.into(node, letter, target)
        self.depth -= 1
        return target

    def simple(self, node: Expression) -> str | None:
        """The identifier of what is there already."""
        match node:
            case Name(name):
                return self.at(self.places[name]) if name in self.places else self.vector(name)
            case Number(value):
                return self.number(value)
            case Call() if str(node) in self.known:
                return self.at(self.known[str(node)])
            case _:
                return None

    def assign(self, node: Expression, letter: str, out: str) -> None:
        """`out = node`, also where it is there already."""
        simple = self.simple(node)
        if simple is None:
            self.into(node, letter, out)
        else:
            self.call("copyto", out, simple)

    def into(self, node: Expression, letter: str, out: str) -> None:
        """Statements that compute an expression into `out`, which it does not read."""
        match node:
            case Binary(operator, left, right):
                # Of two that must be computed the first may use `out`, which nothing reads meanwhile.
                first = self.value(left, letter, out)
                second = self.value(right, letter, out if first != out else None)
                self.call(UFUNCS[operator], first, second, out)
            case Negative(operand):
                self.negate(self.value(operand, letter, out), out)
            case Call(function, argument, slope):
                inside = self.value(argument, letter)
                if slope:
                    # Not into `out`: a slope may read its value after it began to write.
                    self.call(f"slope_{function}", inside, self.value(Call(function, argument), letter), out)
                else:
                    self.activate(function, inside, out)
            case Product(matrix, operand, transposed):
                self.product(matrix, operand, transposed, out)
            case _:
                raise TypeError(f"no statement for {node}")

    def activate(self, function: str, inside: str, out: str) -> None:
        """`out = function(inside)`."""
        names = {"a": inside, "out": out}
        for name, *arguments in ACTIVATIONS[function].calls:
            self.call(name, *(names.get(one) or self.number(float(one)) for one in arguments))
        if not ACTIVATIONS[function].calls:
            self.call(f"value_{function}", inside, out)

    def product(self, matrix: str, operand: Expression, transposed: bool, out: str) -> None:
        """`out = matrix @ operand`, of whole arrays."""
        inside = self.value(operand)
        if isinstance(operand, Name) and operand.id not in self.places:
            # A parameter: the same for every sequence, so it has no axis for them yet.
            vector, inside = inside, self.temporary(self.letter(operand.id))
            self.call("copyto", inside, vector)
        if self.chunk:
            inside, out = self.plane(inside), self.plane(out)
        self.multiply(matrix, inside, out, transposed)

    def plane(self, identifier: str) -> str:
        """The plane of the view that an identifier stands for."""
        view = next(view for view, known in self.views.items() if known == identifier)
        return self.view(View(view.buffer, view.first, view.last, view.shift, "plane", view.cut))
