"""The parameters of a case: from PyTorch's own module where a cell has its gates, else name by name."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tests.reference.hand_cells import Values
from tests.reference.reference_case import Case
from tests.reference.torch_twin import STACKED, module, own_names

NAMES = {
    "lstm_peephole": (
        *("U_input", "W_input", "p_input", "b_input", "U_forget", "W_forget", "p_forget", "b_forget"),
        *("U_candidate", "W_candidate", "b_candidate", "U_output", "W_output", "p_output", "b_output"),
    ),
    "lstm_coupled": (
        *("U_forget", "W_forget", "b_forget", "U_candidate", "W_candidate", "b_candidate"),
        *("U_output", "W_output", "b_output"),
    ),
    "mgu": ("U_forget", "W_forget", "b_forget", "U_candidate", "W_candidate", "b_candidate"),
    "leaky": ("U", "W", "b"),
    "output_recurrent": ("U", "R", "b"),
}
"""The parameters of the cells that PyTorch has no module with the same gates for."""


def draw_parameters(case: Case, source: torch.Generator) -> tuple[Values, Values]:
    """The parameters of the layers by PyTorch's names (none where it has no such gates), and by this project's."""
    if case.cell not in STACKED:
        return {}, _timesteps(case, lambda: _by_name(case, source))
    state = _timesteps(case, lambda: _state_dict(case, source))
    return state, own_names(case, state)


def draw_readout(case: Case, source: torch.Generator) -> Values:
    """V (O,H) and, with biases, c (O,); with a leading axis T where timesteps do not share them."""
    return _timesteps(case, lambda: _readout(case, source))


def _timesteps(case: Case, draw: Callable[[], Values]) -> Values:
    """What is drawn, once for all timesteps, or (T, ...) with the same or different values."""
    if case.tied:
        return draw()
    drawn = [draw()] * case.timesteps if case.parameters == "own_equal" else [draw() for _ in range(case.timesteps)]
    return {name: torch.stack([one[name] for one in drawn]) for name in drawn[0]}


def _normal(case: Case, shape: tuple[int, ...], source: torch.Generator) -> Tensor:
    return case.weight_scale * torch.randn(*shape, generator=source, dtype=torch.float64)


def _state_dict(case: Case, source: torch.Generator) -> Values:
    return {name: _normal(case, value.shape, source) for name, value in module(case).state_dict().items()}


def _by_name(case: Case, source: torch.Generator) -> Values:
    columns = {"W": case.hidden, "R": case.outputs}
    drawn: Values = {}
    for layer in range(case.layers):
        given = columns | {"U": case.hidden if layer else case.given}
        for name in NAMES[case.cell]:
            shape = (case.hidden, given[name[0]]) if name[0] in given else (case.hidden,)
            drawn[f"layer{layer}.{name}"] = _normal(case, shape, source)
    return drawn


def _readout(case: Case, source: torch.Generator) -> Values:
    readout = {"V": _normal(case, (case.outputs, case.hidden), source)}
    return readout | ({"c": _normal(case, (case.outputs,), source)} if case.bias else {})
