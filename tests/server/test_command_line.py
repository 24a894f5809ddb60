"""The program on the command line: results to standard output or --out, the rest to standard error."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import safetensors.numpy

import engine
from tests.server.command import SPEC, Unroll, assert_refused

ROOT = Path(engine.__file__).parent.parent
RNG = np.random.default_rng(0)


def save(name: str, **arrays: np.ndarray[Any, Any]) -> None:
    Path(name).write_bytes(safetensors.numpy.save(arrays))


def test_trace_writes_what_the_engine_computes(unroll: Unroll) -> None:
    outcome = unroll("trace", "spec.json", "--out", "t.safetensors")
    trace = engine.run(engine.parse_spec(SPEC))
    assert (outcome.code, outcome.out) == (0, b"")
    assert "t.safetensors" in outcome.err
    assert Path("t.safetensors").read_bytes() == trace.to_bytes()


def test_trace_writes_to_standard_output_and_reads_standard_input(unroll: Unroll) -> None:
    outcome = unroll("trace", "-", stdin=json.dumps(SPEC).encode())
    assert outcome.code == 0
    assert outcome.err == ""
    assert outcome.out == engine.run(engine.parse_spec(SPEC)).to_bytes()


def test_trace_stores_contributions_in_full_where_asked(unroll: Unroll) -> None:
    unroll("trace", "spec.json", "--out", "t.safetensors", "--contributions")
    found = safetensors.numpy.load_file("t.safetensors")
    total = found["contribution.layer0.W_forget"].sum(axis=0)
    np.testing.assert_allclose(total, found["grad.layer0.W_forget"], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("words", [("--flow",), ("--analysis",), ("--flow", "--analysis")])
def test_trace_stores_what_is_found_beside_it_where_asked(unroll: Unroll, words: tuple[str, ...]) -> None:
    outcome = unroll("trace", "spec.json", "--out", "t.safetensors", *words)
    one = engine.Pass(engine.parse_spec(SPEC))
    trace = one.run()
    beside = engine.findings(one, flow="--flow" in words, analysis="--analysis" in words)
    assert {"flow.layer0.h", "flow_kept"} <= beside.keys() or "--flow" not in words
    assert {"eigenvalues.layer0.W_input", "dead.layer0.candidate"} <= beside.keys() or "--analysis" not in words
    assert Path("t.safetensors").read_bytes() == trace.to_bytes(beside=beside)
    assert f"{len(trace) + len(beside)} arrays" in outcome.err
    assert unroll("trace", "spec.json", *words).out == trace.to_bytes(beside=beside)


def test_trace_takes_data_and_weights_from_files(unroll: Unroll) -> None:
    save("d.safetensors", x=RNG.normal(size=(5, 3, 2)), y=RNG.integers(0, 4, (5, 3)))
    Path("arrays.json").write_text(json.dumps({"hidden_size": 3, "task": {"kind": "arrays"}}))
    first = unroll("trace", "arrays.json", "--data", "d.safetensors", "--out", "first.safetensors")
    assert first.code == 0, first.err
    trace = safetensors.numpy.load_file("first.safetensors")
    assert trace["layer0.h"].shape == (5, 3, 3)
    weights = {name: trace[f"updated.{name}"] for name in ("layer0.U", "layer0.W", "layer0.b", "V", "c")}
    save("w.safetensors", **weights)
    words = ("arrays.json", "--data", "d.safetensors", "--weights", "w.safetensors")
    assert unroll("trace", *words, "--out", "second.safetensors").code == 0
    second = safetensors.numpy.load_file("second.safetensors")
    assert all((second[name] == weight).all() for name, weight in weights.items())
    assert unroll("check", *words).code == 0


def test_what_is_set_by_hand_wins_over_data_and_weights_from_files(unroll: Unroll) -> None:
    x, y = RNG.normal(size=(5, 3, 2)), RNG.integers(0, 4, (5, 3))
    save("d.safetensors", x=x, y=y)
    whole: dict[str, Any] = {"cell": "lstm", "hidden_size": 3, "seed": 5, "task": {"kind": "arrays"}}
    first = engine.run(engine.parse_spec(whole), engine.Data(x, y, 4))
    first.save("w.safetensors")
    changes: list[tuple[str, list[int], float]] = [("x", [4, 0, 1], 9), ("layer0.W_input", [2, 1], 7)]
    overrides = [{"name": name, "index": index, "value": value} for name, index, value in changes]
    held = {"overrides": [*overrides, {"name": "forget_gate", "value": 1}], "seed": 6}
    Path("held.json").write_text(json.dumps(whole | held))
    words = ("held.json", "--data", "d.safetensors", "--weights", "w.safetensors")
    assert unroll("trace", *words, "--out", "t.safetensors").code == 0
    trace = safetensors.numpy.load_file("t.safetensors")
    for name, index, value in changes:
        expected = first[name].copy()
        expected[tuple(index)] = value
        np.testing.assert_array_equal(trace[name], expected)
    assert (trace["layer0.forget_gate"] == 1).all()
    np.testing.assert_array_equal(trace["layer0.W_output"], first["layer0.W_output"])
    assert unroll("check", *words).code == 0


def test_data_makes_the_task_arrays_where_the_spec_names_none(unroll: Unroll) -> None:
    save("d.safetensors", x=RNG.normal(size=(5, 1, 2)), y=RNG.integers(0, 4, (5, 1)))
    outcome = unroll("trace", "-", "--data", "d.safetensors", "--out", "t.safetensors", stdin=b"{}")
    assert outcome.code == 0, outcome.err


def test_data_beside_a_text_is_refused(unroll: Unroll) -> None:
    save("d.safetensors", x=RNG.normal(size=(5, 1, 2)), y=RNG.integers(0, 4, (5, 1)))
    outcome = unroll("trace", "spec.json", "--data", "d.safetensors", "--out", "t.safetensors")
    assert_refused(outcome, "--data", "'arrays'", "'text'")


def test_check_has_a_row_for_every_parameter_and_exits_with_0(unroll: Unroll) -> None:
    outcome = unroll("check", "spec.json")
    assert outcome.code == 0
    told = outcome.out.decode()
    for parameter in engine.describe(engine.parse_spec(SPEC)).parameters:
        assert re.search(rf"^{re.escape(parameter['name'])} .* ok$", told, re.MULTILINE)


def test_check_exits_with_1_where_a_gradient_is_off(unroll: Unroll, monkeypatch: pytest.MonkeyPatch) -> None:
    row = engine.CheckRow("layer0.W", (2, 2), 4, 0.5, 1e-9, False, (0, 1), 1.0, 2.0)
    monkeypatch.setattr("engine.check", lambda *_: [row])
    outcome = unroll("check", "spec.json")
    assert outcome.code == 1
    assert b"OFF at [0, 1]: 1.0, by differences 2.0" in outcome.out


def test_cells_lists_every_cell_with_its_equations(unroll: Unroll) -> None:
    told = unroll("cells").out.decode()
    for cell in engine.cells().values():
        assert f"{cell.name}: {cell.title}" in told
        assert all(f"    {line}" in told for line in cell.equations.splitlines())


def test_a_file_that_is_not_there_is_named(unroll: Unroll) -> None:
    assert_refused(unroll("trace", "nothing.json"), "nothing.json", "no such file")


def test_a_folder_is_no_spec(unroll: Unroll) -> None:
    assert_refused(unroll("check", "."), "directory", "JSON")


@pytest.mark.parametrize("option", ["--data", "--weights"])
@pytest.mark.parametrize("content", [None, b"", b"not safetensors at all", b"\xff" * 100])
def test_a_file_that_is_not_safetensors_is_named(unroll: Unroll, option: str, content: bytes | None) -> None:
    if content is not None:
        Path("f.safetensors").write_bytes(content)
    assert_refused(unroll("check", "-", option, "f.safetensors", stdin=b"{}"), "f.safetensors")


@pytest.mark.parametrize("option", ["--data", "--weights"])
def test_a_folder_is_not_safetensors(unroll: Unroll, option: str) -> None:
    assert_refused(unroll("check", "-", option, ".", stdin=b"{}"), "safetensors")


def test_data_of_a_wrong_shape_are_named_with_what_is_allowed(unroll: Unroll) -> None:
    save("d.safetensors", x=RNG.normal(size=(5, 2)), y=RNG.integers(0, 4, (5, 3)))
    assert_refused(unroll("check", "-", "--data", "d.safetensors", stdin=b"{}"), "x must be", "(T, B, I)", "(5, 2)")


def test_weights_of_a_wrong_shape_are_named_with_what_is_allowed(unroll: Unroll) -> None:
    save("w.safetensors", **{"layer0.W": np.zeros((3, 3))})
    assert_refused(unroll("check", "-", "--weights", "w.safetensors", stdin=b"{}"), "weights")


@pytest.mark.parametrize("out", [".", "nowhere/t.safetensors", "spec.json/t.safetensors"])
def test_a_result_that_cannot_be_written_is_told_before_it_is_computed(
    unroll: Unroll, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("engine.Pass")
    assert_refused(unroll("trace", "spec.json", "--out", out), "cannot write", out)


def test_a_result_that_could_not_be_written_is_told(unroll: Unroll, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.Trace.save", full)
    assert_refused(unroll("trace", "spec.json", "--out", "t.safetensors"), "cannot write", "no space left")


@pytest.mark.parametrize("word", ["--flow", "--analysis"])
def test_what_is_found_counts_towards_the_memory_limit(
    unroll: Unroll, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    Path("long.json").write_text(json.dumps(SPEC | {"hidden_size": 32, "task": {"kind": "text", "text": "ab" * 100}}))
    monkeypatch.setenv("UNROLL_MEMORY_LIMIT", str(11 * 2**19))
    assert unroll("trace", "long.json").code == 0
    assert_refused(unroll("trace", "long.json", word), "MiB", "UNROLL_MEMORY_LIMIT")


def test_contributions_count_towards_the_memory_limit(unroll: Unroll, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("wide.json").write_text(json.dumps(SPEC | {"hidden_size": 64, "task": {"kind": "text", "text": "ab" * 50}}))
    monkeypatch.setenv("UNROLL_MEMORY_LIMIT", str(2**22))
    assert unroll("trace", "wide.json").code == 0
    assert_refused(unroll("trace", "wide.json", "--contributions"), "4 MiB", "UNROLL_MEMORY_LIMIT")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["trane"], "trane"),
        (["trace"], "SPEC.json"),
        (["trace", "spec.json", "--flaw"], "--flaw"),
        (["trace", "spec.json", "more.json"], "more.json"),
        (["--port", "70000"], "70000"),
        (["--port", "http"], "--port"),
        (["--host", "256.256.256.256", "--port", "0"], "256.256.256.256"),
    ],
)
def test_a_wrong_word_is_told_in_one_line(unroll: Unroll, words: list[str], told: str) -> None:
    assert_refused(unroll(*words), told)


def test_a_wrong_setting_is_told_in_one_line(unroll: Unroll, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLL_MEMORY_LIMIT", "lots")
    assert_refused(unroll("trace", "spec.json"), "UNROLL_MEMORY_LIMIT", "'lots'")


def test_a_port_that_is_taken_is_told_in_one_line(unroll: Unroll, server: Any) -> None:
    port = server.host.rpartition(":")[2]
    assert_refused(unroll("--port", port), port, "in use", "--port")


@pytest.fixture(params=["python -m server", "unroll"])
def serving(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """The program as it is started with no word."""
    python = Path(sys.executable)
    program = [str(python.parent / "unroll")] if request.param == "unroll" else [str(python), "-m", "server"]
    with subprocess.Popen([*program, "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_with_no_word_it_serves_until_it_is_told_to_stop(serving: subprocess.Popen[str], how: signal.Signals) -> None:
    assert httpx.get(f"{_address(serving)}healthz").json()["status"] == "ok"
    serving.send_signal(how)
    assert serving.wait(30) == -how


def test_it_stops_at_once_even_while_it_computes(serving: subprocess.Popen[str]) -> None:
    address = _address(serving)
    spec = {"cell": "lstm", "hidden_size": 256, "task": {"kind": "text", "text": "ab" * 200}}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{address}api/check", json=spec, timeout=0.5)
    serving.send_signal(signal.SIGINT)
    assert serving.wait(30) == -signal.SIGINT


def test_open_shows_the_page_in_the_browser(unroll: Unroll, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped:
        def run(self, sockets: list[socket.socket]) -> None:
            sockets[0].close()

    opened: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr("webbrowser.open", opened.put)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("server.serving.server", lambda *_: Stopped())
    outcome = unroll("--port", "0", "--open")
    assert outcome.code == 0
    assert opened.get(timeout=60).encode() in outcome.out


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found is not None
    return found[0]


def test_a_reader_who_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    finished = subprocess.run(
        [sys.executable, "-m", "server", "cells"], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert b"Traceback" not in finished.stderr
