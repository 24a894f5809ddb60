"""The Equation card: the line of every moment is true in its own numbers, and its symbols light what they stand for."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import engine
from tests.browser.conftest import Tabs
from tests.browser.moments import Moment, moments
from tests.browser.page import UnrollPage, number
from tests.browser.test_accessibility import violations

UNIT = 2
SAME = 1e-12
GATES = {"input": "input_gate", "forget": "forget_gate", "candidate": "candidate", "output": "output_gate"}
OWN = """a = U @ x + W @ h_prev + b
z = sigmoid(W_z @ (h_prev * a) + b_z)
h = 0.5 * h_prev + 0.5 * tanh(a) * (1 + z) - z * -a"""
SPECS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn", "task": {"text": "abcab"}},
    "lstm": {"cell": "lstm", "task": {"text": "abc"}},
    "gru in two layers": {"cell": "gru", "layers": 2, "task": {"text": "aba"}},
    "own": {"cell": {"name": "mine", "equations": OWN}, "task": {"text": "abca"}},
    "numbers": {"cell": "lstm_peephole", "task": {"kind": "sine", "period": 5, "length": 4}},
    "fed back": {
        "cell": "leaky",
        "task": {"text": "abca"},
        "feedback": {"source": "output", "mode": "free"},
        "algorithm": {"kind": "truncated", "k1": 2, "k2": 3},
    },
    "untied": {"cell": "mgu", "task": {"text": "aba"}, "weights_shared": False, "clip_norm": 0.01},
}
# Of every row its terms: the exact number under the symbols, the words that stand there, what the symbols stand for.
LINES = """async () => {
  await new Promise(requestAnimationFrame);
  const card = document.querySelector("#equation");
  const terms = (row) => [...row.querySelectorAll(".term:not(.note)")];
  const marked = [...card.querySelectorAll(".lines .current .hidden-text")];
  return {
    marked: marked.map((line) => line.textContent),
    rows: [...card.querySelectorAll(".equation .written")].map((row) => terms(row).map((term) => ({
      exact: term.querySelector(".live").title,
      text: term.querySelector(".live").textContent,
      tex: [...term.querySelectorAll("[data-tex]")].map((part) => part.dataset.tex).join(""),
      names: [...term.querySelectorAll("[data-name]")].map(({ dataset }) => [dataset.name, dataset.t ?? null]),
    }))),
  };
}"""
SPELLED = {"½ ×": "0.5 *", "½": "0.5 *", "×": "*", "σ(": "sigmoid(", "−": "-", "²": "**2", "−log": "-log"}
FUNCTIONS = {"tanh": math.tanh, "log": math.log, "sigmoid": lambda a: 1 / (1 + math.exp(-a))}


def spelled(text: str) -> str:
    """What stands under a sign, as Python has it."""
    for sign, python in SPELLED.items():
        text = text.replace(sign, python)
    return text


def side(terms: list[dict[str, Any]]) -> float:
    """What one side of a line comes to in the numbers that stand under it."""
    words = [f"({number(term['exact'])!r})" if term["exact"] else spelled(term["text"]) for term in terms]
    return float(eval(" ".join(words), {"__builtins__": {}}, FUNCTIONS))  # signs and numbers of the page alone


def in_trace(trace: engine.Trace, name: str, t: int, unit: int) -> float:
    """A number of the only sequence, by the name and the step that a symbol carries."""
    if t < 0 or (name.startswith("grad.layer") and t == len(trace["loss"])):
        return float(trace[f"{name}.initial"][0, unit]) if name.startswith("grad.") else 0.0
    if name == "y" and trace["y"].ndim == 2:
        return float(trace["y"][t, 0] == unit)
    values = np.asarray(trace[name][t, 0])
    return float(values if values.ndim == 0 else values[unit])


def place_of(trace: engine.Trace, moment: Moment) -> int:
    """The place whose numbers stand under the symbols: the true symbol's in the readout, else the pinned unit."""
    if moment.layer is not None or trace["y"].ndim != 2:
        return min(UNIT, trace["y_hat"].shape[2] - 1) if moment.layer is None else UNIT
    t = int(np.linalg.norm(trace["grad.o"][:, 0], axis=1).argmax()) if moment.t is None else moment.t
    return int(trace["y"][t, 0])


