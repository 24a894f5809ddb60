"""Every form of PyTorch and JAX that `unroll bench` times computes the engine's numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from server.bench.case import CELLS, STATES, Case, Values
from server.bench.named import hold
from server.bench.ours import ours
from server.bench.peer import Peer
from server.bench.workloads import peers

LIBRARIES = ("torch", "jax")

Peers = Callable[[str, Case], list[Peer]]


@pytest.fixture(params=LIBRARIES)
def forms(request: pytest.FixtureRequest) -> Peers:
    """The forms that one library has of a workload."""
    pytest.importorskip(request.param)
    return lambda kind, case: peers(kind, case, request.param)


def expected(kind: str, case: Case) -> Values:
    peer = ours(kind, case)
    return peer.values(peer.run())


def flow(case: Case) -> Values:
    """Every row of the flow matrix from a pass of its own, which ends with the loss of that row."""
    spec = engine.parse_spec({**case.spec.model_dump(), "loss_at": "last_step"})
    norms = np.zeros((case.steps, case.steps))
    for t in range(case.steps):
        data = engine.Data(case.data.x[: t + 1], case.data.y[: t + 1], case.features)
        trace = engine.run(spec, data, case.weights)
        norms[t, : t + 1] = np.linalg.norm(trace["grad.layer0.h"], axis=(1, 2))
    return {"flow.layer0.h": norms}


@pytest.mark.parametrize("cell", CELLS)
def test_a_peers_trace_is_the_engines(forms: Peers, cell: str) -> None:
    case = Case(cell, steps=4, hidden=5)
    trace = expected("trace", case)
    wanted = {
        name for name in trace if name.startswith(("layer0.", "grad.", "contribution_norm.", "o", "y_hat", "loss"))
    }
    for peer in forms("trace", case):
        values = peer.values(peer.run())
        hold(case, peer.name, values, trace)
        missing = wanted - values.keys() - set(case.weights)
        assert {name for name in missing if not twice(name)} == set(), peer.name


def twice(name: str) -> bool:
    """Whether these numbers are in the trace under another name too, or follow from others without arithmetic."""
    return name.endswith((".initial", "h.a", ".part1", "cell_state.from_above"))


@pytest.mark.parametrize("cell", CELLS)
def test_a_peer_gives_the_same_numbers_when_it_is_run_again(forms: Peers, cell: str) -> None:
    case = Case(cell, steps=3, hidden=4)
    for peer in forms("trace", case):
        first = {name: value.copy() for name, value in peer.values(peer.run()).items()}
        for name, value in peer.values(peer.run()).items():
            np.testing.assert_array_equal(value, first[name], f"{peer.name}: {name}")


@pytest.mark.parametrize("cell", CELLS)
def test_a_peers_contributions_are_the_engines(forms: Peers, cell: str) -> None:
    case = Case(cell, steps=4, hidden=5)
    full = expected("materialised", case)
    for peer in forms("materialised", case):
        values = peer.values(peer.run())
        hold(case, peer.name, values, full)
        assert {f"contribution.{name}" for name in case.weights} <= values.keys()


@pytest.mark.parametrize("cell", CELLS)
def test_a_peers_flow_is_what_one_pass_for_every_loss_gives(forms: Peers, cell: str) -> None:
    case = Case(cell, steps=5, hidden=4)
    for peer in forms("flow", case):
        hold(case, peer.name, peer.values(peer.run()), flow(case))


@pytest.mark.parametrize("cell", CELLS)
def test_the_engines_flow_is_what_one_pass_for_every_loss_gives(cell: str) -> None:
    case = Case(cell, steps=5, hidden=4)
    hold(case, "unroll", {"flow.layer0.h": expected("flow", case)["flow.layer0.h"]}, flow(case))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_peers_training_step_has_the_engines_loss_and_gradients(forms: Peers, cell: str, dtype: str) -> None:
    case = Case(cell, steps=4, hidden=5, batch=3, dtype=dtype)
    step = expected("train", case)
    for peer in forms("train", case):
        values = peer.values(peer.run())
        hold(case, peer.name, values, step)
        assert values.keys() == {"mean_loss", *(f"grad.{name}" for name in case.weights)}


def test_a_peer_whose_numbers_are_off_is_not_let_through() -> None:
    case = Case("rnn", steps=2, hidden=3)
    right: dict[str, Any] = {"loss": np.array([1.0, 2.0])}
    hold(case, "peer", {"loss": np.array([1.0, 2.0 + 1e-10])}, right)
    for wrong in ([1.0, 2.0 + 1e-8], [1.0, np.nan]):
        with pytest.raises(ArithmeticError, match="peer and the engine differ in loss"):
            hold(case, "peer", {"loss": np.array(wrong)}, right)
    with pytest.raises(ArithmeticError, match="peer has o, which the engine has not"):
        hold(case, "peer", {"o": np.array(right["loss"])}, right)


def test_the_states_of_a_cell_are_those_its_equations_carry() -> None:
    assert {cell: set(STATES[cell]) for cell in CELLS} == {
        cell: set(Case(cell, 2, 3).spec.equations().states) for cell in CELLS
    }
