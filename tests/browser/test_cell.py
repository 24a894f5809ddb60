"""The cell view: a cell's equations as a diagram, and every moment of a pass in it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

import engine
from tests.browser.conftest import Tabs
from tests.browser.moments import Moment, moments
from tests.browser.page import UnrollPage, number
from tests.browser.shots import THEMES
from tests.browser.test_accessibility import violations
from tests.engine.test_random_cells import cells
from tests.engine.typed_cells import TYPED, own

LONG = """\
i = sigmoid(Ui @ x + Wi @ h_prev + bi)
f = sigmoid(Uf @ x + Wf @ h_prev + p * c_prev + bf)
g = tanh(Ug @ x + Wg @ (f * h_prev) + bg)
c = f * c_prev + i * g
m = 0.5 * m_prev + 0.5 * c
o = sigmoid(Uo @ x + Wo @ h_prev + bo)
u = 1 - o
h = o * tanh(c) + u * m"""
CELLS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "typed": {"cell": {"name": "mine", "equations": LONG}},
    "gru in two layers": {"cell": "gru", "layers": 2},
}
SHORT = {"task": {"text": "abb"}, "picture": "cell", "by": "equation"}

BACK = ("grad.layer0.h", "layer0.output_gate", "layer0.cell_state")

# What the diagram shows: of every node its number, the line it is lit for, whether it is ahead.
SHOWN = """() => {
  const all = (kind) => [...document.querySelectorAll(`#cell ${kind}`)];
  const signs = ".cell-sign.works, .cell-box.works, .cell-value.works";
  return {
    lit: all(signs).length,
    made: all(".cell-value.works").map((one) => one.dataset.name),
    read: all(".cell-value.read, .cell-value.works").map((one) => one.dataset.name),
    rows: all(".cell-row.works .cell-parameter").map((one) => one.dataset.name),
    terms: all(".cell-row.works").length,
    known: all(".cell-value:not(.ahead)").map((one) => `${one.dataset.name}@${one.dataset.t}`),
    shared: all(".cell-parameter.shared").map((one) => one.dataset.name),
    told: all(".cell-told.gradient, .cell-norm").map((one) => one.title || `norm 10^${one.dataset.log}`),
    logs: all(".cell-gradient").map((one) => Number(one.dataset.log)),
    label: document.querySelector("#cell .cell-picture").getAttribute("aria-label"),
  };
}"""
# Boxes of all nodes and of the sheet that they lie on.
BOXES = """() => {
  const boxes = [...document.querySelectorAll("#cell [data-node]")].map((one) => one.getBoundingClientRect());
  const sheet = document.querySelector("#cell .cell-sheet").getBoundingClientRect();
  const overlapping = boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1));
  const outside = boxes.filter((a) => a.left < sheet.left - 1 || a.right > sheet.right + 1
    || a.top < sheet.top - 1 || a.bottom > sheet.bottom + 1);
  return { nodes: boxes.length, overlapping: overlapping.length, outside: outside.length };
}"""
# Every wire ends at a node, and only where it runs up and down may two values' wires meet.
LAYOUT = """async (plan) => {
  const { diagram } = await import("./diagram/diagram.js");
  const d = diagram(plan, 0, { width: 1120, height: 320, scale: 1, letters: (name) => name });
  const inside = (x, y) => x >= -1 && x <= d.width + 1 && y >= -1 && y <= d.height + 1;
  const ends = d.pieces.filter(({ uses }) => uses.length === 1).map(({ points, uses, net }) => ({
    at: points.at(-1), to: d.nodes.find(({ node }) => node === net.to[net.uses.indexOf(uses[0])]) }));
  const stray = ends.filter(({ at: [x, y], to }) =>
    Math.abs(x - to.x) > to.width / 2 + 1 || Math.abs(y - to.y) > to.height / 2 + 1);
  const level = d.pieces.flatMap(({ net, points }) => points.slice(1).flatMap(([x, y], i) =>
    points[i][1] === y ? [{ net, y, from: Math.min(x, points[i][0]), to: Math.max(x, points[i][0]) }] : []));
  const onTop = level.flatMap((a, i) => level.slice(i + 1).filter((b) => a.net !== b.net
    && Math.abs(a.y - b.y) < 1 && Math.min(a.to, b.to) - Math.max(a.from, b.from) > 3));
  const box = ({ x, y, width, height }) => [x - width / 2, x + width / 2, y - height / 2, y + height / 2];
  const boxes = d.nodes.map(box);
  const overlapping = boxes.flatMap(([l, r, t, b], i) => boxes.slice(i + 1).filter(([l2, r2, t2, b2]) =>
    l < r2 - 1 && l2 < r - 1 && t < b2 - 1 && t2 < b - 1));
  return { overlapping: overlapping.length,
    beyond: boxes.filter(([l, r, t, b]) => !inside(l, t) || !inside(r, b)).length,
    out: d.pieces.flatMap(({ points }) => points).filter(([x, y]) => !inside(x, y)).length,
    stray: stray.length, uses: d.circuit.nodes.reduce((sum, { uses }) => sum + uses.length, 0),
    ends: new Set(d.pieces.filter(({ uses }) => uses.length === 1).map(({ uses }) => uses[0])).size,
    onTop: onTop.length };
}"""


def names_in(text: str) -> list[str]:
    return re.findall(r"[A-Za-z_][\w]*", text.partition("=")[2])


def shown(unroll: UnrollPage) -> dict[str, Any]:
    unroll.frame()
    found: dict[str, Any] = unroll.tab.evaluate(SHOWN)
    return found


def full(local: str, layer: int | None, layers: int) -> str:
    """The trace's name of what a line of a layer calls `local`."""
    if layer is None:
        return f"layer{layers - 1}.h" if local == "h" else local
    if local == "x":
        return "x" if layer == 0 else f"layer{layer - 1}.h"
    return f"layer{layer}.{local.removesuffix('_prev')}"


