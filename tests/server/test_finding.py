"""What is found out of a pass on the WebSocket: its numbers, every timestep once, its end."""

from __future__ import annotations

import re
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.spectra import matrix_singular_values
from server import wire
from server.finding import Finding
from server.settings import MEBIBYTE, Settings
from server.stream import Stream
from tests.server.running import Client, Running, running

TEXT = {"task": {"kind": "text", "text": "the cat sat"}}
LONG = {"cell": "lstm", "hidden_size": 64, "task": {"kind": "text", "text": "ab" * 300}}
BATCH = {"kind": "recall", "gap": 5, "batch": 3}
BACK = {"source": "output", "mode": "free"}
SPECS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "lstm of two layers, a batch": {"cell": "lstm", "layers": 2, "hidden_size": 5, "task": BATCH},
    "free": {"cell": "gru", "feedback": BACK},
    "truncated": {"algorithm": {"kind": "truncated", "k1": 2, "k2": 3}},
    "untied": {"cell": "lstm", "weights_shared": False},
    "float32": {"cell": "gru", "dtype": "float32"},
    "loss at the last step": {"cell": "lstm", "loss_at": "last_step"},
    "one timestep": {"task": {"kind": "text", "text": "ab"}},
}
Arrays = dict[str, wire.Array]


def expected(spec: dict[str, Any], what: str) -> Arrays:
    """What the engine finds of the same pass, all at once."""
    one = engine.Pass(engine.parse_spec(spec))
    one.run()
    match what:
        case "flow":
            return one.flow()
        case "inputs":
            return engine.Flow(one, inputs=True)()
        case "signals":
            return engine.analyse(one)
        case "axes":
            return engine.principal_axes(one)
        case _:
            return {**one.singular_values(), **one.eigenvalues(), **matrix_singular_values(one)}


WHATS = ("flow", "inputs", "jacobians", "signals", "axes")
STREAMED = ("flow", "inputs", "jacobians")
OF_MATRIX = re.compile(r"(eigenvalues|singular_values)[.]layer[0-9][.]W")
ALONG = {"flow": -1, "inputs": -1, "jacobians": 0, "signals": 0, "axes": 0}


