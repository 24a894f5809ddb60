"""Making an experiment: by keyboard alone, at once, with errors where they belong."""

from __future__ import annotations

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
    unroll.press("Tab")
    unroll.tab.keyboard.type("lstm")
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
