"""The socket that is listened on, and what is set once when the server starts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from server import serving
from server.settings import Settings


def test_a_small_frame_does_not_wait_for_the_readers_acknowledgement() -> None:
    with serving.listening(Settings(port=0)) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")])
def test_the_address_is_one_a_browser_can_open(host: str, shown: str) -> None:
    with serving.listening(Settings(host=host, port=0)) as listener:
        assert serving.address(listener) == f"http://{shown}:{listener.getsockname()[1]}/"


def test_blas_has_one_thread_from_the_start_of_the_server() -> None:
    # In a process of its own: only the first thread that sets the number may set it again.
    program = """
import asyncio, threadpoolctl
from server.app import create_app
from server.settings import Settings

async def start():
    app = create_app(Settings())
    async with app.router.lifespan_context(app):
        print([pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"])

asyncio.run(start())
"""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    root = Path(serving.__file__).parent.parent
    printed = subprocess.check_output([sys.executable, "-c", program], text=True, env=environment, cwd=root)
    assert set(json.loads(printed)) <= {1}


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLL_PORT", "1234")
    monkeypatch.setenv("UNROLL_MEMORY_LIMIT", str(2**20))
    assert (Settings().port, Settings().memory_limit, Settings().host) == (1234, 2**20, "127.0.0.1")


def test_the_page_is_found_without_being_told_where() -> None:
    assert Settings().static.name == "static"
