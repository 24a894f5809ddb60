"""A command of the program, run in the process of the tests, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

SPEC: dict[str, Any] = {"cell": "lstm", "hidden_size": 4, "task": {"kind": "text", "text": "the cat"}}


class Outcome(NamedTuple):
    """How a command ended."""

    code: int
    out: bytes
    err: str


Unroll = Callable[..., Outcome]


def assert_refused(outcome: Outcome, *words: str) -> None:
    assert outcome.code == 2
    assert outcome.out == b""
    assert outcome.err.startswith("unroll: ")
    assert outcome.err.count("\n") == 1
    for word in words:
        assert word in outcome.err
