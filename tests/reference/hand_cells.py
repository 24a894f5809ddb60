"""The cells, written out by hand in plain torch operations, one equation a line.

A cell takes its parameters, its input x (B, its inputs), its states of the step before (B, H), and the activations of
its new content and of its gates. It returns every value that has a name, each (B, H): `NAME`, and `NAME.a` for the
argument of the equation's outermost activation. A value a state passes on to this same step is an identity copy of it,
`STATE.from_above`: the gradient of the copy is what arrives at the state on that way alone. Where the output is fed
back, `previous["y"]` (B, O) is y_prev.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor, tanh

from tests.reference.hand_activations import Activation

Values = dict[str, Tensor]
Weights = Mapping[str, Tensor]
Cell = Callable[[Weights, Tensor, Weights, Activation, Activation], Values]


def at(matrix: Tensor, vectors: Tensor) -> Tensor:
    """The equations' `matrix @ vector` for each row of vectors (B, n): (B, m)."""
    return vectors @ matrix.T


def rnn(p: Weights, x: Tensor, previous: Weights, new: Activation, gate: Activation) -> Values:
    """The plain recurrent cell (Goodfellow 10.8, 10.9); it has no gate."""
    v: Values = {}
    v["a"] = at(p["U"], x) + at(p["W"], previous["h"]) + p["b"]
    v["h.a"] = v["a"]
    v["h"] = new(v["h.a"])
    return v


def lstm(p: Weights, x: Tensor, previous: Weights, new: Activation, gate: Activation) -> Values:
    """Long short-term memory (Goodfellow 10.40-10.44, whose g is the input gate); the tanh on the cell state stays."""
    h = previous["h"]
    v: Values = {}
    v["input_gate.a"] = at(p["U_input"], x) + at(p["W_input"], h) + p["b_input"]
    v["forget_gate.a"] = at(p["U_forget"], x) + at(p["W_forget"], h) + p["b_forget"]
    v["candidate.a"] = at(p["U_candidate"], x) + at(p["W_candidate"], h) + p["b_candidate"]
    v["output_gate.a"] = at(p["U_output"], x) + at(p["W_output"], h) + p["b_output"]
    v["input_gate"] = gate(v["input_gate.a"])
    v["forget_gate"] = gate(v["forget_gate.a"])
    v["candidate"] = new(v["candidate.a"])
    v["output_gate"] = gate(v["output_gate.a"])
    v["cell_state"] = v["forget_gate"] * previous["cell_state"] + v["input_gate"] * v["candidate"]
    v["cell_state.from_above"] = v["cell_state"].clone()
    v["h"] = v["output_gate"] * tanh(v["cell_state.from_above"])
    return v


def gru(p: Weights, x: Tensor, previous: Weights, new: Activation, gate: Activation) -> Values:
    """The gated recurrent unit with the reset gate after the matrix, as PyTorch and cuDNN have it."""
    h = previous["h"]
    v = _gru_gates(p, x, h, gate)
    recurrent = at(p["W_candidate"], h) + p["r_candidate"]
    v["candidate.a"] = at(p["U_candidate"], x) + p["b_candidate"] + v["reset_gate"] * recurrent
    v["candidate"] = new(v["candidate.a"])
    v["h"] = v["update_gate"] * h + (1 - v["update_gate"]) * v["candidate"]
    return v


def gru_reset_before(p: Weights, x: Tensor, previous: Weights, new: Activation, gate: Activation) -> Values:
    """The gated recurrent unit with the reset gate before the matrix (Cho 2014; Goodfellow 10.45-10.47)."""
    h = previous["h"]
    v = _gru_gates(p, x, h, gate)
    v["candidate.a"] = at(p["U_candidate"], x) + at(p["W_candidate"], v["reset_gate"] * h) + p["b_candidate"]
    v["candidate"] = new(v["candidate.a"])
    v["h"] = v["update_gate"] * h + (1 - v["update_gate"]) * v["candidate"]
    return v


def _gru_gates(p: Weights, x: Tensor, h: Tensor, gate: Activation) -> Values:
    """Both forms' update and reset gates with their pre-activations."""
    v: Values = {}
    v["update_gate.a"] = at(p["U_update"], x) + at(p["W_update"], h) + p["b_update"]
    v["reset_gate.a"] = at(p["U_reset"], x) + at(p["W_reset"], h) + p["b_reset"]
    v["update_gate"] = gate(v["update_gate.a"])
    v["reset_gate"] = gate(v["reset_gate.a"])
    return v