@pytest.mark.parametrize("kind", CELLS)
def test_every_line_has_a_node_and_every_parameter_stands_once_a_use(unroll: UnrollPage, kind: str) -> None:
    spec = CELLS[kind]
    plan = engine.describe(engine.parse_spec(spec | {"task": SHORT["task"]}))
    unroll.open(spec | SHORT | {"at": "forward.1"})
    layer = plan.sizes["L"] - 1
    values = unroll.tab.locator("#cell .cell-value").evaluate_all("all => all.map((one) => one.dataset.name)")
    for line in plan.equations["forward"]:
        assert f"layer{layer}.{line['target']}" in values
    assert {"o", "y_hat", "loss"} <= set(values)
    own_names = {one["name"].removeprefix(f"layer{layer}.") for one in plan.parameters if one["layer"] in (layer, None)}
    lines = [line["text"] for line in plan.equations["forward"] + plan.equations["readout"][:1]]
    uses = Counter(name for text in lines for name in names_in(text) if name in own_names)
    # What a typed cell calls c is not the readout's c.
    assigned = {line["target"] for line in plan.equations["forward"]}
    shown_names = unroll.tab.locator("#cell .cell-parameter").evaluate_all("all => all.map((one) => one.dataset.name)")
    counted = Counter(name.removeprefix(f"layer{layer}.") for name in shown_names)
    assert counted == {name: 1 if name in assigned else n for name, n in uses.items()}


@pytest.mark.parametrize("kind", CELLS)
def test_at_every_moment_its_operation_is_lit_and_only_what_is_earned_is_known(unroll: UnrollPage, kind: str) -> None:
    spec = CELLS[kind] | {"task": SHORT["task"]}
    plan = engine.describe(engine.parse_spec(spec))
    layers = plan.sizes["L"]
    unroll.open(spec | SHORT | {"at": "forward.1"})
    unroll.press("Home")
    earned: set[str] = set()
    for moment in moments(plan):
        seen = shown(unroll)
        if moment.phase == "forward":
            target = full(moment.target, moment.layer, layers)
            earned.add(f"{target}@{moment.t}")
            assert seen["made"] == [target]
            reads = {full(one, moment.layer, layers) for one in names_in(moment.line)} - {target}
            assert set(seen["read"]) - {target, "y"} <= reads
            assert seen["rows"] == []
            assert seen["logs"] == []
        elif moment.phase == "backward":
            check_backward(seen, moment)
        t, layer = moment.t or 0, moment.layer if moment.layer is not None else layers - 1
        t = plan.sizes["T"] - 1 if moment.phase == "loss" else t
        for one in seen["known"]:
            name, at = one.split("@")
            assert name in {"x", "y"} or at == "-1" or one in earned, (moment, one)
        assert f"step {t + 1} of {plan.sizes['T']}" in seen["label"]
        assert layers == 1 or f"layer {layer + 1} of {layers}" in seen["label"]
        unroll.press("ArrowRight")
    unroll.frame()


