"""PyTorch's names for a recurrent network's weights.

nn.RNN, nn.LSTM and nn.GRU stack a cell's matrices row by row; which parameter each block of rows
is, the cell's own file says.
"""

from __future__ import annotations

import re

import numpy as np

from engine.activations import Array
from engine.cells import cells
from engine.errors import SpecError
from engine.spec import Spec

_RECURRENT = re.compile(r"(?:.*\.)?(weight_ih|weight_hh|bias_ih|bias_hh)_l(\d+)\Z")
_READOUT = {"weight": "V", "bias": "c"}


def is_state_dict(arrays: dict[str, Array]) -> bool:
    """Whether the names are PyTorch's."""
    return any(_RECURRENT.match(name) for name in arrays)


def from_state_dict(arrays: dict[str, Array], spec: Spec) -> dict[str, Array]:
    """This project's weights from a PyTorch state_dict; raises SpecError where names do not fit.

    The two biases of an affine map, which PyTorch keeps apart, add up to one, but where the cell
    has two. The readout is `V` and `c`, or the `*.weight` and `*.bias` of the one Linear.
    """
    rows = cells()[spec.cell].pytorch if isinstance(spec.cell, str) else {}
    if not rows:
        raise SpecError(f"PyTorch has no cell {spec.cell_name}: use this project's names", "weights")
    weights: dict[str, Array] = {}
    for name, value in arrays.items():
        match = _RECURRENT.match(name)
        if not match:
            _read_readout(weights, name, value)
        elif match[1].startswith("weight") or spec.bias:
            _read_rows(weights, f"layer{match[2]}", rows[match[1]], name, value)
    return weights


def _read_rows(weights: dict[str, Array], layer: str, names: list[str], key: str, value: Array) -> None:
    if value.ndim == 0 or len(value) % len(names):
        reason = f"{key} must have a multiple of {len(names)} rows, got shape {value.shape}"
        raise SpecError(f"weights: {reason}", f"weights.{key}")
    for parameter, block in zip(names, np.split(value, len(names)), strict=True):
        name = f"{layer}.{parameter}"
        other = weights.get(name)
        if other is not None and other.shape != block.shape:
            reason = f"{key} adds to an array of shape {other.shape} for {name}, got {block.shape}"
            raise SpecError(f"weights: {reason}", f"weights.{key}")
        weights[name] = block if other is None else other + block


def _read_readout(weights: dict[str, Array], key: str, value: Array) -> None:
    name = key if key in ("V", "c") else _READOUT.get(key.rpartition(".")[2])
    if name is None or name in weights:
        reason = "the one Linear's weight and bias" if name else "a name of nn.RNN, nn.LSTM, nn.GRU"
        raise SpecError(f"weights: {key} is not {reason}", f"weights.{key}")
    weights[name] = value


def to_state_dict(weights: dict[str, Array], spec: Spec) -> dict[str, Array]:
    """Weights as the state_dict of a PyTorch module whose `rnn` is an nn.RNN, nn.LSTM or nn.GRU, `readout` a Linear.

    For layer 0 of an LSTM with I inputs and H units that is `rnn.weight_ih_l0` (4H,I), `rnn.weight_hh_l0` (4H,H),
    `rnn.bias_ih_l0` and `rnn.bias_hh_l0` (4H,), of a GRU with 3H, of an RNN with H rows; and `readout.weight` (O,H),
    `readout.bias` (O,). Where two biases add up, the second is zero. Without biases the module needs bias=False.
    It computes the same where the activations are those of PyTorch's module. Raises SpecError for a cell that
    PyTorch does not have, for untied weights and for held lines.
    """
    rows = cells()[spec.cell].pytorch if isinstance(spec.cell, str) else {}
    if not rows or not spec.weights_shared or spec.equations() != spec.whole_cell():
        raise SpecError(f"PyTorch has no cell {spec.cell_name} as it is used here: nn.RNN, nn.LSTM, nn.GRU", "cell")
    found: dict[str, Array] = {}
    for layer in range(spec.layers):
        own = {name.removeprefix(f"layer{layer}."): value for name, value in weights.items()}
        found |= {f"rnn.{kind}_l{layer}": value for kind, value in _stacked(rows, own).items()}
    return found | {f"readout.{key}": weights[name] for key, name in _READOUT.items() if name in weights}


def _stacked(rows: dict[str, list[str]], own: dict[str, Array]) -> dict[str, Array]:
    """A layer's parameters row by row under PyTorch's names, the biases only where it has them."""
    found: dict[str, Array] = {}
    for kind, names in rows.items():
        if set(names) <= own.keys():
            found[kind] = np.concatenate([own[name] for name in names])
            # What is used once more, as the biases that add up, adds nothing.
            own = own | {name: np.zeros_like(own[name]) for name in names}
    return found
