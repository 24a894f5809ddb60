"""Makes the stored PyTorch numbers that the tests compare the engine with: `python -m tests.reference.make_references`.

Names of cases after it make only those. Needs torch (the version in pyproject.toml's group `reference`) and
safetensors; the tests that read the files need neither torch nor this script. Nothing here uses the engine. Every file
is checked before it is written; an AssertionError means that two witnesses disagree.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from tests.reference.case_list import CASES, FLOWS
from tests.reference.differences import check_differences
from tests.reference.drawing import draw_parameters, draw_readout
from tests.reference.hand_activations import samples
from tests.reference.hand_cells import Values, Weights
from tests.reference.hand_flow import flows, singular_values
from tests.reference.hand_gradients import whole_pass
from tests.reference.hand_pass import pass_loss, states_of
from tests.reference.reference_case import Case, draw_data
from tests.reference.relatives import RELATIONS, judge_relative
from tests.reference.torch_optimizers import SETTINGS, optimized, updated
from tests.reference.torch_twin import TOLERANCE, has_twin, judge

FOLDER = Path(__file__).parent
KINKS = {"hard_sigmoid": (-3.0, 3.0), "relu": (0.0,)}
Metadata = dict[str, str]


def make(case: Case) -> tuple[Values, Metadata]:
    """Everything in a case's file: inputs, parameters, PyTorch's own names for them, and the expected values."""
    source = case.generator()
    state, own = draw_parameters(case, source)
    readout = draw_readout(case, source)
    x, y = draw_data(case, source)
    parameters = own | readout
    by_hand = whole_pass(case, parameters, x, y)
    check(case, by_hand)
    check_differences(case, parameters, x, y, by_hand)
    if case.parameters == "own_equal":
        check_untied(case, parameters, x, y, by_hand)
    if has_twin(case):
        judge(case, state, readout, y, by_hand)
    if case.cell in RELATIONS:
        judge_relative(case, parameters, x, y)
    values = {"y": y} | parameters | by_hand
    if has_twin(case) and case.tied:
        values |= {f"torch.{name}": value for name, value in state.items()}
    metadata = _metadata(case) | {"loss": repr(float(pass_loss(case, by_hand["loss"])))}
    return _with_masks(case, _with_update(case, parameters, values, metadata)), metadata


def make_flow(case: Case) -> tuple[Values, Metadata]:
    """A file of flow matrices and singular values, with the data and parameters they come from."""
    source = case.generator()
    _, own = draw_parameters(case, source)
    parameters = own | draw_readout(case, source)
    x, y = draw_data(case, source)
    found = flows(case, parameters, x, y)
    if not case.feedback:
        found |= singular_values(case, parameters, x, y)
    return _with_masks(case, {"x": x, "y": y} | parameters | found), _metadata(case)


def _metadata(case: Case) -> Metadata:
    return {"spec": json.dumps(case.spec)}


def _with_masks(case: Case, values: Values) -> Values:
    """What tells of padding, and of steps without a target, beside the data."""
    values = values | ({"counted": case.targeted} if case.sparse else {})
    return values | ({"lengths": torch.tensor(case.lengths)} if case.lengths else {})


def _with_update(case: Case, parameters: Weights, values: Values, metadata: Metadata) -> Values:
    """The parameters after an update too, where the case sets an optimizer; the metadata tell of the clipping."""
    if not case.optimizer:
        return values
    after, norm = updated(case, parameters, values)
    metadata |= {"grad_norm": repr(norm)}
    return values | after


def check(case: Case, by_hand: Values) -> None:
    """What must hold in any file: arrivals and shares add up, all is finite, and no kink is near or unvisited."""
    for state in states_of(case):
        check_arrivals(case, by_hand, f"grad.{state}", "from_above")
    if case.feedback == "free":
        check_arrivals(case, by_hand, "grad.o", "from_loss")
    for name, share in by_hand.items():
        if name.startswith("contribution."):
            total = by_hand[name.replace("contribution.", "grad.", 1)]
            torch.testing.assert_close(share.sum(0) if case.tied else share, total, rtol=TOLERANCE, atol=TOLERANCE)
    for name, value in by_hand.items():
        assert value.isfinite().all(), name
    check_padding(case, by_hand)
    check_kinks(case, by_hand)


def check_arrivals(case: Case, by_hand: Weights, total: str, other: str) -> None:
    """Two things arrive at a value; from the future exactly where a later loss's window holds this step too."""
    future = by_hand[f"{total}.from_future"]
    tolerance = {"rtol": 1e-13, "atol": 1e-16} if case.truncation else {"rtol": 0, "atol": 0}
    torch.testing.assert_close(by_hand[total], by_hand[f"{total}.{other}"] + future, **tolerance)
    carried = total == "grad.o" or (case.recurrence == "full" and case.cell != "output_recurrent")
    for t in range(case.timesteps):
        losses = [case.counted[max(first, t + 1) : end] for first, cut, end in case.windows if cut <= t]
        assert bool(future[t].any()) == (carried and any(bool(counted.any()) for counted in losses)), total


def check_untied(case: Case, parameters: Weights, x: Tensor, y: Tensor, by_hand: Weights) -> None:
    """Where every timestep has equal parameters, its gradients are the shares of the tied network's."""
    tied = whole_pass(replace(case, parameters="shared"), {name: own[0] for name, own in parameters.items()}, x, y)
    for name in parameters:
        torch.testing.assert_close(
            by_hand[f"grad.{name}"], tied[f"contribution.{name}"], rtol=TOLERANCE, atol=TOLERANCE
        )


def check_padding(case: Case, by_hand: Weights) -> None:
    """Whatever has a timestep and a sequence is zero at padded steps."""
    for name, value in by_hand.items():
        if value.shape[:2] == case.there.shape and not name.startswith("contribution."):
            assert not value[~case.there].any(), name


def check_kinks(case: Case, by_hand: Weights) -> None:
    """Pre-activations of a function with kinks lie on both sides of each, and none within 1e-3 of it."""
    arguments = {("h.a", "candidate.a"): case.activation, ("_gate.a",): case.gate_activation}
    for endings, activation in arguments.items():
        for kink in KINKS.get(activation, ()):
            named = [name for name in by_hand if name.endswith(endings) and not name.startswith("grad.")]
            values = torch.cat([by_hand[name].flatten() for name in named]) - kink
            assert values.min() < 0 < values.max(), f"{case.name} stays on one side of {kink}"
            assert values.abs().min() > 1e-3, f"{case.name} comes too close to {kink}"


def write(name: str, values: Weights, metadata: Metadata) -> None:
    """Writes NAME.safetensors beside this script."""
    arrays: dict[str, Tensor] = {key: value.detach().clone().contiguous() for key, value in values.items()}
    told = metadata | {"torch_version": str(torch.__version__)}
    (FOLDER / f"{name}.safetensors").write_bytes(in_fixed_order(save(arrays, told)))
    print(f"{name}: {len(values)} arrays {metadata.get('loss', '')}")


def in_fixed_order(data: bytes) -> bytes:
    """The same file with its metadata sorted: safetensors writes them in an order that changes from run to run."""
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[end:]


def main(only: list[str]) -> None:
    """Makes every file again, or those that are named."""
    torch.set_num_threads(1)
    for cases, maker in ((CASES, make), (FLOWS, make_flow)):
        for case in cases:
            if not only or case.name in only:
                write(case.name, *maker(case))
    if not only or "activations" in only:
        write("activations", samples(), {})
    if not only or "optimizers" in only:
        write("optimizers", optimized(), {"settings": json.dumps(SETTINGS)})


if __name__ == "__main__":
    main(sys.argv[1:])
