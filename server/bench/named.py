"""The peers' stacked arrays under the names of the engine's trace, and the check that they are the same numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from server.bench.case import STACKED, STATES, AnyArray, Case, Values

TOLERANCE = {"float64": 1e-9, "float32": 1e-4}
"""The largest difference allowed, as a share of the largest number of the array."""


def named(case: Case, found: Mapping[str, AnyArray]) -> Values:
    """The arrays of a peer's trace by the engine's names; those of a step are (T, n), the batch of one left out."""
    gates = _gates(case, found)
    values = {name: found[name] for name in ("o", "y_hat", "loss", "grad.o", "grad.x")}
    for state in STATES[case.cell]:
        values[f"layer0.{state}"] = found[state]
        for name in (f"grad.{state}", f"grad.{state}.from_future"):
            values[name.replace("grad.", "grad.layer0.")] = found[name]
    values["grad.layer0.h.from_above"] = found["above"]
    return values | gates | _parameters(case, found)


def totals(case: Case, found: Mapping[str, AnyArray], endings: tuple[str, ...]) -> Values:
    """Stacked total gradients U, W, b, gru's r, V, c cut into the engine's parameters."""
    cut = {"grad.V": found["V"], "grad.c": found["c"]}
    for kind in _stacked(case):
        for ending, part in zip(endings, np.split(found[kind], len(endings)), strict=True):
            cut[f"grad.layer0.{kind}{ending}"] = part
    return {name: value for name, value in cut.items() if name.removeprefix("grad.") in case.weights}


def shares(case: Case, found: Mapping[str, AnyArray]) -> Values:
    """Stacked contributions (T, G*H, ...) cut into the engine's parameters."""
    cut = {"contribution.V": found["V"], "contribution.c": found["c"]}
    endings = STACKED[case.cell]
    for kind in _stacked(case):
        for ending, part in zip(endings, np.split(found[kind], len(endings), axis=1), strict=True):
            cut[f"contribution.layer0.{kind}{ending}"] = part
    return {name: value for name, value in cut.items() if name.removeprefix("contribution.") in case.weights}


def hold(case: Case, peer: str, theirs: Values, ours: Mapping[str, AnyArray]) -> None:
    """Raises ArithmeticError where a peer's numbers are not ours, or not all that are asked of it are there."""
    for name, value in theirs.items():
        if name not in ours:
            raise ArithmeticError(f"{peer} has {name}, which the engine has not")
        expected = ours[name].reshape(value.shape)
        largest = float(np.abs(expected).max())
        error = float(np.abs(value - expected).max())
        if not error <= TOLERANCE[case.dtype] * largest:
            raise ArithmeticError(f"{peer} and the engine differ in {name} by {error:.2e} of {largest:.2e}")


def _stacked(case: Case) -> str:
    """The letters of the stacked parameters; r only where a gate multiplies what it is added to."""
    return "UWbr" if case.cell == "gru" else "UWb"


def _gates(case: Case, found: Mapping[str, AnyArray]) -> Values:
    """Gates, pre-activations and their gradients."""
    if case.cell == "rnn":
        return {"layer0.a": found["a"], "grad.layer0.a": found["delta"]}
    names = [f"layer0.{ending[1:]}" + ("" if ending == "_candidate" else "_gate") for ending in STACKED[case.cell]]
    values = np.concatenate([found["sigmoids"], found["candidate"]], axis=-1)
    inside = np.concatenate([found["a"], found["inside"]], axis=-1) if case.cell == "gru" else found["a"]
    cut: Values = {}
    for form, stack in (
        ("{}", values),
        ("{}.a", inside),
        ("grad.{}", found["grad.gates"]),
        ("grad.{}.a", found["at_inputs"]),
    ):
        cut |= {form.format(name): part for name, part in zip(names, np.split(stack, len(names), -1), strict=True)}
    return cut


def _parameters(case: Case, found: Mapping[str, AnyArray]) -> Values:
    """Total gradients and the norms of the contributions."""
    endings = STACKED[case.cell]
    kinds = _stacked(case)
    values = totals(case, {kind: found[f"total.{kind}"] for kind in (*kinds, "V", "c")}, endings)
    norms = {f"layer0.{kind}{end}": found[f"norm.{kind}"][:, i] for kind in kinds for i, end in enumerate(endings)}
    norms |= {kind: found[f"norm.{kind}"][:, 0] for kind in "Vc"}
    return values | {f"contribution_norm.{name}": norm for name, norm in norms.items() if name in case.weights}
