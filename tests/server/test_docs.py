"""The description is true to what is served and needs nothing from another host."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import BaseModel

from server import protocol
from tests.server.running import Running

CALLS = {
    ("get", "/healthz"),
    ("get", "/api/cells"),
    ("get", "/api/activations"),
    ("get", "/api/tasks"),
    ("get", "/api/limits"),
    ("post", "/api/traces"),
    ("get", "/api/traces/{trace_id}.safetensors"),
    ("post", "/api/check"),
}


@pytest.fixture
def described(server: Running) -> dict[str, Any]:
    found: dict[str, Any] = server.http.get("/openapi.json").json()
    return found


def calls(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method, path, call) for path, methods in described["paths"].items() for method, call in methods.items()]


def test_the_calls_of_the_contract_are_listed_and_no_others(described: dict[str, Any]) -> None:
    assert {(method, path) for method, path, _ in calls(described)} == CALLS


def test_every_listed_call_answers_as_listed(server: Running, described: dict[str, Any]) -> None:
    made = server.http.post("/api/traces", json={}).json()
    for method, path, call in calls(described):
        body: dict[str, Any] | None = {} if "requestBody" in call else None
        answer = server.http.request(method, path.format(trace_id=made["id"]), json=body)
        listed = call["responses"][str(answer.status_code)]["content"]
        schema = listed[answer.headers["content-type"]].get("schema", {})
        if "$ref" in schema:
            model = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            assert set(answer.json()) == set(model["properties"])


def test_every_call_lists_the_one_error_shape(described: dict[str, Any]) -> None:
    for _, _, call in calls(described):
        assert call["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")
        assert "422" not in call["responses"]


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    models = described["components"]["schemas"]
    found = set(re.findall(r'"#/components/schemas/(\w+)"', str(described).replace("'", '"')))
    assert found
    assert found <= set(models)
    assert "#/$defs" not in str(described)


def test_the_body_of_a_call_is_the_spec(described: dict[str, Any]) -> None:
    spec = described["components"]["schemas"]["Spec"]["properties"]
    assert (spec["hidden_size"]["minimum"], spec["hidden_size"]["maximum"]) == (1, 512)
    body = described["paths"]["/api/traces"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/Spec"}


def test_the_page_lists_every_call_model_and_message(server: Running, described: dict[str, Any]) -> None:
    page = server.http.get("/docs").text
    for method, path in CALLS:
        assert f"<b>{method.upper()}</b> <code>{path}</code>" in page
    for name in described["components"]["schemas"]:
        assert f'id="{name}"' in page
    messages = [model for model in vars(protocol).values() if isinstance(model, type) and issubclass(model, BaseModel)]
    for model in messages:
        if "type" in model.model_fields and model is not protocol.Error:
            assert f'id="message-{model.__name__}"' in page


def test_every_link_of_the_page_leads_somewhere_on_this_host(server: Running) -> None:
    page = server.http.get("/docs").text
    links = set(re.findall(r'(?:href|src)="([^"]*)"', page))
    assert {"docs.css", "openapi.json"} <= links
    for link in links:
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in page
        else:
            assert server.http.get(f"/{link}").status_code == 200
    assert "<script" not in page
    assert "<style" not in page
    assert not re.search(r"url\(|@import|https?:", page + server.http.get("/docs.css").text)
