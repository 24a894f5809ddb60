"""What would take too much memory or time is refused before it is begun, by the field that makes it large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import engine
from engine.errors import SpecError
from server import specs
from server.settings import Settings
from tests.server.running import Running, running

LONG: dict[str, Any] = {"cell": "lstm", "layers": 2, "task": {"kind": "text", "text": "ab" * 1000}}


def planned(spec: dict[str, Any]) -> engine.Plan:
    return engine.describe(engine.parse_spec(spec))


def test_a_trace_that_is_too_large_is_told_by_its_length() -> None:
    with pytest.raises(SpecError, match=r"hidden_size 8 and layers 2.* needs .*MiB, allowed are 1 MiB") as caught:
        specs.planned(LONG, 2**20)
    assert (caught.value.code, caught.value.field) == ("too_large", "task.text")
    specs.planned(LONG | {"task": {"kind": "text", "text": "ab"}}, 2**20)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_trace_whose_weights_alone_are_too_large_is_told_by_its_units(dtype: str) -> None:
    spec = {"hidden_size": 512, "dtype": dtype, "task": {"kind": "text", "text": "ab"}}
    with pytest.raises(SpecError, match="hidden_size must be smaller, got 1 timesteps with hidden_size 512") as caught:
        specs.planned(spec, 2**20)
    assert (caught.value.code, caught.value.field) == ("too_large", "hidden_size")
    specs.planned(spec | {"hidden_size": 8}, 2**20)


def test_windows_that_lie_over_one_another_too_often_are_refused_at_once(server: Running) -> None:
    spec = {"task": {"kind": "adding", "length": 2000}, "algorithm": {"kind": "truncated", "k1": 1, "k2": 2000}}
    answer = server.http.post("/api/traces", json={"cell": "lstm", "hidden_size": 64} | spec)
    told = answer.json()
    assert (answer.status_code, told["code"], told["field"]) == (422, "too_large", "algorithm.k2")
    assert "2,000 windows lie over one another" in told["message"]
    specs.planned(spec | {"algorithm": {"kind": "truncated", "k1": 100, "k2": 2000}}, 2**28)


def test_a_check_that_would_take_too_long_is_refused_at_once(server: Running) -> None:
    answer = server.http.post("/api/check", json=LONG)
    assert answer.status_code == 422
    told = answer.json()
    assert (told["code"], told["field"]) == ("too_large", "task.text")
    for word in ("1,999 timesteps", "forward passes take about", "minutes, allowed are 5 minutes"):
        assert word in told["message"]
    assert server.http.post("/api/traces", json=LONG).status_code == 200


def test_whoever_runs_the_server_chooses_how_long_a_check_may_take(static: Path) -> None:
    with running(Settings(port=0, static=static, check_seconds=0.01)) as hasty:
        answer = hasty.http.post("/api/check", json={})
    assert answer.status_code == 422
    assert "seconds, allowed are 0.01 seconds" in answer.json()["message"]


@pytest.mark.parametrize("spec", [{}, {"cell": "lstm", "layers": 2, "hidden_size": 3}], ids=str)
def test_a_check_makes_as_many_forward_passes_as_are_told(spec: dict[str, Any]) -> None:
    moved = sum(row.checked for row in engine.check(engine.parse_spec(spec)))
    assert specs.forward_passes(planned(spec)) == 2 * moved
