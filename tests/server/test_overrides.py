"""What-ifs and the check of one entry, as the server answers them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import safetensors.numpy

import engine
from server.settings import Settings
from tests.server.running import Client, Running, running

SPEC: dict[str, Any] = {"cell": "lstm", "hidden_size": 4, "task": {"kind": "text", "text": "the cat"}}
OVERRIDES: list[dict[str, Any]] = [
    {"name": "forget_gate", "value": 1},
    {"name": "input_gate", "value": 0},
    {"name": "layer0.cell_state.initial", "index": [0, 2], "value": 0.5},
    {"name": "layer0.W_output", "index": [2, 3], "value": 0.7},
    {"name": "x", "index": [4, 0], "value": 0},
]
WHAT_IF = SPEC | {"overrides": OVERRIDES}


def test_a_what_if_is_an_experiment_of_its_own_with_a_trace_of_its_own(server: Running) -> None:
    made, again, plain = (server.http.post("/api/traces", json=spec).json() for spec in (WHAT_IF, WHAT_IF, SPEC))
    assert made == again
    assert made["id"] != plain["id"]
    assert server.http.post("/api/traces", json=SPEC | {"overrides": []}).json()["id"] == plain["id"]
    content = server.http.get(made["url"]).content
    assert content == engine.run(engine.parse_spec(WHAT_IF)).to_bytes()
    trace = safetensors.numpy.load(content)
    assert trace["layer0.cell_state"][:, 0].tolist() == [[0, 0, 0.5, 0]] * 6
    assert "layer0.W_forget" not in trace


def test_a_what_if_streams_its_equations_and_the_state_it_begins_with(client: Client) -> None:
    plan, frames = client.run(WHAT_IF, dtype="float64")
    assert [line["text"] for line in plan["equations"]["forward"]][:2] == ["input_gate = 0", "forget_gate = 1"]
    assert plan["spec"]["overrides"] == [{"index": []} | one for one in OVERRIDES]
    told = [
        frame.arrays["layer0.cell_state.initial"] for frame in frames if "layer0.cell_state.initial" in frame.arrays
    ]
    assert [array.tolist() for array in told] == [[[0, 0, 0.5, 0]]]
    assert "layer0.cell_state.initial" in frames[0].arrays


@pytest.mark.parametrize(
    ("override", "field", "words"),
    [
        ({"name": "x", "index": [9], "value": 1}, "overrides.0.index", "between 0 and 5 for x of shape (6, 1, 6)"),
        ({"name": "cell_state", "value": 1}, "overrides.0.name", "a line that is no state"),
        ({"name": "nothing", "value": 1}, "overrides.0.name", "must be one of input_gate, forget_gate"),
        ({"name": "x" * 1_000_000, "value": 1}, "overrides.0.name", "between 1 and 60 characters, got 1,000,000"),
        ({"name": "x", "index": [0] * 100_000, "value": 1}, "overrides.0.index", "at most 3 numbers"),
        ({"name": "V", "value": None}, "overrides.0.value", "must be a number, got None"),
    ],
)
def test_a_what_if_that_cannot_be_is_refused(server: Running, override: Any, field: str, words: str) -> None:
    answer = server.http.post("/api/traces", json=SPEC | {"overrides": [override]})
    told = answer.json()
    assert (answer.status_code, told["code"], told["field"]) == (422, "invalid_spec", field)
    assert words in told["message"]
    assert len(told["message"]) < 400


def test_the_cells_are_told_with_presets_that_can_be_run(server: Running) -> None:
    told = {cell["name"]: cell["presets"] for cell in server.http.get("/api/cells").json()}
    assert told["lstm"]["remember forever"] == {"forget_gate": 1, "input_gate": 0}
    assert told["rnn"] == {}
    for cell, presets in told.items():
        for lines in presets.values():
            overrides = [{"name": line, "value": value} for line, value in lines.items()]
            assert server.http.post("/api/traces", json={"cell": cell, "overrides": overrides}).status_code == 200


@pytest.mark.parametrize(
    ("entry", "name", "index"),
    [
        ("layer0.W_output,2,3", "layer0.W_output", (2, 3)),
        ("x,4,0,1", "x", (4, 0, 1)),
        ("layer0.h.initial,0,2", "layer0.h.initial", (0, 2)),
        ("c,5", "c", (5,)),
    ],
)
def test_one_entry_is_checked_alone(server: Running, entry: str, name: str, index: tuple[int, ...]) -> None:
    answer = server.http.post("/api/check", params={"entry": entry}, json=WHAT_IF).json()
    trace = engine.run(engine.parse_spec(WHAT_IF))
    (row,) = answer["rows"]
    assert (answer["ok"], answer["id"]) == (True, trace.id)
    assert (row["name"], row["index"], row["checked"]) == (name, list(index), 1)
    assert row["analytic"] == trace[f"grad.{name}"][index]
    assert row["numeric"] == pytest.approx(row["analytic"], abs=1e-8)


@pytest.mark.parametrize(
    ("entry", "status", "words"),
    [
        ("", 400, "entry must be a name and whole numbers from 0 with commas between them, as in layer0.W,2,3, got ''"),
        ("layer0.W_output,-1,0", 400, "got 'layer0.W_output,-1,0'"),
        ("layer0.W_output,1,0.5", 400, "got 'layer0.W_output,1,0.5'"),
        ("layer0.W_output,1,", 400, "got 'layer0.W_output,1,'"),
        ("x," + "9" * 5000, 400, "got 'x,999"),
        ("y,0,0", 422, "entry must be one of x, layer0.U_input"),
        ("layer0.W_output", 422, "entry must have 2 numbers for an entry of layer0.W_output of shape (4, 4), got []"),
        (
            "layer0.W_output,4,0",
            422,
            "number 1 must be between 0 and 3 for layer0.W_output of shape (4, 4), got [4, 0]",
        ),
    ],
)
def test_an_entry_that_is_none_is_refused(server: Running, entry: str, status: int, words: str) -> None:
    answer = server.http.post("/api/check", params={"entry": entry}, json=SPEC)
    told = answer.json()
    assert (answer.status_code, told["field"]) == (status, "entry")
    assert words in told["message"]
    assert len(told["message"]) < 400


def test_an_entry_is_checked_where_the_whole_check_would_take_too_long(static: Path) -> None:
    long = {"cell": "lstm", "layers": 2, "task": {"kind": "text", "text": "ab" * 200}}
    with running(Settings(port=0, static=static, check_seconds=1)) as hasty:
        assert hasty.http.post("/api/check", json=long).json()["code"] == "too_large"
        assert hasty.http.post("/api/check?entry=layer1.b_forget,0", json=long).json()["ok"] is True
    with running(Settings(port=0, static=static, check_seconds=0.001)) as hastier:
        told = hastier.http.post("/api/check?entry=layer1.b_forget,0", json=long).json()
        assert "2 forward passes take about" in told["message"]


def test_the_description_tells_of_the_entry_and_of_overrides(server: Running) -> None:
    described = server.http.get("/openapi.json").json()
    (entry,) = described["paths"]["/api/check"]["post"]["parameters"]
    assert (entry["name"], entry["in"], entry["required"]) == ("entry", "query", False)
    assert described["components"]["schemas"]["Spec"]["properties"]["overrides"]["maxItems"] == 64
    assert set(described["components"]["schemas"]["Override"]["required"]) == {"name", "value"}
    page = server.http.get("/docs").text
    assert "?<code>entry</code>: one entry alone" in page
    assert '<td><code>overrides</code></td><td>list of <a href="#Override">Override</a></td>' in page