def check_backward(seen: dict[str, Any], moment: Moment) -> None:
    local = moment.target.removeprefix("grad.")
    if moment.kind == "share":
        assert set(seen["rows"]) == {f"layer{moment.layer}.{local}"}
        assert seen["lit"] == 0
        assert f"layer{moment.layer}.{local}" in seen["shared"]
    elif moment.kind == "merge":
        assert (seen["made"], seen["lit"]) == ([f"layer{moment.layer}.{local}"], 1)
    else:
        # A line on the way back is of an operation, or of the matrices that it is sent back through.
        assert seen["made"] == []
        assert moment.line.endswith("= 0") or seen["lit"] + seen["terms"] > 0


@pytest.mark.parametrize("kind", ["lstm", "gru", "typed"])
def test_the_norms_told_are_the_engines(unroll: UnrollPage, kind: str) -> None:
    spec = CELLS[kind] | {"task": SHORT["task"]}
    plan, trace = engine.describe(engine.parse_spec(spec)), unroll_trace(spec)
    unroll.open(spec | SHORT | {"at": "loss"})
    checked = 0
    for moment in [one for one in moments(plan) if one.phase == "backward"]:
        unroll.press("ArrowRight")
        seen = shown(unroll)
        told = [number(one.removeprefix("norm ")) for one in seen["told"] if one.startswith("norm ")]
        norms = [norm for norm in (norm_of(trace, moment, part) for part in ("", ".from_future")) if norm]
        if moment.kind in {"merge", "line"} and norms:
            assert any(one == pytest.approx(norms[0], rel=1e-9) for one in told), moment
            checked += 1
    assert checked > 0


def unroll_trace(spec: dict[str, Any]) -> engine.Trace:
    return engine.run(engine.parse_spec(spec))


def norm_of(trace: engine.Trace, moment: Moment, part: str) -> float | None:
    name = f"grad.layer{moment.layer}.{moment.target.removeprefix('grad.')}{part}"
    return float(np.linalg.norm(trace[name][moment.t])) if name in trace else None


def test_the_branches_of_a_value_send_back_what_autograd_by_hand_says(unroll: UnrollPage) -> None:
    """The way from h to tanh(cell_state) has no name in the trace: it is grad.h times the output gate."""
    spec = CELLS["lstm"] | {"task": SHORT["task"]}
    trace = unroll_trace(spec)
    place = {"at": "backward.2", "layer": 0, "kind": "handover", "line": "grad.h_prev"}
    unroll.open(spec | SHORT | place)
    logs = shown(unroll)["logs"]
    h, gate, after = (np.asarray(trace[name][1, 0]) for name in BACK)
    through = float(np.log10(np.linalg.norm(h * gate)))
    assert min(abs(through - one) for one in logs) < 1e-9
    assert min(abs(np.log10(np.linalg.norm(h * gate * (1 - np.tanh(after) ** 2))) - one) for one in logs) < 1e-9
    delta = [np.asarray(trace[f"grad.layer0.{name}.a"][1, 0]) for name in ("input_gate", "forget_gate")]
    weights = [np.asarray(trace[f"layer0.W_{name}"]) for name in ("input", "forget")]
    for one, matrix in zip(delta, weights, strict=True):
        sent = float(np.log10(np.linalg.norm(matrix.T @ one)))
        assert min(abs(sent - log) for log in logs) < 1e-9


@pytest.mark.parametrize("cell", sorted(engine.cells()))
def test_no_two_nodes_of_a_built_in_cell_overlap_and_none_is_outside(unroll: UnrollPage, cell: str) -> None:
    unroll.open({"cell": cell, "at": "forward.2"} | SHORT)
    found = unroll.tab.evaluate(BOXES)
    assert found["nodes"] > 8
    assert (found["overlapping"], found["outside"]) == (0, 0)
    check_layout(unroll, {"cell": cell})


@pytest.mark.parametrize("name", [name for name in TYPED if name != "many uses"])
def test_no_two_nodes_of_a_typed_cell_overlap_and_none_is_outside(unroll: UnrollPage, name: str) -> None:
    unroll.open({"cell": own(name), "at": "forward.2"} | SHORT)
    found = unroll.tab.evaluate(BOXES)
    assert (found["overlapping"], found["outside"]) == (0, 0)
    check_layout(unroll, {"cell": own(name)})


