"""Whatever is computed, the server answers meanwhile."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

import engine
from server.settings import Settings
from server.workers import _advance
from tests.server.running import Running, running

LONG_PASS: dict[str, Any] = {
    "cell": "lstm",
    "hidden_size": 32,
    "layers": 4,
    "task": {"kind": "text", "text": "ab" * 1000},
}
LONG_CHECK: dict[str, Any] = {"cell": "lstm", "hidden_size": 16, "task": {"kind": "text", "text": "ab" * 30}}

LANES = 2


def endless(folder: Path, _: engine.Spec) -> list[engine.CheckRow]:
    """A check that never ends, in a process that leaves its number in `folder`."""
    (folder / str(os.getpid())).touch()
    while True:
        threading.Event().wait()


def asking(server: Running, sent: str) -> socket.socket:
    """A client that has asked for a check and sent `sent` of a body of two bytes."""
    host, port = server.host.split(":")
    client = socket.create_connection((host, int(port)))
    client.sendall(f"POST /api/check HTTP/1.1\r\nHost: {server.host}\r\nContent-Length: 2\r\n\r\n{sent}".encode())
    return client


def until(server: Running, reached: Callable[[], bool]) -> None:
    """Ask for the server's health until something is reached."""
    end = monotonic() + 60
    while not reached():
        assert server.http.get("/healthz").status_code == 200
        assert monotonic() < end


def runs(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    return True


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


def test_a_check_ends_when_its_client_leaves_and_the_next_is_answered(
    static: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: LANES)
    with running(Settings(port=0, static=static)) as server:
        with monkeypatch.context() as patched:
            patched.setattr("server.workers._check", partial(endless, tmp_path))
            clients = [asking(server, "{}") for _ in range(LANES)]
            until(server, lambda: len(list(tmp_path.iterdir())) == LANES)
        for client in clients:
            client.close()
        answer = httpx.post(f"http://{server.host}/api/check", json={}, timeout=30)
        assert answer.json()["ok"] is True
        until(server, lambda: not any(runs(process.name) for process in tmp_path.iterdir()))


def test_a_client_that_leaves_before_its_body_is_sent_is_no_failure(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "unroll")
    asking(server, "{").close()
    until(server, lambda: "POST /api/check: the caller left" in caplog.text)
    assert "failed" not in caplog.text
