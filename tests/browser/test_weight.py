"""One weight: what its shares are multiplied from, that they are the engine's, that they add up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import engine
from tests.browser.page import UnrollPage, number

LSTM = {"cell": "lstm", "task": {"text": "hello world"}}
# A matrix at the state, at the input, and the readout's; a bias of each: row and column from 1.
ENTRIES = {
    "layer0.W_forget": (2, 3),
    "layer0.U_input": (1, 2),
    "layer0.b_output": (8, None),
    "V": (3, 8),
    "c": (2, None),
}


def traced(spec: dict[str, Any]) -> engine.Trace:
    return engine.run(engine.parse_spec(spec))


def rows_of(unroll: UnrollPage) -> list[list[float]]:
    """The exact numbers of the card's table, from step 1 on."""
    return unroll.titles(unroll.weight.get_by_role("row"))[:0:-1]


def outcome(unroll: UnrollPage) -> list[float]:
    """The exact numbers of the line under the table."""
    return unroll.titles(unroll.weight.locator(".outcome"))[0]


def expected_rows(trace: engine.Trace, name: str, row: int, column: int | None) -> list[list[float]]:
    factors = trace.factors(name)
    delta = factors.delta[:, 0, row]
    if column is None or factors.z is None:
        return [[float(one), float(one)] for one in delta]
    z = factors.z[:, 0, column]
    return [[float(d), float(x), float(d * x)] for d, x in zip(delta, z, strict=True)]


@pytest.mark.parametrize("name", ENTRIES)
def test_each_steps_factors_and_share_the_gradient_and_the_update_are_the_engines(
    unroll: UnrollPage, name: str
) -> None:
    trace, (row, column) = traced(LSTM), ENTRIES[name]
    entry = (row - 1,) if column is None else (row - 1, column - 1)
    unroll.open(LSTM | {"at": "sum"})
    unroll.choose_weight(name, row, column)
    assert rows_of(unroll) == expected_rows(trace, name, row - 1, None if column is None else column - 1)
    gradient = trace[f"grad.{name}"][entry]
    assert outcome(unroll) == [gradient]
    assert sum(share[-1] for share in rows_of(unroll)) == pytest.approx(gradient, rel=1e-12)
    unroll.press("ArrowRight")
    unroll.frame()
    numbers = [trace[name][entry], gradient, trace[f"updated.{name}"][entry]]
    assert outcome(unroll) == numbers
    assert [number(one) for one in unroll.shown().numbers] == numbers


def test_the_gradient_of_one_recurrent_weight_is_the_sum_of_its_per_step_shares(unroll: UnrollPage) -> None:
    """Tried as a new user would: the text typed, lstm chosen, the weight chosen, stepped to the update."""
    unroll.open()
    unroll.open_experiment()
    unroll.field("Text").fill("the cat sat on the mat")
    unroll.field("Cell").select_option("lstm")
    expect(unroll.header).to_contain_text("lstm")
    expect(unroll.header).to_contain_text("the cat sat on the mat")
    unroll.settled()
    unroll.press("Escape")
    unroll.choose_weight("layer0.W_forget", 2, 3)
    unroll.press("End")
    assert unroll.shown().title == "Update."
    shares = [row[-1] for row in rows_of(unroll)]
    _, gradient, _ = outcome(unroll)
    assert len(shares) == 21
    assert math.fsum(shares) == pytest.approx(gradient, rel=1e-12)
    engines = traced({"cell": "lstm", "task": {"text": "the cat sat on the mat"}})
    assert gradient == engines["grad.layer0.W_forget"][1, 2]
    assert shares == pytest.approx(engines.contribution("layer0.W_forget")[:, 1, 2], rel=1e-12)


def test_a_share_is_not_told_before_its_step_gave_it(unroll: UnrollPage) -> None:
    trace = traced(LSTM)
    unroll.open(LSTM | {"at": "forward.5"})
    unroll.choose_weight("layer0.W_forget", 2, 3)
    assert rows_of(unroll) == [[]] * 10
    expect(unroll.weight).to_contain_text("Shares come with the way back.")
    unroll.open(LSTM | {"at": "backward.5", "plots": "weight", "weight": "layer0.W_forget,1,2"})
    expected = expected_rows(trace, "layer0.W_forget", 1, 2)
    assert rows_of(unroll) == [[]] * 5 + expected[5:]
    expect(unroll.weight).to_contain_text("So far, 5 of 10")
    np.testing.assert_allclose(outcome(unroll), [sum(share for *_, share in expected[5:])], rtol=1e-12)


def test_an_entry_beyond_the_matrix_is_the_last_there_is(unroll: UnrollPage) -> None:
    unroll.open(LSTM | {"plots": "weight", "weight": "layer0.W_forget,99,99"})
    for label in ("row", "col"):
        expect(unroll.weight.get_by_label(label, exact=True)).to_have_value("8")
    unroll.choose_weight("layer0.W_forget", 99, 0)
    expect(unroll.weight.get_by_label("row", exact=True)).to_have_value("8")
    expect(unroll.weight.get_by_label("col", exact=True)).to_have_value("1")
