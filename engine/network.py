"""The parameters of a network: their names, shapes and first values.

Names are the trace's: `layer0.W`, ..., and the readout's `V` and `c`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from engine.activations import Array
from engine.equations import Equations
from engine.errors import SpecError
from engine.part_spec import Initialization
from engine.shapes import is_recurrent
from engine.spec import Spec

FORGET_BIAS = "b_forget"


@dataclass(frozen=True)
class Slot:
    """A parameter's place in the network: name, layer (None for the readout), role, shape.

    `operand` is what a matrix multiplies, in the words of the cell: `x`, `h_prev`, ...
    """

    name: str
    layer: int | None
    role: str
    shape: tuple[int, ...]
    operand: str | None

    @property
    def local(self) -> str:
        """Its name in the cell's equations."""
        return self.name.rpartition(".")[2]

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return int(np.prod(self.shape))

    @property
    def recurrent(self) -> bool:
        """Whether it multiplies what is made of a state of the step before."""
        return self.role == "matrix" and is_recurrent(self.operand)


def slots(spec: Spec, cell: Equations, sizes: dict[str, int]) -> list[Slot]:
    """Every parameter of the network, layer by layer, the readout last.

    `sizes` holds T, H, O, and as I what the lowest layer is given. Where timesteps do not share their
    weights, each parameter has a leading axis T.
    """
    untied = () if spec.weights_shared else (sizes["T"],)
    hidden, outputs = sizes["H"], sizes["O"]
    found: list[Slot] = []
    for layer in range(spec.layers):
        own = sizes | {"I": hidden if layer else sizes["I"]}
        for parameter in cell.parameters:
            shape = (*untied, *(own[letter] for letter in parameter.shape))
            name = f"layer{layer}.{parameter.name}"
            found.append(Slot(name, layer, parameter.role, shape, parameter.operand))
    found.append(Slot("V", None, "matrix", (*untied, outputs, hidden), "h"))
    if spec.bias:
        found.append(Slot("c", None, "bias", (*untied, outputs), None))
    return found


def initialize(spec: Spec, places: list[Slot]) -> dict[str, Array]:
    """First values, drawn from the spec's seed.

    Each parameter has a stream of its own, so that adding one changes no other. Biases are zero;
    `b_forget` is `forget_bias` (Jozefowicz et al. 2015).
    """
    values: dict[str, Array] = {}
    for slot in places:
        stream = np.random.default_rng([spec.seed, zlib.crc32(slot.name.encode())])
        if spec.weights_shared:
            value = _drawn(spec.initialization, slot, slot.shape, stream)
        else:
            steps, *shape = slot.shape
            value = np.array([_drawn(spec.initialization, slot, tuple(shape), stream) for _ in range(steps)])
        values[slot.name] = value.astype(spec.dtype)
    return values


def _drawn(how: Initialization, slot: Slot, shape: tuple[int, ...], stream: np.random.Generator) -> Array:
    """The first value of a parameter, or of one timestep's."""
    if slot.role == "bias":
        return np.full(shape, how.forget_bias if slot.local == FORGET_BIAS else 0.0)
    if slot.role == "scale":
        return np.diag(_matrix(how, slot, shape * 2, stream)).copy()
    return _matrix(how, slot, shape, stream)


def _matrix(how: Initialization, slot: Slot, shape: tuple[int, ...], stream: np.random.Generator) -> Array:
    rows, columns = shape
    if how.kind == "zeros":
        return np.zeros(shape)
    if how.kind == "normal":
        return stream.normal(0, how.scale, shape) if how.scale else np.zeros(shape)
    if how.kind == "identity" and slot.recurrent and rows == columns:
        return np.eye(rows)  # Le, Jaitly and Hinton (2015)
    if how.kind == "spectral" and slot.recurrent and rows == columns:
        drawn = stream.normal(0, 1 / np.sqrt(rows), shape)
        largest = float(np.abs(np.linalg.eigvals(drawn)).max())
        return np.asarray(drawn * (how.radius / largest))  # Jaeger (2001), spectral radius
    if how.kind == "orthogonal":
        return _orthogonal(shape, stream)
    limit = np.sqrt(6 / (rows + columns))  # Glorot and Bengio (2010), equation 16
    return stream.uniform(-limit, limit, shape)


def _orthogonal(shape: tuple[int, ...], stream: np.random.Generator) -> Array:
    """Orthonormal rows or columns, whichever are fewer (Saxe, McClelland and Ganguli 2013)."""
    drawn = stream.normal(size=(max(shape), min(shape)))
    q, r = np.linalg.qr(drawn)
    q = q * np.sign(np.diag(r))  # makes the draw uniform (Mezzadri 2007)
    return np.asarray(q if shape[0] >= shape[1] else q.T)


def check_weights(places: list[Slot], weights: dict[str, Array], shared: bool = True) -> dict[str, Array]:
    """Weights that came with the call, held against the network; raises SpecError.

    Weights that timesteps do not share may be of more steps than are needed; the first are taken.
    """
    wanted = {slot.name: slot.shape for slot in places}
    for name in wanted.keys() - weights.keys():
        raise SpecError(f"weights lack {name} of shape {wanted[name]}", f"weights.{name}")
    for name, value in weights.items():
        if name not in wanted:
            reason = f"weights have an unknown {name}; allowed: {', '.join(wanted)}"
            raise SpecError(reason, f"weights.{name}")
        given = value.shape if shared else _of_first_steps(name, value, wanted[name])
        if given != wanted[name]:
            reason = f"{name} must have shape {wanted[name]}, got {value.shape}"
            raise SpecError(f"weights: {reason}", f"weights.{name}")
        if not np.isfinite(value).all():
            raise SpecError(f"weights: {name} must be finite", f"weights.{name}")
    return {name: weights[name] if shared else weights[name][: wanted[name][0]] for name in wanted}


def _of_first_steps(name: str, value: Array, wanted: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the first steps' weights; raises SpecError where there are not enough steps."""
    if value.ndim == len(wanted) and len(value) < wanted[0]:
        raise SpecError(
            f"weights: {name} has weights of its own for {len(value)} timesteps, {wanted[0]} are needed: with "
            f"weights_shared false no step can use another's, and step {len(value) + 1} never had any. "
            "Shared weights serve any number of steps",
            f"weights.{name}",
        )
    return (wanted[0], *value.shape[1:])
