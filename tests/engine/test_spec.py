"""A spec: its defaults, its id, and one clear error for each thing it does not accept."""

import re

import pytest

import engine
from engine.spec import RANGES, Spec, parse_json, parse_spec, spec_id

LONG = "a" * 10_000_000

REFUSED: list[tuple[object, str, str]] = [
    ({"hidden": 3}, "hidden", "unknown field 'hidden'; allowed are cell, activation"),
    ({"task": {"kind": "text", "txt": "ab"}}, "task.txt", "allowed are kind, text"),
    ({"optimizer": {"rate": 1}}, "optimizer.rate", "allowed are kind, learning_rate"),
    ({"hidden_size": 0}, "hidden_size", "hidden_size must be between 1 and 512, got 0"),
    ({"hidden_size": 10**9}, "hidden_size", "between 1 and 512, got 1000000000"),
    ({"hidden_size": 2.5}, "hidden_size", "must be a whole number, got 2.5"),
    ({"hidden_size": "8"}, "hidden_size", "must be a whole number, got '8'"),
    ({"hidden_size": None}, "hidden_size", "must be a whole number, got None"),
    ({"layers": 5}, "layers", "layers must be between 1 and 4, got 5"),
    ({"seed": -1}, "seed", "between 0 and 4294967295, got -1"),
    ({"bias": 1}, "bias", "must be true or false, got 1"),
    ({"cell": "lstmm"}, "cell", "must be one of rnn, gru, lstm, leaky, mgu, gru_r"),
    ({"cell": 3}, "cell", "must be the name of a built-in"),
    ({"cell": {"name": "mine"}}, "cell.equations", "must be a text of 1 to 4000 characters, got nothing"),
    ({"cell": {"name": "m" * 41, "equations": "h = x"}}, "cell.name", "have between 1 and 40 characters, got 41"),
    ({"cell": {"name": "", "equations": "h = x"}}, "cell.name", "between 1 and 40 characters, got an empty text"),
    ({"cell": {"name": 1, "equations": "h = x"}}, "cell.name", "must be a text of 1 to 40 characters, got 1"),
    ({"cell": {"own": 1, "name": "m", "equations": "h = x"}}, "cell.own", "allowed are name, equations"),
    ({"a.b": 1}, "a.b", "unknown field 'a.b'; allowed are cell, activation"),
    ({"cell.name": 1}, "cell.name", "unknown field 'cell.name'; allowed are cell, activation"),
    ({"task": {"kind": "text", "a.b": 1}}, "task.a.b", "unknown field 'task.a.b'; allowed are kind, text"),
    ({"task": {"kind": "arrays", "text": "ab"}}, "task.text", "unknown field 'task.text'; allowed are kind"),
    ({"a" * 1_000_000: 1}, "a" * 59 + "…", "aaa…; allowed are cell, activation"),
    ({1: 2}, "1", "unknown field '1'; allowed are cell, activation"),
    ({"task": {"kind": None}}, "task.kind", "task.kind must be 'text' or 'zen' or"),
    ({"task": {"kind": []}}, "task.kind", "'arrays', got []"),
    ({"task": {"kind": LONG}}, "task.kind", "'arrays', got 'aaa"),
    ({"task": 3}, "task", "task must be an object, got 3"),
    ({"feedback": {"probability": 1.5}}, "feedback.probability", "must be between 0 and 1, got 1.5"),
    ({"cell": {"name": "mine", "equations": "h = x("}}, "cell.equations", "line 1"),
    ({"activation": "swish"}, "activation", "got 'swish'"),
    ({"task": {"kind": "text", "text": ""}}, "task.text", "got an empty text"),
    ({"task": {"kind": "text", "text": "a"}}, "task.text", "between 2 and 2,000 characters, got 1"),
    ({"task": {"kind": "text", "text": LONG}}, "task.text", "got 10,000,000"),
    ({"task": {"kind": "text", "text": 3}}, "task.text", "must be a text of 2 to 2000 characters, got 3"),
    ({"task": {"kind": "poem"}}, "task.kind", "'series' or 'arrays', got 'poem'"),
    ({"algorithm": {"kind": "rtrl"}}, "algorithm.kind", "must be 'bptt' or 'truncated', got 'rtrl'"),
    ({"optimizer": {"learning_rate": float("nan")}}, "optimizer.learning_rate", "finite"),
    ({"clip_norm": float("inf")}, "clip_norm", "must be a finite number between 1e-12 and 1000000000000, got inf"),
    ({"hidden_size": float("nan")}, "hidden_size", "hidden_size must be a whole number, got nan"),
    ({"clip_norm": 0}, "clip_norm", "between 1e-12 and 1000000000000, got 0"),
    ({"readout": "linear"}, "readout", "must be 'softmax' for task 'text'"),
    ([], "spec", "a spec must be a JSON object, got []"),
    ("lstm", "spec", "a spec must be a JSON object"),
]


