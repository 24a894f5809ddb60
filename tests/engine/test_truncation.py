"""Truncated backpropagation: what is cut, what is not, and that a wrong cut is found."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine import passes
from engine.activations import Array
from engine.layer import Layer
from engine.passes import Pass
from engine.truncation import Sweep, kept, sweeps, windows
from tests.engine.typed_cells import TYPED, own

STEPS = 6
CELLS: dict[str, object] = {name: name for name in engine.cells()} | {name: own(name) for name in TYPED}


def data(batch: int = 2, steps: int = STEPS) -> engine.Data:
    stream = np.random.default_rng(7)
    return engine.Data(stream.normal(size=(steps, batch, 3)), stream.integers(0, 4, (steps, batch)), 4)


def spec(k1: int | None = None, k2: int | None = None, **fields: object) -> engine.Spec:
    cut = {"kind": "bptt"} if k1 is None else {"kind": "truncated", "k1": k1, "k2": k1 if k2 is None else k2}
    return engine.parse_spec({"hidden_size": 5, "task": {"kind": "arrays"}, "algorithm": cut, **fields})


def off(one: engine.Spec) -> set[str]:
    return {row.name for row in engine.check(one, data(), entries=6) if not row.ok}


def bits(trace: engine.Trace) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {name: (trace[name].dtype.str, trace[name].shape, trace[name].tobytes()) for name in trace}


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_one_window_over_everything_is_bptt_bit_for_bit(cell: str, layers: int, batch: int) -> None:
    whole = bits(engine.run(spec(cell=CELLS[cell], layers=layers), data(batch)))
    for k1, k2 in ((STEPS, STEPS), (STEPS, STEPS + 3), (STEPS + 2, STEPS + 2)):
        assert bits(engine.run(spec(k1, k2, cell=CELLS[cell], layers=layers), data(batch))) == whole


@pytest.mark.parametrize("mode", ["teacher", "free", "sampled", "scheduled"])
def test_one_window_over_everything_is_bptt_bit_for_bit_with_feedback(mode: str) -> None:
    feedback = {"source": "output", "mode": mode, "probability": 0.5}
    whole = bits(engine.run(spec(feedback=feedback, layers=2), data()))
    assert bits(engine.run(spec(STEPS, feedback=feedback, layers=2), data())) == whole


@pytest.mark.parametrize("k1", [1, 2, 4])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm_peephole"])
def test_windows_that_reach_the_start_add_up_to_bptt(cell: str, k1: int) -> None:
    whole, cut = (engine.run(one, data()) for one in (spec(cell=cell), spec(k1, STEPS, cell=cell)))
    for name in whole:
        np.testing.assert_allclose(cut[name], whole[name], rtol=1e-11, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm", "lstm_peephole", "two states"])
def test_windows_that_do_not_overlap_are_passes_of_their_own(cell: str, layers: int, k: int) -> None:
    own_spec, together = spec(cell=CELLS[cell], layers=layers), data()
    cut = Pass(spec(k, cell=CELLS[cell], layers=layers), together)
    trace = cut.run()
    expected = {name: np.zeros_like(value) for name, value in cut.gradients.items()}
    before: dict[str, Array] = {}
    for first in range(0, STEPS, k):
        piece = engine.Data(together.x[first : first + k], together.y[first : first + k], 4)
        part = Pass(own_spec, piece, cut.parameters)
        carry(part, before)
        part.gradient()
        before = {name: part.trace[name][-1] for name in states(part)}
        for name, value in part.gradients.items():
            expected[name] += value * k / STEPS
        for name in states(part):
            np.testing.assert_allclose(part.trace[name], trace[name][first : first + k], rtol=1e-12, err_msg=name)
    for name, value in cut.gradients.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-11, atol=1e-15, err_msg=name)


def states(one: Pass) -> list[str]:
    return [f"layer{index}.{state}" for index in range(one.spec.layers) for state in one.plan.cell.states]


def carry(one: Pass, states: dict[str, Array]) -> None:
    """Have a pass begin with states (B,H)."""
    for name, value in states.items():
        layer, _, state = name.partition(".")
        one.layers[int(layer.removeprefix("layer"))].buffers[f".state.{state}"][0] = value.T


@pytest.mark.parametrize("k1", [1, 2, 3])
def test_nothing_arrives_over_a_cut(k1: int) -> None:
    trace = engine.run(spec(k1, cell="lstm", layers=2), data())
    for layer in range(2):
        for state in ("h", "cell_state"):
            future = trace[f"grad.layer{layer}.{state}.from_future"]
            at_cuts = np.isin(np.arange(STEPS) + 1, range(k1, STEPS + 1, k1))
            assert not future[at_cuts].any()
            assert future[~at_cuts].all()


@pytest.mark.parametrize(("k1", "k2"), [(1, 3), (2, 3), (4, 5)])
def test_what_is_cut_can_still_be_seen_in_the_flow(k1: int, k2: int) -> None:
    flows = []
    for one in (Pass(spec(cell="lstm"), data()), Pass(spec(k1, k2, cell="lstm"), data())):
        one.run()
        flows.append(one.flow())
    for name, whole in flows[0].items():
        np.testing.assert_array_equal(flows[1][name], whole)
        assert whole[~kept(spec(k1, k2).algorithm, STEPS)].any()


@pytest.mark.parametrize("steps", range(1, 10))
def test_every_loss_goes_back_once_and_as_far_as_the_definition_says(steps: int) -> None:
    for k1 in range(1, steps + 2):
        for k2 in range(k1, steps + 3):
            expected = np.zeros((steps, steps), int)
            for t in range(steps):
                sent = min(-(-(t + 1) // k1) * k1, steps)
                expected[t, max(0, sent - k2) : t + 1] = 1
            counts = np.zeros_like(expected)
            for sweep in sweeps(steps, k1, k2):
                for first, begin, end in sweep.windows:
                    for t in range(first, end):
                        counts[t, begin : t + 1] += 1
            assert counts.tolist() == expected.tolist()


# Deliberate faults: each must be found.


def test_a_cut_that_is_not_made_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert off(spec(2)) == set()
    monkeypatch.setattr(Sweep, "cuts", frozenset())
    assert off(spec(2)) >= {"x", "layer0.W", "layer0.U"}


@pytest.mark.parametrize("late", [-1, 1])
def test_a_cut_one_step_off_is_found(late: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def moved(sweep: Sweep) -> frozenset[int]:
        return frozenset(begin - 1 + late for _, begin, _ in sweep.windows if begin > 0)

    monkeypatch.setattr(Sweep, "cuts", property(moved))
    assert off(spec(3)) >= {"x", "layer0.W", "layer0.U"}


def test_windows_that_overlap_in_one_sweep_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "planned", lambda _, steps: [Sweep(tuple(windows(steps, 2, 4)))])
    assert off(spec(2, 4)) >= {"x", "layer0.W", "layer0.U"}


def test_sweeps_that_are_not_added_up_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert off(spec(2, 4)) == set()
    monkeypatch.setattr(Pass, "_swept", lambda _: [])
    assert off(spec(2, 4)) >= {"x", "layer0.W", "V", "c"}


def test_a_loss_that_every_sweep_sends_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sweep, "sends", lambda _, steps: np.ones(steps, bool))
    assert off(spec(2, 4)) >= {"x", "layer0.W", "V", "c"}


def test_what_was_handed_back_over_a_cut_and_is_left_lying_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Layer, "cut", lambda *_: None)
    with pytest.raises(AssertionError):
        test_nothing_arrives_over_a_cut(2)
