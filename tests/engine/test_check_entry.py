"""The check of one entry: its analytic gradient beside the central difference of that very entry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
from engine.gradcheck import STEP
from engine.passes import Pass
from tests.engine.test_overrides import NETWORKS, SOME, data, spec


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("cell", SOME, ids=str)
def test_an_entry_of_any_array_has_the_gradient_of_the_trace_at_that_place(cell: Any, network: dict[str, Any]) -> None:
    one = Pass(spec(cell=cell, **network), data())
    trace, stream = one.run(), np.random.default_rng(5)
    for name, shape in one.plan.beginnings.items():
        index = tuple(int(stream.integers(0, size)) for size in shape)
        row = engine.check_entry(one.spec, name, index, data())
        assert (row.name, row.shape, row.checked, row.index, row.ok) == (name, shape, 1, index, True)
        assert row.analytic == trace[f"grad.{name}"][index]
        assert row.numeric == pytest.approx(row.analytic, rel=1e-4, abs=1e-8)


@pytest.mark.parametrize("name", ["layer1.W_forget", "x", "layer0.cell_state.initial", "V"])
def test_the_difference_is_that_of_two_losses_with_the_entry_set_by_hand(name: str) -> None:
    """Two whole passes, each with an override a step to the side, say the same."""
    fields: dict[str, Any] = {"cell": "lstm", "layers": 2}
    index = (2, 1, 0)[: len(engine.describe(spec(**fields), data()).beginnings[name])]
    index = (1, 2) if name.endswith(".initial") else index
    given = {"x": data().x} | Pass(spec(**fields), data()).parameters
    value = float(given[name][index]) if name in given else 0.0
    sides = [{"name": name, "index": list(index), "value": value + step} for step in (STEP, -STEP)]
    high, low = (engine.run(spec([side], **fields), data()).loss for side in sides)
    row = engine.check_entry(spec(**fields), name, index, data())
    assert row.numeric == pytest.approx((high - low) / (2 * STEP), rel=1e-4, abs=1e-8)


def test_the_entry_is_checked_where_the_overrides_put_it() -> None:
    overrides = [{"name": "layer0.h.initial", "value": 0.5}, {"name": "a", "value": 0.3}, {"name": "V", "value": 0.2}]
    plain, changed = (engine.check_entry(spec(one), "V", (1, 2), data()) for one in ([], overrides))
    assert changed.ok
    assert changed.analytic != plain.analytic
    whole = next(row for row in engine.check(spec(overrides), data(), entries=None) if row.name == "V")
    assert whole.checked == 12


def test_a_wrong_gradient_of_the_entry_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Pass.total

    def off(one: Pass) -> None:
        right(one)
        one.gradients["layer0.W"][1, 2] += 1e-3

    monkeypatch.setattr(Pass, "total", off)
    assert not engine.check_entry(spec(), "layer0.W", (1, 2), data()).ok
    assert engine.check_entry(spec(), "layer0.W", (2, 1), data()).ok


def test_at_a_kink_any_slope_between_both_sides_is_right() -> None:
    cell = {"name": "kink", "equations": "h = relu(U @ x + p * h_prev)"}
    still = [{"name": "x", "index": [0], "value": 0}, {"name": "layer0.p", "value": 1}]
    row = engine.check_entry(spec(still, cell=cell), "layer0.h.initial", (0, 0), data())
    assert (row.ok, row.analytic, row.numeric) == (True, 0, 0)
    off_it = [*still, {"name": "layer0.h.initial", "index": [0, 0], "value": 0.1}]
    row = engine.check_entry(spec(off_it, cell=cell), "layer0.h.initial", (0, 0), data())
    assert row.ok
    assert abs(row.numeric) > 1e-3


def test_the_rows_of_the_whole_check_are_told_in_the_traces_order() -> None:
    rows = {row.name: row for row in engine.check(spec(cell="lstm"), data(), entries=None)}
    trace = engine.run(spec(cell="lstm"), data())
    assert rows["x"].shape == trace["x"].shape
    assert rows["layer0.cell_state.initial"].shape == trace["grad.layer0.cell_state.initial"].shape
    for name in ("x", "layer0.cell_state.initial", "layer0.W_input"):
        assert rows[name].analytic == trace[f"grad.{name}"][rows[name].index]


@pytest.mark.parametrize(
    ("name", "index", "reason"),
    [
        ("W", (0, 0), "entry must be one of x, layer0.U, layer0.W, layer0.b, V, c, layer0.h.initial, got 'W'"),
        ("layer0.h", (0, 0), "got 'layer0.h'"),
        ("layer0.W", (0,), "entry must have 2 numbers for an entry of layer0.W of shape (3, 3), got [0]"),
        ("layer0.W", (), "entry must have 2 numbers for an entry of layer0.W of shape (3, 3), got []"),
        ("layer0.W", (0, 0, 0), "must have 2 numbers"),
        ("layer0.W", (0, 3), "number 2 must be between 0 and 2 for layer0.W of shape (3, 3), got [0, 3]"),
        ("layer0.W", (-1, 0), "number 1 must be between 0 and 2"),
        (
            "x",
            (6, 0, 0),
            "number 1 must be between 0 and 5 for x of shape (6, 2, 3), which is (t, b, i), got [6, 0, 0]",
        ),
    ],
)
def test_an_entry_that_is_not_there_is_one_sentence(name: str, index: tuple[int, ...], reason: str) -> None:
    with pytest.raises(engine.SpecError) as caught:
        engine.check_entry(spec(), name, index, data())
    assert caught.value.field == "entry"
    assert reason in caught.value.message