@pytest.mark.parametrize(("given", "field", "reason"), REFUSED, ids=lambda value: str(value)[:40])
def test_bad_input_gets_one_error_with_field_value_and_what_is_allowed(given: object, field: str, reason: str) -> None:
    with pytest.raises(engine.SpecError) as caught:
        parse_spec(given)
    assert caught.value.field == field
    assert reason in caught.value.message
    assert caught.value.code == "invalid_spec"
    assert len(caught.value.message) < 400


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a": nan}', '{"a": -NaN}', '{"a": Infinit}', "[" * 100_000, '"\\ud800"', b"\xff\xfe"],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(engine.SpecError) as caught:
        parse_json(text)
    assert caught.value.code == "malformed_json"


BAD_VALUES: list[object] = [
    None, True, -1, 10**30, 1e300, float("nan"), float("inf"), "", "?", "?" * 10_000, [], [float("nan")], {}, {"?": 1},
    {"kind": None}, {"name": None}, {"name": "?"},
]  # fmt: skip
PLACES = [(name,) for name in Spec.model_fields] + [
    ("cell", "name"),
    ("cell", "equations"),
    ("feedback", "probability"),
    ("task", "text"),
    ("optimizer", "learning_rate"),
    ("initialization", "kind"),
    ("initialization", "scale"),
]


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_whatever_is_wrong_is_told_in_one_style(place: tuple[str, ...]) -> None:
    refusals = [error for value in BAD_VALUES if (error := refusal(place, value)) is not None]
    assert len(refusals) > 5
    for error in refusals:
        assert re.match(r"(\S+ must (be|have) .*, got .|unknown field '.*'; allowed are |line \d)", error.message)
        assert error.field is not None
        assert error.field.startswith(place[0])
        assert len(error.message) < 400


def refusal(place: tuple[str, ...], value: object) -> engine.SpecError | None:
    """What a spec with `value` at `place` is refused with, None where it is not."""
    given: dict[str, object] = {place[-1]: value}
    if place == ("cell", "equations"):
        given["name"] = "mine"
    try:
        parse_spec({place[0]: given} if len(place) > 1 else given)
    except engine.SpecError as error:
        return error
    return None


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_no_number_that_is_not_finite_gets_into_a_spec(text: str) -> None:
    for place in PLACES:
        given = text
        for name in reversed(place):
            given = f'{{"{name}": {given}}}'
        with pytest.raises(engine.SpecError, match=r"got .*(nan|inf|nothing)") as caught:
            parse_spec(parse_json(given))
        assert caught.value.code == "invalid_spec"
        assert (caught.value.field or "").startswith(place[0])


def test_a_number_too_large_for_a_float_is_refused_by_its_field() -> None:
    with pytest.raises(engine.SpecError, match="must be a finite number"):
        parse_spec(parse_json('{"optimizer": {"learning_rate": 1e999}}'))


def test_an_empty_spec_is_a_good_first_experiment() -> None:
    spec = parse_spec({})
    assert (spec.cell, spec.hidden_size, spec.layers) == ("rnn", 8, 1)
    assert engine.run(spec).loss > 0


def test_every_range_admits_its_ends() -> None:
    low, high = RANGES["hidden_size"]
    assert parse_spec({"hidden_size": low}).hidden_size == low
    assert parse_spec({"hidden_size": high}).hidden_size == high
    text = "ab" * int(RANGES["task.text"][1] // 2)
    parse_spec({"task": {"kind": "text", "text": text}})
    parse_spec({"task": {"kind": "text", "text": text[:2]}})


def test_any_unicode_makes_an_alphabet_of_its_own() -> None:
    plan = engine.describe(parse_spec({"task": {"kind": "text", "text": "añ語🙂語a"}}))
    assert plan.columns["alphabet"] == ["a", "ñ", "語", "🙂"]
    assert plan.columns["input"] == ["a", "ñ", "語", "🙂", "語"]
    assert plan.columns["target"] == ["ñ", "語", "🙂", "語", "a"]
    assert plan.sizes["I"] == plan.sizes["O"] == 4


def test_the_id_names_the_whole_experiment_and_nothing_but_it() -> None:
    base = spec_id(parse_spec({}))
    assert spec_id(parse_spec({"seed": 0, "cell": "rnn"})) == base
    assert len({base, *(spec_id(parse_spec({"seed": seed})) for seed in (1, 2, 3))}) == 4


def test_the_plan_of_the_largest_spec_is_told_without_making_it() -> None:
    fields = {"hidden_size": 512, "layers": 4, "cell": "lstm"}
    text = {"kind": "text", "text": "ab" * 1000}
    assert engine.describe(parse_spec({**fields, "task": text})).trace_bytes > 500_000_000


def test_arrays_are_asked_for_where_they_are_missing() -> None:
    with pytest.raises(engine.SpecError, match="needs x and y"):
        engine.run(parse_spec({"task": {"kind": "arrays"}}))
