"""What if: one number of a pass is another, or a line is held; every number is then that of such a pass."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

import engine
from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage, number
from tests.browser.shots import THEMES
from tests.browser.test_accessibility import violations

Override = dict[str, Any]
LSTM = {"cell": "lstm", "task": {"text": "hello world"}}
AT = {"at": "backward.5", "plots": "weight", "weight": "layer0.W_output,2,3"}
W: Override = {"name": "layer0.W_output", "index": [2, 3], "value": 0.7}


def traced(spec: dict[str, Any], *overrides: Override) -> engine.Trace:
    return engine.run(engine.parse_spec(spec | {"overrides": list(overrides)}))


def parameters(spec: dict[str, Any], *overrides: Override) -> list[dict[str, Any]]:
    return engine.describe(engine.parse_spec(spec | {"overrides": list(overrides)})).parameters


def asked(unroll: UnrollPage, spec: dict[str, Any]) -> UnrollPage:
    """The page with the panel open."""
    unroll.open(spec)
    unroll.press("w")
    expect(question(unroll)).to_be_visible()
    return unroll


def question(unroll: UnrollPage) -> Locator:
    return unroll.tab.get_by_role("form", name="What if")


def section(unroll: UnrollPage, name: str) -> Locator:
    found = question(unroll).locator("details").filter(has_text=name)
    if found.get_attribute("open") is None:
        found.locator("summary").click()
    return found


def changes(unroll: UnrollPage) -> Locator:
    return unroll.tab.get_by_role("region", name="What is changed")


def listed(unroll: UnrollPage) -> list[str]:
    """The changes in words."""
    unroll.frame()
    return [
        " ".join(one.split()).removesuffix(" ×") for one in changes(unroll).get_by_role("listitem").all_inner_texts()
    ]


def overrides_in_address(unroll: UnrollPage) -> str:
    return str(unroll.tab.evaluate("() => new URLSearchParams(location.hash.slice(1)).get('overrides') ?? ''"))


def sets(unroll: UnrollPage, label: Locator, value: float) -> None:
    """Type a value; wait for its pass."""
    label.fill(str(value))
    expect(unroll.tab).to_have_url(re.compile(re.escape(f"%3A{value}")))
    unroll.settled()


def shows(unroll: UnrollPage, trace: engine.Trace, t: int) -> None:
    """The moment is the merge at a step (from 0), and its norms are those of the trace."""
    shown = unroll.shown()
    assert shown.title.startswith(f"Backward, step {t + 1} of ")
    sides = ("from_above", "from_future")
    norms = [float((trace[f"grad.layer0.h.{side}"][t, 0] ** 2).sum() ** 0.5) for side in sides]
    assert [number(one) for one in shown.numbers[:2]] == pytest.approx(norms, rel=1e-9)


def came(unroll: UnrollPage) -> list[float]:
    """The exact numbers of what came of the changes."""
    titles = changes(unroll).get_by_role("status").locator("[title]").evaluate_all("all => all.map(one => one.title)")
    return [number(one) for one in titles]


def of_first_step(trace: engine.Trace) -> float:
    return float((trace["grad.layer0.h"][0] ** 2).sum() ** 0.5)


def test_a_weight_typed_or_slid_gives_the_engines_numbers_at_the_same_moment(unroll: UnrollPage) -> None:
    asked(unroll, LSTM | AT)
    weight = section(unroll, "A weight or a bias")
    shows(unroll, traced(LSTM), 4)
    sets(unroll, weight.get_by_label("Its value", exact=True), 0.7)
    shows(unroll, traced(LSTM, W), 4)
    before, after = traced(LSTM), traced(LSTM, W)
    expect(changes(unroll).get_by_role("status")).to_contain_text("Loss: ")
    expected = [after.loss, before.loss, of_first_step(after), of_first_step(before)]
    assert came(unroll) == pytest.approx(expected, rel=1e-12)
    assert listed(unroll)[0].startswith("W_output[3,4] is 0.700, was 0.0330")
    slider = weight.get_by_label("Its value, slider")
    slider.focus()
    unroll.press("ArrowRight")
    expect(weight.get_by_label("Its value", exact=True)).to_have_value("0.72")
    unroll.settled()
    shows(unroll, traced(LSTM, W | {"value": 0.72}), 4)


def test_a_bias_of_each_steps_own_is_changed_at_the_step_of_the_moment(unroll: UnrollPage) -> None:
    spec = {"weights_shared": False, "task": {"text": "hello world"}}
    asked(unroll, spec | {"at": "backward.5", "weight": "layer0.b,2,0"})
    weight = section(unroll, "A weight or a bias")
    sets(unroll, weight.get_by_label("Its value", exact=True), -0.5)
    assert overrides_in_address(unroll) == "layer0.b[4,2]:-0.5"
    assert listed(unroll)[0].startswith("b[3] of step 5 is −0.500, was 0")
    shows(unroll, traced(spec, {"name": "layer0.b", "index": [4, 2], "value": -0.5}), 4)


def test_another_symbol_and_none_are_read_by_the_step_of_the_moment(unroll: UnrollPage) -> None:
    asked(unroll, LSTM | AT)
    reads = section(unroll, "An input").get_by_label("Reads")
    reads.select_option("“d”")
    expect(changes(unroll)).to_contain_text("x of step 5 is “d”, was “o”")
    another: list[Override] = [
        {"name": "x", "index": [4, 0], "value": 0},
        {"name": "x", "index": [4, 0, 1], "value": 1},
    ]
    shows(unroll, traced(LSTM, *another), 4)
    question(unroll).get_by_role("button", name="Erase it").click()
    expect(changes(unroll)).to_contain_text("x of step 5, “o”, erased")
    expect(reads).to_have_value("nothing")
    shows(unroll, traced(LSTM, another[0]), 4)
    reads.select_option("“o”")
    expect(changes(unroll)).to_have_count(0)
    shows(unroll, traced(LSTM), 4)


def test_an_input_that_is_a_number_is_set_to_another(unroll: UnrollPage) -> None:
    spec = {"task": {"kind": "sine", "length": 10}}
    asked(unroll, spec | {"at": "backward.3"})
    sets(unroll, section(unroll, "An input").get_by_label("Its value", exact=True), 0.25)
    assert overrides_in_address(unroll) == "x[2,0,0]:0.25"
    shows(unroll, traced(spec, {"name": "x", "index": [2, 0, 0], "value": 0.25}), 2)


@pytest.mark.parametrize("state", ["hidden state", "cell state"])
def test_the_state_before_step_1_is_set(unroll: UnrollPage, state: str) -> None:
    asked(unroll, LSTM | AT | {"unit": 3})
    begun = section(unroll, "The state before step 1")
    begun.get_by_label("Which").select_option(state)
    unroll.frame()
    sets(unroll, begun.get_by_label("Its value", exact=True), 0.5)
    name = {"hidden state": "h", "cell state": "cell_state"}[state]
    assert listed(unroll)[0].startswith(f"{state} before step 1, unit 3 is 0.500, was 0")
    shows(unroll, traced(LSTM, {"name": f"layer0.{name}.initial", "index": [0, 2], "value": 0.5}), 4)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_every_preset_holds_its_lines_and_a_second_press_lets_them_go(unroll: UnrollPage, cell: str) -> None:
    spec = LSTM | {"cell": cell}
    asked(unroll, spec | {"at": "backward.5"})
    for name, lines in engine.cells()[cell].presets.items():
        held = [{"name": line, "value": value} for line, value in lines.items()]
        button = question(unroll).get_by_role("button", name=name)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(changes(unroll)).to_contain_text(f"{name}: ")
        unroll.settled()
        shows(unroll, traced(spec, *held), 4)
        gone = len(parameters(spec)) - len(parameters(spec, *held))
        expect(changes(unroll)).to_contain_text(f"{gone} parameters are not used")
        assert listed(unroll) == [one for one in listed(unroll) if one.startswith(name)]
    question(unroll).locator("[aria-pressed=true]").click()
    expect(changes(unroll)).to_have_count(0)
    shows(unroll, traced(spec), 4)


def test_a_line_is_held_at_a_typed_value(unroll: UnrollPage) -> None:
    asked(unroll, LSTM | AT)
    hold = section(unroll, "Hold a line")
    hold.get_by_label("Which").select_option("candidate")
    unroll.frame()
    sets(unroll, hold.get_by_label("Held at", exact=True), -0.25)
    assert listed(unroll) == ["candidate held at −0.25"]
    shows(unroll, traced(LSTM, {"name": "candidate", "value": -0.25}), 4)


def test_a_change_is_undone_by_its_cross_by_the_button_by_the_key_and_by_back(unroll: UnrollPage) -> None:
    whole = LSTM | AT | {"overrides": "layer0.W_output[2,3]:0.7;forget_gate:1"}
    held, free = [{"name": "forget_gate", "value": 1}], traced(LSTM)
    unroll.open(whole)
    changes(unroll).get_by_role("button", name="Undo: W_output[3,4]").click()
    expect(changes(unroll).get_by_role("listitem")).to_have_count(1)
    shows(unroll, traced(LSTM, *held), 4)
    unroll.tab.go_back()
    expect(changes(unroll).get_by_role("listitem")).to_have_count(2)
    shows(unroll, traced(LSTM, W, *held), 4)
    changes(unroll).get_by_role("button", name="Undo", exact=True).click()
    expect(changes(unroll).get_by_role("listitem")).to_have_count(1)
    shows(unroll, traced(LSTM, W), 4)
    unroll.tab.evaluate("() => document.activeElement.blur()")
    unroll.press("z")
    expect(changes(unroll)).to_have_count(0)
    shows(unroll, free, 4)
    unroll.open(whole)
    unroll.press("Control+z")
    expect(changes(unroll).get_by_role("listitem")).to_have_count(1)
    unroll.open(whole)
    changes(unroll).get_by_role("button", name="Undo all").click()
    expect(changes(unroll)).to_have_count(0)
    shows(unroll, free, 4)


def test_the_first_experiment_has_nothing_changed(unroll: UnrollPage) -> None:
    unroll.open(LSTM | {"overrides": "forget_gate:1"})
    unroll.open_experiment()
    unroll.panel.get_by_role("button", name="Back to the first experiment").click()
    expect(changes(unroll)).to_have_count(0)


def test_a_link_brings_the_changes_and_what_was_there_without_them(unroll: UnrollPage) -> None:
    unroll.open(LSTM | AT | {"overrides": "layer0.W_output[2,3]:0.7"})
    expect(changes(unroll)).to_contain_text("W_output[3,4] is 0.700, was 0.0330")
    unroll.frame()
    now, before = traced(LSTM, W), traced(LSTM)
    rows = unroll.shares.locator("td.share[title]").evaluate_all("cells => cells.map(cell => cell.title)")
    expected = []
    for trace in (now, before):
        shares = [float(one) for one in trace.contribution("layer0.W_output")[5:, 2, 3]]
        expected.append(shares[::-1])
    told = [[number(part) for part in one.split(", was ")] for one in rows]
    assert told == [pytest.approx(pair, rel=1e-12) for pair in zip(*expected, strict=True)]
    expect(unroll.shares.locator("td.share.changed")).to_have_count(5)


def test_what_comes_before_a_changed_input_is_not_marked(unroll: UnrollPage) -> None:
    unroll.open({"at": "update", "plots": "weight", "weight": "layer0.U,0,0", "overrides": "x[4,0]:0"})
    expect(changes(unroll)).to_contain_text("erased")
    now, before = traced({}, {"name": "x", "index": [4, 0], "value": 0}), traced({})
    for t in range(10):
        same = bool((now["layer0.h"][t] == before["layer0.h"][t]).all())
        assert same == (t < 4)
        bands = unroll.tab.evaluate(
            "async (t) => (await import('./changes.js')).changedBands('layer0.h', t)?.length ?? 0", t
        )
        assert bands == (0 if same else 8)


def test_the_tip_the_label_and_the_sentence_of_an_erased_step_are_true(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.5", "kind": "loss", "overrides": "x[4,0]:0"})
    assert "It reads no symbol and gives" in unroll.shown().sentence
    expect(unroll.tab.locator(".read-symbol").nth(4)).to_have_text("∅")
    now, before = traced({}, {"name": "x", "index": [4, 0], "value": 0}), traced({})
    expect(changes(unroll)).to_contain_text("erased")
    wanted = [float(trace["layer0.h"][4, 0, 2]) for trace in (now, before)]
    told = unroll.tab.evaluate("""async () => {
      const [{ pass }, { was }] = [await import("./store.js"), await import("./changes.js")];
      return [pass.value.value("layer0.h", 4)[2], was("layer0.h", 4, 2)];
    }""")
    assert told == wanted


def test_nothing_moves_while_a_changed_pass_is_stepped_through(unroll: UnrollPage) -> None:
    unroll.open(LSTM | {"overrides": "layer0.W_output[2,3]:0.7;forget_gate:1"})
    expect(changes(unroll)).to_contain_text("Loss: ")
    unroll.press("Home")
    seen = set()
    for _ in range(unroll.shown().place[1]):
        seen.add(
            unroll.tab.evaluate("() => JSON.stringify(document.querySelector('#notices').getBoundingClientRect())")
        )
        unroll.press("ArrowRight")
        unroll.frame()
    assert len(seen) == 1


def test_a_drag_ends_at_the_last_value_and_is_one_step_back(unroll: UnrollPage) -> None:
    asked(unroll, LSTM | AT)
    slider = section(unroll, "A weight or a bias").get_by_label("Its value, slider")
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    unroll.tab.mouse.move(box["x"] + box["width"] * 0.5, y)
    unroll.tab.mouse.down()
    for part in range(50, 81):
        unroll.tab.mouse.move(box["x"] + box["width"] * part / 100, y)
    unroll.tab.mouse.up()
    unroll.frame()
    unroll.settled()
    value = float(slider.input_value())
    assert value > 0.3
    shows(unroll, traced(LSTM, W | {"value": value}), 4)
    expect(changes(unroll)).to_contain_text("W_output[3,4] is")
    unroll.tab.go_back()
    expect(changes(unroll)).to_have_count(0)
    shows(unroll, traced(LSTM), 4)


def test_what_is_wrong_is_told_at_its_field_and_the_picture_stays(unroll: UnrollPage) -> None:
    asked(unroll, LSTM | AT)
    value = section(unroll, "A weight or a bias").get_by_label("Its value", exact=True)
    value.fill("much")
    alert = question(unroll).get_by_role("alert")
    expect(alert).to_contain_text("overrides.0.value must be a number")
    expect(value).to_have_attribute("aria-invalid", "true")
    shows(unroll, traced(LSTM), 4)
    unroll.press("Escape")
    expect(unroll.notices.get_by_role("alert")).to_be_visible()
    unroll.button("Mend it").click()
    expect(value).to_be_focused()
    value.fill("0.7")
    expect(alert).to_have_count(0)
    unroll.settled()
    shows(unroll, traced(LSTM, W), 4)


def test_changes_that_another_cell_has_no_place_for_are_left_out_with_a_word(unroll: UnrollPage) -> None:
    unroll.open(LSTM | {"overrides": "layer0.W_output[2,3]:0.7;x[4,0]:0;forget_gate:1"})
    unroll.open_experiment()
    unroll.field("Cell").select_option("gru")
    expect(unroll.notices).to_contain_text("What was set of W_output[3,4] and forget_gate do not fit")
    expect(changes(unroll).get_by_role("listitem")).to_have_count(1)
    assert listed(unroll) == ["x of step 5, “o”, erased"]
    expect(unroll.header).to_contain_text("gru")
    unroll.tab.go_back()
    expect(changes(unroll).get_by_role("listitem")).to_have_count(3)


def test_holding_a_line_lets_go_of_a_changed_weight_that_it_makes_useless(unroll: UnrollPage) -> None:
    asked(unroll, LSTM | {"overrides": "layer0.W_forget[2,3]:0.7"})
    question(unroll).get_by_role("button", name="forget always").click()
    expect(unroll.notices).to_contain_text("What was set of W_forget[3,4] does not fit this experiment")
    expect(changes(unroll)).to_contain_text("forget always")
    assert listed(unroll) == ["forget always: forget gate held at 0"]


def test_a_link_to_an_entry_that_is_not_there_opens_without_it(unroll: UnrollPage) -> None:
    unroll.open({"overrides": "layer0.W[99,0]:1"})
    expect(unroll.notices).to_contain_text("W[100,1]")
    expect(changes(unroll)).to_have_count(0)
    assert overrides_in_address(unroll) == ""


def test_everything_is_reached_by_keys_alone(unroll: UnrollPage) -> None:
    asked(unroll, LSTM | AT)
    expect(question(unroll).get_by_label("Which").first).to_be_focused()
    for _ in range(3):
        unroll.press("Tab")
    expect(question(unroll).get_by_label("Its value, slider").first).to_be_focused()
    unroll.press("ArrowRight")
    expect(changes(unroll).get_by_role("listitem")).to_have_count(1)
    unroll.press("z")
    expect(changes(unroll)).to_have_count(0)
    preset = question(unroll).get_by_role("button", name="remember forever")
    for _ in range(30):
        if preset.evaluate("one => one === document.activeElement"):
            break
        unroll.press("Tab")
    unroll.press("Space")
    expect(changes(unroll)).to_contain_text("remember forever")
    unroll.press("Escape")
    expect(question(unroll)).to_have_count(0)


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_the_panel_or_in_the_line_of_changes(tabs: Tabs, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    asked(unroll, LSTM | AT | {"overrides": "layer0.W_output[2,3]:0.7;forget_gate:1;x[4,0]:0"})
    section(unroll, "The state before step 1")
    expect(changes(unroll)).to_contain_text("was 0.0330")
    assert violations(unroll) == []
    question(unroll).get_by_label("Its value", exact=True).first.fill("much")
    expect(question(unroll).get_by_role("alert")).to_be_visible()
    assert violations(unroll) == []
    unroll.press("Escape")
    expect(unroll.notices.get_by_role("alert")).to_be_visible()
    assert violations(unroll) == []


OTHERS: dict[str, dict[str, Any]] = {
    "rnn": {},
    "own": {
        "cell": {"name": "mine", "equations": "h = tanh(U @ x + R @ y_prev + b)"},
        "feedback": {"source": "output"},
    },
    "no recurrence": {"recurrence": "none"},
    "two layers, three sequences": {"layers": 2, "task": {"kind": "count", "most": 2, "batch": 3}},
    "untied": {"weights_shared": False},
    "two inputs": {"task": {"kind": "adding", "length": 4}},
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_panel_opens_at_every_phase_of_every_kind_of_pass(unroll: UnrollPage, name: str) -> None:
    for place in ("forward.2", "backward.2", "update"):
        asked(unroll, OTHERS[name] | {"at": place})
        section(unroll, "The state before step 1")
        assert violations(unroll) == []
        assert not re.search(r"NaN|undefined|null|\[object", question(unroll).inner_text())
