"""What the output before gives to a step: the target, the prediction, or a draw from it.

Goodfellow, Bengio and Courville (2016), section 10.2.1; Bengio et al. (2015) for the schedule.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.activations import Array
from engine.part_spec import Feedback as FeedbackSpec
from engine.readout import Readout
from engine.spec import Spec

FORCED = "y_prev.forced"
"""The trace's name of where a step is given the target."""

STREAM = 0xFEED
"""Keeps the draws apart from the weights', which are drawn from the same seed."""


class Feedback:
    """Fills `y_prev` (T,O,B), zero before the first step.

    `passes` is whether a gradient goes back through it. `forced` (T,B) int64 is 1 where a step is given the
    target, as under teacher forcing, and 0 where it is given the prediction, a draw, or nothing. `frozen`,
    it keeps what it last gave: so a gradient is checked that does not pass.
    """

    def __init__(self, spec: Spec, y_prev: Array, readout: Readout) -> None:
        self.how: FeedbackSpec = spec.feedback
        self.y_prev, self.readout = y_prev, readout
        self.passes = spec.feedback.source == "output" and spec.feedback.mode == "free"
        self.frozen = False
        self.forced = np.zeros((len(y_prev), y_prev.shape[2]), np.int64)
        self.seed = spec.seed
        self.begin(0)

    @property
    def known(self) -> bool:
        """Whether all of it is known before the pass begins."""
        return self.how.source == "none" or self.how.mode == "teacher"

    def begin(self, index: int) -> None:
        """Toss the coins and draw the draws that go with the batch number `index`."""
        steps, outputs, batch = self.y_prev.shape
        stream = np.random.default_rng([self.seed, STREAM, index])
        self.coins = stream.random((steps, batch)) < self.how.probability
        softmax = self.readout.softmax
        self.draws = stream.random((steps, batch)) if softmax else stream.normal(size=(steps, outputs, batch))

    def teach(self) -> None:
        """Give every step the true output before it."""
        if self.how.source == "output":
            self.y_prev[1:] = self.readout.true[:-1]
            self._blank(1, len(self.y_prev))
            self.forced[1:] = self._forces()[1:]

    def give(self, t: int) -> None:
        """Give step t what the mode says; the step before has its prediction."""
        if self.known or self.frozen or t == 0:
            return
        match self.how.mode:
            case "free":
                self.y_prev[t] = self.readout.y_hat[t - 1]
            case "sampled":
                self.y_prev[t] = self._draw(t - 1)
            case _:
                self.y_prev[t] = np.where(self.forced[t], self.readout.true[t - 1], self._draw(t - 1))
        self._blank(t, t + 1)

    def _forces(self) -> npt.NDArray[np.bool_]:
        """Where the mode gives the target, (T,B); padding is given nothing."""
        match self.how.mode:
            case "teacher":
                forces = np.ones_like(self.coins)
            case "scheduled":
                forces = self.coins
            case _:
                forces = np.zeros_like(self.coins)
        return forces if self.readout.there is None else forces & self.readout.there

    def _blank(self, first: int, last: int) -> None:
        """Padding is given nothing."""
        there = self.readout.there
        if there is not None:
            np.copyto(self.y_prev[first:last], 0, where=~there[first:last, None])

    def _draw(self, t: int) -> Array:
        """A draw from the prediction of step t, (O,B): a symbol, or a real number with variance 1.

        Half the squared error is the negative logarithm of that normal distribution, but for a constant.
        """
        predicted = self.readout.y_hat[t]
        if not self.readout.softmax:
            return np.asarray(predicted + self.draws[t], predicted.dtype)
        above = np.cumsum(predicted, axis=0) < self.draws[t]
        symbol = np.minimum(above.sum(axis=0), len(predicted) - 1)
        return np.asarray(np.arange(len(predicted))[:, None] == symbol, predicted.dtype)
