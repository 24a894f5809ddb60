"""What the stage shows of how a pass is built: borders of truncation, what is fed back, own weights, padding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import engine
from engine.truncation import kept
from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage
from tests.browser.shots import SIZES, THEMES
from tests.browser.test_accessibility import violations
from tests.browser.test_contrast import faint
from tests.browser.test_layout import CUT

PAIRS = [(3, 3), (2, 4), (1, 3), (4, 7), (10, 10)]
HELLO: dict[str, Any] = {"kind": "text", "text": "hello world"}
FED = """all => Object.fromEntries(all.map((one) => [
  one.dataset.t, ["target", "prediction", "draw"].find((source) => one.classList.contains(source))]))"""
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


def fed(mode: str, **fields: Any) -> dict[str, Any]:
    feedback = {"source": "output", "mode": mode, "probability": 0.5}
    return {"task": HELLO, "feedback": feedback} | fields


@pytest.mark.parametrize("mode", ["teacher", "free", "sampled", "scheduled"])
def test_the_arrow_to_a_step_tells_from_where_it_was_fed(unroll: UnrollPage, mode: str) -> None:
    spec = fed(mode)
    trace = unroll.trace(spec)
    unroll.open(spec | {"at": "forward.7"})
    ways = unroll.tab.locator(".fed:not(.ahead)")
    otherwise = "prediction" if mode == "free" else "draw"
    expected = {str(t + 1): "target" if trace["y_prev.forced"][t, 0] else otherwise for t in range(1, 7)}
    assert ways.evaluate_all(FED) == expected
    assert ways.locator("text").all_text_contents() == [expected["7"]]
    # Which it will be nobody knows of a schedule before it is drawn.
    assert unroll.tab.locator(".fed.ahead").count() == (0 if mode == "scheduled" else 3)
    unroll.open(spec | {"at": "update"})
    assert len(set(ways.evaluate_all(FED).values())) == (2 if mode == "scheduled" else 1)


def test_a_gradient_goes_back_through_a_prediction_as_wide_as_its_norm(unroll: UnrollPage) -> None:
    spec = fed("free")
    trace = unroll.trace(spec)
    unroll.open(spec | {"at": "backward.4"})
    back = unroll.tab.locator("g.fed-back")
    shown = back.evaluate_all("all => all.map((one) => [one.dataset.t, one.dataset.norm].map(Number))")
    assert [t for t, _ in shown] == list(range(5, 11))
    norms = np.linalg.norm(trace["grad.o.from_future"][:, 0], axis=-1)
    np.testing.assert_allclose([norm for _, norm in shown], norms[3:9], rtol=1e-12)
    widths = back.locator(".way").evaluate_all("all => all.map((one) => Number(one.getAttribute('stroke-width')))")
    assert (np.argsort(widths) == np.argsort(norms[3:9])).all()
    assert unroll.tab.locator("path.fed-back").count() == 0


@pytest.mark.parametrize("mode", ["teacher", "sampled", "scheduled"])
def test_where_no_gradient_passes_what_comes_back_is_stopped(unroll: UnrollPage, mode: str) -> None:
    spec = fed(mode)
    unroll.open(spec | {"at": "backward.4"})
    assert unroll.trace(spec)["grad.y_prev"][4:].any(axis=-1).all()
    stops = unroll.tab.locator("path.fed-back.cut")
    assert stops.evaluate_all("all => all.map((one) => Number(one.dataset.t))") == list(range(5, 11))
    assert unroll.tab.locator("g.fed-back").count() == 0


def test_a_prediction_fed_over_a_border_is_stopped_there_too(unroll: UnrollPage) -> None:
    spec = fed("free", algorithm={"kind": "truncated", "k1": 5, "k2": 5})
    unroll.open(spec | {"at": "backward.1"})
    assert unroll.tab.locator("path.fed-back").get_attribute("data-t") == "6"
    assert not unroll.trace(spec)["grad.o.from_future"][4].any()
    assert unroll.tab.locator("g.fed-back").count() == 8


COUNT: dict[str, Any] = {"task": {"kind": "count", "batch": 3}}


def test_padding_is_veiled_has_no_arrows_and_gives_exactly_nothing(unroll: UnrollPage) -> None:
    trace = unroll.trace(COUNT)
    lengths = [int(one) for one in trace["lengths"]]
    steps, ends = len(trace["loss"]), lengths[0]
    assert ends < max(lengths) <= steps
    assert not trace["grad.layer0.h"][ends:, 0].any()
    unroll.open(COUNT | {"at": f"backward.{steps}"})
    veiled = unroll.tab.locator(".padded")
    assert veiled.evaluate_all("all => all.map((one) => Number(one.dataset.t))") == list(range(ends + 1, steps + 1))
    assert unroll.tab.locator(".padding").all_text_contents() == ["padding"] * (steps - ends)
    for t, shown in zip(reversed(range(ends, steps)), unroll.walk("ArrowRight", steps - ends - 1), strict=True):
        assert "this step is padding, and gives nothing to any gradient, norm 0" in " ".join(shown.sentence.split())
        assert float(shown.numbers[0]) == 0
        assert ("The other sequences go on." in shown.sentence) == bool(trace["grad.layer0.h"][t].any())
    unroll.open(COUNT | {"at": "backward.1"})
    first = veiled.first.bounding_box()
    assert first is not None
    shapes = unroll.tab.locator(".stage-lines :is(.arrow, .gradient)")
    reach = shapes.evaluate_all("all => all.map((one) => one.getBoundingClientRect().right)")
    assert max(reach) < first["x"]


@pytest.mark.parametrize("kind", ["line", "share", "handover"])
def test_at_every_equation_of_padding_it_is_told_that_nothing_is_given(unroll: UnrollPage, kind: str) -> None:
    alone: dict[str, Any] = {"task": {"kind": "count"}}
    steps = len(unroll.trace(alone)["loss"])
    assert int(unroll.trace(alone)["lengths"][0]) < steps
    line = {"line": "grad.a", "share": "grad.W", "handover": "grad.h_prev"}[kind]
    place = {"by": "equation", "at": f"backward.{steps}", "kind": kind, "line": line, "layer": 0}
    unroll.open(alone | place)
    shown = unroll.shown()
    assert shown.sentence.endswith("this step is padding, and gives nothing to any gradient, norm 0.")
    assert shown.equation.startswith(line)


BUILT: dict[str, dict[str, Any]] = {
    "overlap": truncated(2, 4, cell="lstm", at="backward.6"),
    "scheduled": fed("scheduled", at="forward.6"),
    "free and cut": fed("free", at="backward.4", weights_shared=False, layers=2) | truncated(3, 4),
    "padded": COUNT | {"at": "backward.7"},
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("built", BUILT)
def test_all_of_it_can_be_read(tabs: Tabs, built: str, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    unroll.open(BUILT[built])
    assert violations(unroll) == []
    assert faint(unroll)[1] == []
    for width, height in SIZES[:2]:
        unroll.tab.set_viewport_size({"width": width, "height": height})
        unroll.frame()
        assert unroll.tab.evaluate(CUT) == []


LEGEND: dict[str, set[str]] = {
    "a border of truncation": {"overlap", "free and cut"},
    "a gradient that is stopped": {"overlap", "scheduled", "free and cut"},
    "a target, given to the next step": {"scheduled"},
    "a prediction, given to the next step": {"free and cut"},
    "a draw from the prediction, given to the next step": {"scheduled"},
    "on the way to a step, its own recurrent matrix": {"free and cut"},
    "padding: the sequence has ended": {"padded"},
}


@pytest.mark.parametrize("built", BUILT)
def test_the_legend_names_what_is_drawn_and_no_more(unroll: UnrollPage, built: str) -> None:
    unroll.open(BUILT[built])
    unroll.press("?")
    told = unroll.help.inner_text()
    assert {sign for sign in LEGEND if sign in told} == {sign for sign, where in LEGEND.items() if built in where}


@pytest.mark.parametrize(
    ("thing", "sign", "count"),
    [
        ("truncation:3,3", ".border", 3),
        ("feedback:free", "g.fed-back", 6),
        ("feedback:teacher", "path.fed-back.cut", 6),
    ],
)
def test_beside_each_other_only_the_side_that_has_it_shows_it(
    unroll: UnrollPage, thing: str, sign: str, count: int
) -> None:
    unroll.open({"task": HELLO, "vs": thing, "plots": "signal", "at": "backward.4"})
    sides = unroll.tab.locator(".compared")
    expect(sides.nth(1).locator(sign)).to_have_count(count)
    expect(sides.nth(0).locator(sign)).to_have_count(0)
