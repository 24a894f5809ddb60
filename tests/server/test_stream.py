"""A run on the WebSocket: its plan, its steps in order, their numbers, its end."""

from __future__ import annotations

import json
import threading
from importlib.metadata import version
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from websockets.sync.client import connect

from server import wire
from server.playback import Playback
from server.settings import Settings
from server.stream import Stream
from tests.server.running import Client, Running, running

TEXT = {"task": {"kind": "text", "text": "the cat sat"}}
LONG = {"hidden_size": 4, "task": {"kind": "text", "text": "ab" * 1000}}
SPECS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "lstm of two layers": {"cell": "lstm", "layers": 2, "hidden_size": 5},
    "gru, clipped": {"cell": "gru", "clip_norm": 0.1},
    "gru_reset_before in float32": {"cell": "gru_reset_before", "dtype": "float32"},
    "a cell of one's own": {"cell": {"name": "mine", "equations": "h = isrlu(U @ x + w * h_prev)"}},
    "loss at the last step": {"cell": "lstm", "loss_at": "last_step"},
}


def trace_of(server: Running, spec: dict[str, Any]) -> dict[str, wire.Array]:
    made = server.http.post("/api/traces", json=spec).json()
    return safetensors.numpy.load(server.http.get(made["url"]).content)


def as_sent(array: wire.Array, dtype: str) -> wire.Array:
    return array.astype(np.float32) if dtype == "float32" and array.dtype == np.float64 else array


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_every_number_on_the_wire_is_the_trace_files(
    server: Running, client: Client, spec: dict[str, Any], dtype: str
) -> None:
    trace = trace_of(server, TEXT | spec)
    plan, frames = client.run(TEXT | spec, dtype=dtype)
    sent: set[str] = set()
    for metadata, arrays in frames:
        assert arrays
        t = int(metadata["t"]) if "t" in metadata else None
        for name, array in arrays.items():
            if name == "log10_norms":
                continue
            whole_in_time = t is None or name in {p["name"] for p in plan["parameters"]} or name.endswith(".initial")
            told = trace[name] if whole_in_time else trace[name][t]
            np.testing.assert_array_equal(array, as_sent(told, dtype), err_msg=name)
            assert array.dtype == as_sent(told, dtype).dtype
            sent.add(name)
    assert sent == {name for name in trace if not name.startswith("contribution_norm.")}


def test_frames_are_read_by_the_safetensors_package(client: Client) -> None:
    client.send({"type": "run", "run": "r1", "spec": TEXT})
    plan = client.receive()
    for _ in range(plan["total"]):
        frame = client.connection.recv(client.PATIENCE)
        assert isinstance(frame, bytes)
        found, ours = safetensors.numpy.load(frame), wire.decode(frame).arrays
        assert set(found) == set(ours)
        for name, array in found.items():
            np.testing.assert_array_equal(array, ours[name])


def test_the_norms_of_a_backward_frame_are_those_its_plan_names(server: Running, client: Client) -> None:
    spec = TEXT | {"cell": "lstm", "layers": 2}
    trace = trace_of(server, spec)
    plan, frames = client.run(spec)
    for metadata, arrays in frames:
        if metadata["phase"] != "backward":
            continue
        t, names = int(metadata["t"]), plan["norms"][int(metadata["layer"])]
        assert len(names) == len(arrays["log10_norms"])
        for name, log in zip(names, arrays["log10_norms"], strict=True):
            if name.startswith("contribution."):
                told = trace[name.replace("contribution.", "contribution_norm.")][t]
            else:
                told = np.linalg.norm(trace[name][t])
            np.testing.assert_allclose(10.0**log, told, rtol=1e-12, atol=0)


def test_steps_come_in_the_order_of_the_computation(client: Client) -> None:
    plan, frames = client.run(TEXT | {"layers": 2})
    steps = plan["sizes"]["T"]
    came = [(m["phase"], m.get("t"), m.get("layer")) for m, _ in frames]
    assert came == [
        *(("forward", str(t), str(layer)) for t in range(steps) for layer in (0, 1)),
        ("output", None, None),
        *(("backward", str(t), str(layer)) for t in reversed(range(steps)) for layer in (1, 0)),
        *(("sum", None, str(layer)) for layer in (0, 1)),
        *(("update", None, str(layer)) for layer in (0, 1)),
    ]
    assert [m["seq"] for m, _ in frames] == [str(seq) for seq in range(plan["total"])]
    assert {(m["type"], m["run"]) for m, _ in frames} == {("step", "r1")}


def test_the_sum_tells_the_norm_of_the_gradient_and_what_clipping_does(client: Client) -> None:
    _, frames = client.run(TEXT | {"clip_norm": 0.001})
    (told,) = [frame.metadata for frame in frames if frame.metadata["phase"] == "sum"]
    assert float(told["grad_norm"]) * float(told["clip_scale"]) == pytest.approx(0.001)


def test_hello_tells_version_and_limits(server: Running) -> None:
    limits = server.http.get("/api/limits").json()
    with connect(f"ws://{server.host}/ws") as connection:
        hello = json.loads(connection.recv(60))
    assert hello == {"type": "hello", "protocol": 1, "version": version("unroll"), "limits": limits}
    assert limits["hidden_size"] == [1, 512]
    assert limits["runs_per_socket"] == server.settings.runs_per_socket


