"""Stage, sentence, equation, listing and numbers tell the same moment, at every moment of a whole pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import engine
from tests.browser.moments import Moment, moments, title
from tests.browser.page import UnrollPage, number

TYPED = {"name": "mine", "equations": "k = sigmoid(A @ x + B @ h_prev + b)\nh = k * h_prev + (1 - k) * tanh(U @ x)"}
SPECS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "gru": {"cell": "gru"},
    "lstm": {"cell": "lstm"},
    "typed": {"cell": TYPED},
    "two layers": {"cell": "gru", "layers": 2},
}
# What every part of the page shows, once all is drawn.
SHOWN = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const text = (name) => document.querySelector(name)?.textContent.trim() ?? "";
  const frame = document.querySelector("#unrolled .now");
  const plot = document.querySelector(".stage-map");
  const pinned = document.querySelector("#equation .vectors tr.strong td.pinned");
  return {
    sentence: text("#now-line"),
    numbers: [...document.querySelectorAll("#now-line [title]")].map((one) => one.title),
    spoken: document.querySelector(".stage-lines").ariaLabel,
    frame: frame && Number(frame.getAttribute("x")) + Number(frame.getAttribute("width")) / 2,
    edges: Array.from(plot.data[0].x),
    equation: document.querySelector("#equation .equation").ariaLabel,
    code: [...document.querySelectorAll("#code [aria-current]")].map((one) => one.textContent.replace(/\\n$/, "")),
    pinned: pinned?.title ?? null,
    bar: document.querySelector(".plot-now").hidden ? null : document.querySelector(".plot-now").offsetLeft,
  };
}"""


@dataclass(frozen=True)
class Together:
    """A moment as each part of the page shows it."""

    sentence: str
    numbers: list[str]
    spoken: str
    frame: float | None
    edges: list[float]
    equation: str
    code: list[str]
    pinned: str | None
    bar: float | None

    @property
    def column(self) -> int | None:
        """The timestep, from 0, that the frame on the stage stands round."""
        if self.frame is None:
            return None
        middles = [(left + right) / 2 for left, right in zip(self.edges[::2], self.edges[1::2], strict=True)]
        return min(range(len(middles)), key=lambda t: abs(middles[t] - (self.frame or 0)))


@pytest.mark.parametrize("name", SPECS)
def test_all_parts_of_the_page_tell_the_same_moment_at_every_moment_of_a_pass(unroll: UnrollPage, name: str) -> None:
    spec = SPECS[name] | {"hidden_size": 4, "task": {"text": "abca"}}
    plan = engine.describe(engine.parse_spec(spec))
    unroll.open(spec | {"by": "equation"})
    unroll.press("Home")
    everything = moments(plan)
    for moment in everything:
        shown = Together(**unroll.tab.evaluate(SHOWN))
        assert shown.sentence.startswith(title(moment, plan))
        assert shown.column == moment.t
        where = "" if moment.t is None else f", step {moment.t + 1} of 3"
        assert shown.spoken.endswith(f"Now: {moment.phase}{where}.")
        assert shown.equation.startswith(moment.line.partition("#")[0].strip()) or moment.kind in ("handover", "loss")
        assert (shown.bar is None) == (moment.t is None)
        assert shown.code == lines_of(plan, moment)
        assert told_alike(moment, shown)
        unroll.press("ArrowRight")
    assert unroll.shown().place == [len(everything)] * 2


def lines_of(plan: engine.Plan, moment: Moment) -> list[str]:
    """The lines of the listing that are a moment's."""
    mark = f"{moment.phase}.{moment.kind}.{moment.target}"
    found = [line["text"] for line in plan.code["numpy"] if mark in line["marks"]]
    assert found, mark
    return found


def told_alike(moment: Moment, shown: Together) -> bool:
    """Whether the sentence's number of the pinned unit is the one in the equation's table."""
    if moment.kind != "line":
        return True
    return shown.pinned is not None and number(shown.pinned) == number(shown.numbers[-1])
