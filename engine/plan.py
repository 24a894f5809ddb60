"""What a pass will hold, told before it is computed: sizes, lines, parameters, rows, memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.activations import ACTIVATIONS, Array
from engine.derive import derive
from engine.equations import Equations
from engine.errors import SpecError
from engine.expressions import Call
from engine.listing import Code, listings
from engine.network import Slot, slots
from engine.overrides import INITIAL, Shape, apply, check_places, held, initials
from engine.program import Program, compile_cell
from engine.readout import lines as readout_lines
from engine.shapes import INPUT
from engine.spec import Spec, spec_id
from engine.tasks import Data, about, draw

AnyArray = npt.NDArray[Any]

VIEWS = 9000
"""What the views of a layer's arrays take at a timestep, in bytes; measured for the LSTM."""

WORDS = {"h": "hidden state"}
CHUNK = 64
"""Timesteps whose input products, losses and coefficients are computed at once: enough for one matrix
product to be worth it, few enough for their arrays to stay in the cache."""


@dataclass(frozen=True)
class Plan:
    """A pass before it is made.

    `sizes` holds T, B, I, H, O and L; `task` is what is asked in words, with its marks. `forward_names` and
    `backward_names` are the names of a layer's values and gradients, without the layer. `norms` names, for
    each layer, the numbers of a backward step's `log10_norms`. `total` is how many steps the pass has,
    `trace_bytes` the size of its trace, `held_bytes` what computing it takes beside that. Where the output
    is fed back and no equation names it, it is `concatenated` to the input of the lowest layer. `data` is what
    the pass is made of, `weights` what came with the call.
    """

    id: str
    spec: Spec
    cell: Equations
    sizes: dict[str, int]
    equations: dict[str, Any]
    slots: list[Slot]
    rows: list[dict[str, Any]]
    columns: dict[str, Any]
    task: dict[str, Any]
    forward_names: tuple[str, ...]
    backward_names: tuple[str, ...]
    norms: list[list[str]]
    total: int
    concatenated: bool
    trace_bytes: int
    held_bytes: int
    data: Data = field(repr=False, compare=False)
    weights: Mapping[str, Array] | None = field(repr=False, compare=False)

    @property
    def ahead(self) -> bool:
        """Whether all inputs are known before the first step, so that a chunk of steps is prepared at once."""
        return self.spec.feedback.source == "none" or self.spec.feedback.mode == "teacher"

    @property
    def beginnings(self) -> dict[str, Shape]:
        """The shape of every array that the pass begins with: `x`, the parameters, the initial states."""
        return _beginnings(self.sizes, self.slots, self.cell)

    @property
    def code(self) -> Code:
        """The pass as programs, `numpy` and `torch`: lines, each with the moments in which it is current."""
        return listings(self, self.data, self.weights)

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """Every parameter, ready for JSON."""
        return [
            {
                "name": slot.name,
                "layer": slot.layer,
                "role": slot.role,
                "shape": list(slot.shape),
                "count": slot.count,
                "input": slot.operand,
            }
            for slot in self.slots
        ]


def read_task(spec: Spec) -> Data:
    """The data of the spec's task; raises SpecError where it must come with the call."""
    return draw(spec.task, spec.seed)


def describe(spec: Spec, data: Data | None = None, weights: Mapping[str, Array] | None = None) -> Plan:
    """The plan of a spec's pass; makes no large array. Raises SpecError.

    Its id is also that of the data and the weights that came with the call.
    """
    given = read_task(spec) if data is None else data
    _check_targets(spec, given)
    cell = spec.equations()
    program = compile_cell(cell, spec.weights_shared)
    sizes = _sizes(spec, given)
    concatenated = spec.feedback.source == "output" and not cell.fed_back
    places = slots(spec, cell, sizes | {"I": sizes["I"] + (sizes["O"] if concatenated else 0)})
    check_places(spec.overrides, _beginnings(sizes, places, cell))
    forward, backward = _forward_names(program), _backward_names(program)
    arrays = ({} if data is None else data.arrays()) | dict(weights or {})
    return Plan(
        id=spec_id(spec, digest(arrays)),
        spec=spec,
        cell=cell,
        sizes=sizes,
        equations=_equations(spec, program),
        slots=places,
        rows=_rows(spec, cell, program, sizes, _unit(spec, given)),
        columns=_columns(spec, given),
        task=_task(spec),
        forward_names=forward,
        backward_names=backward,
        norms=_norms(spec, places, backward),
        total=2 * sizes["T"] * spec.layers + 1 + 2 * spec.layers,
        concatenated=concatenated,
        trace_bytes=_bytes(spec, program, sizes, places),
        held_bytes=spec.layers * (sizes["B"] * _held(program, sizes) * itemsize(spec) + sizes["T"] * VIEWS),
        data=given,
        weights=weights,
    )


