"""The plot that shows, as a test reads it: what Plotly was given, and where on the screen that lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Locator

from tests.browser.page import UnrollPage

Array = npt.NDArray[np.float64]

# What Plotly was given for one axis of one trace; gaps are NaN.
GIVEN = """(plot, [trace, axis]) => Array.from(plot.data[trace][axis],
  (row) => row?.length === undefined ? row : Array.from(row))"""
DONE = "() => document.querySelector('#plot .plot-wait')?.hidden"
# Where numbers of the axes are in the window, by the margins and ranges that Plotly was given.
PLACE = """(plot, [x, y]) => {
  const { width, height, margin, xaxis, yaxis } = plot.layout;
  const { left, top } = plot.getBoundingClientRect();
  const part = ({ range: [from, to] }, at) => (at - from) / (to - from);
  return [
    left + margin.l + part(xaxis, x) * (width - margin.l - margin.r),
    top + margin.t + (1 - part(yaxis, y)) * (height - margin.t - margin.b),
  ];
}"""


def opened(unroll: UnrollPage, plot: str, spec: dict[str, Any], at: str = "backward.4", **choices: str) -> None:
    """Open the page with a large plot, and wait for all that it needs."""
    chosen = {f"plot.{plot}.{name}": value for name, value in choices.items()}
    unroll.open(spec | {"plots": plot, "larger": "yes", "at": at} | chosen)
    done(unroll)


def done(unroll: UnrollPage) -> None:
    """Wait until the plot has all that it needs, and is drawn."""
    unroll.tab.wait_for_function(DONE)
    unroll.frame()
    unroll.frame()


def given(plot: Locator, trace: int, axis: str) -> Array:
    return np.array(plot.evaluate(GIVEN, [trace, axis]), dtype=float)


def kinds(plot: Locator) -> list[str]:
    found: list[str] = plot.evaluate("plot => plot.data.map((trace) => trace.type)")
    return found


def pixel(plot: Locator, x: float, y: float) -> tuple[float, float]:
    """Where the numbers x, y of the axes are in the window."""
    left, top = plot.evaluate(PLACE, [x, y])
    return left, top
