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
from engine.shapes import PREVIOUS
from engine.spec import Initialization, Spec

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
        """Whether it multiplies a state of the step before."""
        return self.operand is not None and PREVIOUS in self.operand


def slots(spec: Spec, cell: Equations, inputs: int, outputs: int) -> list[Slot]:
    """Every parameter of the network, layer by layer, the readout last."""
    hidden = spec.hidden_size
    found: list[Slot] = []
    for layer in range(spec.layers):
        sizes = {"H": hidden, "I": hidden if layer else inputs}
        for parameter in cell.parameters:
            shape = tuple(sizes[letter] for letter in parameter.shape)
            name = f"layer{layer}.{parameter.name}"
            found.append(Slot(name, layer, parameter.role, shape, parameter.operand))
    found.append(Slot("V", None, "matrix", (outputs, hidden), "h"))
    if spec.bias:
        found.append(Slot("c", None, "bias", (outputs,), None))
    return found


def initialize(spec: Spec, places: list[Slot]) -> dict[str, Array]:
    """First values, drawn from the spec's seed.

    Each parameter has a stream of its own, so that adding one changes no other. Biases are zero;
    `b_forget` is `forget_bias` (Jozefowicz et al. 2015).
    """
    values: dict[str, Array] = {}
    for slot in places:
        stream = np.random.default_rng([spec.seed, zlib.crc32(slot.name.encode())])
        if slot.role == "bias":
            forget = slot.name.endswith(f".{FORGET_BIAS}")
            value = np.full(slot.shape, spec.initialization.forget_bias if forget else 0.0)
        elif slot.role == "scale":
            value = np.diag(_matrix(spec.initialization, slot, (slot.count,) * 2, stream)).copy()
        else:
            value = _matrix(spec.initialization, slot, slot.shape, stream)
        values[slot.name] = value.astype(spec.dtype)
    return values


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


def check_weights(places: list[Slot], weights: dict[str, Array]) -> dict[str, Array]:
    """Weights that came with the call, held against the network; raises SpecError."""
    wanted = {slot.name: slot.shape for slot in places}
    for name in wanted.keys() - weights.keys():
        raise SpecError(f"weights lack {name} of shape {wanted[name]}", f"weights.{name}")
    for name, value in weights.items():
        if name not in wanted:
            reason = f"weights have an unknown {name}; allowed: {', '.join(wanted)}"
            raise SpecError(reason, f"weights.{name}")
        if value.shape != wanted[name]:
            reason = f"{name} must have shape {wanted[name]}, got {value.shape}"
            raise SpecError(f"weights: {reason}", f"weights.{name}")
        if not np.isfinite(value).all():
            raise SpecError(f"weights: {name} must be finite", f"weights.{name}")
    return {name: weights[name] for name in wanted}
