"""A state of training as a safetensors file.

It holds every weight under this project's name, so it serves as weights too, and `optimizer.NAME` for what
the optimizer remembers. Its metadata are `spec`, `iteration`, `changes` and `version`, as JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import SpecError, shorten
from engine.evaluation import TEST
from engine.files import packed, write_whole
from engine.network import check_weights
from engine.optimizers import Arrays, optimizer
from engine.plan import describe
from engine.spec import Spec, parse_json, parse_spec
from engine.state import Change, State
from engine.trace import engine_version, load

OPTIMIZER = "optimizer."
"""What names of the optimizer's arrays begin with."""


def save_checkpoint(path: str | Path, state: State) -> None:
    """Write a state to a file, whole or not at all; raises OSError."""
    metadata = {
        "spec": state.spec.model_dump_json(),
        "iteration": json.dumps(state.iteration),
        "changes": json.dumps([[one.iteration, one.field, one.value] for one in state.changes]),
        "version": json.dumps(engine_version()),
    }
    remembered = {OPTIMIZER + name: array for name, array in state.optimizer.items()}
    write_whole(path, packed(state.weights | remembered, metadata))


def load_checkpoint(path: str | Path) -> State:
    """The state in a file; raises SpecError that names the file and what is wrong with it.

    Where the task is arrays the shapes of the weights are checked when they meet the data.
    """
    arrays, metadata = load(path)
    try:
        state = _state(arrays, metadata)
        _check_arrays(state)
    except SpecError as error:
        raise SpecError(f"{path} is not a checkpoint: {error.message}", "file") from None
    return state


def _state(arrays: Arrays, metadata: dict[str, str]) -> State:
    told = {name: _told(metadata, name) for name in ("spec", "iteration", "changes")}
    iteration = told["iteration"]
    if not isinstance(iteration, int) or isinstance(iteration, bool) or not 0 <= iteration < TEST:
        raise SpecError(f"iteration must be a whole number from 0, got {shorten(iteration)}")
    weights = {name: array for name, array in arrays.items() if not name.startswith(OPTIMIZER)}
    remembered = {name.removeprefix(OPTIMIZER): array for name, array in arrays.items() if name not in weights}
    state = State(parse_spec(told["spec"]), iteration, weights, remembered, _changes(told["changes"], iteration))
    state.in_force()
    return state


def _told(metadata: dict[str, str], name: str) -> Any:
    if name not in metadata:
        raise SpecError(f"its metadata lack {name}; they hold {', '.join(sorted(metadata)) or 'nothing'}")
    return parse_json(metadata[name])


def _changes(told: object, iteration: int) -> tuple[Change, ...]:
    """The changes of a list of [iteration, field, value]."""
    match told:
        case [*entries]:
            changes = tuple(_change(entry) for entry in entries)
        case _:
            raise SpecError(f"changes must be a list, got {shorten(told)}")
    made = [change.iteration for change in changes]
    if made != sorted(made) or any(not 0 <= one <= iteration for one in made):
        raise SpecError(f"changes must be in order and made by iteration {iteration}, got those of {shorten(made)}")
    return changes


def _change(entry: object) -> Change:
    match entry:
        case [int(made), str(field), int(value) | float(value)]:
            return Change(made, field, value)
    raise SpecError(f"a change must be [iteration, field, value], got {shorten(entry)}")


def _check_arrays(state: State) -> None:
    """Raises SpecError where arrays do not fit the spec."""
    spec = state.spec
    if spec.task.kind != "arrays":
        check_weights(describe(spec.begun()).slots, state.weights)
    wanted = _remembered(spec, state.weights, state.iteration)
    if unknown := sorted(state.optimizer.keys() - wanted.keys()):
        raise SpecError(f"{OPTIMIZER}{unknown[0]} is unknown to optimizer {spec.optimizer.kind}")
    for name, array in wanted.items():
        given = state.optimizer.get(name)
        if given is None or given.shape != array.shape:
            told = "nothing" if given is None else f"shape {given.shape}"
            raise SpecError(f"{OPTIMIZER}{name} must have shape {array.shape}, got {told}")
    _check_numbers(state, wanted)


def _remembered(spec: Spec, weights: Arrays, iteration: int) -> Arrays:
    """Arrays like those that the optimizer remembers after so many iterations."""
    move = optimizer(spec.optimizer)
    if iteration:
        move(_zeros(weights), _zeros(weights))
    return move.state


def _zeros(arrays: Arrays) -> Arrays:
    return {name: np.zeros_like(value) for name, value in arrays.items()}


def _check_numbers(state: State, wanted: Arrays) -> None:
    dtypes = dict.fromkeys(state.weights, np.dtype(state.spec.dtype))
    dtypes |= {OPTIMIZER + name: array.dtype for name, array in wanted.items()}
    arrays = state.weights | {OPTIMIZER + name: array for name, array in state.optimizer.items()}
    for name, array in arrays.items():
        if array.dtype != dtypes[name] or not np.isfinite(array).all():
            raise SpecError(f"{name} must hold finite numbers of type {dtypes[name]}, got {array.dtype}")