def _beginnings(sizes: dict[str, int], places: list[Slot], cell: Equations) -> dict[str, Shape]:
    states = [f"layer{layer}.{state}{INITIAL}" for layer in range(sizes["L"]) for state in cell.states]
    parameters = {slot.name: slot.shape for slot in places}
    x = (sizes["T"], sizes["B"], sizes["I"])
    return {INPUT: x, **parameters, **dict.fromkeys(states, (sizes["B"], sizes["H"]))}


def _check_targets(spec: Spec, data: Data) -> None:
    symbols = data.y.ndim == 2
    if symbols != (spec.readout == "softmax"):
        wanted = "whole numbers (T, B)" if spec.readout == "softmax" else "real numbers (T, B, O)"
        reason = f"readout '{spec.readout}' needs y to be {wanted}, got shape {data.y.shape}"
        raise SpecError(reason, "readout")


def _sizes(spec: Spec, data: Data) -> dict[str, int]:
    steps, batch, inputs = data.x.shape
    hidden, outputs = spec.hidden_size, data.outputs
    return {"T": steps, "B": batch, "I": inputs, "H": hidden, "O": outputs, "L": spec.layers}


def _equations(spec: Spec, program: Program) -> dict[str, Any]:
    readout, output = readout_lines(spec)
    derivation = program.derivation
    return {
        "forward": [line.as_json() for line in program.cell.lines],
        "parts": [line.as_json() for line in derivation.forward if ".part" in line.target],
        "readout": readout,
        "output": output,
        "backward": [line.as_json() for line in derivation.backward],
    }


def _forward_names(program: Program) -> tuple[str, ...]:
    return (*program.computed, *program.aliases)


def _backward_names(program: Program) -> tuple[str, ...]:
    states = program.cell.states
    arrivals = [f"{state}.{side}" for state in states for side in ("from_above", "from_future")]
    return (*_forward_names(program), *arrivals)


def _norms(spec: Spec, places: list[Slot], backward: tuple[str, ...]) -> list[list[str]]:
    return [
        [f"grad.layer{layer}.{name}" for name in backward]
        + [f"contribution.{slot.name}" for slot in owned(places, layer, spec.layers)]
        for layer in range(spec.layers)
    ]


def owned(places: list[Slot], layer: int, layers: int) -> list[Slot]:
    """The parameters told of with a layer: its own, and the readout's with the top one."""
    return [slot for slot in places if slot.layer == layer or (slot.layer is None and layer == layers - 1)]


def _unit(spec: Spec, data: Data) -> list[float] | None:
    """The bounds of the inputs, where they are unit vectors, or were and are set to nothing outside."""
    outside = any(one.name == INPUT and not 0 <= one.value <= 1 for one in spec.overrides)
    return [0, 1] if data.alphabet is not None and not outside else None


def _rows(
    spec: Spec, cell: Equations, program: Program, sizes: dict[str, int], given: list[float] | None
) -> list[dict[str, Any]]:
    """The stage's rows from the top: prediction, layers downwards, input."""
    bounds = [0, 1] if spec.readout == "softmax" else None
    top = _row("y_hat", "y_hat", "prediction", "prediction", None, sizes["O"], bounds)
    # What an activation is applied to is a step on the way, not a quantity of its own; also where its line is held.
    whole = spec.whole_cell()
    derivation = program.derivation if whole == cell else derive(whole)
    inside = {argument for argument, _ in derivation.activated}
    names = [name for name in reversed(cell.names) if name not in inside or name in cell.states]
    ordered = sorted(names, key=lambda name: (name != "h", name not in cell.states))
    rows = [top]
    for layer in reversed(range(spec.layers)):
        for name in ordered:
            kind = "state" if name in cell.states else "value"
            word = WORDS.get(name, name.replace("_", " "))
            trace_name, size = f"layer{layer}.{name}", sizes["H"]
            rows.append(_row(trace_name, name, word, kind, layer, size, _bounds(spec, whole, name)))
    return [*rows, _row("x", "x", "input", "input", None, sizes["I"], given)]


def _row(name: str, local: str, word: str, kind: str, layer: int | None, size: int, bounds: object) -> dict[str, Any]:
    return {
        "name": name,
        "local": local,
        "word": word,
        "kind": kind,
        "layer": layer,
        "size": size,
        "bounds": bounds,
    }


