"""What cannot be set by hand is refused in one sentence, which names its field, what was given and what is allowed."""

from typing import Any

import pytest

import engine
from tests.engine.test_overrides import data, spec

WRONG: list[tuple[Any, str, str]] = [
    (3, "overrides", "overrides must be a list, got 3"),
    ({}, "overrides", "must be a list, got {}"),
    ([{"name": "a", "value": 0}] * 65, "overrides", "must have between 0 and 64 entries, got 65"),
    ([3], "overrides.0", "overrides.0 must be an object, got 3"),
    ([{"value": 1}], "overrides.0.name", "must be a text of 1 to 60 characters, got nothing"),
    ([{"name": "", "value": 1}], "overrides.0.name", "between 1 and 60 characters, got an empty text"),
    ([{"name": "x" * 61, "value": 1}], "overrides.0.name", "between 1 and 60 characters, got 61"),
    ([{"name": 1, "value": 1}], "overrides.0.name", "must be a text of 1 to 60 characters, got 1"),
    ([{"name": "x"}], "overrides.0.value", "must be a number between -1000000 and 1000000, got nothing"),
    ([{"name": "x", "value": "1"}], "overrides.0.value", "must be a number, got '1'"),
    ([{"name": "x", "value": True}], "overrides.0.value", "must be a number, got True"),
    ([{"name": "x", "value": float("nan")}], "overrides.0.value", "a finite number between -1000000 and 1000000"),
    ([{"name": "x", "value": 1.1e6}], "overrides.0.value", "between -1000000 and 1000000, got 1100000.0"),
    ([{"name": "x", "value": 1, "at": 0}], "overrides.0.at", "allowed are name, index, value"),
    ([{"name": "x", "value": 1, "index": 3}], "overrides.0.index", "must be a list, got 3"),
    ([{"name": "x", "value": 1, "index": None}], "overrides.0.index", "must be a list, got None"),
    ([{"name": "x", "value": 1, "index": [0, 1.0]}], "overrides.0.index.1", "must be a whole number, got 1.0"),
    ([{"name": "x", "value": 1, "index": [True]}], "overrides.0.index.0", "must be a whole number, got True"),
    (
        [{"name": "a", "value": 1}, {"name": "W", "value": 1}],
        "overrides.1.name",
        "overrides.1.name must be one of a, x, layer0.h.initial, layer1.h.initial, V, c, got 'W'",
    ),
    (
        [{"name": "layer2.W", "value": 1}],
        "overrides.0.name",
        "one of a, x, layer0.U, layer0.W, layer0.b, layer0.h.init",
    ),
    ([{"name": "layer0.a", "value": 1}], "overrides.0.name", "layer1.h.initial, V, c, got 'layer0.a'"),
    ([{"name": "y_prev", "value": 1}], "overrides.0.name", "V, c, got 'y_prev'"),
    (
        [{"name": "h", "value": 1}],
        "overrides.0.name",
        "a line that is no state, a, got 'h', which later steps need; layer0.h.initial sets what step 1 is given",
    ),
    (
        [{"name": "a", "index": [0], "value": 1}],
        "overrides.0.index",
        "must be empty: a is held in every unit, layer and step, got [0]",
    ),
    (
        [{"name": "layer1.W", "value": 1}, {"name": "a", "value": 1}],
        "overrides.0.name",
        "got 'layer1.W', which nothing reads with a held",
    ),
    (
        [{"name": "x", "value": 1, "index": [0, 0, 0, 0]}],
        "overrides.0.index",
        "must have at most 3 numbers for x of shape (6, 2, 3), which is (t, b, i), got [0, 0, 0, 0]",
    ),
    (
        [{"name": "x", "value": 1, "index": [0, 2]}],
        "overrides.0.index",
        "number 2 must be between 0 and 1 for x of shape (6, 2, 3), which is (t, b, i), got [0, 2]",
    ),
    ([{"name": "layer0.W", "value": 1, "index": [-1]}], "overrides.0.index", "number 1 must be between 0 and 2 for"),
    ([{"name": "layer0.W", "value": 1, "index": [10**30]}], "overrides.0.index", "between 0 and 2 for layer0.W of"),
    ([{"name": "c", "value": 1, "index": [0, 0]}], "overrides.0.index", "at most 1 numbers for c of shape (4,)"),
    (
        [{"name": "layer1.h.initial", "value": 1, "index": [2]}],
        "overrides.0.index",
        "(2, 3), which is (b, unit), got [2]",
    ),
]


@pytest.mark.parametrize(("overrides", "field", "reason"), WRONG, ids=lambda value: str(value)[:60])
def test_what_cannot_be_set_is_one_sentence_with_its_field(overrides: Any, field: str, reason: str) -> None:
    with pytest.raises(engine.SpecError) as caught:
        engine.describe(spec(overrides, layers=2), data())
    assert caught.value.field == field
    assert reason in caught.value.message
    assert caught.value.code == "invalid_spec"
    assert len(caught.value.message) < 400


def test_what_the_network_does_not_have_cannot_be_set() -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        (
            {"recurrence": "none"},
            "layer0.h.initial",
            "'layer0.h.initial': with recurrence 'none' no step is given a state",
        ),
        ({"bias": False}, "c", "V, got 'c'"),
        ({"bias": False}, "layer0.b", "V, got 'layer0.b'"),
        (
            {"cell": {"name": "one", "equations": "h = tanh(U @ x)"}},
            "h",
            "must be an array: every line here is a state",
        ),
        ({"cell": "lstm"}, "cell_state", "input_gate or forget_gate or candidate or output_gate, got 'cell_state'"),
    ]
    for fields, name, reason in cases:
        with pytest.raises(engine.SpecError) as caught:
            spec([{"name": name, "value": 1}], **fields)
        assert caught.value.field == "overrides.0.name"
        assert reason in caught.value.message
