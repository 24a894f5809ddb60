"""Where a name of the equations is found in a NumPy listing, at timestep `t` and in layer `layer`."""

from __future__ import annotations

from engine.listing.experiment import Experiment
from engine.listing.functions import numpy_call, numpy_slope
from engine.listing.notation import Notation
from engine.shapes import FED_BACK, INPUT, PREVIOUS

GRAD = "grad."


class Places:
    """`of` tells it for values, parameters and gradients; `notation` writes expressions with it."""

    def __init__(self, e: Experiment) -> None:
        self.e = e
        self.notation = Notation(self.of, numpy_call, self._slope)
        self.own_lines = {line.target for line in e.lines.backward}

    def of(self, name: str) -> str:
        """A name of the equations as text."""
        if name.startswith(GRAD):
            return self._gradient(name)
        e = self.e
        if name in e.parameters:
            return e.of_step(e.names.of(name))
        if name == INPUT:
            return "x_layer" if e.layered else f"{self.lowest}[t]"
        if name == FED_BACK:
            return "y_prev[t]"
        if name.endswith(PREVIOUS):
            state = e.names.of(name.removesuffix(PREVIOUS))
            return f"{e.of_layer(state)}[t - 1]" if e.recurrent else e.names.of(name)
        return f"{e.of_layer(e.names.of(name))}[t]" if self.is_array(name) else e.names.of(name)

    @property
    def lowest(self) -> str:
        """What the lowest layer is given, of all timesteps."""
        return "joined" if self.e.plan.concatenated else "x"

    def is_array(self, name: str) -> bool:
        """Whether a value is kept for all timesteps."""
        return name in self.e.lines.kept or name in self.e.cell.states

    def next(self, state: str) -> str:
        """What the step after handed back for a state."""
        e = self.e
        return e.of_layer(e.names.of(f"{GRAD}{state}.next"))

    def _gradient(self, name: str) -> str:
        e = self.e
        state = name.removeprefix(GRAD).partition(".")[0]
        if name == "grad.h.from_above":
            return "grad_h_from_above" if e.layered else f"{e.of_step('V', readout=True)}.T @ {self.output}"
        if name in (f"grad.{state}.next", f"grad.{state}.from_future") and name not in self.own_lines:
            return self.next(state)
        if name.endswith(PREVIOUS) and name.removeprefix(GRAD) != FED_BACK:
            return self.next(name.removeprefix(GRAD).removesuffix(PREVIOUS))
        return {"grad.x": "grad_x", "grad.y_prev": "grad_y_prev"}.get(name) or e.names.of(name)

    @property
    def output(self) -> str:
        """The gradient at the output that goes back from a timestep."""
        return "grad_o[t]" if self.e.windows is None else "sent"

    def _slope(self, function: str, argument: str) -> str:
        value = self.e.lines.value(function, argument)
        return numpy_slope(function, self.of(argument), value and self.of(value))
