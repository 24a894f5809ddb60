"""Passes at the edge of what numbers can hold, and the smallest and longest ones: every plot draws them and says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import engine
from tests.browser.page import UnrollPage
from tests.browser.plot import done

# relu whose matrix stretches a hundred times a step: beyond what a number can hold after 154 steps.
EXPLODING: dict[str, Any] = {
    "activation": "relu",
    "hidden_size": 4,
    "initialization": {"kind": "spectral", "radius": 100},
    "task": {"text": "to be or not to be, that is the question. " * 4 + "so"},
}
PASSES: dict[str, dict[str, Any]] = {
    "vanishing": {"activation": "sigmoid", "task": {"text": "vanishing " * 30}},
    "two steps": {"task": {"text": "abc"}},
    "one unit": {"hidden_size": 1, "cell": "lstm"},
    "zeros": {"initialization": {"kind": "zeros"}},
    "long": {"cell": "gru", "task": {"text": "long " * 100 + "!"}},
    "no recurrence": {"recurrence": "none"},
}
# The names of plots by their keys.
NAMES = {"3": "states", "4": "triangle", "5": "signal", "6": "spectrum", "7": "inputs", "8": "trajectory"}
CHOICES = """() => [...document.querySelectorAll('#plot-tools select')].flatMap((select) =>
  [...select.options].slice(0, 3).map(({ value }) => [select.ariaLabel, value]))"""
CHOOSE = """([label, value]) => {
  const select = [...document.querySelectorAll('#plot-tools select')].find((one) => one.ariaLabel === label);
  select.value = value;
  select.dispatchEvent(new Event('change'));
}"""
# Plotly draws nothing that is farther than this.
RANGES = (
    "plot => [plot.layout.xaxis, plot.layout.yaxis].flatMap(({ range }) => range).every((at) => Math.abs(at) < 1e304)"
)


def readings(unroll: UnrollPage) -> Iterator[tuple[str, str]]:
    """Each plot in every choice of it, and what is told of it; the page is a moment further after each plot."""
    for measure in ("cosine", "norm"):
        unroll.press("1")
        unroll.tab.locator("#shares-tools select").last.select_option(measure)
        unroll.press("2")
        unroll.frame()
        unroll.press("1")
        unroll.frame()
        yield "shares", unroll.tab.locator("#shares .reading").inner_text()
    for key, name in NAMES.items():
        unroll.press(key)
        done(unroll)
        for choice in unroll.tab.evaluate(CHOICES):
            unroll.tab.evaluate(CHOOSE, choice)
            done(unroll)
            assert unroll.graph.evaluate(RANGES), (name, choice)
            ticks = unroll.graph.evaluate("plot => plot.layout.yaxis.ticktext")
            assert len(set(ticks)) == len(ticks), (name, choice, ticks)
            told = unroll.tab.locator("#plot .reading").inner_text()
            assert "NaN" not in told
            yield name, told
        place = unroll.shown().place[0]
        unroll.press("g")
        unroll.press("ArrowRight")
        assert unroll.shown().place[0] > place
        unroll.press("g", times=2)


@pytest.mark.parametrize("name", PASSES)
def test_every_plot_draws_any_pass_and_the_page_steps_on(unroll: UnrollPage, name: str) -> None:
    unroll.open(PASSES[name] | {"at": "loss"})
    told = [one for _, one in readings(unroll)]
    assert not any("finite" in one for one in told)
    assert any("No gradient reaches it." in one for one in told) == (name == "zeros")


@pytest.mark.parametrize(
    "more", [{}, {"dtype": "float32"}, {"activation": "identity"}], ids=["", "float32", "identity"]
)
def test_every_plot_names_the_first_step_that_is_not_finite(unroll: UnrollPage, more: dict[str, Any]) -> None:
    spec = EXPLODING | more
    parsed = engine.parse_spec(spec)
    with np.errstate(all="ignore"):
        one = engine.Pass(parsed)
        one.run()
        states, flow = engine.run(parsed)["layer0.h"], np.tril(one.flow()["flow.layer0.h"])
    first = int(np.flatnonzero(~np.isfinite(states).all(axis=(1, 2)))[0]) + 1
    row = int(np.flatnonzero(~np.isfinite(flow).all(axis=1))[0])
    last = int(np.flatnonzero(~np.isfinite(flow[row]))[-1])
    expected = {
        "states": f"From step {first} on the hidden state is no longer finite; it is drawn red.",
        "triangle": f"Red: not finite, first from the loss of step {row + 1} to step {last + 1}.",
        "signal": f"On the way back the gradient is not finite from step {len(states)} on.",
        "shares": f"On the way back they are not finite from step {len(states)} on.",
        "inputs": "it is no longer finite",
        "trajectory": f"From step {first} on the hidden state is no longer finite.",
    }
    unroll.open(spec | {"at": "loss"})
    told = list(readings(unroll))
    for name, sentence in expected.items():
        assert any(sentence in one for plot, one in told if plot == name), (
            name,
            [one for plot, one in told if plot == name],
        )
