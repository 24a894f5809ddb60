"""A task's parameters: their ranges, the seed they are drawn from, the readout they need."""

from typing import Any

import numpy as np
import pytest

from engine.errors import SpecError
from engine.spec import Spec, parse_spec, spec_id
from engine.task_spec import TASK_FORMS, TASK_RANGES
from engine.tasks import about, draw
from tests.engine.tasks_made import DRAWN, MADE, task


@pytest.mark.parametrize("kind", MADE)
def test_the_same_seed_and_index_draw_the_same_bits(kind: str) -> None:
    one = task(kind)
    first, second = draw(one, 5, 3), draw(one, 5, 3)
    assert first.x.tobytes() == second.x.tobytes()
    assert first.y.tobytes() == second.y.tobytes()


@pytest.mark.parametrize("kind", DRAWN)
def test_another_seed_and_another_index_draw_other_data(kind: str) -> None:
    one = task(kind, batch=20)
    drawn = {draw(one, seed, index).x.tobytes() for seed, index in [(0, 0), (0, 1), (1, 0), (1, 1)]}
    assert len(drawn) == 4


EXTREMES = [
    (kind, key, bound)
    for kind in MADE
    for key in TASK_FORMS[kind].model_fields
    for bound in TASK_RANGES.get(f"task.{kind}.{key}", TASK_RANGES.get(f"task.{key}", ()))
    if key not in ("kind", "text", "values") and (kind, key) != ("series", "gap")
]


@pytest.mark.parametrize(("kind", "key", "bound"), EXTREMES)
def test_the_ends_of_every_range_make_data_of_the_steps_told(kind: str, key: str, bound: int) -> None:
    one = task(kind, **{key: bound})
    data = draw(one, 0)
    assert data.x.shape[0] == one.steps <= 2000
    assert data.x.shape[1] == getattr(one, "batch", 1)
    assert data.y.shape[:2] == data.x.shape[:2]
    assert np.isfinite(data.x).all()
    assert about(one).sentence


@pytest.mark.parametrize(("kind", "key", "bound"), EXTREMES)
def test_beyond_its_range_a_parameter_is_refused_with_the_range(kind: str, key: str, bound: int) -> None:
    low, high = TASK_RANGES.get(f"task.{kind}.{key}", TASK_RANGES.get(f"task.{key}", (0, 0)))
    beyond = bound - 1 if bound == low else bound + 1
    with pytest.raises(SpecError, match=f"task.{key} must be between {low} and {high}, got {beyond}") as caught:
        task(kind, **{key: beyond})
    assert caught.value.field == f"task.{key}"


@pytest.mark.parametrize("kind", MADE)
def test_the_parameter_that_makes_a_task_longer_does(kind: str) -> None:
    longer = TASK_FORMS[kind].longer
    assert longer is not None
    value = getattr(task(kind), longer)
    more = {"text": "hello worlds", "values": (*value, 5.0) if isinstance(value, tuple) else ()}
    assert task(kind, **{longer: more.get(longer) or value + 1}).steps > task(kind).steps


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        ({"kind": "echo", "gap": 2.5}, "task.gap", "must be a whole number, got 2.5"),
        ({"kind": "echo", "symbols": True}, "task.symbols", "must be a whole number, got True"),
        ({"kind": "echo", "most": 2}, "task.most", "allowed are kind, batch, gap, length, symbols"),
        ({"kind": "recall", "gap": 998, "batch": 256}, "task.batch", "at most 100 with 1,000 timesteps, got 256"),
        (
            {"kind": "sine", "gap": 9, "period": 6},
            "task.gap",
            "not be a multiple of half the period, which is 3, got 9",
        ),
        ({"kind": "series", "values": 3}, "task.values", "must be a list of 3 to 2,000 finite numbers, got 3"),
        ({"kind": "series", "values": [1, 2]}, "task.values", "must be a list of 3 to 2,000 finite numbers, got 2"),
        ({"kind": "series", "values": [1.0] * 10**6}, "task.values", "finite numbers, got 1,000,000"),
        ({"kind": "series", "values": [1, "2", 3]}, "task.values.1", "must be a number, got '2'"),
        ({"kind": "series", "values": [1, 2, True]}, "task.values.2", "must be a number, got True"),
        ({"kind": "series", "values": [1, None, 3]}, "task.values.1", "must be a number, got None"),
        ({"kind": "series", "values": [float("nan"), 2, 3]}, "task.values.0", "finite number between -1e12 and 1e12"),
        ({"kind": "series", "values": [1, 2, 10**400]}, "task.values.2", "finite number between -1e12 and 1e12"),
        ({"kind": "series", "values": [4, 4, 4]}, "task.values", "two different numbers, got 4 only"),
        ({"kind": "series", "values": [1, 2, 3, 4], "gap": 3}, "task.gap", "must be at most 2 for 4 values, got 3"),
    ],
)
def test_what_no_task_can_be_is_refused(given: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec({"task": given})
    assert caught.value.field == field
    assert reason in caught.value.message
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("kind", MADE)
def test_the_readout_is_the_tasks_own_and_another_is_refused(kind: str) -> None:
    own = TASK_FORMS[kind].readout
    spec = parse_spec({"task": {"kind": kind}})
    assert spec.model_dump()["readout"] == spec.readout == own
    assert spec_id(spec) == spec_id(parse_spec({"task": {"kind": kind}, "readout": own}))
    assert Spec(task=spec.task).readout == own
    other = {"softmax": "linear", "linear": "softmax"}[own]
    with pytest.raises(SpecError, match=f"readout must be '{own}' for task '{kind}', whose .* are .*, got '{other}'"):
        parse_spec({"task": {"kind": kind}, "readout": other})
    assert (draw(spec.task, 0).y.ndim == 2) == (own == "softmax")


def test_arrays_have_either_readout_and_must_come_with_the_call() -> None:
    assert parse_spec({"task": {"kind": "arrays"}}).readout == "softmax"
    assert parse_spec({"task": {"kind": "arrays"}, "readout": "linear"}).readout == "linear"
    assert about(task("arrays")).measure is None
    with pytest.raises(SpecError, match="'arrays' needs x and y with the call") as caught:
        draw(task("arrays"), 0)
    assert caught.value.field == "task.kind"
