r"""A cell with some of its lines held at a value: `forget_gate = sigmoid(...)` becomes `forget_gate = 1`.

All that is made of the lines is then right as it is: the pass, its derivatives, what is typeset.

>>> from engine.equations import parse
>>> cell = parse("z = sigmoid(A @ x)\nh = z * h_prev + (1 - z) * tanh(U @ x)")
>>> holdable(cell), str(hold(cell, {"z": 1.0})).splitlines()[0]
(('z',), 'z = 1')
>>> [parameter.name for parameter in hold(cell, {"z": 1.0}).parameters]
['U']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.activations import Array
from engine.equations import Equations
from engine.expressions import Expression, Negative, Number
from engine.shapes import PREVIOUS, names_read


def holdable(cell: Equations) -> tuple[str, ...]:
    """The lines that may be held: those that are no state, which later steps need."""
    return tuple(name for name in cell.names if name not in cell.states)


def hold(cell: Equations, values: Mapping[str, float]) -> Equations:
    """The cell with every line named in `values` a number; what is then read no more is gone.

    The parameters that are left keep the role and the shape that they had, and so their first values.
    """
    if not values:
        return cell
    lines = tuple(
        replace(line, expression=_number(values[line.target])) if line.target in values else line for line in cell.lines
    )
    read = set(names_read(lines))
    states = tuple(name for name in cell.states if name == "h" or name + PREVIOUS in read)
    parameters = tuple(parameter for parameter in cell.parameters if parameter.name in read)
    return replace(cell, lines=lines, states=states, parameters=parameters)


def without_gone(weights: Mapping[str, Array], whole: Equations, cell: Equations) -> dict[str, Array]:
    """The weights, but those of parameters that only held lines of the `whole` cell read."""
    gone = {parameter.name for parameter in whole.parameters} - {parameter.name for parameter in cell.parameters}
    return {name: value for name, value in weights.items() if name.partition(".")[2] not in gone}


def _number(value: float) -> Expression:
    """A number as it would be read from a text."""
    return Negative(Number(-value)) if value < 0 else Number(value)
