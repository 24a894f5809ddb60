"""A task's marks: the baseline is what guessing gets, the solved mark what a network can reach."""

from typing import Any

import numpy as np
import pytest

from engine.task_spec import TaskPart
from engine.tasks import Data, about, draw, score
from tests.engine.tasks_made import DRAWN, MADE, task


class Guesser:
    """Guesses from the current input alone, as well as can be learned from many draws."""

    def __init__(self, one: TaskPart, draws: list[Data]) -> None:
        self.symbols = one.readout == "softmax"
        x, y = (np.concatenate(parts) for parts in zip(*(self.pairs(data) for data in draws), strict=True))
        if self.symbols:
            self.table = np.zeros((x.shape[1], draws[0].outputs))
            np.add.at(self.table, (x.argmax(axis=1), y), 1)
        else:
            self.table = np.linalg.lstsq(np.c_[x, np.ones(len(x))], y)[0]

    @staticmethod
    def pairs(data: Data) -> tuple[np.ndarray, np.ndarray]:
        mask = np.ones(data.x.shape[:2], bool) if data.counted is None else data.counted
        mask = mask if data.there is None else mask & data.there
        return data.x[mask], data.y[mask]

    def __call__(self, data: Data) -> np.ndarray:
        guess: np.ndarray
        if self.symbols:
            guess = self.table[data.x.argmax(axis=-1)]
        else:
            guess = np.concatenate([data.x, np.ones_like(data.x[..., :1])], axis=-1) @ self.table
        return guess


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        *((kind, {}) for kind in DRAWN),
        ("echo", {"symbols": 2}),
        ("count", {"most": 1}),
        ("count", {"most": 2}),
        ("count", {"most": 9}),
        ("sine", {"gap": 4, "period": 9}),
        ("sine", {"gap": 2, "length": 1, "period": 20}),
        ("adding", {"length": 4}),
    ],
)
def test_the_baseline_is_what_a_guesser_without_memory_gets(kind: str, parameters: dict[str, int]) -> None:
    one = task(kind, batch=256, **parameters)
    guesser = Guesser(one, [draw(one, 0, index) for index in range(40)])
    got = [score(one, guesser(data), data) for data in (draw(one, 1, index) for index in range(40))]
    baseline = about(one).baseline
    error = np.std(got) / np.sqrt(len(got))
    # Guesses that are all as good are learned from luck alone: four errors, and a little for the learning.
    assert np.mean(got) == pytest.approx(baseline, abs=4 * error + 0.002)


@pytest.mark.parametrize(
    "parameters", [{"kind": "wobble"}, {"kind": "wobble", "gap": 4, "length": 300}, {"kind": "series"}]
)
def test_the_baseline_of_a_real_series_is_what_its_best_line_gets(parameters: dict[str, Any]) -> None:
    one = task(**parameters)
    data = draw(one, 0)
    assert score(one, Guesser(one, [data])(data), data) == pytest.approx(about(one).baseline)


def test_the_solved_mark_of_a_real_series_is_what_two_measurements_and_their_age_tell() -> None:
    one = task("wobble", gap=3, length=300)
    data = draw(one, 0)
    # The line is fitted here for each age by itself, which can only do better.
    left = []
    for age in range(3):
        steps = np.arange(3 + age, 303, 3)
        shown, before = data.x[steps, 0, 0], data.x[steps - 3 - age, 0, 0]
        columns = np.c_[shown, before, np.ones(len(steps))]
        fit = np.linalg.lstsq(columns, data.y[steps, 0, 0])[0]
        left.extend((columns @ fit - data.y[steps, 0, 0]) ** 2)
    solved, baseline = about(one).solved, about(one).baseline
    assert solved is not None
    assert baseline is not None
    assert np.mean(left) <= solved < baseline / 5
    assert solved < 1.2 * np.mean(left)


@pytest.mark.parametrize("kind", MADE)
def test_a_perfect_network_solves_a_task_and_no_number_does_not(kind: str) -> None:
    one = task(kind)
    data = draw(one, 2)
    told = about(one)
    assert told.baseline is not None
    assert told.solved is not None
    perfect = np.eye(data.outputs)[data.y] if data.y.ndim == 2 else data.y.astype(float)
    best = score(one, perfect, data)
    if told.better == "higher":
        assert told.baseline < told.solved <= best == 1
    else:
        assert told.baseline > told.solved > best == 0
    assert np.isnan(score(one, perfect * np.nan, data))


@pytest.mark.parametrize("kind", ["echo", "recall", "copy", "adding", "parity", "sine", "wobble", "series"])
def test_what_is_not_counted_changes_no_score(kind: str) -> None:
    one = task(kind)
    data = draw(one, 2)
    assert data.counted is not None
    assert (data.y[~data.counted] == 0).all()
    y_hat = np.random.default_rng(0).normal(size=(*data.x.shape[:2], data.outputs))
    other = np.where(data.counted[..., None], y_hat, 7)
    assert score(one, y_hat, data) == score(one, other, data)


def test_count_and_reber_are_scored_where_the_next_symbol_is_certain() -> None:
    one = task("count", most=3, batch=30)
    data = draw(one, 0)
    perfect = np.eye(4)[data.y]
    wrong = np.where((data.x[..., 2] == 1)[..., None], perfect, 1 - perfect)
    assert score(one, wrong, data) == 1
    assert score(one, np.eye(4)[np.full_like(data.y, 2)], data) < 1
    one = task("reber", batch=30)
    data = draw(one, 0)
    perfect = np.eye(7)[data.y]
    wrong = 1 - perfect
    wrong[-2] = perfect[-2]
    assert score(one, wrong, data) == 1
    assert score(one, np.where(wrong == perfect, 1 - wrong, wrong), data) == 0
