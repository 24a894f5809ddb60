"""Findings some timesteps at a time: together what is found at once, within the memory told, to be given up."""

import tracemalloc
from itertools import islice
from typing import Any, get_args

import numpy as np
import pytest

import engine
from engine.passes import Pass
from engine.portions import Portion, What
from engine.spectra import matrix_singular_values
from tests.engine.analysed import Numbers, T, drawn
from tests.engine.test_analysis import SIZED

WHATS: tuple[What, ...] = get_args(engine.What)


def fresh(fields: dict[str, Any], batch: int = 2, steps: int = T) -> Pass:
    return Pass(engine.parse_spec({"hidden_size": 5, "task": {"kind": "arrays"}, **fields}), drawn(batch, steps))


def found_of(one: Pass, what: What) -> list[Portion]:
    return [portion for portion in engine.portions(one, what) if portion is not None]


def at_once(fields: dict[str, Any], what: What) -> dict[str, Numbers]:
    one = fresh(fields)
    one.run()
    match what:
        case "flow":
            return one.flow()
        case "inputs":
            return engine.Flow(one, inputs=True)()
        case "jacobians":
            return one.singular_values() | one.eigenvalues() | matrix_singular_values(one)
        case "signals":
            return engine.analyse(one)
        case "axes":
            return engine.principal_axes(one)


FIELDS: dict[str, dict[str, Any]] = {
    "rnn": {},
    "two layers of lstm": {"cell": "lstm", "layers": 2},
    "free": {"cell": "gru", "feedback": {"source": "output", "mode": "free"}},
    "untied": {"weights_shared": False},
    "truncated": {"cell": "lstm", "algorithm": {"kind": "truncated", "k1": 2, "k2": 3}},
    "no recurrence": {"recurrence": "none"},
}


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
def test_portions_together_are_what_is_found_at_once(fields: dict[str, Any], what: What) -> None:
    found = found_of(fresh(fields), what)
    expected = at_once(fields, what)
    halves = (
        [engine.joined(found[: len(found) // 2], what), engine.joined(found[len(found) // 2 :], what)]
        if found[1:]
        else found
    )
    for whole in (engine.joined(found, what), engine.joined(halves, what)):
        assert (whole.first, whole.count) == (0, T)
        arrays = whole.whole | whole.arrays
        assert arrays.keys() == expected.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, expected[name], err_msg=name)


@pytest.mark.parametrize("what", ["flow", "inputs", "jacobians"])
def test_portions_come_from_the_last_timestep_to_the_first(what: What) -> None:
    found = found_of(fresh({"cell": "lstm"}), what)
    assert [(portion.first, portion.count) for portion in found] == [(t, 1) for t in reversed(range(T))]
    assert not any(portion.whole for portion in found[1:])


@pytest.mark.parametrize("what", WHATS)
def test_what_is_given_up_is_computed_no_further(what: What, monkeypatch: pytest.MonkeyPatch) -> None:
    one = fresh({}, steps=300)
    chunks: list[int] = []
    forward = Pass.forward_chunk

    def counted(self: Pass, chunk: int) -> None:
        chunks.append(chunk)
        forward(self, chunk)

    monkeypatch.setattr(Pass, "forward_chunk", counted)
    assert list(islice(engine.portions(one, what), 2)) == [None, None]
    assert chunks == [0, 1]


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("name", SIZED)
def test_the_memory_that_is_asked_for_is_what_is_needed(name: str, what: What, batch: int) -> None:
    one = fresh(SIZED[name], batch, steps=100)  # type: ignore[arg-type]
    for _ in one.work():
        pass
    told = engine.finding_bytes(one.plan, what)
    tracemalloc.start()
    found = found_of(one, what)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found
    assert most <= told * 1.05 + 2**17
    assert told <= 10 * most + 2**20
