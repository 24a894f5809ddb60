"""PyTorch by hand into memory that is made once: every operation of the loops writes where its result belongs.

The same work as `steps`, with the fewest calls: the views of every timestep are made once and kept in lists.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from server.bench.steps import Tensor, Tensors, coefficients, fill, readout
from server.bench.torch_problem import OPERATIONS, Problem


class Buffered:
    """What the three cells share: `found` holds every array (T, n), written anew by each `run`."""

    gates = 1

    def __init__(self, problem: Problem) -> None:
        self.problem, self.weights = problem, problem.weights
        self.size, self.steps = problem.case.hidden, problem.case.steps
        self.transposed = self.weights["W"].T.contiguous()
        stack = self.gates * self.size
        self.u = self._array(stack)
        self.found: Tensors = {"x": problem.x, "a": self.u, "delta": self._array(stack)}
        self._states()
        self._values()
        self.forward_views = list(self._forward_rows())

    def _array(self, width: int = 0, rows: int = 0) -> Tensor:
        """Zeros, (T, H) unless said otherwise."""
        return torch.zeros(rows or self.steps, width or self.size, dtype=self.problem.x.dtype)

    def _states(self) -> None:
        """A state and the one before are one array, a row apart; so are what arrives and what is sent."""
        for state in self.problem.states:
            value, arriving = self._array(rows=self.steps + 1), self._array(rows=self.steps + 1)
            self.found |= {state: value[1:], f"{state}_prev": value[:-1]}
            self.found |= {f"grad.{state}.from_future": arriving[1:], f"sent.{state}": arriving[:-1]}
            self.found[f"grad.{state}"] = self._array()

    def _values(self) -> None:
        """The arrays of the cell's own values."""

    def _rows(self, *arrays: Tensor) -> Iterator[tuple[Tensor, ...]]:
        """The arrays' rows, timestep by timestep."""
        return zip(*(array.unbind(0) for array in arrays), strict=True)

    def _forward_rows(self) -> Iterator[tuple[Tensor, ...]]:
        """Of every timestep the views that its forward step needs."""
        raise NotImplementedError

    def _forward(self) -> None:
        """The forward loop; the input products are in `u` already."""
        raise NotImplementedError

    def _backward(self, k: Tensors) -> None:
        """The backward loop."""
        raise NotImplementedError

    def run(self) -> Tensors:
        """One pass; every array of it."""
        weights, found = self.weights, self.found
        torch.addmm(weights["b"], found["x"], weights["U"].T, out=self.u)
        self._forward()
        found |= readout(OPERATIONS, weights, found["h"], self.problem.one_hot)
        k = coefficients(self.problem.cell, OPERATIONS, found)
        self._backward(k)
        return found | fill(self.problem.cell, OPERATIONS, weights, found, k)


class Rnn(Buffered):
    """The simple recurrent network."""

    def _forward_rows(self) -> Iterator[tuple[Tensor, ...]]:
        return self._rows(self.found["a"], self.found["h_prev"], self.found["h"])

    def _forward(self) -> None:
        W = self.weights["W"]
        for a, before, h in self.forward_views:
            a.addmv_(W, before)
            torch.tanh(a, out=h)

    def _backward(self, k: Tensors) -> None:
        names = ("grad.h.from_future", "grad.h", "delta", "sent.h")
        views = list(self._rows(self.found["above"], k["to"], *(self.found[name] for name in names)))
        for above, to, future, grad_h, delta, sent in reversed(views):
            torch.add(above, future, out=grad_h)
            torch.mul(to, grad_h, out=delta)
            torch.mv(self.transposed, delta, out=sent)


