"""Makes the stored PyTorch numbers that the tests compare the engine with: `python -m tests.reference.make_references`.

Needs torch (the version in pyproject.toml's group `reference`) and safetensors; the tests that read the files need
neither torch nor this script. Nothing here uses the engine. Every file is checked before it is written; an
AssertionError means that the cells written by hand and PyTorch's own modules disagree.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from tests.reference.hand_activations import samples
from tests.reference.hand_cells import STATES, Values, Weights
from tests.reference.hand_pass import contributions, pass_loss, shared_pass
from tests.reference.reference_case import CASES, Case, draw_data, draw_readout
from tests.reference.torch_twin import TOLERANCE, draw_state_dict, has_twin, judge, judge_reset_before, unstack

FOLDER = Path(__file__).parent
KINKS = {"hard_sigmoid": (-3.0, 3.0), "relu": (0.0,)}


def make(case: Case) -> Values:
    """Everything in a case's file: inputs, parameters, PyTorch's own names for them, and the expected values."""
    source = case.generator()
    state, readout = draw_state_dict(case, source), draw_readout(case, source)
    x, y = draw_data(case, source)
    parameters = unstack(case, state) | readout
    by_hand = shared_pass(case, parameters, x, y)
    shares = contributions(case, parameters, x, y)
    check(case, by_hand, shares)
    if has_twin(case):
        judge(case, state, readout, y, by_hand)
    if case.cell == "gru_reset_before":
        judge_reset_before(case, state, readout, x, y)
    modules = {f"torch.{name}": value for name, value in state.items()} if has_twin(case) else {}
    return {"y": y} | parameters | modules | by_hand | shares


def check(case: Case, by_hand: Values, shares: Values) -> None:
    """What must hold in any file: arrivals and shares add up, all is finite, and no kink is near or unvisited."""
    for layer in range(case.layers):
        for state in STATES[case.cell]:
            total = f"grad.layer{layer}.{state}"
            assert torch.equal(by_hand[total], by_hand[f"{total}.from_above"] + by_hand[f"{total}.from_future"])
            assert not by_hand[f"{total}.from_future"][-1].any()
    for name, share in shares.items():
        total = name.replace("contribution.", "grad.", 1)
        torch.testing.assert_close(share.sum(0), by_hand[total], rtol=TOLERANCE, atol=TOLERANCE)
    for name, value in (by_hand | shares).items():
        assert value.isfinite().all(), name
    check_kinks(case, by_hand)


def check_kinks(case: Case, by_hand: Weights) -> None:
    """Pre-activations of a function with kinks lie on both sides of each, and none within 1e-3 of it."""
    arguments = {("h.a", "candidate.a"): case.activation, ("_gate.a",): case.gate_activation}
    for endings, activation in arguments.items():
        for kink in KINKS.get(activation, ()):
            named = [name for name in by_hand if name.endswith(endings) and not name.startswith("grad.")]
            values = torch.cat([by_hand[name].flatten() for name in named]) - kink
            assert values.min() < 0 < values.max(), f"{case.name} stays on one side of {kink}"
            assert values.abs().min() > 1e-3, f"{case.name} comes too close to {kink}"


def write(name: str, values: Weights, metadata: dict[str, str]) -> None:
    """Writes NAME.safetensors beside this script."""
    arrays: dict[str, Tensor] = {key: value.detach().clone().contiguous() for key, value in values.items()}
    (FOLDER / f"{name}.safetensors").write_bytes(in_fixed_order(save(arrays, metadata)))


def in_fixed_order(data: bytes) -> bytes:
    """The same file with its metadata sorted: safetensors writes them in an order that changes from run to run."""
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[end:]


def main() -> None:
    """Makes every file again."""
    torch.set_num_threads(1)
    version = {"torch_version": str(torch.__version__)}
    for case in CASES:
        values = make(case)
        loss = repr(float(pass_loss(case, values["loss"])))
        write(case.name, values, version | {"spec": json.dumps(case.spec), "loss": loss})
        print(f"{case.name}: {len(values)} arrays, loss {loss}")
    write("activations", samples(), version)


if __name__ == "__main__":
    main()
