"""A case as PyTorch's tensors, and PyTorch's names for what the cells' steps are written in."""

from __future__ import annotations

import torch

from server.bench.case import STACKED, STATES, Case, Values
from server.bench.named import named
from server.bench.steps import Operations, Tensor, Tensors

OPERATIONS = Operations(
    sigmoid=torch.sigmoid,
    tanh=torch.tanh,
    exp=torch.exp,
    log_softmax=lambda o: torch.log_softmax(o, -1),
    concatenate=lambda parts: torch.cat(parts, -1),
    norm=lambda values: torch.linalg.vector_norm(values, dim=-1),
)


class Problem:
    """`weights` stacked, `x` (T,I), `one_hot` (T,O); `zeros` are the states (H,) before the first step."""

    def __init__(self, case: Case) -> None:
        torch.set_num_threads(1)
        self.case, self.cell, self.states = case, case.cell, STATES[case.cell]
        self.weights: Tensors = {name: torch.from_numpy(v) for name, v in case.stacked(STACKED[case.cell]).items()}
        self.x = torch.from_numpy(case.data.x[:, 0])
        self.one_hot = torch.from_numpy(case.one_hot[:, 0])
        self.zeros = tuple(torch.zeros(case.hidden, dtype=self.x.dtype) for _ in self.states)

    def stack(self, steps: list[Tensors]) -> Tensors:
        """Records of steps as arrays (T, n), with `h_prev` and so on beside the states."""
        found = {name: torch.stack([step[name] for step in steps]) for name in steps[0]}
        for state, zero in zip(self.states, self.zeros, strict=True):
            if state in found:
                found[f"{state}_prev"] = torch.cat([zero[None], found[state][:-1]])
        return found

    def named(self, found: Tensors) -> Values:
        """A trace's tensors by the engine's names."""
        return named(self.case, {name: tensor.detach().numpy() for name, tensor in found.items()})


def product(W: Tensor, h: Tensor, r: Tensor, cell: str) -> Tensor:
    """W h, and + r where the cell has an r."""
    return torch.addmv(r, W, h) if cell == "gru" else torch.mv(W, h)
