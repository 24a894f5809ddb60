"""The HTTP calls answer as the contract says, in one error shape."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import safetensors
import safetensors.numpy

import engine
from engine.tasks import TASKS
from server.settings import Settings
from server.traces import Traces
from tests.server.running import Running, running

SPEC: dict[str, Any] = {"cell": "gru", "hidden_size": 4, "task": {"kind": "text", "text": "the cat"}}


def test_health_tells_the_version(server: Running) -> None:
    assert server.http.get("/healthz").json() == {"status": "ok", "version": engine.engine_version()}


def test_health_is_told_to_who_asks_for_the_head_alone(server: Running) -> None:
    answer = server.http.head("/healthz")
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_cells_are_told_with_their_equations(server: Running) -> None:
    told = {cell["name"]: cell for cell in server.http.get("/api/cells").json()}
    assert set(told) > {"rnn", "lstm", "gru", "gru_reset_before", "irnn", "mgu", "leaky"}
    for name, cell in told.items():
        own = {"cell": {"name": name, "equations": cell["equations"]}}
        assert server.http.post("/api/traces", json=own).status_code == 200
        assert cell["title"]
        assert cell["source"]


def test_the_activations_are_told_with_their_derivatives(server: Running) -> None:
    told = server.http.get("/api/activations").json()
    assert [one["name"] for one in told] == list(engine.ACTIVATIONS)
    assert all(one["formula"] and one["derivative"] and one["source"] for one in told)


def test_the_tasks_are_told_with_ranges_and_defaults(server: Running) -> None:
    told = {task["name"]: task["parameters"] for task in server.http.get("/api/tasks").json()}
    assert list(told) == list(TASKS)
    assert (told["text"]["text"]["default"], told["text"]["text"]["range"]) == ("hello world", [2, 2000])


def test_the_limits_are_those_that_are_enforced(server: Running) -> None:
    limits = server.http.get("/api/limits").json()
    least, most = limits["hidden_size"]
    for size, status in ((least - 1, 422), (least, 200), (most + 1, 422)):
        assert server.http.post("/api/traces", json={"hidden_size": size}).status_code == status
    assert (limits["cell.name"], limits["feedback.probability"]) == ([1, 40], [0, 1])
    assert limits["check_seconds"] == server.settings.check_seconds
    assert limits["trace_bytes"] == server.settings.memory_limit


def test_a_trace_is_summed_up(server: Running) -> None:
    made = server.http.post("/api/traces", json=SPEC).json()
    trace = engine.run(engine.parse_spec(SPEC))
    assert made["url"] == f"/api/traces/{made['id']}.safetensors"
    assert made["summary"]["loss"] == trace.loss
    assert made["summary"]["sizes"] == {"T": 6, "B": 1, "I": 6, "H": 4, "O": 6, "L": 1}
    parameters = [p["name"] for p in engine.describe(trace.spec).parameters]
    assert made["summary"]["parameters"] == sum(trace[name].size for name in parameters)
    norms = {f"grad.{name}": np.linalg.norm(trace[f"grad.{name}"]) for name in parameters}
    assert made["summary"]["gradient_norms"] == pytest.approx(norms, rel=1e-13)


def test_a_gradient_whose_square_is_no_number_is_told_as_it_is(server: Running) -> None:
    cell = {"name": "tiny", "equations": "h = U @ x + W @ (1e-200 * h_prev)"}
    spec = {"cell": cell, "loss_at": "last_step", "task": {"kind": "text", "text": "abc"}}
    told = server.http.post("/api/traces", json=spec).json()["summary"]["gradient_norms"]["grad.layer0.W"]
    largest = float(np.abs(engine.run(engine.parse_spec(spec))["grad.layer0.W"]).max())
    assert 0 < largest <= told < 1e3 * largest < 1e-190


def test_a_number_that_is_not_finite_is_null_in_the_summary(server: Running) -> None:
    cell = {"name": "explodes", "equations": "h = U @ x + 100000000 * h_prev * h_prev"}
    spec = {"cell": cell, "task": {"kind": "text", "text": "ab" * 20}}
    assert server.http.post("/api/traces", json=spec).json()["summary"]["loss"] is None


def test_the_same_spec_has_the_same_id_however_it_is_written(server: Running) -> None:
    whole = engine.parse_spec(SPEC).model_dump(mode="json")
    ids = [server.http.post("/api/traces", json=spec).json()["id"] for spec in (SPEC, whole, SPEC | {"seed": 1})]
    assert ids[0] == ids[1] != ids[2]


def test_the_trace_file_is_the_engines_bit_for_bit(server: Running) -> None:
    made = server.http.post("/api/traces", json=SPEC).json()
    answer = server.http.get(made["url"])
    assert answer.content == engine.run(engine.parse_spec(SPEC)).to_bytes()
    assert f'filename="{made["id"]}.safetensors"' in answer.headers["content-disposition"]
    assert "layer0.update_gate" in safetensors.numpy.load(answer.content)


def test_the_trace_file_tells_its_spec_id_and_version(server: Running) -> None:
    made = server.http.post("/api/traces", json=SPEC).json()
    content = server.http.get(made["url"]).content
    metadata = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    assert (metadata["id"], metadata["version"]) == (made["id"], engine.engine_version())
    assert engine.spec_id(engine.parse_spec(json.loads(metadata["spec"]))) == made["id"]


def test_a_trace_never_changes_and_is_not_sent_twice(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    url = server.http.post("/api/traces", json=SPEC).json()["url"]
    first = server.http.get(url)
    assert "immutable" in first.headers["cache-control"]
    monkeypatch.delattr("engine.Pass")  # what is not sent is not computed either
    again = server.http.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_an_unknown_trace_is_a_404_in_the_one_shape(server: Running) -> None:
    answer = server.http.get("/api/traces/0123456789abcdef.safetensors")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert "0123456789abcdef" in answer.json()["message"]


def test_the_trace_not_asked_for_the_longest_is_forgotten_first(static: Any) -> None:
    with running(Settings(port=0, static=static, traces_kept=2)) as forgetful:
        urls = [forgetful.http.post("/api/traces", json={"seed": seed}).json()["url"] for seed in (0, 1)]
        forgetful.http.get(urls[0])
        urls.append(forgetful.http.post("/api/traces", json={"seed": 2}).json()["url"])
        assert [forgetful.http.get(url).status_code for url in urls] == [200, 404, 200]


def test_a_trace_remembered_twice_takes_one_place() -> None:
    traces, plans = Traces(2), [engine.describe(engine.parse_spec({"seed": seed})) for seed in (0, 1)]
    for plan in (plans[0], plans[1], plans[1]):
        traces.remember(plan)
    assert [traces.find(plan.id) for plan in plans] == [plan.spec for plan in plans]


def test_a_check_has_a_row_for_every_parameter(server: Running) -> None:
    answer = server.http.post("/api/check", json=SPEC).json()
    rows = {row["name"]: row for row in answer["rows"]}
    assert {p["name"] for p in engine.describe(engine.parse_spec(SPEC)).parameters} <= set(rows)
    assert answer["ok"] is True
    assert all(row["ok"] and row["error"] < 1e-6 for row in rows.values())
    assert rows["V"]["shape"] == [6, 4]


def test_a_check_that_finds_a_gradient_off_says_so(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    row = engine.CheckRow("layer0.W", (2, 2), 4, 0.5, 1e-9, False, (0, 1), 1.0, 2.0)

    async def off(*_: object) -> list[engine.CheckRow]:
        return [row]

    monkeypatch.setattr("server.workers.Workers.check", off)
    answer = server.http.post("/api/check", json=SPEC).json()
    assert answer["ok"] is False
    assert answer["rows"][0]["index"] == [0, 1]


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/api/cells/", "/api/traces/x", "/index.html/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_there_is_a_404_in_the_one_shape(server: Running, method: str, path: str) -> None:
    answer = server.http.request(method, path)
    assert answer.status_code == 404
    assert answer.json() == {
        "type": "error",
        "code": "not_found",
        "message": f"there is nothing at {path!r}; /docs lists the calls",
        "field": None,
    }


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/cells", "GET"),
        ("GET", "/api/check", "POST"),
        ("DELETE", "/api/traces", "POST"),
        ("PUT", "/", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_a_405_that_tells_the_right_one(
    server: Running, method: str, path: str, allowed: str
) -> None:
    answer = server.http.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    assert answer.json()["code"] == "method_not_allowed"
    assert allowed in answer.json()["message"]
    assert method in answer.json()["message"]
