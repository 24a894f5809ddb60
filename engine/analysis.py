"""What can be found out of a pass beside its trace: where signals vanish, who is saturated, which steps agree.

What costs no more than the pass itself is one call, `analyse`; flow, singular values and eigenvalues have each
their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from engine.activations import Array
from engine.cosines import contribution_cosines
from engine.saturation import saturation
from engine.signals import signals
from engine.spectra import matrix_singular_values
from engine.truncation import kept

if TYPE_CHECKING:
    from engine.passes import Pass

AnyArray = npt.NDArray[Any]

PARTS = (signals, saturation, contribution_cosines)
"""What `analyse` consists of."""


def analyse(one: Pass) -> dict[str, Array]:
    """`measured_factor`, `log10_signal_left`, `saturation`, `dead` and `contribution_cosine`, (T,) each.

    `one` is a pass that was run. What each is, the functions say that find it.
    """
    return {name: array for part in PARTS for name, array in part(one).items()}


def findings(one: Pass, flow: bool = False, analysis: bool = False) -> dict[str, AnyArray]:
    """What a trace's file may hold beside it.

    With `flow` the flow matrices and `flow_kept` (T,T) bool, which of their entries enter the gradient; with
    `analysis` what `analyse` finds, the singular values of steps, those of matrices and eigenvalues.
    """
    found: dict[str, AnyArray] = {}
    if flow:
        found |= one.flow() | {"flow_kept": kept(one.spec.algorithm, one.plan.sizes["T"])}
    if analysis:
        found |= analyse(one) | one.singular_values() | one.eigenvalues() | matrix_singular_values(one)
    return found