def opened(tabs: Tabs, spec: dict[str, Any]) -> UnrollPage:
    """The page at the first line of the pass, where there is room for all lines."""
    unroll = tabs(viewport={"width": 1920, "height": 1080})
    line = engine.describe(engine.parse_spec(spec)).equations["forward"][0]["target"]
    first = {"by": "equation", "at": "forward.1", "kind": "line", "layer": 0, "line": line, "unit": UNIT + 1}
    unroll.open(spec | first)
    return unroll


@pytest.mark.parametrize("kind", SPECS)
def test_at_every_moment_its_line_is_marked_and_is_true_in_the_numbers_under_it(tabs: Tabs, kind: str) -> None:
    unroll = opened(tabs, SPECS[kind])
    true = 0
    for moment in moments(engine.describe(engine.parse_spec(SPECS[kind]))):
        shown = unroll.tab.evaluate(LINES)
        assert shown["marked"] == [moment.line]
        for row in shown["rows"]:
            texts = [term["text"] for term in row]
            # A sum over all steps and a softmax are told by some of what is in them.
            if any("…" in text for text in texts) or moment.kind == "sum":
                continue
            right = next(i for i, text in enumerate(texts) if text in {"=", "←"}) + 1
            assert side(row[right:]) == pytest.approx(number(row[0]["exact"]), rel=1e-9, abs=1e-18), (moment, texts)
            true += 1
        unroll.press("ArrowRight")
    assert true > 10


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru in two layers", "own", "numbers"])
def test_the_number_under_a_symbol_is_what_the_trace_has_by_the_name_it_carries(tabs: Tabs, kind: str) -> None:
    parsed = engine.parse_spec(SPECS[kind])
    trace = engine.run(parsed)
    unroll = opened(tabs, SPECS[kind])
    seen: set[str] = set()
    for moment in moments(engine.describe(parsed)):
        terms = [term for row in unroll.tab.evaluate(LINES)["rows"] for term in row]
        unroll.press("ArrowRight")
        if moment.kind in {"share", "sum", "update", "handover", "output"}:
            continue
        for term in terms:
            [(name, t), *more] = term["names"] or [("", None)]
            if more or t is None or not term["exact"] or "'" in term["tex"]:
                continue
            unit = 0 if name == "loss" else place_of(trace, moment)
            assert number(term["exact"]) == pytest.approx(in_trace(trace, name, int(t), unit), rel=SAME, abs=0), moment
            seen.add(name)
    assert {"layer0.h", "grad.layer0.h", "y_hat", "loss"} <= seen


def test_under_a_product_stands_what_it_comes_to_in_the_pinned_unit(unroll: UnrollPage) -> None:
    trace = unroll.trace(SPECS["lstm"])
    place = {"by": "equation", "layer": 0, "unit": UNIT + 1}
    gate = place | {"at": "forward.2", "kind": "line", "line": "input_gate"}
    unroll.open(SPECS["lstm"] | gate)
    products = [number(term["exact"]) for term in unroll.tab.evaluate(LINES)["rows"][0] if len(term["names"]) == 2]
    read = {"U": trace["x"][1, 0], "W": trace["layer0.h"][0, 0]}
    assert products == pytest.approx([trace[f"layer0.{one}_input"][UNIT] @ read[one] for one in read], rel=1e-12)
    unroll.open(SPECS["lstm"] | place | {"at": "backward.2", "kind": "handover", "line": "grad.h_prev"})
    back = {
        term["names"][0][0]: number(term["exact"])
        for term in unroll.tab.evaluate(LINES)["rows"][0][2:]
        if term["exact"]
    }
    for name, value in back.items():
        delta = trace[f"grad.layer0.{GATES[name.partition('_')[2]]}.a"][1, 0]
        assert value == pytest.approx(trace[name][:, UNIT] @ delta, rel=1e-12)
    assert len(back) == 4


def test_the_share_of_a_weight_is_its_entrys_two_factors(unroll: UnrollPage) -> None:
    trace = unroll.trace(SPECS["lstm"])
    place = {"by": "equation", "at": "backward.2", "kind": "share", "line": "grad.W_forget", "layer": 0}
    unroll.open(SPECS["lstm"] | place | {"weight": "layer0.W_forget,3,2"})
    [row] = unroll.tab.evaluate(LINES)["rows"]
    numbers = [number(term["exact"]) for term in row if term["exact"]]
    delta, z = trace["grad.layer0.forget_gate.a"][1, 0, 3], trace["layer0.h"][0, 0, 2]
    assert numbers == pytest.approx([delta * z, delta, z], rel=1e-12)
    expect(unroll.equation.locator(".of-unit")).to_have_text("entry 4,3")