def lstm_peephole(p: Weights, x: Tensor, previous: Weights, new: Activation, gate: Activation) -> Values:
    """LSTM whose gates see the cell state, the output gate that of this step (Gers and Schmidhuber 2000)."""
    h, c = previous["h"], previous["cell_state"]
    v: Values = {}
    v["input_gate.a"] = at(p["U_input"], x) + at(p["W_input"], h) + p["p_input"] * c + p["b_input"]
    v["forget_gate.a"] = at(p["U_forget"], x) + at(p["W_forget"], h) + p["p_forget"] * c + p["b_forget"]
    v["candidate.a"] = at(p["U_candidate"], x) + at(p["W_candidate"], h) + p["b_candidate"]
    v["input_gate"] = gate(v["input_gate.a"])
    v["forget_gate"] = gate(v["forget_gate.a"])
    v["candidate"] = new(v["candidate.a"])
    v["cell_state"] = v["forget_gate"] * c + v["input_gate"] * v["candidate"]
    v["cell_state.from_above"] = v["cell_state"].clone()
    peephole = p["p_output"] * v["cell_state.from_above"]
    v["output_gate.a"] = at(p["U_output"], x) + at(p["W_output"], h) + peephole + p["b_output"]
    v["output_gate"] = gate(v["output_gate.a"])
    v["h"] = v["output_gate"] * tanh(v["cell_state.from_above"])
    return v


def lstm_coupled(p: Weights, x: Tensor, previous: Weights, new: Activation, gate: Activation) -> Values:
    """LSTM that writes exactly where it forgets (Greff et al. 2017, their CIFG)."""
    h = previous["h"]
    v: Values = {}
    v["forget_gate.a"] = at(p["U_forget"], x) + at(p["W_forget"], h) + p["b_forget"]
    v["candidate.a"] = at(p["U_candidate"], x) + at(p["W_candidate"], h) + p["b_candidate"]
    v["output_gate.a"] = at(p["U_output"], x) + at(p["W_output"], h) + p["b_output"]
    v["forget_gate"] = gate(v["forget_gate.a"])
    v["candidate"] = new(v["candidate.a"])
    v["output_gate"] = gate(v["output_gate.a"])
    v["cell_state"] = v["forget_gate"] * previous["cell_state"] + (1 - v["forget_gate"]) * v["candidate"]
    v["cell_state.from_above"] = v["cell_state"].clone()
    v["h"] = v["output_gate"] * tanh(v["cell_state.from_above"])
    return v


def mgu(p: Weights, x: Tensor, previous: Weights, new: Activation, gate: Activation) -> Values:
    """The minimal gated unit: one gate that both resets and updates (Zhou et al. 2016)."""
    h = previous["h"]
    v: Values = {}
    v["forget_gate.a"] = at(p["U_forget"], x) + at(p["W_forget"], h) + p["b_forget"]
    v["forget_gate"] = gate(v["forget_gate.a"])
    v["candidate.a"] = at(p["U_candidate"], x) + at(p["W_candidate"], v["forget_gate"] * h) + p["b_candidate"]
    v["candidate"] = new(v["candidate.a"])
    v["h"] = (1 - v["forget_gate"]) * h + v["forget_gate"] * v["candidate"]
    return v


def irnn(p: Weights, x: Tensor, previous: Weights, new: Activation, gate: Activation) -> Values:
    """The plain cell, meant for relu and a W that begins as the identity (Le, Jaitly and Hinton 2015)."""
    return rnn(p, x, previous, new, gate)


def leaky(p: Weights, x: Tensor, previous: Weights, new: Activation, gate: Activation) -> Values:
    """The leaky integrator with rate 0.3 (Jaeger et al. 2007)."""
    h = previous["h"]
    v: Values = {}
    v["a"] = at(p["U"], x) + at(p["W"], h) + p["b"]
    v["h"] = 0.7 * h + 0.3 * tanh(v["a"])
    return v


def output_recurrent(p: Weights, x: Tensor, previous: Weights, new: Activation, gate: Activation) -> Values:
    """A cell that remembers nothing but the output before (Goodfellow 10.2.1)."""
    v: Values = {}
    v["h.a"] = at(p["U"], x) + at(p["R"], previous["y"]) + p["b"]
    v["h"] = tanh(v["h.a"])
    return v


CELLS: dict[str, Cell] = {
    "rnn": rnn,
    "lstm": lstm,
    "gru": gru,
    "gru_reset_before": gru_reset_before,
    "lstm_peephole": lstm_peephole,
    "lstm_coupled": lstm_coupled,
    "mgu": mgu,
    "irnn": irnn,
    "leaky": leaky,
    "output_recurrent": output_recurrent,
}
STATES: dict[str, tuple[str, ...]] = {
    name: ("h", "cell_state") if name.startswith("lstm") else ("h",) for name in CELLS
}
