"""One server for all tests that need no settings of their own, and one way to run a command."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.__main__ import main
from server.settings import Settings
from tests.server.command import SPEC, Outcome, Unroll
from tests.server.running import Client, Running, running


@pytest.fixture(scope="session")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small page."""
    folder = tmp_path_factory.mktemp("static")
    (folder / "vendor").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Unroll</title>" + "<p>page</p>" * 200)
    (folder / "main.js").write_text("export const answer = 42;\n" * 100)
    (folder / "vendor" / "part.mjs").write_text("export default 1;\n" * 100)
    (folder / "vendor" / "font.woff2").write_bytes(bytes(range(256)))
    return folder


@pytest.fixture(scope="session")
def server(static: Path) -> Iterator[Running]:
    with running(Settings(port=0, static=static)) as reachable:
        yield reachable


@pytest.fixture
def client(server: Running) -> Iterator[Client]:
    with server.client() as connected:
        yield connected


@pytest.fixture
def unroll(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Unroll:
    """Runs a command in a folder of its own, where spec.json holds SPEC."""
    monkeypatch.chdir(tmp_path)
    Path("spec.json").write_text(json.dumps(SPEC))

    def command(*words: str, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["unroll", *words])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsysbinary.readouterr()
        code = stopped.value.code
        return Outcome(int(code or 0), printed.out, printed.err.decode())

    return command
