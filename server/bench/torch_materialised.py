"""PyTorch's forms of a trace with every contribution in full: a leaf per step, and outer products of factors."""

from __future__ import annotations

import torch

from server.bench.case import Case, Values
from server.bench.named import shares
from server.bench.peer import Peer
from server.bench.steps import Tensor, Tensors
from server.bench.torch_autograd import leaves
from server.bench.torch_buffers import BUFFERED
from server.bench.torch_problem import Problem


def materialised(case: Case) -> list[Peer]:
    """Both forms; what they return is a trace and its contributions."""
    problem = Problem(case)

    def values(result: tuple[Tensors, dict[str, list[Tensor]] | Tensors]) -> Values:
        found, parts = result
        full = {kind: torch.stack(list(part)).numpy() for kind, part in parts.items()}
        return problem.named(found) | shares(case, full)

    outer = torch.inference_mode()(Outer(problem).run)
    return [
        Peer("torch, a leaf per step", lambda: leaves(problem), values),
        Peer("torch, outer products by hand", outer, values),
    ]


class Outer:
    """A trace by hand, and its contributions into memory that is made once."""

    def __init__(self, problem: Problem) -> None:
        self.cell, self.trace = problem.cell, BUFFERED[problem.cell](problem)
        kinds = ("U", "W", "V")
        shapes = {kind: (problem.case.steps, *problem.weights[kind].shape) for kind in kinds}
        self.full: Tensors = {kind: torch.zeros(shape, dtype=problem.x.dtype) for kind, shape in shapes.items()}

    def run(self) -> tuple[Tensors, Tensors]:
        """One pass and every contribution (T, shape); those of a bias are its deltas."""
        found = self.trace.run()
        delta, inputs, grad_o = found["delta"], found["at_inputs"], found["grad.o"]
        for kind, left, right in (("U", inputs, "x"), ("W", delta, "h_prev"), ("V", grad_o, "h")):
            torch.mul(left[:, :, None], found[right][:, None], out=self.full[kind])
        biases = {"b": inputs, "c": grad_o} | ({"r": delta} if self.cell == "gru" else {})
        return found, self.full | biases
