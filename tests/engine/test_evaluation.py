"""How a network is tested: on other sequences than it was trained on, with its own predictions fed back."""

from typing import Any

import numpy as np
import pytest

import engine
from engine.evaluation import TEST
from engine.optimizers import optimizer
from engine.passes import Pass


def trained(spec: engine.Spec, updates: int) -> dict[str, Any]:
    """The weights after so many updates, each by a batch of its own."""
    one = Pass(spec)
    move = optimizer(spec.optimizer)
    for index in range(updates):
        one.load(engine.draw(spec.task, spec.seed, index))
        one.gradient()
        move(one.parameters, one.gradients)
    return one.parameters


RECALL = {"kind": "recall", "gap": 3, "batch": 32}
ADAM = {"kind": "adam", "learning_rate": 0.02}


def test_training_takes_a_network_from_guessing_to_the_solved_score_of_its_task() -> None:
    spec = engine.parse_spec({"cell": "lstm", "hidden_size": 12, "task": RECALL, "optimizer": ADAM})
    first = engine.evaluate(spec, Pass(spec).parameters)
    last = engine.evaluate(spec, trained(spec, 150))
    assert first.score is not None
    assert last.score is not None
    assert first.baseline is not None
    assert last.solved is not None
    assert first.score <= first.baseline + 0.25
    assert last.score >= last.solved
    assert last.loss < first.loss / 10


def test_a_network_runs_on_longer_and_on_shorter_sequences_than_it_was_trained_on() -> None:
    spec = engine.parse_spec({"cell": "gru", "hidden_size": 12, "task": RECALL, "optimizer": ADAM})
    weights = trained(spec, 150)
    for gap in (1, 2, 5):
        other = engine.parse_spec({**spec.model_dump(mode="json"), "task": {**RECALL, "gap": gap}})
        found = engine.evaluate(other, weights)
        assert found.score is not None
        assert found.baseline is not None
        assert found.score > found.baseline + 0.2


def test_an_untied_network_says_why_it_cannot_run_on_longer_sequences() -> None:
    spec = engine.parse_spec({"weights_shared": False, "task": RECALL})
    longer = engine.parse_spec({"weights_shared": False, "task": {**RECALL, "gap": 5}})
    shorter = engine.parse_spec({"weights_shared": False, "task": {**RECALL, "gap": 2}})
    weights = Pass(spec).parameters
    with pytest.raises(engine.SpecError, match=r"of its own for 5 timesteps, 7 are needed.* step 6 never had any"):
        engine.evaluate(longer, weights)
    assert np.isfinite(engine.evaluate(shorter, weights).loss)


@pytest.mark.parametrize("mode", ["teacher", "sampled", "scheduled"])
def test_at_test_time_the_prediction_takes_the_targets_place(mode: str) -> None:
    fields = {"feedback": {"source": "output", "mode": mode, "probability": 0.5}, "task": {"kind": "echo"}}
    spec = engine.parse_spec(fields)
    free = engine.parse_spec(fields | {"feedback": {"source": "output", "mode": "free", "probability": 0.5}})
    weights = Pass(spec).parameters
    data = engine.draw(spec.task, spec.seed, TEST)
    assert engine.evaluate(spec, weights).loss == Pass(free, data, weights).forward()
    assert engine.evaluate(spec, weights).loss != Pass(spec, data, weights).forward()


def test_without_feedback_nothing_changes_at_test_time() -> None:
    spec = engine.parse_spec({})
    assert spec.at_test() is spec


def test_data_of_an_unknown_task_have_a_loss_and_no_score() -> None:
    spec = engine.parse_spec({"task": {"kind": "arrays"}})
    data = engine.Data(np.ones((3, 2, 2)), np.zeros((3, 2), np.int64), 2)
    found = engine.evaluate(spec, Pass(spec, data).parameters, data)
    assert np.isfinite(found.loss)
    assert found.score is None
