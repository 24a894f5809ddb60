"""The memory that findings take, told before they are made."""

from __future__ import annotations

from collections.abc import Callable

from engine.backstep import MIXED
from engine.plan import CHUNK, Plan, itemsize
from engine.portions import What
from engine.program import compile_cell
from engine.spectra import recurrent_matrices

VIEWS = 2**11
"""What the views of a timestep take, in bytes: they count where there is little to see."""


def findings_bytes(plan: Plan, flow: bool = False, analysis: bool = False) -> int:
    """The memory that `findings` takes at most, its results included."""
    return (_flow_bytes(plan) if flow else 0) + (_analysis_bytes(plan) if analysis else 0)


def finding_bytes(plan: Plan, what: What) -> int:
    """The memory that `portions` takes at most beside its pass, all that it gives held at once."""
    return BYTES[what](plan)


def _flow_bytes(plan: Plan) -> int:
    sizes = plan.sizes
    below = sizes["L"] > 1 or plan.spec.feedback.source == "output"
    return _sweep_bytes(plan, sizes["L"] * len(plan.cell.states), below)


def _input_flow_bytes(plan: Plan) -> int:
    return _sweep_bytes(plan, 1, True)


def _sweep_bytes(plan: Plan, count: int, below: bool) -> int:
    """What a sweep for `count` matrices takes, which goes on `below` a layer or not."""
    sizes = plan.sizes
    steps, batch, layers = sizes["T"], sizes["B"], sizes["L"]
    matrices = steps * steps * (12 * count + 1)  # and half of them once more
    lines = len(plan.backward_names) if below else 0
    beside = batch * steps * (lines * max(sizes["H"], sizes["I"]) + 8 * sizes["O"])
    return matrices + layers * (_backstep_bytes(plan, steps) + VIEWS * steps) + beside * itemsize(plan.spec)


def _analysis_bytes(plan: Plan) -> int:
    return _signals_bytes(plan) + _spectra_bytes(plan)


def _signals_bytes(plan: Plan) -> int:
    sizes = plan.sizes
    steps, batch, layers = sizes["T"], sizes["B"], sizes["L"]
    alone = steps * (2 * len(plan.cell.states) + 2 * len(plan.cell.lines) + len(plan.slots))
    widest = max(sizes["H"], sizes["I"], sizes["O"])
    cosines = steps * batch * _most_uses(plan) * (8 * widest + 4 * batch * _most_uses(plan))
    return 8 * (layers * alone + cosines)


def _spectra_bytes(plan: Plan) -> int:
    sizes = plan.sizes
    steps, batch, hidden, layers = (sizes[letter] for letter in "TBHL")
    states, matrices = len(plan.cell.states), len(recurrent_matrices(plan.cell))
    values = 2 * steps * batch * hidden * states + 3 * hidden * matrices * (1 if plan.spec.weights_shared else steps)
    decomposed = 4 * hidden * hidden * max(batch, 1)
    return 8 * (layers * values + decomposed) + layers * _backstep_bytes(plan, hidden * states)


def _backstep_bytes(plan: Plan, count: int) -> int:
    """What a layer takes to send `count` gradients back at once: themselves, temporaries, and matrices."""
    sweep, hidden, batch = compile_cell(plan.cell, plan.spec.weights_shared).sweep, plan.sizes["H"], plan.sizes["B"]
    pulls = [*(root.pulls for root in sweep.roots), *(one.pulls for one in sweep.handovers)]
    uses = sum(1 + len(sweep.sums.get(pull.delta, ())) for own in pulls for pull in own)
    vectors = batch * hidden * count * (len(sweep.roots) + len(sweep.handovers) + 4)
    one, chunk = batch * hidden * hidden, min(CHUNK, plan.sizes["T"]) if plan.ahead else 1
    widest = one * len(sweep.roots)
    mixed = max(widest, min(MIXED, chunk * widest)) * sum(1 for own in pulls if own)
    scales = 2 * batch * hidden * uses * max(1, min(chunk, MIXED // one))
    return (vectors + mixed + scales + 2 * hidden * hidden * uses) * itemsize(plan.spec)


def _most_uses(plan: Plan) -> int:
    shares = compile_cell(plan.cell, plan.spec.weights_shared).derivation.shares
    names = [share.parameter for share in shares]
    return max(names.count(name) for name in names) if names else 1


def _axes_bytes(plan: Plan) -> int:
    sizes = plan.sizes
    rows, hidden, states = sizes["T"] * sizes["B"], sizes["H"], sizes["L"] * len(plan.cell.states)
    decomposed = 5 * rows * hidden + 6 * min(rows, hidden) * (hidden + min(rows, hidden))
    return 8 * (decomposed + 2 * (rows + 1) * states)


BYTES: dict[What, Callable[[Plan], int]] = {
    "flow": _flow_bytes,
    "inputs": _input_flow_bytes,
    "jacobians": _spectra_bytes,
    "signals": _signals_bytes,
    "axes": _axes_bytes,
}
"""What each finding takes."""
