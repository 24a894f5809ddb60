"""Training: the same spec gives the same curve, stopping changes nothing, and what diverges is named."""

import math
from itertools import islice
from typing import Any

import numpy as np
import pytest

import engine
from engine.evaluation import TEST
from engine.optimizers import optimizer
from tests.engine.trained import RECALL, SCHEDULED, SPECS, assert_same, assert_same_state, trained


@pytest.mark.parametrize("fields", SPECS.values(), ids=SPECS)
def test_going_on_from_a_state_comes_to_the_same_bits_as_never_stopping(fields: dict[str, Any]) -> None:
    spec = engine.parse_spec(fields)
    whole = engine.Trainer(spec, every=3)
    records = trained(whole, 8)
    parts: list[engine.Record] = []
    state = None
    for count in (1, 4, 3):
        part = engine.Trainer(spec, state, every=3)
        parts += trained(part, count)
        state = part.state
    assert_same(records, parts)
    assert state is not None
    assert_same_state(whole.state, state)


@pytest.mark.parametrize("fields", SPECS.values(), ids=SPECS)
def test_an_iteration_is_the_pass_of_its_batch_and_the_update_that_its_trace_tells(fields: dict[str, Any]) -> None:
    spec = engine.parse_spec(fields)
    trainer = engine.Trainer(spec, every=1)
    trained(trainer, 2)
    before = trainer.state
    seen = engine.Trainer(spec, before).next_pass().run()
    record = next(trainer)
    assert record.loss == seen.loss
    hidden = [seen[f"grad.layer{layer}.h"] for layer in range(spec.layers)]
    expected = np.sqrt(sum((grad**2).sum(axis=(1, 2)) for grad in hidden))
    close = 1e-12 if spec.dtype == "float64" else 1e-5
    np.testing.assert_allclose(10**record.log10_grad_norms, expected, rtol=close, atol=0)
    evaluation = engine.evaluate(spec, before.weights)
    assert record.evaluation == evaluation
    for name, weight in trainer.state.weights.items():
        np.testing.assert_array_equal(seen[f"updated.{name}"], weight)


@pytest.mark.parametrize("cell", engine.cells())
def test_the_gradient_of_h_is_known_by_timestep_for_every_cell(cell: str) -> None:
    spec = engine.parse_spec({"cell": cell, "task": RECALL})
    record = next(engine.Trainer(spec))
    grad = engine.run(spec)["grad.layer0.h"]
    np.testing.assert_allclose(10**record.log10_grad_norms, np.sqrt((grad**2).sum(axis=(1, 2))), rtol=1e-12)
    assert record.log10_signal_left == record.log10_grad_norms[0] - record.log10_grad_norms[-1]


def test_training_is_draw_gradient_clip_and_move_as_anyone_would_write_it() -> None:
    fields = {"task": RECALL, "optimizer": {"kind": "adam"}, "clip_norm": 0.2, "cell": "gru"}
    spec = engine.parse_spec(fields)
    one, move = engine.Pass(spec), optimizer(spec.optimizer)
    trainer = engine.Trainer(spec)
    for index, record in enumerate(islice(trainer, 5)):
        one.load(engine.draw(spec.task, spec.seed, index))
        assert record.loss == one.gradient()
        norm = math.sqrt(sum(float((grad**2).sum()) for grad in one.gradients.values()))
        assert record.grad_norm == pytest.approx(norm, rel=1e-12)
        assert record.clip_scale == pytest.approx(min(1, 0.2 / norm), rel=1e-12)
        assert record.clipped_norm <= 0.2 * (1 + 1e-12)
        move(one.parameters, {name: record.clip_scale * grad for name, grad in one.gradients.items()})
    for name, weight in trainer.state.weights.items():
        np.testing.assert_array_equal(weight, one.parameters[name])


def test_every_batch_has_coins_and_draws_of_its_own_and_the_first_those_of_a_pass() -> None:
    spec = engine.parse_spec({"task": {"kind": "echo", "batch": 8}, "feedback": SCHEDULED})
    trainer = engine.Trainer(spec)
    first = trainer.next_pass().run()["y_prev.forced"].copy()
    np.testing.assert_array_equal(first, engine.run(spec)["y_prev.forced"])
    next(trainer)
    assert (trainer.next_pass().run()["y_prev.forced"] != first).any()


def test_the_score_is_told_every_so_many_iterations_with_the_marks_of_the_task() -> None:
    records = trained(engine.Trainer(engine.parse_spec({"task": RECALL}), every=3), 7)
    assert [record.iteration for record in records if record.evaluation] == [0, 3, 6]
    assert records[0].evaluation is not None
    assert (records[0].evaluation.baseline, records[0].evaluation.solved) == (0.25, 0.9925)