def test_the_plan_holds_the_whole_spec_and_everything_known_beforehand(client: Client) -> None:
    plan, frames = client.run({"task": {"kind": "text", "text": "hello"}})
    assert plan["spec"]["cell"] == "rnn"
    assert plan["spec"]["optimizer"] == {"kind": "sgd", "learning_rate": 0.1}
    assert plan["sizes"] == {"T": 4, "B": 1, "I": 4, "H": 8, "O": 4, "L": 1}
    assert plan["columns"]["target"] == ["e", "l", "l", "o"]
    assert plan["total"] == len(frames)
    assert {"forward", "readout", "output", "backward"} <= set(plan["equations"])


def test_the_loss_of_done_is_the_traces(server: Running, client: Client) -> None:
    client.send({"type": "run", "run": "r1", "spec": TEXT})
    plan = client.receive()
    frames = [client.receive() for _ in range(plan["total"])]
    done = client.receive()
    made = server.http.post("/api/traces", json=TEXT).json()
    assert len(frames) == plan["total"]
    assert done == {"type": "done", "run": "r1", "id": made["id"], "loss": made["summary"]["loss"]}
    assert plan["id"] == made["id"]


def test_a_loss_that_is_not_finite_is_null(client: Client) -> None:
    client.send({"type": "run", "run": "r1", "spec": _exploding()})
    plan = client.receive()
    frames = [client.receive() for _ in range(plan["total"])]
    assert not np.isfinite(frames[-1].arrays["updated.V"]).all()
    assert client.receive()["loss"] is None


def test_two_runs_on_one_socket_take_turns(client: Client) -> None:
    for run in ("long", "short"):
        client.send({"type": "run", "run": run, "spec": LONG if run == "long" else TEXT})
    order: list[str] = []
    finished: list[str] = []
    while len(finished) < 2:
        message = client.receive()
        if isinstance(message, wire.Frame):
            order.append(message.metadata["run"])
        elif message["type"] == "done":
            finished.append(message["run"])
    assert finished == ["short", "long"]
    first_short = order.index("short")
    assert "long" in order[first_short:]
    assert order.count("short") == 2 * 10 + 3


def test_a_cancelled_run_ends_with_cancelled_and_its_name_is_free_again(client: Client) -> None:
    client.send({"type": "run", "run": "r1", "spec": LONG})
    plan = client.receive()
    client.receive()
    client.send({"type": "cancel", "run": "r1"})
    count = 1
    while isinstance(message := client.receive(), wire.Frame):
        count += 1
    assert message == {"type": "cancelled", "run": "r1"}
    assert count < plan["total"]
    client.run(TEXT, "r1")


def test_a_name_that_is_taken_is_refused_and_its_run_goes_on(client: Client) -> None:
    client.send({"type": "run", "run": "r1", "spec": LONG})
    plan = client.receive()
    client.send({"type": "run", "run": "r1", "spec": TEXT})
    frames, refusals = 0, []
    while (message := client.receive()) is not None:
        if isinstance(message, wire.Frame):
            frames += 1
        elif message["type"] == "done":
            break
        else:
            refusals.append(message)
    assert frames == plan["total"]
    assert [(r["code"], r["field"], r.get("run")) for r in refusals] == [("invalid_message", "run", None)]
    assert "'r1' is still going" in refusals[0]["message"]


def test_one_run_too_many_is_told_that_the_socket_is_busy(server: Running, client: Client) -> None:
    most = server.settings.runs_per_socket
    for index in range(most + 1):
        client.send({"type": "run", "run": f"r{index}", "spec": LONG})
    refused = None
    while refused is None:
        message = client.receive()
        refused = message if isinstance(message, dict) and message["type"] == "error" else None
    assert (refused["code"], refused["run"]) == ("busy", f"r{most}")
    assert f"at most {most} runs" in refused["message"]


def test_health_is_told_while_a_step_is_being_computed(
    server: Running, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    computing, go_on = threading.Event(), threading.Event()
    frame = Playback.frame

    def long_step(self: Playback) -> bytes | None:
        computing.set()
        assert go_on.wait(60)
        return frame(self)

    monkeypatch.setattr(Playback, "frame", long_step)
    client.send({"type": "run", "run": "r1", "spec": TEXT})
    assert computing.wait(60)
    assert server.http.get("/healthz").json() == {"status": "ok", "version": version("unroll")}
    go_on.set()
    assert client.receive()["type"] == "plan"


def test_a_run_ends_when_its_client_leaves(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []
    left = threading.Event()
    frame, serve = Playback.frame, Stream.serve

    def counted(self: Playback) -> bytes | None:
        computed.append(1)
        return frame(self)

    async def watched(self: Stream) -> None:
        await serve(self)
        left.set()

    monkeypatch.setattr(Playback, "frame", counted)
    monkeypatch.setattr(Stream, "serve", watched)
    with server.client() as client:
        client.send({"type": "run", "run": "r1", "spec": LONG})
        plan = client.receive()
        client.receive()
    assert left.wait(60)
    assert len(computed) < plan["total"]


def test_a_run_is_remembered_as_a_trace(server: Running, client: Client) -> None:
    plan, _ = client.run(TEXT | {"seed": 4711})
    assert server.http.get(f"/api/traces/{plan['id']}.safetensors").status_code == 200


def test_a_message_larger_than_allowed_closes_the_socket_with_1009(static: Any) -> None:
    with running(Settings(port=0, static=static, max_message=2000)) as small, small.client() as client:
        client.send('{"type": "run"' + " " * 3000)
        with pytest.raises(Exception, match="1009"):
            client.receive()


def _exploding() -> dict[str, Any]:
    cell = {"name": "explodes", "equations": "h = U @ x + 100000000 * h_prev * h_prev"}
    return {"cell": cell, "task": {"kind": "text", "text": "ab" * 20}}