def together(frames: list[wire.Frame], what: str, shared: bool = True) -> Arrays:
    """The arrays of all frames, which must hold every timestep exactly once, the last first."""
    whole: Arrays = {}
    total = int(frames[0].metadata["total"])
    end, seqs = total, []
    parts: dict[str, list[wire.Array]] = {}
    for metadata, arrays in frames:
        assert metadata.keys() == {"type", "run", "seq", "what", "first", "count", "total"}
        assert (metadata["type"], metadata["what"], metadata["total"]) == ("finding", what, str(total))
        first, count = int(metadata["first"]), int(metadata["count"])
        assert count > 0
        assert first + count == end
        end = first
        seqs.append(metadata["seq"])
        for name, array in arrays.items():
            if name.startswith("explained.") or (shared and OF_MATRIX.match(name)):
                assert metadata["seq"] == "0"
                whole[name] = array
                continue
            assert array.shape[ALONG[what]] == count, name
            parts.setdefault(name, []).insert(0, array)
    assert end == 0
    assert seqs == [str(seq) for seq in range(len(frames))]
    return whole | {name: np.concatenate(own, ALONG[what]) for name, own in parts.items()}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every portion is a frame of its own."""
    monkeypatch.setattr("server.finding.GATHERED", -1.0)


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_what_is_found_is_what_the_engine_finds(client: Client, spec: dict[str, Any], what: str) -> None:
    frames, done = client.find(TEXT | spec, what, dtype="float64")
    assert done["type"] == "done"
    assert {frame.metadata["run"] for frame in frames} == {"f1"}
    found, told = together(frames, what, spec.get("weights_shared", True)), expected(TEXT | spec, what)
    assert found.keys() == told.keys()
    for name, array in told.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-12, err_msg=name)
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("what", STREAMED)
def test_frames_hold_every_timestep_exactly_once(client: Client, what: str) -> None:
    frames, _ = client.find(TEXT | SPECS["lstm of two layers, a batch"], what, dtype="float64")
    assert [int(frame.metadata["first"]) for frame in frames] == list(reversed(range(7)))
    told = expected(SPECS["lstm of two layers, a batch"], what)
    for name, array in together(frames, what).items():
        np.testing.assert_allclose(array, told[name], rtol=1e-12, err_msg=name)


def test_the_end_is_that_of_a_run_of_the_same_spec(server: Running, client: Client) -> None:
    made = server.http.post("/api/traces", json=TEXT).json()
    _, done = client.find(TEXT, "flow")
    assert done == {"type": "done", "run": "f1", "id": made["id"], "loss": made["summary"]["loss"]}


def test_norms_that_no_float32_can_hold_are_found_all_the_same(client: Client) -> None:
    cell = {"name": "fading", "equations": "h = 0.0001 * h_prev + U @ x"}
    frames, _ = client.find({"cell": cell, "task": {"kind": "text", "text": "ab" * 20}}, "flow")
    flow = together(frames, "flow")["flow.layer0.h"]
    assert flow.dtype == np.float64
    assert 0 < flow[-1, 0] < 1e-140


def test_a_signal_that_fades_is_told_as_a_logarithm_to_its_last_digit(client: Client) -> None:
    cell = {"name": "fading", "equations": "h = 0.0001 * h_prev + U @ x"}
    spec = {"cell": cell, "loss_at": "last_step", "task": {"kind": "text", "text": "ab" * 40}}
    frames, _ = client.find(spec, "signals")
    found, told = together(frames, "signals"), expected(spec, "signals")
    np.testing.assert_array_equal(found["log10_signal_left.layer0.h"], told["log10_signal_left.layer0.h"])
    assert found["log10_signal_left.layer0.h"][0] < -300
    assert found["measured_factor.layer0.h"].dtype == np.float32


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("what", STREAMED)
def test_a_finding_that_is_cancelled_ends_with_cancelled_and_its_name_is_free_again(client: Client, what: str) -> None:
    client.send({"type": "find", "run": "f1", "spec": LONG, "what": what})
    count = 1
    assert isinstance(client.receive(), wire.Frame)
    client.send({"type": "cancel", "run": "f1"})
    while isinstance(message := client.receive(), wire.Frame):
        count += 1
    assert message == {"type": "cancelled", "run": "f1"}
    assert count < 599
    assert client.find(TEXT, what)[1]["type"] == "done"


@pytest.mark.parametrize("what", WHATS)
def test_a_finding_may_be_cancelled_while_its_pass_is_computed(client: Client, what: str) -> None:
    client.send({"type": "find", "run": "f1", "spec": LONG | {"layers": 4}, "what": what})
    client.send({"type": "cancel", "run": "f1"})
    assert client.receive() == {"type": "cancelled", "run": "f1"}


@pytest.mark.usefixtures("at_once")
def test_two_findings_and_a_run_on_one_socket_take_turns(client: Client) -> None:
    client.send({"type": "find", "run": "long", "spec": LONG, "what": "flow"})
    client.send({"type": "find", "run": "short", "spec": TEXT, "what": "inputs"})
    client.send({"type": "run", "run": "steps", "spec": TEXT})
    frames: dict[str, list[wire.Frame]] = {"long": [], "short": [], "steps": []}
    finished: list[str] = []
    while len(finished) < 3:
        message = client.receive()
        if isinstance(message, wire.Frame):
            frames[message.metadata["run"]].append(message)
        elif message["type"] == "done":
            finished.append(message["run"])
    assert finished[-1] == "long"
    assert len(frames["steps"]) == 2 * 10 + 3
    for run, what, spec in (("long", "flow", LONG), ("short", "inputs", TEXT)):
        told = expected(spec, what)
        for name, array in together(frames[run], what).items():
            np.testing.assert_allclose(array, told[name].astype(array.dtype), rtol=1e-6, err_msg=name)


def test_findings_and_runs_share_their_names_and_their_number(server: Running, client: Client) -> None:
    most = server.settings.runs_per_socket
    for index in range(most):
        client.send({"type": "find", "run": f"f{index}", "spec": LONG, "what": "flow"})
    client.send({"type": "run", "run": "f0", "spec": TEXT})
    client.send({"type": "run", "run": "r1", "spec": TEXT})
    refused: list[Any] = []
    while len(refused) < 2:
        message = client.receive()
        if isinstance(message, dict):
            assert message["type"] == "error"
            refused.append(message)
    assert [one["code"] for one in refused] == ["invalid_message", "busy"]
    assert "'f0' is still going" in refused[0]["message"]


def test_what_cannot_be_found_is_told_with_what_can(client: Client) -> None:
    client.send({"type": "find", "run": "f1", "spec": TEXT, "what": "love"})
    answer = client.receive()
    assert (answer["type"], answer["code"], answer["field"], answer["run"]) == (
        "error",
        "invalid_message",
        "what",
        "f1",
    )
    for what in WHATS:
        assert f"'{what}'" in answer["message"]
    assert "'love'" in answer["message"]


@pytest.mark.parametrize("what", WHATS)
def test_a_bad_spec_is_told_as_it_is_of_a_run(client: Client, what: str) -> None:
    _, answer = client.find({"hidden_size": 0}, what)
    assert (answer["code"], answer["field"], answer["run"]) == ("invalid_spec", "hidden_size", "f1")
    assert client.find(TEXT, what)[1]["type"] == "done"


TOO_LARGE: dict[str, dict[str, Any]] = {
    "flow": {"hidden_size": 1, "task": {"kind": "text", "text": "ab" * 150}},
    "inputs": {"hidden_size": 1, "task": {"kind": "text", "text": "ab" * 150}},
    "jacobians": {"hidden_size": 64, "layers": 2},
    "signals": {"hidden_size": 128, "layers": 2},
    "axes": {"hidden_size": 128, "layers": 2},
}


@pytest.mark.parametrize("what", WHATS)
def test_what_takes_more_memory_than_is_allowed_is_refused(static: Path, what: str) -> None:
    spec = TOO_LARGE[what]
    plan = engine.describe(engine.parse_spec(spec))
    limit = plan.trace_bytes + plan.held_bytes + engine.finding_bytes(plan, what) - 1  # type: ignore[arg-type]
    assert limit > MEBIBYTE
    with running(Settings(port=0, static=static, memory_limit=limit)) as small, small.client() as client:
        _, answer = client.find(spec, what)
        assert (answer["type"], answer["code"], answer["run"]) == ("error", "too_large", "f1")
        assert "MiB" in answer["message"]
        client.run(spec)


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_exploding_pass_is_found_out_as_such(client: Client, what: str, dtype: str) -> None:
    cell = {"name": "explodes", "equations": "h = U @ x + 100000000 * h_prev * h_prev"}
    spec = {"cell": cell, "task": {"kind": "text", "text": "ab" * 20}, "dtype": dtype}
    frames, done = client.find(spec, what)
    assert done == {"type": "done", "run": "f1", "id": done["id"], "loss": None}
    assert not all(np.isfinite(array).all() for array in together(frames, what).values())


def test_health_is_told_while_a_flow_is_found(server: Running) -> None:
    """One at a time: were the event loop waiting for all of it, not one answer would come in between."""
    finished: list[Any] = []

    def find() -> None:
        with server.client() as client:
            finished.append(client.find(LONG, "flow")[1])

    thread = threading.Thread(target=find)
    thread.start()
    count = 0
    while thread.is_alive():
        assert server.http.get("/healthz").json() == {"status": "ok", "version": version("unroll")}
        count += 1
    assert finished[0]["type"] == "done"
    assert count > 20


@pytest.mark.parametrize("what", WHATS)
def test_a_finding_is_computed_in_slices(client: Client, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bytes | None] = []
    frame = Finding.frame

    def counted(self: Finding) -> bytes | None:
        given.append(frame(self))
        return given[-1]

    monkeypatch.setattr(Finding, "frame", counted)
    frames, _ = client.find(LONG, what)
    assert given.count(None) == 1
    assert given[-1] is None
    assert given.count(b"") > 1
    assert len(given) == given.count(b"") + len(frames) + 1


def test_a_finding_ends_when_its_client_leaves(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    slices: list[bool] = []
    left = threading.Event()
    frame, serve = Finding.frame, Stream.serve

    def counted(self: Finding) -> bytes | None:
        found = frame(self)
        slices.append(found is None)
        return found

    async def watched(self: Stream) -> None:
        await serve(self)
        left.set()

    monkeypatch.setattr(Finding, "frame", counted)
    monkeypatch.setattr(Stream, "serve", watched)
    with server.client() as client:
        client.send({"type": "find", "run": "f1", "spec": LONG, "what": "flow"})
        assert isinstance(client.receive(), wire.Frame)
    assert left.wait(60)
    assert not any(slices)
    assert len(slices) > 1