def test_no_batch_of_training_is_the_test_batch() -> None:
    spec = engine.parse_spec({"task": RECALL})
    test = engine.draw(spec.task, spec.seed, TEST)
    assert all((engine.draw(spec.task, spec.seed, index).x != test.x).any() for index in range(20))


def test_running_or_looking_at_the_next_pass_changes_nothing() -> None:
    spec = engine.parse_spec({"task": RECALL, "optimizer": {"kind": "adam"}})
    looked_at = engine.Trainer(spec)
    seen: list[engine.Record] = []
    for _ in range(4):
        trace = looked_at.next_pass().run()
        assert np.isfinite(trace["grad.layer0.a"]).all()
        looked_at.evaluate()
        seen += trained(looked_at, 1)
    assert_same(seen, trained(engine.Trainer(spec), 4))


def test_a_state_is_a_copy_that_training_does_not_move() -> None:
    trainer = engine.Trainer(engine.parse_spec({"task": RECALL, "optimizer": {"kind": "momentum"}}))
    next(trainer)
    state = trainer.state
    weights = {name: value.copy() for name, value in state.weights.items()}
    velocities = {name: value.copy() for name, value in state.optimizer.items()}
    trained(trainer, 3)
    for kept, now in ((weights, state.weights), (velocities, state.optimizer)):
        for name in kept:
            np.testing.assert_array_equal(kept[name], now[name])


def test_a_change_is_noted_in_the_record_and_holds_from_there_on() -> None:
    spec = engine.parse_spec({"task": {"kind": "echo"}, "feedback": SCHEDULED})
    trainer = engine.Trainer(spec)
    next(trainer)
    trainer.change("optimizer.learning_rate", 0.5)
    trainer.change("feedback.probability", 0.25)
    records = trained(trainer, 2)
    assert [record.changed for record in records] == [("optimizer.learning_rate", "feedback.probability"), ()]
    assert [(record.learning_rate, record.probability) for record in records] == [(0.5, 0.25)] * 2
    assert trainer.state.changes == (
        engine.Change(1, "optimizer.learning_rate", 0.5),
        engine.Change(1, "feedback.probability", 0.25),
    )
    again = engine.Trainer(spec, trainer.state)
    assert_same(trained(again, 2), trained(trainer, 2))


@pytest.mark.parametrize("kind", ["sgd", "momentum", "rmsprop", "adam"])
def test_what_the_optimizer_remembers_outlives_a_change_to_the_rate_it_has(kind: str) -> None:
    spec = engine.parse_spec({"task": RECALL, "optimizer": {"kind": kind, "learning_rate": 0.01}})
    changed, plain = engine.Trainer(spec), engine.Trainer(spec)
    trained(changed, 3)
    changed.change("optimizer.learning_rate", 0.01)
    trained(changed, 3)
    trained(plain, 6)
    for name, weight in plain.state.weights.items():
        np.testing.assert_array_equal(weight, changed.state.weights[name])


def test_a_learning_rate_of_zero_stands_still() -> None:
    trainer = engine.Trainer(engine.parse_spec({"task": RECALL, "optimizer": {"kind": "adam"}}))
    trained(trainer, 2)
    trainer.change("optimizer.learning_rate", 0)
    before = trainer.state.weights
    trained(trainer, 2)
    for name, weight in trainer.state.weights.items():
        np.testing.assert_array_equal(weight, before[name])


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("optimizer.learning_rate", -1, "optimizer.learning_rate must be between 0 and 1000, got -1"),
        ("optimizer.learning_rate", math.nan, "optimizer.learning_rate must be a finite number"),
        ("feedback.probability", 0.5, "needs feedback of source 'output' and mode 'scheduled', got source 'none'"),
        ("hidden_size", 3, "can be changed while a network trains, got 'hidden_size'"),
    ],
)
def test_a_change_that_is_not_allowed_is_refused_and_changes_nothing(field: str, value: float, reason: str) -> None:
    trainer = engine.Trainer(engine.parse_spec({"task": RECALL}))
    with pytest.raises(engine.SpecError, match=reason):
        trainer.change(field, value)
    assert trainer.state.changes == ()


@pytest.mark.parametrize(
    ("feedback", "probability"),
    [
        ({}, None),
        ({"source": "output"}, 1.0),
        ({"source": "output", "mode": "free"}, 0.0),
        ({"source": "output", "mode": "sampled"}, 0.0),
        (SCHEDULED, 0.5),
    ],
)
def test_the_probability_in_force_is_told_where_an_output_is_fed_back(
    feedback: dict[str, Any], probability: float | None
) -> None:
    record = next(engine.Trainer(engine.parse_spec({"task": {"kind": "echo"}, "feedback": feedback})))
    assert record.probability == probability


def test_an_override_of_a_weight_is_its_first_value_only() -> None:
    spec = engine.parse_spec({"task": RECALL, "overrides": [{"name": "layer0.W", "value": 0.25}]})
    trainer = engine.Trainer(spec)
    assert (trainer.state.weights["layer0.W"] == 0.25).all()
    next(trainer)
    assert (trainer.state.weights["layer0.W"] != 0.25).any()


