"""What was set by hand, as assignments: entries of inputs, of parameters, of the states before the first step."""

from __future__ import annotations

from collections.abc import Iterator

from engine.listing.experiment import Experiment
from engine.overrides import INITIAL
from engine.shapes import INPUT

REST = ":"
"""All of an axis."""


def of_input(e: Experiment) -> Iterator[str]:
    """Those of `x`, whose axes here are timestep, input, and in a batch the sequence."""
    for index, value in _readout_or_input(e, INPUT):
        step, sequence, entry = _filled(index, 3)
        yield _assignment(INPUT, [step, entry, sequence] if e.batch else [step, entry], value)


def of_readout(e: Experiment, name: str) -> Iterator[str]:
    """Those of V or c."""
    for index, value in _readout_or_input(e, name):
        yield _assignment(name, list(map(str, index)), value)


def of_parameter(e: Experiment, name: str) -> Iterator[str]:
    """Those of a parameter of the cell, in any layer."""
    for layer, index, value in _layered(e, name):
        yield _assignment(_of_layer(e, e.names.of(name), layer), list(map(str, index)), value)


def of_state(e: Experiment, state: str, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Those of what the first step is given; `before` is its place among the states of all timesteps."""
    for layer, index, value in _layered(e, f"{state}{INITIAL}"):
        sequence, unit = _filled(index, 2)
        places = [*before, unit, sequence] if e.batch else [*before, unit]
        yield _assignment(_of_layer(e, e.names.of(state), layer), places, value)


def _readout_or_input(e: Experiment, name: str) -> Iterator[tuple[tuple[int, ...], float]]:
    return ((one.index, one.value) for one in e.spec.overrides if one.name == name)


def _layered(e: Experiment, local: str) -> Iterator[tuple[int, tuple[int, ...], float]]:
    """Layer, index and value of every entry of what each layer has."""
    for one in e.spec.overrides:
        layer, dot, name = one.name.partition(".")
        if dot and name == local:
            yield int(layer.removeprefix("layer")), one.index, one.value


def _filled(index: tuple[int, ...], axes: int) -> list[str]:
    return [*map(str, index), *[REST] * (axes - len(index))]


def _of_layer(e: Experiment, name: str, layer: int) -> str:
    return f"{name}[{layer}]" if e.layered else name


def _assignment(name: str, places: list[str], value: float) -> str:
    while places and places[-1] == REST:
        places = places[:-1]
    return f"{name}[{', '.join(places) or REST}] = {value!r}  # set by hand"
