"""Whatever is computed, the server answers meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from server.workers import _advance
from tests.server.running import Running

LONG_PASS: dict[str, Any] = {
    "cell": "lstm",
    "hidden_size": 32,
    "layers": 4,
    "task": {"kind": "text", "text": "ab" * 1000},
}
LONG_CHECK: dict[str, Any] = {"cell": "lstm", "hidden_size": 16, "task": {"kind": "text", "text": "ab" * 30}}


def assert_health_is_told_during(server: Running, work: Callable[[], httpx.Response]) -> None:
    """Ask again and again while somebody else's work is done."""
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(work().status_code))
    thread.start()
    count = 0
    while thread.is_alive():
        assert server.http.get("/healthz").status_code == 200
        count += 1
    assert statuses == [200]
    assert count > 20


@pytest.mark.parametrize(("path", "spec"), [("/api/traces", LONG_PASS), ("/api/check", LONG_CHECK)])
def test_health_is_told_during_long_work(server: Running, path: str, spec: dict[str, Any]) -> None:
    assert_health_is_told_during(server, lambda: httpx.post(f"http://{server.host}{path}", json=spec, timeout=120))


def test_health_is_told_while_a_trace_file_is_made(server: Running) -> None:
    url = server.http.post("/api/traces", json=LONG_PASS).json()["url"]
    assert_health_is_told_during(server, lambda: httpx.get(f"http://{server.host}{url}", timeout=120))


def test_a_long_pass_is_computed_in_slices(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    slices: list[bool] = []

    def counted(steps: Iterator[object]) -> bool:
        slices.append(_advance(steps))
        return slices[-1]

    monkeypatch.setattr("server.workers._advance", counted)
    assert server.http.post("/api/traces", json=LONG_PASS).status_code == 200
    assert len(slices) > 20
    assert [index for index, more in enumerate(slices) if not more] == [len(slices) - 1]