def test_data_and_weights_that_come_with_the_call_are_trained_on() -> None:
    spec = engine.parse_spec({"task": {"kind": "arrays"}, "hidden_size": 3})
    data = engine.Data(np.random.default_rng(0).normal(size=(4, 2, 3)), np.zeros((4, 2), np.int64), 2)
    weights = {name: value + 0.125 for name, value in engine.Pass(spec, data).parameters.items()}
    trainer = engine.Trainer(spec, data=data, weights=weights)
    np.testing.assert_array_equal(trainer.state.weights["layer0.W"], weights["layer0.W"])
    records = trained(trainer, 20)
    assert records[-1].loss < records[0].loss
    assert records[0].evaluation is not None
    assert records[0].evaluation.score is None
    again = engine.Trainer(spec, trainer.state, data=data)
    assert next(again).loss == next(trainer).loss


def test_a_state_of_another_experiment_is_refused_by_the_field_that_differs() -> None:
    state = engine.Trainer(engine.parse_spec({"task": RECALL})).state
    with pytest.raises(engine.SpecError, match="the state is of another experiment: hidden_size differs"):
        engine.Trainer(engine.parse_spec({"task": RECALL, "hidden_size": 3}), state)


EXPLODING: dict[str, Any] = {
    "cell": {"name": "exploding", "equations": "a = U @ x + W @ h_prev\ns = relu(a) * relu(a)\nh = s * s"},
    "task": {"kind": "recall", "gap": 30, "batch": 2},
    "initialization": {"kind": "normal", "scale": 2},
}


def test_a_pass_that_overflows_is_named_at_the_first_value_that_does() -> None:
    trainer = engine.Trainer(engine.parse_spec(EXPLODING))
    before = trainer.state
    with pytest.raises(engine.DivergenceError, match=r"iteration 0, timestep \d+: layer0\.\w+") as caught:
        next(trainer)
    found = caught.value
    trace = engine.Trainer(found.state.spec, found.state).next_pass().run()
    assert found.t is not None
    assert not np.isfinite(trace[found.name][found.t]).all()
    for name in ("layer0.a", "layer0.s", "layer0.h"):
        assert np.isfinite(trace[name][: found.t]).all()
    computed_before = ["layer0.a", "layer0.s", "layer0.h"]
    for name in computed_before[: computed_before.index(found.name)]:
        assert np.isfinite(trace[name][found.t]).all()
    assert_same_state(before, trainer.state)
    with pytest.raises(engine.DivergenceError, match=str(found)):
        next(trainer)


def test_gradients_that_overflow_are_named_where_the_forward_pass_does_not() -> None:
    # A state of 0 that each step multiplies by 1e9 stays 0; its gradient does not.
    equations = "h = 1000000000 * h_prev + U @ x"
    zero = [{"name": "layer0.U", "value": 0}]
    fields = {
        "cell": {"name": "steep", "equations": equations},
        "overrides": zero,
        "initialization": {"kind": "normal"},
    }
    spec = engine.parse_spec({**fields, "task": {"kind": "recall", "gap": 60}})
    with pytest.raises(engine.DivergenceError) as caught:
        next(engine.Trainer(spec))
    assert caught.value.name == "grad.layer0.h.from_future"
    trace = engine.run(spec)
    grad = trace["grad.layer0.h.from_future"]
    assert caught.value.t == np.flatnonzero(~np.isfinite(grad).all(axis=(1, 2))).max()
    assert np.isfinite(trace["layer0.h"]).all()


def test_an_update_that_overflows_is_not_made() -> None:
    fields = {"task": RECALL, "optimizer": {"kind": "momentum", "learning_rate": 1000}}
    trainer = engine.Trainer(engine.parse_spec(fields))
    next(trainer)
    state = trainer.state
    state.optimizer["velocity.V"][...] = 1e308
    trainer = engine.Trainer(state.spec, state)
    with pytest.raises(engine.DivergenceError, match=r"diverged at iteration 1: updated\.V is no finite number"):
        next(trainer)
    assert_same_state(trainer.state, state)


def test_the_caller_sees_the_iteration_at_which_it_happened_and_the_weights_of_before() -> None:
    fields = {
        "cell": "irnn",
        "task": {"kind": "adding", "batch": 4},
        "optimizer": {"kind": "sgd", "learning_rate": 1000},
    }
    spec = engine.parse_spec(fields)
    trainer = engine.Trainer(spec)
    states = [trainer.state]
    with pytest.raises(engine.DivergenceError) as caught:
        states.extend(trainer.state for _ in islice(trainer, 200))
    assert caught.value.iteration == trainer.iteration == len(states) - 1
    assert_same_state(caught.value.state, states[-1])
