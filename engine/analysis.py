"""What can be found out of a pass beside its trace: where signals vanish, who is saturated, which steps agree.

What costs no more than the pass itself is one call, `analyse`; flow, singular values and eigenvalues have each
their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from engine.activations import Array
from engine.backstep import MIXED
from engine.cosines import contribution_cosines
from engine.plan import CHUNK, Plan, itemsize
from engine.program import compile_cell
from engine.saturation import saturation
from engine.signals import signals
from engine.spectra import recurrent_matrices
from engine.truncation import kept

if TYPE_CHECKING:
    from engine.passes import Pass

AnyArray = npt.NDArray[Any]

VIEWS = 2**11
"""What the views of a timestep take, in bytes: they count where there is little to see."""


def analyse(one: Pass) -> dict[str, Array]:
    """`measured_factor`, `log10_signal_left`, `saturation`, `dead` and `contribution_cosine`, (T,) each.

    `one` is a pass that was run. What each is, the functions say that find it.
    """
    return {**signals(one), **saturation(one), **contribution_cosines(one)}


def findings(one: Pass, flow: bool = False, analysis: bool = False) -> dict[str, AnyArray]:
    """What a trace's file may hold beside it.

    With `flow` the flow matrices and `flow_kept` (T,T) bool, which of their entries enter the gradient; with
    `analysis` what `analyse` finds, singular values and eigenvalues.
    """
    found: dict[str, AnyArray] = {}
    if flow:
        found |= one.flow() | {"flow_kept": kept(one.spec.algorithm, one.plan.sizes["T"])}
    if analysis:
        found |= analyse(one) | one.singular_values() | one.eigenvalues()
    return found


def findings_bytes(plan: Plan, flow: bool = False, analysis: bool = False) -> int:
    """The memory that `findings` takes at most, its results included."""
    return (_flow_bytes(plan) if flow else 0) + (_analysis_bytes(plan) if analysis else 0)


def _flow_bytes(plan: Plan) -> int:
    sizes = plan.sizes
    steps, batch, layers = sizes["T"], sizes["B"], sizes["L"]
    matrices = steps * steps * (12 * layers * len(plan.cell.states) + 1)  # and half of them once more
    lines = len(plan.backward_names) if layers > 1 or plan.spec.feedback.source == "output" else 0
    beside = batch * steps * (lines * max(sizes["H"], sizes["I"]) + 8 * sizes["O"])
    return matrices + layers * (_backstep_bytes(plan, steps) + VIEWS * steps) + beside * itemsize(plan.spec)


def _analysis_bytes(plan: Plan) -> int:
    sizes = plan.sizes
    steps, batch, hidden, layers = (sizes[letter] for letter in "TBHL")
    states, matrices = len(plan.cell.states), len(recurrent_matrices(plan.cell))
    values = steps * batch * hidden * states + 2 * hidden * matrices * (1 if plan.spec.weights_shared else steps)
    alone = steps * (2 * states + 2 * len(plan.cell.lines) + len(plan.slots))
    widest = max(hidden, sizes["I"], sizes["O"])
    cosines = steps * batch * _most_uses(plan) * (8 * widest + 4 * batch * _most_uses(plan))
    decomposed = 4 * hidden * hidden * max(batch, 1)
    return 8 * (layers * (values + alone) + cosines + decomposed) + _backstep_bytes(plan, hidden)


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