def test_a_line_of_the_list_goes_to_its_moment_at_the_same_step(tabs: Tabs) -> None:
    unroll = opened(tabs, SPECS["lstm"])
    unroll.go("backward.2")
    unroll.equation.get_by_role("button", name="grad.forget_gate = grad.cell_state").click()
    assert unroll.shown().equation == "grad.forget_gate = grad.cell_state * cell_state_prev"
    assert unroll.shown().title == "Backward, step 2 of 2."
    expect(unroll.equation.locator("[aria-current=step]")).to_have_accessible_name(unroll.shown().equation)


def test_where_there_is_no_room_for_both_all_lines_show_in_place_of_the_numbers(unroll: UnrollPage) -> None:
    unroll.open({"at": "backward.4"})
    line = unroll.equation.get_by_role("button", name="grad.a = ")
    expect(line).to_have_count(0)
    unroll.button("all lines").click()
    expect(line).to_be_visible()
    expect(unroll.equation.get_by_role("table")).to_have_count(0)
    line.click()
    assert unroll.shown().equation.startswith("grad.a = ")
    unroll.button("all lines").click()
    expect(unroll.equation.get_by_role("table")).to_be_visible()


LIT = re.compile(r"\blit\b")


def test_a_symbol_that_is_pointed_at_lights_what_it_stands_for_and_is_lit_with_it(tabs: Tabs) -> None:
    unroll = tabs(viewport={"width": 1920, "height": 1080})
    place = {"by": "equation", "at": "forward.4", "kind": "line", "line": "h", "layer": 0}
    unroll.open({"unit": 2} | place)
    symbol, listed, row, told = places_of(unroll, "layer0.h", 3)
    stage = unroll.tab.locator("#unrolled .lit")
    expect(stage).to_have_count(0)
    for one in (symbol, listed, row, told):
        one.hover()
        for other in (symbol, listed, row, told):
            expect(other).to_have_class(LIT)
        expect(stage).to_have_count(1)
        unroll.tab.locator("#header").hover()
        expect(symbol).not_to_have_class(LIT)
    # Of the step before it is another.
    unroll.equation.locator(".lines [data-name='layer0.h'][data-from='-1']").first.hover()
    expect(listed).not_to_have_class(LIT)
    expect(symbol).not_to_have_class(LIT)


def places_of(unroll: UnrollPage, name: str, t: int) -> tuple[Locator, ...]:
    """The symbol of a quantity in the equation, in the list of lines, over the numbers and in the now line."""
    at = f"[data-name='{name}'][data-t='{t}']"
    return (
        unroll.equation.locator(f".equation {at}"),
        unroll.equation.locator(f".lines .current .enclosing[data-name='{name}']"),
        unroll.equation.locator(f".vectors th{at}"),
        unroll.now_line.locator(at),
    )


def test_a_number_of_the_table_lights_one_unit(unroll: UnrollPage) -> None:
    unroll.open({"by": "equation", "at": "forward.4", "kind": "line", "line": "h", "layer": 0})
    cells = unroll.equation.locator(".vectors tr.strong td[data-unit]")
    cells.nth(1).hover()
    expect(cells.nth(1)).to_have_class(LIT)
    expect(cells.nth(0)).not_to_have_class(LIT)
    expect(unroll.equation.locator(".equation [data-name='layer0.h']")).to_have_class(LIT)


def test_a_parameters_symbol_chooses_it_and_keeps_its_copies_lit_by_keyboard_too(unroll: UnrollPage) -> None:
    unroll.open({"by": "equation", "at": "forward.4", "kind": "line", "line": "a", "layer": 0})
    symbol = unroll.equation.get_by_role("button", name="U", exact=True)
    symbol.focus()
    expect(symbol).to_have_class(LIT)
    unroll.press("Enter")
    expect(symbol).to_have_attribute("aria-pressed", "true")
    expect(unroll.tab).to_have_url(re.compile(r"weight=layer0\.U.*copies=layer0\.U"))
    unroll.press("Enter")
    expect(symbol).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_equation_with_all_its_lines(tabs: Tabs, theme: str) -> None:
    unroll = tabs(viewport={"width": 1920, "height": 1080}, color_scheme=theme)
    unroll.open({"cell": "lstm", "at": "backward.4", "copies": "layer0.W_forget"})
    unroll.equation.locator(".equation [data-name='grad.layer0.h']").hover()
    assert violations(unroll) == []
    unroll.open({"by": "equation", "at": "forward.4", "kind": "line", "line": "a", "layer": 0, "copies": "layer0.W"})
    assert violations(unroll) == []
