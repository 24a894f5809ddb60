"""What a spec sets by hand: numbers of the arrays that a pass begins with, and lines held at a value.

An entry's name says which: `x`, `V`, `c` and names with a dot (`layer0.W`, `layer0.h.initial`) are arrays by
the trace's names, any other is a line of the cell. A line of the cell that is called V or c cannot be held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.activations import Array
from engine.equations import Equations
from engine.errors import SpecError, shorten
from engine.held import holdable
from engine.part_spec import Override
from engine.shapes import INPUT

INITIAL = ".initial"
READOUT = ("V", "c")
TOLD = 200
"""Characters of the names that a message lists."""

Shape = tuple[int, ...]
Overrides = Sequence[Override]


def is_line(name: str) -> bool:
    """Whether a name is a line's, and no array's."""
    return "." not in name and name not in (INPUT, *READOUT)


def is_parameter(name: str) -> bool:
    """Whether a name is that of an array that is learned."""
    return not is_line(name) and name != INPUT and not name.endswith(INITIAL)


def held(overrides: Overrides) -> dict[str, float]:
    """The value of every line that is held."""
    return {one.name: one.value for one in overrides if is_line(one.name)}


def initials(overrides: Overrides) -> set[str]:
    """The initial states that are set."""
    return {one.name for one in overrides if one.name.endswith(INITIAL)}


def apply(overrides: Overrides, name: str, array: Array) -> None:
    """Set what is asked for in the array of that name, whose axes are in the trace's order; later entries win."""
    for one in overrides:
        if one.name == name:
            array[one.index] = one.value


def array_names(cell: Equations, layers: int, bias: bool, recurrence: bool) -> list[str]:
    """Every array that may be set, in the trace's order."""
    own = [parameter.name for parameter in cell.parameters]
    states = [f"{state}{INITIAL}" for state in cell.states] if recurrence else []
    layered = [f"layer{layer}.{name}" for layer in range(layers) for name in (*own, *states)]
    return [INPUT, *layered, *(READOUT if bias else READOUT[:1])]


def check_names(overrides: Overrides, whole: Equations, cell: Equations, arrays: Sequence[str]) -> None:
    """Raises SpecError where an entry names neither one of the `arrays` nor a line that may be held.

    `whole` is the cell with nothing held, `cell` the one that runs.
    """
    for place, one in enumerate(overrides):
        field = f"overrides.{place}"
        if is_line(one.name):
            _check_line(field, one, whole, arrays)
        else:
            reason = _gone(one.name, whole, cell, overrides)
            check_name(f"{field}.name", one.name, [*holdable(whole), *arrays], reason)


def _check_line(field: str, one: Override, whole: Equations, arrays: Sequence[str]) -> None:
    lines = holdable(whole)
    if one.name in whole.states:
        wanted = f"a line that is no state, {' or '.join(lines)}" if lines else "an array: every line here is a state"
        raise SpecError(
            f"{field}.name must be {wanted}, got {one.name!r}, which later steps need; "
            f"layer0.{one.name}{INITIAL} sets what step 1 is given",
            f"{field}.name",
        )
    check_name(f"{field}.name", one.name, [*lines, *arrays])
    if one.index:
        reason = f"{one.name} is held in every unit, layer and step"
        raise SpecError(f"{field}.index must be empty: {reason}, got {shorten(list(one.index))}", f"{field}.index")


def check_name(field: str, name: str, allowed: Sequence[str], reason: str = "") -> None:
    """Raises SpecError where a name is none of those allowed; it tells as many of them as fit."""
    if name not in allowed:
        raise SpecError(f"{field} must be {_listed(allowed)}, got {shorten(name)}{reason}", field)


def _gone(name: str, whole: Equations, cell: Equations, overrides: Overrides) -> str:
    """Why an array is not there that the whole cell has."""
    layer, _, local = name.partition(".")
    left = {*(one.name for one in cell.parameters), *(f"{state}{INITIAL}" for state in cell.states)}
    there = {*(one.name for one in whole.parameters), *(f"{state}{INITIAL}" for state in whole.states)}
    if not layer.startswith("layer") or local not in there:
        return ""
    if local not in left:
        lines = [line for line in held(overrides) if line in holdable(whole)]
        return f", which nothing reads with {' and '.join(lines)} held"
    return ": with recurrence 'none' no step is given a state" if local.endswith(INITIAL) else ""


def _listed(names: Iterable[str]) -> str:
    """Names as a choice, as many as fit."""
    left, told = list(names), list[str]()
    while left and sum(map(len, told)) + len(left[0]) <= TOLD:
        told.append(left.pop(0))
    return f"one of {', '.join(told)}{', …' if left else ''}"


def check_places(overrides: Overrides, shapes: Mapping[str, Shape]) -> None:
    """Raises SpecError where an entry's index lies outside its array."""
    for place, one in enumerate(overrides):
        if not is_line(one.name):
            field = f"overrides.{place}.index"
            check_place(field, one.name, one.index, shapes[one.name])


def check_place(field: str, name: str, index: Sequence[int], shape: Shape, whole: bool = False) -> None:
    """Raises SpecError where an index is too long for a shape or outside it, or names no one entry where `whole`."""
    told, given = _shaped(name, shape), shorten(list(index))
    if whole and len(index) != len(shape):
        raise SpecError(f"{field} must have {len(shape)} numbers for an entry of {told}, got {given}", field)
    if len(index) > len(shape):
        raise SpecError(f"{field} must have at most {len(shape)} numbers for {told}, got {given}", field)
    for axis, (number, size) in enumerate(zip(index, shape, strict=False), 1):
        if not 0 <= number < size:
            reason = f"number {axis} must be between 0 and {size - 1} for {told}"
            raise SpecError(f"{field} must lie inside: {reason}, got {given}", field)


def _shaped(name: str, shape: Shape) -> str:
    axes = {INPUT: ", which is (t, b, i)"}.get(name, ", which is (b, unit)" if name.endswith(INITIAL) else "")
    return f"{name} of shape {shape}{axes}"
