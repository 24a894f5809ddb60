"""Making an experiment: by keyboard alone, at once, with errors where they belong."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

import engine
from tests.browser.page import UnrollPage

BETWEEN = "task.text must have between 2 and 2,000 characters, got"


def test_a_text_and_a_cell_are_chosen_and_stepped_by_keyboard_alone(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.open_experiment()
    unroll.press("Control+a")
    unroll.tab.keyboard.type("the cat sat on the mat")
    # Past the line by which the network's fields are folded up.
    unroll.press("Tab", 2)
    unroll.tab.keyboard.type("lstm:")
    unroll.press("Escape")
    expect(unroll.panel).to_be_hidden()
    expect(unroll.header).to_contain_text(
        "lstm, 8 tanh units, next character of “the cat sat on the mat”, 21 steps, 698 parameters, seed 0"
    )
    unroll.settled()
    unroll.press("End")
    assert unroll.shown().title == "Update."


@pytest.mark.parametrize(
    ("label", "value", "reason", "mended"),
    [
        ("Text", "", f"{BETWEEN} an empty text", "abc"),
        ("Text", "a", f"{BETWEEN} 1", "abc"),
        ("Units", "0", "hidden_size must be between 1 and 512, got 0", "2"),
        ("Layers", "9", "layers must be between 1 and 4, got 9", "2"),
        ("Learning rate", "fast", "optimizer.learning_rate must be a number, got 'fast'", "2"),
    ],
)
def test_a_wrong_field_says_what_is_allowed_and_the_last_picture_stays(
    unroll: UnrollPage, label: str, value: str, reason: str, mended: str
) -> None:
    unroll.open()
    before = unroll.header.inner_text()
    unroll.open_experiment()
    unroll.unfold("Learning")
    field = unroll.field(label)
    field.fill(value)
    expect(unroll.panel.get_by_role("alert")).to_contain_text(reason)
    expect(field).to_have_attribute("aria-invalid", "true")
    unroll.press("Escape")
    expect(unroll.notices.get_by_role("alert")).to_contain_text(reason)
    assert unroll.header.inner_text() == before
    unroll.press("ArrowRight")
    assert unroll.shown().title == "Forward, step 2 of 10."
    unroll.button("Mend it").click()
    unroll.field(label).fill(mended)
    expect(unroll.panel.get_by_role("alert")).to_have_count(0)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    unroll.settled()


def test_equations_of_ones_own_begin_from_the_cell_that_shows(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.open_experiment()
    unroll.field("Cell").select_option("own")
    equations = unroll.field("Equations")
    expect(equations).to_have_value("a = U @ x + W @ h_prev + b\nh = tanh(a)")
    equations.fill("a = U @ x + W @ h_prev + b\nh = sine(a)")
    expect(unroll.panel.get_by_role("alert")).to_contain_text("line 2, column 5: sine(...) is not an activation")
    equations.fill("k = sigmoid(A @ x)\nh = k * h_prev + tanh(U @ x)")
    expect(unroll.panel.get_by_role("alert")).to_have_count(0)
    expect(unroll.tab.locator(".row-label .symbol")).to_have_count(4)
    unroll.settled()
    unroll.press("Escape")
    expect(unroll.panel).to_be_hidden()
    unroll.press("End")
    assert unroll.shown().title == "Update."


def test_every_choice_of_the_experiment_is_one_that_the_engine_has(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.open_experiment()
    options = unroll.field("Activation").locator("option")
    expect(options).to_have_count(len(engine.ACTIVATIONS))
    assert options.all_inner_texts() == list(engine.ACTIVATIONS)
    values = unroll.field("Cell").locator("option").evaluate_all("options => options.map(option => option.value)")
    assert values == [*engine.cells(), "own"]
    unroll.field("Activation").select_option("relu")
    expect(unroll.header).to_contain_text("8 relu units")


def test_every_task_is_chosen_by_keyboard_with_its_own_fields_and_what_it_asks(unroll: UnrollPage) -> None:
    offered = {one["name"]: one for one in unroll.tab.request.get(f"{unroll.base}api/tasks").json()}
    unroll.open()
    unroll.open_experiment()
    unroll.press("Shift+Tab")
    chosen = unroll.field("What is asked")
    expect(chosen).to_be_focused()
    expect(chosen.locator("option")).to_have_count(len(offered) - 1)
    for kind in [name for name in offered if name != "arrays"][1:]:
        unroll.press("ArrowDown")
        expect(chosen).to_have_value(kind)
        unroll.settled()
        expect(unroll.notices).to_be_empty()
        expect(unroll.panel.locator("details").first).to_contain_text(offered[kind]["sentence"])
        for name, parameter in offered[kind]["parameters"].items():
            field = unroll.panel.locator(f"[id='spec.task.{name}']")
            if name == "values":
                assert [float(one) for one in field.input_value().split(",")] == parameter["default"]
                continue
            expect(field).to_have_value(str(parameter["default"]))
            expect(field).to_have_attribute("min", str(parameter["range"][0]))
            expect(field).to_have_attribute("max", str(parameter["range"][1]))
    unroll.press("Escape")
    unroll.tab.go_back()
    unroll.settled()
    expect(unroll.header).to_contain_text("Earth’s pole")


def test_the_sentence_of_a_task_is_that_of_its_own_values(unroll: UnrollPage) -> None:
    unroll.open({"task": {"kind": "echo", "gap": 5}})
    unroll.press("e")
    expect(unroll.panel).to_contain_text("Every symbol must be remembered for 5 steps")
    unroll.field("Gap").fill("3")
    expect(unroll.panel).to_contain_text("Every symbol must be remembered for 3 steps")
    expect(unroll.panel).to_contain_text("Guessing gets 25% right")
    unroll.settled()
    expect(unroll.header).to_contain_text("echo what came 3 steps ago, 12 steps")


def test_truncation_is_asked_for_with_its_two_numbers_and_a_wrong_one_is_refused_there(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.open_experiment()
    unroll.unfold("Algorithm")
    unroll.field("Gradient goes back").select_option("truncated")
    expect(unroll.field("Every so many steps (k1)")).to_have_value("5")
    unroll.field("Every so many steps (k1)").fill("7")
    expect(unroll.panel.get_by_role("alert")).to_contain_text("algorithm.k2 must be at least k1, which is 7, got 5")
    expect(unroll.field("Back so many steps (k2)")).to_have_attribute("aria-invalid", "true")
    unroll.field("Back so many steps (k2)").fill("8")
    unroll.settled()
    expect(unroll.header).to_contain_text("truncated 7, 8")
    unroll.field("Gradient goes back").select_option("bptt")
    unroll.settled()
    expect(unroll.header).not_to_contain_text("truncated")
    unroll.field("Gradient goes back").select_option("truncated")
    expect(unroll.field("Back so many steps (k2)")).to_have_value("8")


def test_feedback_sharing_and_states_are_chosen_and_the_fields_that_then_apply_come_with_them(
    unroll: UnrollPage,
) -> None:
    unroll.open()
    unroll.open_experiment()
    expect(unroll.field("Chance of the truth")).to_have_count(0)
    unroll.field("Output before").select_option("scheduled")
    unroll.field("Chance of the truth").fill("0.25")
    unroll.field("States").select_option("none")
    unroll.field("Weights").select_option("false")
    unroll.field("First weights").select_option("normal")
    unroll.field("Scale").fill("0.5")
    expect(unroll.tab).to_have_url(re.compile(r"feedback\.probability=0\.25&.*initialization\.scale=0\.5"))
    unroll.settled()
    expect(unroll.header).to_contain_text("each step its own, no recurrence, scheduled sampling")
    unroll.field("Chance of the truth").fill("2")
    expect(unroll.panel.get_by_role("alert")).to_have_count(1)
    expect(unroll.panel.get_by_role("alert")).to_contain_text("feedback.probability must be between 0 and 1, got 2")
    unroll.field("Output before").select_option("none")
    expect(unroll.panel.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("kind", ["sgd", "momentum", "rmsprop", "adam"])
def test_every_optimizer_shows_its_own_fields_as_the_engine_has_them(unroll: UnrollPage, kind: str) -> None:
    optimizer = engine.parse_spec({"optimizer": {"kind": kind}}).optimizer.model_dump()
    unroll.open()
    unroll.open_experiment()
    unroll.unfold("Learning")
    unroll.field("Rule").select_option(kind)
    unroll.settled()
    shown = unroll.panel.locator("[id^='spec.optimizer.']").evaluate_all("all => all.map(one => [one.id, one.value])")
    told = {name.removeprefix("spec.optimizer."): value for name, value in shown}
    assert {name: value if name == "kind" else float(value) for name, value in told.items()} == optimizer


def test_what_a_field_shows_where_the_spec_is_silent_is_what_the_engine_takes(unroll: UnrollPage) -> None:
    spec = engine.parse_spec({"cell": "lstm", "feedback": {"source": "output", "mode": "scheduled"}}).model_dump()
    unroll.open({"cell": "lstm", "feedback": {"source": "output", "mode": "scheduled"}})
    unroll.open_experiment()
    for group in ("Algorithm", "Learning"):
        unroll.unfold(group)
    fields = unroll.panel.locator("[id]:is(input, select, textarea)")
    shown = dict(fields.evaluate_all("all => all.map(one => [one.id, one.value])"))
    for name, value in shown.items():
        head, _, part = name.removeprefix("spec.").partition(".")
        taken = spec[head][part] if part else spec[head]
        assert value == {None: "", True: "true", False: "false"}.get(taken, taken) or float(value) == taken


def test_a_cell_with_defaults_of_its_own_shows_them(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.open_experiment()
    unroll.field("Cell").select_option("irnn")
    unroll.settled()
    expect(unroll.field("Activation")).to_have_value("relu")
    expect(unroll.field("First weights")).to_have_value("identity")
    expect(unroll.field("Gate activation")).to_have_count(0)
    unroll.field("Cell").select_option("gru")
    unroll.settled()
    expect(unroll.field("Activation")).to_have_value("tanh")
    expect(unroll.field("First weights")).to_have_value("xavier")
    expect(unroll.field("Gate activation")).to_have_value("sigmoid")


def test_what_is_wrong_with_no_field_of_the_panel_is_told_over_all_of_them(unroll: UnrollPage) -> None:
    unroll.open({"readout": "linear"})
    unroll.open_experiment()
    expect(unroll.panel.get_by_role("alert")).to_contain_text("readout must be 'softmax' for task 'text'")


def test_the_field_that_is_wrong_in_a_link_is_gone_to_wherever_it_is(unroll: UnrollPage) -> None:
    unroll.open({"algorithm": {"kind": "truncated", "k1": 7}})
    unroll.button("Mend it").click()
    expect(unroll.field("Back so many steps (k2)")).to_be_focused()
    expect(unroll.panel.get_by_role("alert")).to_be_in_viewport()
    unroll.tab.keyboard.type("0")
    expect(unroll.header).to_contain_text("truncated 7, 50")


def test_a_decimal_is_typed_letter_by_letter(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.open_experiment()
    unroll.unfold("Learning")
    rate = unroll.field("Learning rate")
    rate.fill("")
    for letter in "0.05":
        unroll.press(letter)
        unroll.frame()
    expect(rate).to_have_value("0.05")
    expect(unroll.tab).to_have_url(re.compile(r"optimizer\.learning_rate=0\.05"))
