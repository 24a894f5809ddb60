"""The least that a trace can cost in NumPy on this machine, as a program that does only that.

The products that nothing can avoid, through bound `dot` methods into memory that is there, and the fewest calls of
elementwise functions: two loops over time, and what is made for all timesteps at once. Its numbers mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from server.bench.case import STACKED, AnyArray, Case

# Elementwise passes over (T,H) outside the loops: the coefficients of the backward loop and the gates' gradients.
PASSES = {"rnn": 2, "gru": 17, "lstm": 19}

Views = list[tuple[AnyArray, ...]]
Call = Callable[[], Any]


class Floor:
    """The least work of a trace of a case at batch 1: `run` does it once."""

    def __init__(self, case: Case) -> None:
        self.case, self.stream = case, np.random.default_rng(2)
        self.stack = len(STACKED[case.cell]) * case.hidden
        W = self._array(self.stack, case.hidden)
        forward, backward = LOOPS[case.cell]
        views, back = self._forward_views(), self._backward_views()
        at_once = [*self._products(), *self._elementwise()]

        def run() -> None:
            forward(W.dot, views)
            backward(transposed.dot, back)
            for call in at_once:
                call()

        transposed = np.ascontiguousarray(W.T)
        self.run: Callable[[], None] = run

    def _array(self, *shape: int) -> AnyArray:
        return self.stream.normal(0, 0.1, shape).astype(self.case.dtype)

    def _forward_views(self) -> Views:
        """Of every timestep: h before, W h, U x, h after, then what the cell's gates need."""
        T, H = self.case.steps, self.case.hidden
        h, w = self._array(T + 1, H), self._array(T, self.stack)
        arrays = [h[:-1], w, self._array(T, self.stack), h[1:]]
        sigmoids = self._array(T, self.stack - H)
        if self.case.cell != "rnn":
            arrays += [w[:, :-H], w[:, -H:], sigmoids, np.ones_like(sigmoids), *(self._array(T, H) for _ in range(3))]
        if self.case.cell == "gru":
            u = arrays[2]
            arrays += [u[:, :-H], u[:, -H:], sigmoids[:, :H], sigmoids[:, H:]]
        if self.case.cell == "lstm":
            c = self._array(T + 1, H)
            arrays += [c[:-1], c[1:], *(sigmoids[:, i * H : (i + 1) * H] for i in range(3))]
        return list(zip(*arrays, strict=True))

    def _backward_views(self) -> Views:
        """Of every timestep, the last first: from above, from the future, the two sent, and the rows multiplied."""
        T, H, cell = self.case.steps, self.case.hidden, self.case.cell
        arrays = [self._array(T, H) for _ in range(4)]
        rows = {"rnn": 1, "gru": 4, "lstm": 6}[cell]
        k, out = self._array(T, rows, H), self._array(T, rows, H)
        first = 1 if cell == "lstm" else 0
        delta = out[:, first : first + self.stack // H].reshape(T, -1)
        if cell == "lstm":
            arrays += [k[:, :2], out[:, :2], out[:, 0], k[:, 2:], out[:, 2:], self._array(T, H), self._array(T, H)]
        else:
            arrays += [k, out, out[:, -1]]
        return list(zip(*(array[::-1] for array in [*arrays, delta]), strict=True))

    def _products(self) -> list[Call]:
        """The matrix products for all timesteps at once: inputs, readout, what they send back, total gradients."""
        T, H, n = self.case.steps, self.case.hidden, self.case.features
        shapes = [(T, n, self.stack), (T, H, n), (T, n, H), (T, self.stack, n)]
        shapes += [(self.stack, T, n), (self.stack, T, H), (n, T, H)]
        return [
            _product(self._array(rows, inner), self._array(inner, columns), self._array(rows, columns))
            for rows, inner, columns in shapes
        ]

    def _elementwise(self) -> list[Call]:
        """Coefficients, the gates' gradients, norms and the softmax."""
        T, H = self.case.steps, self.case.hidden
        a, b, out = (self._array(T, H) for _ in range(3))
        delta, norms = self._array(T, self.stack // H, H), self._array(T, self.stack // H)
        o, y_hat = self._array(T, self.case.features), self._array(T, self.case.features)
        sums = self._array(T, 1)
        return [
            *(lambda: np.multiply(a, b, out) for _ in range(PASSES[self.case.cell])),
            lambda: np.vecdot(delta, delta, norms),
            lambda: np.vecdot(a, a, norms[:, 0]),
            lambda: np.exp(o, y_hat),
            lambda: np.sum(y_hat, 1, None, sums, True),
            lambda: np.divide(y_hat, sums, y_hat),
            lambda: np.log(sums, sums),
        ]


def _product(left: AnyArray, right: AnyArray, out: AnyArray) -> Call:
    return lambda: left.dot(right, out)


def _rnn_forward(dot: Any, views: Views, add: Any = np.add, tanh: Any = np.tanh) -> None:
    for before, w, u, h in views:
        dot(before, w)
        add(u, w, w)
        tanh(w, h)


def _rnn_backward(dot: Any, views: Views, add: Any = np.add, multiply: Any = np.multiply) -> None:
    for above, future, sent, grad_h, k, out, _, delta in views:
        add(above, future, grad_h)
        multiply(k, grad_h, out)
        dot(delta, sent)


def _gru_forward(dot: Any, views: Views) -> None:
    # The minus of the sigmoid's exp(-a) is in the weights already.
    add, multiply, subtract = np.add, np.multiply, np.subtract
    exp, reciprocal, tanh = np.exp, np.reciprocal, np.tanh
    for before, w, _, h, w_s, w_n, s, ones, part, n, spare, u_s, u_n, reset, update in views:
        dot(before, w)
        add(u_s, w_s, w_s)
        exp(w_s, s)
        add(s, ones, s)
        reciprocal(s, s)
        add(w_n, part, part)
        multiply(reset, part, spare)
        add(u_n, spare, spare)
        tanh(spare, n)
        subtract(before, n, spare)
        multiply(update, spare, spare)
        add(n, spare, h)


def _gru_backward(dot: Any, views: Views, add: Any = np.add, multiply: Any = np.multiply) -> None:
    for above, future, sent, grad_h, k, out, kept, delta in views:
        add(above, future, grad_h)
        multiply(k, grad_h, out)
        dot(delta, sent)
        add(sent, kept, sent)


def _lstm_forward(dot: Any, views: Views) -> None:
    add, multiply, exp, reciprocal, tanh = np.add, np.multiply, np.exp, np.reciprocal, np.tanh
    for before, w, u, h, w_s, w_g, s, ones, g, spare, squashed, c_before, c, output, enter, forget in views:
        dot(before, w)
        add(u, w, w)
        exp(w_s, s)
        add(s, ones, s)
        reciprocal(s, s)
        tanh(w_g, g)
        multiply(forget, c_before, c)
        multiply(enter, g, spare)
        add(c, spare, c)
        tanh(c, squashed)
        multiply(output, squashed, h)


def _lstm_backward(dot: Any, views: Views, add: Any = np.add, multiply: Any = np.multiply) -> None:
    for above, future, sent, grad_h, k_h, by_h, through, k_c, by_c, arriving, grad_c, delta in views:
        add(above, future, grad_h)
        multiply(k_h, grad_h, by_h)
        add(arriving, through, grad_c)
        multiply(k_c, grad_c, by_c)
        dot(delta, sent)


LOOPS: dict[str, tuple[Callable[[Any, Views], None], Callable[[Any, Views], None]]] = {
    "rnn": (_rnn_forward, _rnn_backward),
    "gru": (_gru_forward, _gru_backward),
    "lstm": (_lstm_forward, _lstm_backward),
}
