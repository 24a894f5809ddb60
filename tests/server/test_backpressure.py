"""A reader that is slow makes the server slow, not large."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from server.playback import Playback
from server.settings import Settings
from tests.server.running import READERS_BUFFER, SENDERS_BUFFER, Running, running

SPEC: dict[str, Any] = {
    "cell": "lstm",
    "hidden_size": 64,
    "task": {"kind": "text", "text": "the cat sat on the mat. " * 40},
}
LARGEST_FRAME = 300_000
"""The frame of t = 0, which holds the parameters; the others have 25 kB."""
BUFFERED = 64 * 1024 + 2 * (SENDERS_BUFFER + READERS_BUFFER)
"""Uvicorn's high-water mark and the kernel's two buffers, which are twice what is asked for."""


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many bytes of frames were computed, by run."""
    count: Counter[str] = Counter()
    frame = Playback.frame

    def counted(self: Playback) -> bytes | None:
        made = frame(self)
        count[self._request.run] += len(made or b"")
        return made

    monkeypatch.setattr(Playback, "frame", counted)
    return count


def test_a_reader_that_stops_reading_stops_the_computing_and_later_gets_every_frame(
    server: Running, computed: Counter[str]
) -> None:
    with server.slow_client() as slow, server.client() as other:
        slow.send({"type": "run", "run": "run0", "spec": SPEC, "dtype": "float64"})
        # Two whole passes of somebody else: time enough for the slow one to be computed, were it not held.
        for run in ("run1", "run2"):
            other.run(SPEC, run, dtype="float64")
        assert 0 < computed["run0"] < BUFFERED + 2 * LARGEST_FRAME < computed["run1"] / 8
        plan = slow.receive()
        frames = [slow.receive() for _ in range(plan["total"])]
        assert [frame.metadata["seq"] for frame in frames] == [str(seq) for seq in range(plan["total"])]
        assert slow.receive()["type"] == "done"
        assert computed["run0"] == computed["run1"]


def test_a_reader_that_never_reads_on_is_left(static: Path, computed: Counter[str]) -> None:
    with running(Settings(port=0, static=static, reader_patience=0.2)) as impatient, impatient.slow_client() as slow:
        slow.send({"type": "run", "run": "run0", "spec": SPEC, "dtype": "float64"})
        with impatient.client() as other:
            other.run(SPEC, "other", dtype="float64")
        received = 0
        with pytest.raises(Exception, match="close"):  # noqa: PT012
            while True:
                slow.receive()
                received += 1
        assert received < 200
