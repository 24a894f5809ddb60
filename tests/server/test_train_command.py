"""`unroll train`: a checkpoint, also where Ctrl-C or a divergence ends it early, and bad input told in one line."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import engine
from tests.server.command import Unroll, assert_refused

ROOT = Path(engine.__file__).parent.parent

RECALL: dict[str, Any] = {
    "cell": "lstm",
    "hidden_size": 6,
    "task": {"kind": "recall", "gap": 2, "batch": 8},
    "optimizer": {"kind": "adam"},
}
WORDS = ("train", "recall.json", "--iterations", "40", "--out", "c.safetensors")


@pytest.fixture(autouse=True)
def _recall(unroll: Unroll) -> None:
    Path("recall.json").write_text(json.dumps(RECALL))


def test_train_writes_the_state_that_the_engine_comes_to(unroll: Unroll) -> None:
    outcome = unroll(*WORDS)
    assert outcome.code == 0, outcome.err
    trainer = engine.Trainer(engine.parse_spec(RECALL))
    for _ in range(40):
        next(trainer)
    engine.save_checkpoint("expected", trainer.state)
    assert Path("c.safetensors").read_bytes() == Path("expected").read_bytes()
    assert outcome.err == "c.safetensors: 40 iterations\n"


def test_train_prints_every_evaluation_and_that_of_the_last_weights(unroll: Unroll) -> None:
    lines = unroll(*WORDS).out.decode().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["iteration 0", "iteration 25", "iteration 40"]
    state = engine.load_checkpoint("c.safetensors")
    found = engine.evaluate(state.spec, state.weights)
    assert lines[-1].endswith(f"loss {found.loss:.6g}, score {found.score:.4g} (guessing 0.25, solved at 0.9925)")


def test_going_on_comes_to_the_same_file_as_never_stopping(unroll: Unroll) -> None:
    unroll(*WORDS)
    whole = Path("c.safetensors").read_bytes()
    unroll("train", "recall.json", "--iterations", "13", "--out", "part.safetensors")
    outcome = unroll(*WORDS, "--resume", "part.safetensors")
    assert outcome.code == 0, outcome.err
    assert Path("c.safetensors").read_bytes() == whole


def test_a_run_that_is_done_goes_on_to_nothing(unroll: Unroll) -> None:
    unroll(*WORDS)
    whole = Path("c.safetensors").read_bytes()
    assert unroll(*WORDS, "--resume", "c.safetensors").code == 0
    assert Path("c.safetensors").read_bytes() == whole


def test_ctrl_c_saves_says_how_to_go_on_and_changes_no_bit(unroll: Unroll, monkeypatch: pytest.MonkeyPatch) -> None:
    unroll(*WORDS)
    whole = Path("c.safetensors").read_bytes()
    compute = engine.Trainer.__next__

    def interrupted(trainer: engine.Trainer) -> engine.Record:
        if trainer.iteration == 17:
            os.kill(os.getpid(), signal.SIGINT)
        return compute(trainer)

    with monkeypatch.context() as patched:
        patched.setattr(engine.Trainer, "__next__", interrupted)
        outcome = unroll(*WORDS)
    assert outcome.code == 130
    told, _, command = outcome.err.strip().partition("go on with: ")
    assert told == "stopped after 18 iterations; "
    assert engine.load_checkpoint("c.safetensors").iteration == 18
    assert unroll(*shlex.split(command)[1:]).code == 0
    assert Path("c.safetensors").read_bytes() == whole


def test_ctrl_c_of_the_program_itself_leaves_a_checkpoint(unroll: Unroll) -> None:
    words = ["train", "recall.json", "--iterations", "1000000", "--out", "c.safetensors"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "server", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "unroll train recall.json --iterations 1000000 --out c.safetensors --resume c.safetensors" in err
    stopped = engine.load_checkpoint("c.safetensors")
    trainer = engine.Trainer(engine.parse_spec(RECALL))
    while trainer.iteration < stopped.iteration:
        next(trainer)
    for name, weight in trainer.state.weights.items():
        np.testing.assert_array_equal(weight, stopped.weights[name])


def test_what_diverges_is_told_and_the_weights_before_it_are_saved(unroll: Unroll) -> None:
    fields = RECALL | {"cell": "irnn", "task": {"kind": "adding"}, "optimizer": {"learning_rate": 1000}}
    outcome = unroll("train", "-", "--iterations", "500", "--out", "c.safetensors", stdin=json.dumps(fields).encode())
    assert outcome.code == 1
    assert outcome.err.startswith("unroll: training diverged at iteration ")
    assert outcome.err.endswith("is no finite number; c.safetensors holds the weights before it\n")
    assert outcome.err.count("\n") == 1
    state = engine.load_checkpoint("c.safetensors")
    assert f"iteration {state.iteration}, timestep" in outcome.err
    with pytest.raises(engine.DivergenceError):
        next(engine.Trainer(state.spec, state))


def test_a_checkpoint_serves_trace_and_check_as_weights(unroll: Unroll) -> None:
    unroll(*WORDS)
    outcome = unroll("trace", "recall.json", "--weights", "c.safetensors", "--out", "t.safetensors")
    assert outcome.code == 0, outcome.err
    kept = engine.load_checkpoint("c.safetensors").weights
    np.testing.assert_array_equal(safetensors.numpy.load_file("t.safetensors")["V"], kept["V"])
    assert unroll("check", "recall.json", "--weights", "c.safetensors").code == 0


def test_data_and_first_weights_come_from_files(unroll: Unroll) -> None:
    stream = np.random.default_rng(0)
    data = {"x": stream.normal(size=(5, 2, 3)), "y": stream.integers(0, 4, (5, 2))}
    Path("d.safetensors").write_bytes(safetensors.numpy.save(data))
    words = ("train", "-", "--data", "d.safetensors", "--out", "c.safetensors")
    first = unroll(*words, "--iterations", "9", stdin=b"{}")
    assert first.code == 0, first.err
    assert "score" not in first.out.decode()
    whole = engine.load_checkpoint("c.safetensors")
    unroll(*words, "--iterations", "4", stdin=b"{}")
    assert unroll(*words, "--iterations", "9", "--resume", "c.safetensors", stdin=b"{}").code == 0
    np.testing.assert_array_equal(engine.load_checkpoint("c.safetensors").weights["V"], whole.weights["V"])
    assert unroll(*words, "--iterations", "1", "--weights", "c.safetensors", stdin=b"{}").code == 0
    assert (engine.load_checkpoint("c.safetensors").weights["V"] != whole.weights["V"]).any()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["recall.json", "--out", "c"], ["--iterations"]),
        (["recall.json", "--iterations", "3"], ["--out"]),
        (["recall.json", "--iterations", "0", "--out", "c"], ["--iterations must be between 1 and 2147483647, got 0"]),
        (["recall.json", "--iterations", "many", "--out", "c"], ["--iterations", "integer"]),
        (["nothing.json", "--iterations", "3", "--out", "c"], ["nothing.json"]),
        (["recall.json", "--iterations", "3", "--out", "."], ["cannot write", "folder"]),
        (["recall.json", "--iterations", "3", "--out", "c", "--resume", "nothing"], ["no file nothing"]),
        (["recall.json", "--iterations", "3", "--out", "c", "--resume", "recall.json"], ["not a safetensors file"]),
        (["recall.json", "--iterations", "3", "--out", "c", "--resume", "five"], ["at least 5", "got 3"]),
        (["spec.json", "--iterations", "9", "--out", "c", "--resume", "five"], ["another experiment", "hidden_size"]),
        (["recall.json", "--iterations", "9", "--out", "c", "--resume", "five", "--weights", "five"], ["--weights"]),
    ],
)
def test_bad_input_is_told_in_one_line(unroll: Unroll, words: list[str], told: list[str]) -> None:
    unroll("train", "recall.json", "--iterations", "5", "--out", "five")
    assert_refused(unroll("train", *words), *told)
    assert not Path("c").exists()


def test_a_checkpoint_that_could_not_be_written_is_told(unroll: Unroll, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.save_checkpoint", full)
    outcome = unroll(*WORDS)
    assert outcome.code == 2
    assert outcome.err == "unroll: cannot write c.safetensors: no space left on device\n"


def test_the_memory_limit_holds_for_training_too(unroll: Unroll, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLL_MEMORY_LIMIT", "1000")
    assert_refused(unroll(*WORDS), "UNROLL_MEMORY_LIMIT")
