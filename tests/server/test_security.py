"""A browser is told what to refuse, and no page of another host may open the WebSocket."""

from __future__ import annotations

import json

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.server.running import Running

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; "
        "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/main.js", 200),
        ("GET", "/healthz", 200),
        ("GET", "/docs", 200),
        ("GET", "/openapi.json", 200),
        ("POST", "/api/traces", 400),
        ("GET", "/nothing", 404),
        ("POST", "/healthz", 405),
    ],
)
def test_every_answer_has_the_headers(server: Running, method: str, path: str, status: int) -> None:
    answer = server.http.request(method, path)
    assert answer.status_code == status
    assert HEADERS.items() <= dict(answer.headers).items()


def test_an_answer_to_an_unexpected_failure_has_the_headers(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("engine.Pass")
    answer = server.http.post("/api/traces", json={})
    assert answer.status_code == 500
    assert HEADERS.items() <= dict(answer.headers).items()


def test_an_answer_without_a_body_has_the_headers(server: Running) -> None:
    etag = server.http.get("/").headers["etag"]
    answer = server.http.get("/", headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert HEADERS.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost", "null", "", "http://127.0.0.1:1"])
def test_a_page_of_another_host_is_refused_before_anything_is_said(server: Running, origin: str) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(f"ws://{server.host}/ws", additional_headers={"Origin": origin}),
    ):
        pass
    response = refused.value.response
    assert response.status_code == 403
    told = json.loads(response.body or b"")
    assert (told["type"], told["code"], told["field"]) == ("error", "forbidden_origin", "Origin")
    assert server.host in told["message"]
    assert all(response.headers[name] == value for name, value in HEADERS.items())


def test_a_page_of_this_host_may_open_the_socket(server: Running) -> None:
    with server.client(additional_headers={"Origin": f"http://{server.host.upper()}"}) as client:
        client.run({"hidden_size": 2})


def test_who_is_no_browser_may_open_the_socket(server: Running) -> None:
    with server.client() as client:
        client.run({"hidden_size": 2})


def test_a_socket_elsewhere_is_refused(server: Running) -> None:
    with pytest.raises(InvalidStatus), connect(f"ws://{server.host}/nothing"):
        pass


def test_the_socket_does_not_compress(server: Running) -> None:
    with server.client(compression="deflate") as client:
        response = client.connection.response
        assert response is not None
        assert "Sec-WebSocket-Extensions" not in response.headers
