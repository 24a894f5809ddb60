"""Output feedback: what a step is given, where a gradient passes, and that a wrong passing is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import engine
from engine.activations import Array
from engine.feedback import Feedback
from engine.passes import Pass
from engine.readout import Readout
from engine.truncation import Sweep
from tests.engine.test_random_specs import NAMING, away, typed

STEPS, BATCH, OUTPUTS = 5, 2, 4
MODES = ["teacher", "free", "sampled", "scheduled"]
READOUTS = ["softmax", "linear"]
CELLS: dict[str, object] = {name: name for name in engine.cells()} | {name: typed(name) for name in NAMING}


def data(readout: str = "softmax", batch: int = BATCH, steps: int = STEPS) -> engine.Data:
    stream = np.random.default_rng(7)
    x, symbols = stream.normal(size=(steps, batch, 3)), stream.integers(0, OUTPUTS, (steps, batch))
    real = stream.normal(size=(steps, batch, OUTPUTS))
    return engine.Data(x, symbols if readout == "softmax" else real, OUTPUTS)


def spec(mode: str, probability: float = 1.0, **fields: object) -> engine.Spec:
    feedback = {"source": "output", "mode": mode, "probability": probability}
    return engine.parse_spec({"hidden_size": 3, "task": {"kind": "arrays"}, "feedback": feedback, **fields})


def weights(one: engine.Spec, given: engine.Data) -> dict[str, Array]:
    stream = np.random.default_rng(3)
    return {slot.name: away(stream, slot.shape) for slot in engine.describe(one, given).slots}


def off(one: engine.Spec) -> set[str]:
    given = data(one.readout)
    return {row.name for row in engine.check(one, given, weights(one, given), entries=6) if not row.ok}


def bits(trace: engine.Trace) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {name: (trace[name].dtype.str, trace[name].shape, trace[name].tobytes()) for name in trace}


def true(given: engine.Data) -> Array:
    return np.asarray(np.eye(OUTPUTS)[given.y] if given.y.ndim == 2 else given.y)


# What a step is given.


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("mode", MODES)
def test_before_the_first_step_nothing_is_fed_back(mode: str, readout: str) -> None:
    one = Pass(spec(mode, 0.5, readout=readout), data(readout))
    for _ in range(2):
        assert not one.run()["y_prev"][0].any()


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("cell", CELLS)
def test_free_running_takes_the_predictions_place_of_the_target(cell: str, readout: str) -> None:
    trace = engine.run(spec("free", cell=CELLS[cell], readout=readout), data(readout))
    np.testing.assert_array_equal(trace["y_prev"][1:], trace["y_hat"][:-1])


@pytest.mark.parametrize("readout", READOUTS)
def test_free_running_looks_at_no_target(readout: str) -> None:
    given = data(readout)
    other = engine.Data(given.x, given.y[::-1].copy(), OUTPUTS)
    traces = [engine.run(spec("free", readout=readout, layers=2), one) for one in (given, other)]
    for name in ("y_hat", "layer0.h", "layer1.h"):
        np.testing.assert_array_equal(traces[0][name], traces[1][name])
    assert traces[0].loss != traces[1].loss


@pytest.mark.parametrize("readout", READOUTS)
def test_a_teacher_gives_the_true_output_of_the_step_before(readout: str) -> None:
    given = data(readout)
    np.testing.assert_array_equal(engine.run(spec("teacher", readout=readout), given)["y_prev"][1:], true(given)[:-1])


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("mode", MODES)
def test_the_trace_tells_which_steps_are_given_the_target(mode: str, readout: str) -> None:
    given = data(readout, batch=20)
    trace = engine.run(spec(mode, 0.5, readout=readout), given)
    forced = trace["y_prev.forced"]
    assert forced.shape == given.y.shape[:2]
    assert not forced[0].any()
    assert set(np.unique(forced[1:])) == {"teacher": {1}, "scheduled": {0, 1}}.get(mode, {0})
    taught = (trace["y_prev"][1:] == true(given)[:-1]).all(axis=-1)
    assert taught[forced[1:] == 1].all()
    # A draw may happen to be the true symbol; a real number never is.
    assert readout == "softmax" or not taught[forced[1:] == 0].any()


def test_padding_is_given_no_target_and_the_records_tell_what_the_trace_does() -> None:
    given = replace(data(), lengths=np.array([2, STEPS]))
    one = Pass(spec("teacher"), given)
    told = [step.arrays["y_prev.forced"].copy() for step in one.steps() if step.phase == "forward"]
    np.testing.assert_array_equal(told, [[0, 0], [1, 1], [0, 1], [0, 1], [0, 1]])
    np.testing.assert_array_equal(one.trace["y_prev.forced"], told)


def test_what_is_fed_back_lies_beside_the_input_unless_the_cell_names_it() -> None:
    beside, named = (Pass(spec("teacher", cell=cell), data()) for cell in ("rnn", typed("output recurrent")))
    assert beside.parameters["layer0.U"].shape == (3, 3 + OUTPUTS)
    assert named.parameters["layer0.U"].shape == (3, 3)
    assert named.parameters["layer0.R"].shape == (3, OUTPUTS)


def test_draws_are_symbols_as_frequent_as_they_were_predicted() -> None:
    given = data(batch=200, steps=3)
    taken, predicted, chances, expected = np.zeros(OUTPUTS), np.zeros(OUTPUTS), [], []
    drawn_with = weights(spec("sampled"), given)
    for seed in range(30):
        trace = engine.run(spec("sampled", seed=seed), given, drawn_with)
        draws = trace["y_prev"][1:]
        assert set(np.unique(draws)) == {0, 1}
        assert (draws.sum(axis=-1) == 1).all()
        taken += draws.sum(axis=(0, 1))
        predicted += trace["y_hat"][:-1].sum(axis=(0, 1))
        # Each sequence draws from its own prediction: so likely is what it draws.
        chances.append((draws * trace["y_hat"][:-1]).sum(axis=-1))
        expected.append((trace["y_hat"][:-1] ** 2).sum(axis=-1))
    np.testing.assert_array_less(np.abs(taken - predicted), 4 * np.sqrt(predicted))
    assert np.mean(chances) == pytest.approx(np.mean(expected), abs=4 * np.std(chances) / np.sqrt(np.size(chances)))


def test_a_draw_with_a_linear_readout_has_the_prediction_as_mean_and_variance_one() -> None:
    given = data("linear", batch=100, steps=21)
    trace = engine.run(spec("sampled", readout="linear"), given)
    apart = trace["y_prev"][1:] - trace["y_hat"][:-1]
    assert abs(apart.mean()) < 4 / np.sqrt(apart.size)
    assert apart.std() == pytest.approx(1, abs=4 / np.sqrt(2 * apart.size))


def test_other_seeds_draw_other_symbols_and_the_same_seed_the_same() -> None:
    given = data(batch=20)
    same = weights(spec("sampled"), given)
    first, again, other = (engine.run(spec("sampled", seed=seed), given, same)["y_prev"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("probability", [0.2, 0.7])
def test_a_schedule_gives_the_target_as_often_as_it_says(probability: float) -> None:
    given = data("linear", batch=100, steps=21)
    trace = engine.run(spec("scheduled", probability, readout="linear"), given)
    taught = (trace["y_prev"][1:] == true(given)[:-1]).all(axis=-1)
    spread = np.sqrt(probability * (1 - probability) / taught.size)
    assert taught.mean() == pytest.approx(probability, abs=4 * spread)


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_a_schedule_at_its_ends_is_the_teacher_or_the_draw_bit_for_bit(cell: str, batch: int, readout: str) -> None:
    given = data(readout, batch)

    def run(mode: str, probability: float) -> dict[str, Any]:
        # A teacher's steps are computed side by side unless told otherwise, which rounds otherwise.
        one = Pass(spec(mode, probability, cell=CELLS[cell], readout=readout), given, chunk=1)
        return bits(one.run())

    assert run("scheduled", 1.0) == run("teacher", 0.5)
    assert run("scheduled", 0.0) == run("sampled", 0.5)


def test_a_schedule_of_one_is_the_teacher_whose_steps_are_computed_together() -> None:
    scheduled, taught = (engine.run(spec(mode, layers=2), data()) for mode in ("scheduled", "teacher"))
    for name in taught:
        np.testing.assert_allclose(scheduled[name], taught[name], rtol=1e-12, atol=1e-15, err_msg=name)


# Where a gradient passes.


def slope(one: engine.Spec, given: engine.Data) -> tuple[float, float]:
    """The derivative of the loss along a direction in all parameters: from the gradients, and from two whole passes."""
    at, stream = weights(one, given), np.random.default_rng(5)
    ways = {name: stream.normal(size=value.shape) for name, value in at.items()}
    trace = engine.run(one, given, at)
    analytic = sum(float((trace[f"grad.{name}"] * way).sum()) for name, way in ways.items())
    ahead, back = (
        engine.run(one, given, {name: at[name] + step * way for name, way in ways.items()}).loss
        for step in (1e-6, -1e-6)
    )
    return analytic, (ahead - back) / 2e-6


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("mode", ["teacher", "free"])
@pytest.mark.parametrize("cell", CELLS)
def test_the_gradient_is_that_of_the_loss_as_a_whole(cell: str, mode: str, layers: int, readout: str) -> None:
    # The kink of a relu is far from every value here.
    one = spec(mode, cell=CELLS[cell], layers=layers, readout=readout)
    analytic, numeric = slope(one, data(readout))
    assert analytic == pytest.approx(numeric, rel=1e-6)


def test_a_symbol_that_was_drawn_does_not_move_with_the_weights() -> None:
    for mode in ("sampled", "scheduled"):
        analytic, numeric = slope(spec(mode, 0.5), data())
        assert analytic == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_a_step_is_reached_through_its_output_in_free_running_alone(mode: str) -> None:
    one = Pass(spec(mode, 0.5, recurrence="none", cell="lstm", layers=2), data())
    one.run()
    for name, flow in one.flow().items():
        through = np.tril(flow, -1)[np.tril_indices(STEPS, -1)]
        # Without recurrence no layer's cell state hands anything on but through the hidden state.
        assert (through > 0).all() if mode == "free" else not through.any(), name


# Deliberate faults: each must be found.


def test_a_fed_back_prediction_without_the_jacobian_of_its_softmax_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Callable[[Readout, int, Array | None], None] = Readout.merge

    def linear(readout: Readout, t: int, arriving: Array | None) -> None:
        readout.softmax = False
        whole(readout, t, arriving)
        readout.softmax = True

    assert off(spec("free")) == set()
    monkeypatch.setattr(Readout, "merge", linear)
    assert off(spec("free")) >= {"x", "V", "c", "layer0.U", "layer0.W"}


@pytest.mark.parametrize("cell", ["gru", "output in a gate"])
def test_a_fed_back_prediction_that_hands_nothing_back_is_found(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Callable[[Readout, int, Array | None], None] = Readout.merge
    monkeypatch.setattr(Readout, "merge", lambda readout, t, _: whole(readout, t, None))
    assert off(spec("free", cell=CELLS[cell])) >= {"x", "V", "c"}


def test_a_prediction_whose_gradient_passes_over_a_cut_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    cut: dict[str, Any] = {"algorithm": {"kind": "truncated", "k1": 2, "k2": 2}}
    assert off(spec("free", **cut)) == set()
    returned: Callable[[Pass, int, int], Array | None] = Pass._returned

    def everywhere(one: Pass, t: int, sweep: int) -> Array | None:
        kept, one.sweeps = one.sweeps, [Sweep(((0, 0, STEPS),))] * len(one.sweeps)
        try:
            return returned(one, t, sweep)
        finally:
            one.sweeps = kept

    monkeypatch.setattr(Pass, "_returned", everywhere)
    assert off(spec("free", **cut)) >= {"V", "c"}


def test_a_gradient_that_is_forgotten_altogether_is_found_by_the_loss_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: Callable[[Feedback, engine.Spec, Array, Readout], None] = Feedback.__init__

    def forgetful(self: Feedback, one: engine.Spec, y_prev: Array, readout: Readout) -> None:
        made(self, one, y_prev, readout)
        self.passes = False

    monkeypatch.setattr(Feedback, "__init__", forgetful)
    analytic, numeric = slope(spec("free"), data())
    assert analytic != pytest.approx(numeric, rel=1e-3)
