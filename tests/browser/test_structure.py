"""What the stage shows of how a pass is built: borders of truncation, what is fed back, own weights, padding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
from engine.truncation import kept
from tests.browser.page import UnrollPage

PAIRS = [(3, 3), (2, 4), (1, 3), (4, 7), (10, 10)]
BORDERS = """all => all.map((one) => [
  Number(one.dataset.begin), one.classList.contains("swept"), one.querySelector("text").textContent])"""


def truncated(k1: int, k2: int, **fields: Any) -> dict[str, Any]:
    return {"algorithm": {"kind": "truncated", "k1": k1, "k2": k2}} | fields


def cuts(spec: dict[str, Any], steps: int) -> dict[int, list[int]]:
    """Before which steps something is cut, and the losses that are, from the engine's own table; from 1."""
    enters = kept(engine.parse_spec(spec).algorithm, steps)
    found = {k: [t for t in range(k, steps) if enters[t, k] and not enters[t, k - 1]] for k in range(1, steps)}
    return {k + 1: [t + 1 for t in losses] for k, losses in found.items() if losses}


def named(losses: list[int]) -> str:
    return f"losses {losses[0]}–{losses[-1]}" if len(losses) > 1 else f"loss {losses[0]}"


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(("k1", "k2"), PAIRS)
def test_the_borders_of_truncation_are_where_the_engine_cuts_and_tell_which_losses(
    unroll: UnrollPage, k1: int, k2: int, layers: int
) -> None:
    spec = truncated(k1, k2, layers=layers)
    expected = cuts(spec, 10)
    enters = kept(engine.parse_spec(spec).algorithm, 10)
    unroll.open(spec | {"at": "backward.6"})
    shown = unroll.tab.locator(".border").evaluate_all(BORDERS)
    assert [begin for begin, *_ in shown] == list(expected)
    for begin, swept, told in shown:
        assert told.startswith(named(expected[begin]))
        # Swept is a window one of whose losses goes back through step 6.
        assert swept == any(enters[loss - 1, 5] for loss in expected[begin])


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_an_arrow_is_stopped_at_every_border_that_the_way_back_has_come_to(unroll: UnrollPage, cell: str) -> None:
    spec = truncated(3, 3, cell=cell, hidden_size=4)
    states = 2 if cell == "lstm" else 1
    unroll.open(spec | {"at": "backward.1"})
    assert list(cuts(spec, 10)) == [4, 7, 8]
    assert unroll.tab.locator(".stage-lines .cut:not(.partial)").count() == 2 * states
    unroll.open(spec | {"at": "backward.8"})
    assert unroll.tab.locator(".stage-lines .cut:not(.partial)").count() == 0
    trace = unroll.trace(spec)
    assert [t + 1 for t in range(9) if not trace["grad.layer0.h.from_future"][t].any()] == [3, 6]


def test_a_window_of_a_long_text_shows_the_borders_in_it(unroll: UnrollPage) -> None:
    spec = truncated(7, 12, task={"text": "abcdefghij" * 20})
    unroll.open(spec | {"at": "backward.120"})
    shown = [begin for begin, *_ in unroll.tab.locator(".border").evaluate_all(BORDERS)]
    assert shown == [begin for begin in cuts(spec, 199) if 112 <= begin <= 127]
    lines = unroll.tab.locator(".border .before").evaluate_all("all => all.map((one) => one.getBBox().x)")
    edges = unroll.map.evaluate("plot => Array.from(plot.data[0].x)")
    halfway = [(edges[2 * (begin - 112) - 1] + edges[2 * (begin - 112)]) / 2 for begin in shown if begin > 112]
    np.testing.assert_allclose(lines[-len(halfway) :], halfway, atol=1)
