"""Bad input has one clear answer, on the WebSocket, over HTTP and on the command line, and harms nothing."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from server.__main__ import main
from server.errors import STATUS
from server.settings import Settings
from tests.server.bad_specs import BAD_SPECS, LONG_NAME, MILLION, Bad
from tests.server.running import Client, Running, running

LONGEST_MESSAGE = 700
bad_specs = pytest.mark.parametrize("bad", BAD_SPECS, ids=lambda bad: bad.name)


def assert_says(answer: dict[str, Any], bad: Bad) -> None:
    assert answer["type"] == "error"
    assert (answer["code"], answer["field"]) == (bad.code, bad.field), answer
    for word in bad.words:
        assert word in answer["message"]
    assert len(str(answer)) <= LONGEST_MESSAGE


@bad_specs
def test_the_websocket_names_what_is_wrong_and_stays_open(client: Client, bad: Bad) -> None:
    client.send(f'{{"type": "run", "run": "r1", "spec": {bad.text}}}')
    answer = client.receive()
    assert_says(answer, bad)
    assert answer.get("run") == ("r1" if bad.code != "malformed_json" else None)
    client.run({"hidden_size": 2})


@bad_specs
@pytest.mark.parametrize("path", ["/api/traces", "/api/check"])
def test_http_names_what_is_wrong_with_a_4xx(server: Running, bad: Bad, path: str) -> None:
    answer = server.http.post(path, content=bad.text)
    assert answer.status_code == STATUS[answer.json()["code"]]
    assert 400 <= answer.status_code < 500
    assert_says(answer.json(), bad)
    assert set(answer.json()) == {"type", "code", "message", "field"}


@bad_specs
@pytest.mark.parametrize("command", ["trace", "check"])
def test_the_command_line_says_it_in_one_line_and_exits_with_2(
    bad: Bad,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "spec.json").write_text(bad.text)
    more = ["--out", str(tmp_path / "trace.safetensors")] if command == "trace" else []
    monkeypatch.setattr(sys, "argv", ["unroll", command, str(tmp_path / "spec.json"), *more])
    with pytest.raises(SystemExit) as stopped:
        main()
    printed = capsys.readouterr()
    assert stopped.value.code == 2
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    for word in bad.words:
        assert word in printed.err
    assert not (tmp_path / "trace.safetensors").exists()


BAD_MESSAGES: tuple[tuple[str, str | bytes, str, str | None, tuple[str, ...]], ...] = (
    ("binary", b"\x00" * 12, "invalid_message", None, ("JSON text", "12 bytes of binary")),
    ("malformed JSON", "{", "malformed_json", None, ("not valid JSON",)),
    ("an empty message", "", "malformed_json", None, ("not valid JSON",)),
    ("a message nested deeply", "[" * 100_000, "malformed_json", None, ("not valid JSON",)),
    ("a list", "[1, 2]", "invalid_message", None, ("JSON object", "[1, 2]")),
    ("a message without a type", '{"run": "r1"}', "invalid_message", "type", ("run, find, cancel", "got nothing")),
    ("a message of an unknown type", '{"type": "train"}', "invalid_message", "type", ("run, find, cancel", "'train'")),
    ("a message whose type is a list", '{"type": []}', "invalid_message", "type", ("run, find, cancel",)),
    (
        "a run without a name",
        '{"type": "run", "spec": {}}',
        "invalid_message",
        "run",
        ("run must be a text of 1 to 64 characters, got nothing",),
    ),
    (
        "a run without a spec",
        '{"type": "run", "run": "r1"}',
        "invalid_message",
        "spec",
        ("spec must be a JSON object, got nothing",),
    ),
    (
        "a find that does not say what",
        '{"type": "find", "run": "r1", "spec": {}}',
        "invalid_message",
        "what",
        ("what must be one of flow, inputs,", "got nothing"),
    ),
    (
        "a run whose name is a number",
        '{"type": "run", "run": 1, "spec": {}}',
        "invalid_message",
        "run",
        ("run must be a text", "got 1"),
    ),
    (
        "a run with an empty name",
        '{"type": "run", "run": "", "spec": {}}',
        "invalid_message",
        "run",
        ("1 to 64 characters",),
    ),
    (
        "a run with a long name",
        f'{{"type": "run", "run": "{"r" * 100_000}", "spec": {{}}}}',
        "invalid_message",
        "run",
        ("1 to 64 characters",),
    ),
    (
        "a run with an unknown field",
        '{"type": "run", "run": "r1", "spec": {}, "speed": 2}',
        "invalid_message",
        "speed",
        ("'speed'", "type, run, spec, dtype"),
    ),
    (
        "a run with an unknown field of 1 MB",
        f'{{"type": "run", "run": "r1", "spec": {{}}, "{"x" * MILLION}": 2}}',
        "invalid_message",
        LONG_NAME,
        ("xxx…", "type, run, spec, dtype"),
    ),
    ("NaN", "NaN", "invalid_message", None, ("JSON object", "got nan")),
    ("a type that is NaN", '{"type": NaN}', "invalid_message", "type", ("run, find, cancel", "nan")),
    ("a name that is NaN", '{"type": "cancel", "run": NaN}', "invalid_message", "run", ("must be a text", "got nan")),
    (
        "a dtype that is Infinity",
        '{"type": "run", "run": "r1", "spec": {}, "dtype": Infinity}',
        "invalid_message",
        "dtype",
        ("'float32' or 'float64'", "got inf"),
    ),
    (
        "an unknown field that is NaN",
        '{"type": "run", "run": "r1", "spec": {}, "speed": NaN}',
        "invalid_message",
        "speed",
        ("'speed'", "type, run, spec, dtype"),
    ),
    (
        "a run of an unknown dtype",
        '{"type": "run", "run": "r1", "spec": {}, "dtype": "int8"}',
        "invalid_message",
        "dtype",
        ("'float32' or 'float64'", "'int8'"),
    ),
    (
        "the cancelling of a run that is not going",
        '{"type": "cancel", "run": "r9"}',
        "unknown_run",
        "run",
        ("'r9'", "none"),
    ),
)


@pytest.mark.parametrize(
    ("message", "code", "field", "words"),
    [case[1:] for case in BAD_MESSAGES],
    ids=[case[0] for case in BAD_MESSAGES],
)
def test_a_message_that_is_not_understood_is_told_why(
    client: Client, message: str | bytes, code: str, field: str | None, words: tuple[str, ...]
) -> None:
    client.send(message)
    answer = client.receive()
    assert (answer["type"], answer["code"], answer["field"]) == ("error", code, field)
    assert all(word in answer["message"] for word in words), answer
    assert len(str(answer)) <= LONGEST_MESSAGE
    client.run({"hidden_size": 2})


def test_a_body_that_is_too_long_is_refused_with_413(static: Path) -> None:
    with running(Settings(port=0, static=static, max_body=2000)) as small:
        announced = small.http.post("/api/traces", content=b" " * 3000)
        streamed = small.http.post("/api/check", content=(b" " * 100 for _ in range(30)))
        assert small.http.post("/api/traces", content=b"{}").status_code == 200
    for answer in (announced, streamed):
        assert answer.status_code == 413
        assert answer.json()["code"] == "body_too_large"
        assert "2,000 bytes" in answer.json()["message"]


def test_what_nobody_expected_is_a_500_that_tells_nothing(
    server: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret")

    monkeypatch.setattr("engine.Pass", broken)
    answer = server.http.post("/api/traces", json={})
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "secret" not in answer.text
    assert "the secret" in caplog.text


def test_what_nobody_expected_ends_only_its_run(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret")

    with monkeypatch.context() as patched:
        patched.setattr("engine.Pass", broken)
        client.send({"type": "run", "run": "r1", "spec": {}})
        answer = client.receive()
    assert (answer["code"], answer["run"]) == ("internal", "r1")
    assert "secret" not in answer["message"]
    client.run({})


def test_the_command_line_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["unroll", "check", "-"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"hidden_size": 0}')))
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "between 1 and 512" in capsys.readouterr().err