@given(cells(), st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nor_do_those_of_a_cell_drawn_at_random(unroll: UnrollPage, text: str, fed: bool) -> None:
    if unroll.tab.url == "about:blank":
        unroll.open()
    feedback = {"source": "output", "mode": "free"} if fed else {}
    check_layout(unroll, {"cell": {"name": "drawn", "equations": text}, "feedback": feedback})


def check_layout(unroll: UnrollPage, spec: dict[str, Any]) -> None:
    """Every use of a value is reached by one wire, on the sheet, and no wire lies on another."""
    plan = engine.describe(engine.parse_spec(spec))
    sent = {"equations": plan.equations, "parameters": plan.parameters, "sizes": plan.sizes}
    layout = unroll.tab.evaluate(LAYOUT, sent | {"spec": plan.spec.model_dump(mode="json")})
    assert {name: layout[name] for name in ("overlapping", "beyond", "out", "stray", "onTop")} == {
        "overlapping": 0,
        "beyond": 0,
        "out": 0,
        "stray": 0,
        "onTop": 0,
    }
    assert layout["ends"] == layout["uses"]


def test_a_cell_of_thirty_lines_is_drawn_and_what_works_is_in_view(unroll: UnrollPage) -> None:
    lines = [f"v{i} = tanh(A{i} @ x + B{i} @ {'h_prev' if i == 0 else f'v{i - 1}'})" for i in range(30)]
    spec = {"cell": {"name": "long", "equations": "\n".join([*lines, "h = v29 * v3"])}, "hidden_size": 2}
    unroll.open(spec | SHORT | {"at": "forward.1", "kind": "line", "line": "v29", "layer": 0})
    assert unroll.tab.evaluate(BOXES)["overlapping"] == 0
    box = unroll.tab.locator("#cell .cell-scroll").bounding_box()
    strip = unroll.tab.locator("#cell .cell-value.works").bounding_box()
    assert box is not None
    assert strip is not None
    assert box["x"] <= strip["x"] <= box["x"] + box["width"]


def test_a_node_that_is_pointed_at_is_lit_everywhere_and_a_band_is_pinned(unroll: UnrollPage) -> None:
    unroll.open(CELLS["lstm"] | SHORT | {"at": "forward.2"})
    strip = unroll.tab.locator("#cell [data-name='layer0.cell_state'][data-t='1']")
    box = strip.bounding_box()
    assert box is not None
    strip.click(position={"x": box["width"] / 2, "y": box["height"] * 5.5 / 8})
    unroll.frame()
    assert unroll.tab.evaluate("async () => (await import('./store.js')).selection.value.unit") == 5
    assert unroll.tab.evaluate("async () => (await import('./store.js')).lit.value") == {
        "name": "layer0.cell_state",
        "t": 1,
        "unit": 5,
    }
    expect(unroll.tab.locator("#cell .cell-pins rect.lit")).to_have_count(1)
    set_lit = "async (what) => { (await import('./store.js')).lit.value = what; }"
    unroll.tab.evaluate(set_lit, {"name": "layer0.forget_gate", "t": 1, "unit": None})
    unroll.frame()
    expect(unroll.tab.locator("#cell .cell-value.lit")).to_have_attribute("data-name", "layer0.forget_gate")


def test_a_parameters_name_chooses_it_and_lights_its_copies(unroll: UnrollPage) -> None:
    unroll.open(CELLS["gru"] | SHORT | {"at": "forward.2"})
    unroll.tab.locator("#cell [data-name='layer0.W_reset']").click()
    unroll.frame()
    assert unroll.tab.evaluate("async () => (await import('./store.js')).copies.value") == "layer0.W_reset"
    assert unroll.tab.evaluate("async () => (await import('./store.js')).chosen.value.parameter") == "layer0.W_reset"
    expect(unroll.tab.locator("#cell [data-name='layer0.W_reset']")).to_have_attribute("aria-pressed", "true")


def test_another_layer_is_looked_at_until_the_playhead_moves(unroll: UnrollPage) -> None:
    unroll.open(CELLS["gru in two layers"] | SHORT | {"at": "forward.2", "kind": "line", "line": "h", "layer": 0})
    side = unroll.tab.get_by_role("group", name="Layer")
    expect(side.get_by_role("button", name="layer 1")).to_have_attribute("aria-pressed", "true")
    side.get_by_role("button", name="layer 2").click()
    expect(unroll.tab.locator("#cell [data-name='layer1.h'][data-t='1']")).to_be_visible()
    unroll.press("ArrowLeft")
    expect(side.get_by_role("button", name="layer 1")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_an_opened_cell(tabs: Tabs, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    for place in ({"at": "forward.2"}, {"at": "backward.2", "kind": "handover", "line": "grad.h_prev", "layer": 0}):
        unroll.open(CELLS["gru in two layers"] | SHORT | place)
        assert violations(unroll) == []
