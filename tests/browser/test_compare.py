"""Side by side: every side is the engine's own pass of its experiment, on the same scales, and one thing differs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, expect

import engine
from tests.browser.page import UnrollPage
from tests.browser.plot import given

Array = npt.NDArray[np.float64]

RECALL: dict[str, Any] = {"task": {"kind": "recall", "gap": 8}, "hidden_size": 6}
TEXT: dict[str, Any] = {"task": {"text": "hello world"}, "hidden_size": 6}
SPECTRAL: dict[str, Any] = {"kind": "spectral", "radius": 1.5}
# What is written in the address, and what it changes of the spec.
THINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "activation:sigmoid": (TEXT, {"activation": "sigmoid"}),
    "activation:relu": (TEXT, {"activation": "relu"}),
    "cell:gru": (TEXT, {"cell": "gru"}),
    "cell:lstm": (TEXT, {"cell": "lstm"}),
    "truncation:3,4": (TEXT, {"algorithm": {"kind": "truncated", "k1": 3, "k2": 4}}),
    "feedback:teacher": (TEXT, {"feedback": {"source": "output", "mode": "teacher"}}),
    "feedback:apart": (TEXT, {"feedback": {"source": "output", "mode": "teacher"}, "recurrence": "none"}),
    "feedback:free": (TEXT, {"feedback": {"source": "output", "mode": "free"}}),
    "sharing:own": (TEXT, {"weights_shared": False}),
    "initialization:orthogonal": (TEXT, {"initialization": {"kind": "orthogonal"}}),
    "radius:1.5": (TEXT, {"initialization": SPECTRAL}),
    "bias:no": (TEXT, {"bias": False}),
    "clipping:0.05": (TEXT, {"clip_norm": 0.05}),
    "distance:14": (RECALL, {"task": RECALL["task"] | {"gap": 14}}),
}
DONE = """() => [...document.querySelectorAll(".compared:not([hidden]) .plot-wait")].every((wait) => wait.hidden)"""


def side(unroll: UnrollPage, place: int) -> Locator:
    return unroll.tab.locator(".compared").nth(place)


def opened(unroll: UnrollPage, spec: dict[str, Any], *things: str, plot: str = "triangle", **fields: str) -> None:
    address = f"#{'&'.join(f'vs={thing}' for thing in things)}"
    unroll.open(spec | {"plots": plot, "at": "backward.4", "plot.triangle.scale": "linear"} | fields)
    unroll.tab.evaluate(
        "(vs) => { location.hash = `${location.hash}&${vs.slice(1)}`; }",
        address,
    )
    expect(side(unroll, len(things))).to_be_visible()
    expect(side(unroll, len(things)).locator(".side-head")).to_contain_text("loss")
    unroll.tab.wait_for_function(DONE)
    unroll.frame()
    unroll.frame()


def passed(spec: dict[str, Any]) -> engine.Pass:
    one = engine.Pass(engine.parse_spec(spec))
    one.run()
    return one


def triangle(graph: Locator, top: float) -> Array:
    place = graph.evaluate("plot => plot.data.findIndex((trace) => trace.type === 'heatmap')")
    return np.tril(np.nan_to_num(given(graph, place, "z"))) * top


@pytest.mark.parametrize("thing", THINGS)
def test_both_sides_are_the_engines_and_differ_in_one_thing(unroll: UnrollPage, thing: str) -> None:
    spec, change = THINGS[thing]
    opened(unroll, spec, thing)
    matrices = [passed(one).flow()["flow.layer0.h"] for one in (spec, spec | change)]
    top = max(matrix.max() for matrix in matrices)
    for place, matrix in enumerate(matrices):
        shown = triangle(side(unroll, place).locator(".graph"), top)
        np.testing.assert_allclose(shown, matrix, rtol=1e-9, atol=top * 1e-12)
    losses = [passed(one).loss for one in (spec, spec | change)]
    for place, loss in enumerate(losses):
        expect(side(unroll, place).locator(".side-head")).to_contain_text(f"loss {loss:#.3g}")
    expect(unroll.tab.locator(".versus")).to_contain_text("Everything else is equal")


def test_the_scales_are_the_same_and_the_difference_is_one_less_the_other(unroll: UnrollPage) -> None:
    opened(unroll, TEXT, "activation:sigmoid", "activation:relu", plot="signal")
    ranges = [
        side(unroll, place).locator(".graph").evaluate("plot => [plot.layout.xaxis.range, plot.layout.yaxis.range]")
        for place in range(3)
    ]
    assert ranges[0] == ranges[1] == ranges[2]
    opened(unroll, TEXT, "activation:sigmoid", difference="yes")
    apart = side(unroll, 3).locator(".graph")
    expect(apart).to_be_visible()
    unroll.tab.wait_for_function("() => document.querySelector('.compared.apart .graph').data?.length === 1")
    one, other = (passed(spec).flow()["flow.layer0.h"] for spec in (TEXT, TEXT | {"activation": "sigmoid"}))
    top = max(one.max(), other.max())
    np.testing.assert_allclose(given(apart, 0, "z") * top, other - one, rtol=1e-6, atol=top * 1e-9)


def test_dragging_a_window_changes_the_triangle_at_once(unroll: UnrollPage) -> None:
    opened(unroll, TEXT, "truncation:3,3")
    unroll.tab.get_by_label("k1").fill("5")
    expect(side(unroll, 1).locator("b").first).to_have_text("truncated, k1 5, k2 5")
    expect(side(unroll, 1).locator(".reading")).to_contain_text("Hatched")
    one = passed(TEXT | {"algorithm": {"kind": "truncated", "k1": 5, "k2": 5}})
    matrix = one.flow()["flow.layer0.h"]
    cut = sum(matrix[t, k] for t in range(5, 10) for k in range(5))
    expect(side(unroll, 1).locator(".reading")).to_contain_text(f"({100 * cut / matrix.sum():.3g}%)")


def test_one_playhead_moves_every_side(unroll: UnrollPage) -> None:
    opened(unroll, TEXT, "cell:lstm")
    frames = "[...document.querySelectorAll('.compared:not([hidden]) rect.now')]"
    places = f"() => {frames}.map((one) => one.getAttribute('x'))"
    unroll.tab.wait_for_function(f"() => ({places})().length === 2")
    before = unroll.tab.evaluate(places)
    unroll.press("Shift+ArrowRight")
    unroll.frame()
    after = unroll.tab.evaluate(places)
    assert len(before) == len(after) == 2
    assert all(float(now) < float(then) for now, then in zip(after, before, strict=True))


def test_compare_begins_and_ends_at_its_key_and_is_in_the_link(unroll: UnrollPage) -> None:
    unroll.open(TEXT)
    unroll.press("m")
    expect(side(unroll, 1)).to_be_visible()
    expect(side(unroll, 1).locator("b").first).to_have_text("sigmoid")
    unroll.tab.wait_for_function("() => location.hash.includes('vs=activation%3Asigmoid')")
    unroll.button("Add a third").click()
    expect(side(unroll, 2).locator("b").first).to_have_text("relu")
    unroll.tab.get_by_label("differ in").select_option("bias")
    expect(side(unroll, 1).locator("b").first).to_have_text("without biases")
    unroll.press("m")
    expect(unroll.tab.locator("#compare")).to_be_hidden()
    expect(unroll.stage).to_be_visible()


# The message that tells the loss comes some frames after the last step of its pass.
LATE = """(() => {
  window.WebSocket = class extends WebSocket {
    set onmessage(hear) {
      super.onmessage = (event) => {
        const isLast = typeof event.data === "string" && JSON.parse(event.data).type === "done";
        if (isLast) setTimeout(() => hear(event), 200);
        else hear(event);
      };
    }
  };
})()"""


def test_a_loss_that_comes_late_is_told(unroll: UnrollPage) -> None:
    unroll.tab.add_init_script(LATE)
    unroll.open(TEXT | {"vs": "cell:gru"})
    for place in (0, 1):
        expect(side(unroll, place).locator(".side-head")).to_contain_text("loss")