class Gru(Buffered):
    """The gated recurrent unit, reset after."""

    gates = 3

    def _values(self) -> None:
        size, w, sigmoids = self.size, self._array(3 * self.size), self._array(2 * self.size)
        self.found |= {"a": self.u[:, : 2 * size], "inside": self.u[:, 2 * size :], "sigmoids": sigmoids}
        self.found |= {"w": w, "w.a": w[:, : 2 * size], "part": w[:, 2 * size :], "candidate": self._array()}
        self.found |= {"reset": sigmoids[:, :size], "update": sigmoids[:, size:]}

    def _forward_rows(self) -> Iterator[tuple[Tensor, ...]]:
        names = ("a", "inside", "w", "w.a", "part", "sigmoids", "reset", "update", "candidate", "h_prev", "h")
        return self._rows(*(self.found[name] for name in names))

    def _forward(self) -> None:
        W, r = self.weights["W"], self.weights["r"]
        for a, inside, w, w_a, part, sigmoids, reset, update, candidate, before, h in self.forward_views:
            torch.addmv(r, W, before, out=w)
            a.add_(w_a)
            torch.sigmoid(a, out=sigmoids)
            inside.addcmul_(reset, part)
            torch.tanh(inside, out=candidate)
            torch.lerp(candidate, before, update, out=h)

    def _backward(self, k: Tensors) -> None:
        names = ("grad.h.from_future", "grad.h", "sent.h")
        gates = (k["to"].view(-1, 3, self.size), self.found["delta"].view(-1, 3, self.size), self.found["delta"])
        arrays = (self.found["above"], k["keep"], *gates, *(self.found[name] for name in names))
        for above, keep, to, by_gate, delta, future, grad_h, sent in reversed(list(self._rows(*arrays))):
            torch.add(above, future, out=grad_h)
            torch.mul(to, grad_h, out=by_gate)
            torch.mv(self.transposed, delta, out=sent)
            sent.addcmul_(keep, grad_h)


class Lstm(Buffered):
    """The long short-term memory."""

    gates = 4

    def _values(self) -> None:
        size, sigmoids = self.size, self._array(3 * self.size)
        self.found |= {"sigmoids": sigmoids, "candidate": self._array(), "squashed": self._array()}
        self.found |= {"a.sigmoids": self.u[:, : 3 * size], "a.candidate": self.u[:, 3 * size :]}
        for index, name in enumerate(("output", "input", "forget")):
            self.found[name] = sigmoids[:, index * size : (index + 1) * size]

    def _forward_rows(self) -> Iterator[tuple[Tensor, ...]]:
        names = ["a", "a.sigmoids", "a.candidate", "sigmoids", "candidate", "output", "input", "forget"]
        names += ["cell_state_prev", "cell_state", "squashed", "h_prev", "h"]
        return self._rows(*(self.found[name] for name in names))

    def _forward(self) -> None:
        W = self.weights["W"]
        for (
            a,
            a_s,
            a_g,
            sigmoids,
            candidate,
            output,
            enter,
            forget,
            c_prev,
            c,
            squashed,
            before,
            h,
        ) in self.forward_views:
            a.addmv_(W, before)
            torch.sigmoid(a_s, out=sigmoids)
            torch.tanh(a_g, out=candidate)
            torch.mul(forget, c_prev, out=c)
            c.addcmul_(enter, candidate)
            torch.tanh(c, out=squashed)
            torch.mul(output, squashed, out=h)

    def _backward(self, k: Tensors) -> None:
        names = ["grad.h.from_future", "grad.h", "sent.h", "grad.cell_state.from_future", "grad.cell_state"]
        size, delta = self.size, self.found["delta"]
        gates = (delta[:, :size], k["to"].view(-1, 3, size), delta[:, size:].unflatten(1, (3, size)), delta)
        coefficients = (self.found["above"], k["to_output"], k["through"], k["keep"])
        arrays = (*coefficients, *gates, *(self.found[name] for name in [*names, "sent.cell_state"]))
        for row in reversed(list(self._rows(*arrays))):
            above, to_output, through, keep, at_output, to, by_gate, all_gates, *rest = row
            future, grad_h, sent, arriving, grad_cell, sent_cell = rest
            torch.add(above, future, out=grad_h)
            torch.addcmul(arriving, through, grad_h, out=grad_cell)
            torch.mul(to_output, grad_h, out=at_output)
            torch.mul(to, grad_cell, out=by_gate)
            torch.mul(keep, grad_cell, out=sent_cell)
            torch.mv(self.transposed, all_gates, out=sent)


BUFFERED: dict[str, type[Buffered]] = {"rnn": Rnn, "gru": Gru, "lstm": Lstm}
