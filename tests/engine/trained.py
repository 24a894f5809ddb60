"""Experiments of every kind to train, and what must be the same where training went on."""

from itertools import islice
from typing import Any

import numpy as np

import engine

RECALL: dict[str, Any] = {"kind": "recall", "gap": 3, "batch": 8}
SCHEDULED: dict[str, Any] = {"source": "output", "mode": "scheduled", "probability": 0.5}
SPECS: dict[str, dict[str, Any]] = {
    "sgd": {"task": RECALL},
    "momentum, clipped": {"task": RECALL, "optimizer": {"kind": "momentum"}, "clip_norm": 0.1},
    "rmsprop, two layers": {"task": RECALL, "optimizer": {"kind": "rmsprop"}, "layers": 2, "cell": "gru"},
    "adam": {"task": RECALL, "optimizer": {"kind": "adam"}, "cell": "lstm"},
    "float32": {"task": RECALL, "optimizer": {"kind": "adam"}, "dtype": "float32"},
    "scheduled feedback": {"task": {"kind": "echo", "batch": 4}, "feedback": SCHEDULED},
    "sampled numbers": {"task": {"kind": "adding"}, "feedback": SCHEDULED | {"mode": "sampled"}},
    "truncated": {"task": RECALL, "algorithm": {"kind": "truncated", "k1": 2, "k2": 4}},
    "untied": {"task": RECALL, "weights_shared": False},
    "lengths": {"task": {"kind": "count", "batch": 4}, "cell": "lstm"},
    "a text": {},
    "overrides": {"task": RECALL, "overrides": [{"name": "layer0.W", "value": 0.1}, {"name": "x", "value": 0.5}]},
}


def trained(trainer: engine.Trainer, count: int) -> list[engine.Record]:
    return list(islice(trainer, count))


def assert_same(one: list[engine.Record], other: list[engine.Record]) -> None:
    """Bit for bit, NaN where NaN is."""
    assert len(one) == len(other)
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine.log10_grad_norms, theirs.log10_grad_norms)
        alike = [name for name in mine.__dataclass_fields__ if name != "log10_grad_norms"]
        assert repr([getattr(mine, name) for name in alike]) == repr([getattr(theirs, name) for name in alike])


def assert_same_state(one: engine.State, other: engine.State) -> None:
    assert (one.spec, one.iteration, one.changes) == (other.spec, other.iteration, other.changes)
    for mine, theirs in ((one.weights, other.weights), (one.optimizer, other.optimizer)):
        assert mine.keys() == theirs.keys()
        for name in mine:
            np.testing.assert_array_equal(mine[name], theirs[name])