def _bounds(spec: Spec, whole: Equations, name: str) -> list[float] | None:
    """The least and greatest value a line's outermost activation can give, where it has any.

    Held at a value between them a line keeps them, so that it is seen on the scale it had.
    """
    expression = next(line.expression for line in whole.lines if line.target == name)
    bounds = ACTIVATIONS[expression.function].bounds if isinstance(expression, Call) else None
    if bounds is None or not bounds[0] <= held(spec.overrides).get(name, bounds[0]) <= bounds[1]:
        return None
    return list(bounds)


def _task(spec: Spec) -> dict[str, Any]:
    """What is asked, and the scores of guessing and of having learned it, with the spec's own parameters."""
    told = about(spec.task)
    return {
        "title": told.title,
        "sentence": told.sentence,
        "baseline": told.baseline,
        "solved": told.solved,
        "measure": told.measure,
    }


def _columns(spec: Spec, data: Data) -> dict[str, Any]:
    """The symbols of the first sequence: "" where a step is padding or has no target.

    Where an input that was set by hand is no symbol's unit vector, the symbol is the one that it replaced.
    """
    if data.alphabet is None:
        return {"alphabet": None, "input": None, "target": None}
    alphabet = list(data.alphabet)
    there = np.ones(len(data.x), bool) if data.there is None else data.there[:, 0]
    targeted = there if data.counted is None else there & data.counted[:, 0]
    inputs = zip(_read(spec, data.x), there, strict=True)
    targets = zip(data.y[:, 0], targeted, strict=True)
    return {
        "alphabet": alphabet,
        "input": [alphabet[int(place)] if here else "" for place, here in inputs],
        "target": [alphabet[int(place)] if here else "" for place, here in targets],
    }


def _read(spec: Spec, x: Array) -> AnyArray:
    """The places of the symbols that the first sequence reads, (T,)."""
    given = x[:, 0].argmax(axis=-1)
    if not any(one.name == INPUT for one in spec.overrides):
        return np.asarray(given)
    changed = x.copy()
    apply(spec.overrides, INPUT, changed)
    own = changed[:, 0]
    units = (own.max(axis=-1) == 1) & (np.count_nonzero(own, axis=-1) == 1)
    return np.asarray(np.where(units, own.argmax(axis=-1), given))


def _bytes(spec: Spec, program: Program, sizes: dict[str, int], places: list[Slot]) -> int:
    """The size of the trace as a file.

    What lies in memory once and goes by two names is twice in the file, and so it is counted.
    """
    names = len(_forward_names(program)) + len(_backward_names(program))
    factors = sum(_factor_size(program, slot) for slot in places)
    ends = 2 * sizes["I"] + 3 * sizes["O"] + 2
    numbers = sizes["T"] * sizes["B"] * (spec.layers * names * sizes["H"] + factors + ends)
    numbers += 3 * sum(slot.count for slot in places) + sizes["T"] * len(places)
    numbers += sizes["B"] * sizes["H"] * len(initials(spec.overrides))
    return numbers * itemsize(spec)


def itemsize(spec: Spec) -> int:
    """The bytes of a number."""
    return 8 if spec.dtype == "float64" else 4


def _held(program: Program, sizes: dict[str, int]) -> int:
    """How many numbers of a sequence a layer holds beside the trace: coefficients, temporaries, factors."""
    widest = max(sizes["H"], sizes["I"], sizes["O"])
    chunks = sum(buffer.rows for buffer in program.buffers.values() if buffer.chunk)
    kept = sum(buffer.rows for name, buffer in program.buffers.items() if _is_kept(program, name))
    named = {f"grad.{name}" for name in _backward_names(program)}
    kept += sum(target not in named for target in program.stacks.rows)
    return widest * (min(CHUNK, sizes["T"]) * chunks + sizes["T"] * kept)


def _is_kept(program: Program, name: str) -> bool:
    """Whether a buffer holds neither a name of the trace nor rows of a block."""
    return not name.startswith((".", "grad.")) and name not in program.computed and not program.buffers[name].chunk


def _factor_size(program: Program, slot: Slot) -> int:
    """How many numbers of a step the factors of all uses of a parameter have."""
    if slot.layer is None:
        return slot.shape[0] + (slot.shape[-1] if slot.role == "matrix" else 0)
    uses = [one for one in program.derivation.shares if one.parameter == slot.local]
    inputs = any(one.z is not None for one in uses)
    return len(uses) * (slot.shape[0] + (slot.shape[-1] if inputs else 0))


def digest(arrays: Mapping[str, AnyArray]) -> bytes:
    """What tells arrays apart: names, types, shapes and numbers; nothing for none."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest() if arrays else b""
