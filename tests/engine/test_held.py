"""Lines held at a value, against the same cell with that line typed as a number; and what presets say they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import engine
from engine.held import holdable
from engine.passes import Pass
from tests.engine.test_overrides import NETWORKS, H, assert_alike, data, spec
from tests.engine.typed_cells import TYPED, own

Numbers = npt.NDArray[Any]

ODD = {
    "a state that only a gate reads": "g = sigmoid(A @ m_prev + q)\nm = tanh(U @ x)\nh = g * h_prev + m",
    "an input that only a gate reads": "g = sigmoid(U @ x)\nh = g * tanh(W @ h_prev + b)",
    "a step before that only a gate reads": "g = sigmoid(W @ h_prev)\nh = g * tanh(U @ x + b)",
    "a line that only a gate reads": "z = U @ x + b\ng = sigmoid(z)\nh = g * tanh(W @ h_prev + c)",
    "a vector in another role elsewhere": "g = sigmoid(p * h_prev + U @ x)\nh = g * tanh(W @ h_prev + p)",
    "a length that only a gate tells": "g = sigmoid(A @ (q * x))\nh = tanh(B @ q + g * h_prev + U @ x)",
    "a gate of constants": "g = sigmoid(-2)\nk = 0.5\nh = g * h_prev + k * tanh(U @ x)",
}
CELLS: dict[str, Any] = {
    **{name: name for name in engine.cells()},
    **{name: own(name) for name in TYPED},
    **{name: {"name": name, "equations": text} for name, text in ODD.items()},
}


def lines_of(cell: Any) -> tuple[str, ...]:
    return holdable(spec(cell=cell).equations())


def hold(**values: float) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def typed(cell: Any, line: str, right: str) -> dict[str, str]:
    """The cell typed anew, with one line another; in it `{}` is what the line was."""
    lines = [text.split(" = ") for text in str(spec(cell=cell).whole_cell()).splitlines()]
    text = "\n".join(f"{target} = {right.format(was) if target == line else was}" for target, was in lines)
    return {"name": "typed", "equations": text}


LENGTHS = ("inside a matrix of the input", "a length that only a gate tells")
"""Of what is left of these, one could no longer tell how long it is."""
HELD = [(name, line) for name, cell in CELLS.items() for line in lines_of(cell)]


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize(("cell", "line"), [one for one in HELD if one[0] not in LENGTHS])
def test_a_held_line_is_as_if_it_was_typed(cell: str, line: str, network: dict[str, Any]) -> None:
    held = Pass(spec(hold(**{line: -0.25}), cell=CELLS[cell], **network), data())
    trace = held.run()
    assert (trace[f"layer0.{line}"] == -0.25).all()
    other = Pass(spec(cell=typed(CELLS[cell], line, "-0.25"), **network), data(), held.parameters)
    again = other.run()
    assert set(trace) == set(again)
    for name in trace:
        np.testing.assert_array_equal(trace[name], again[name], name)
    assert held.plan.equations["forward"] == other.plan.equations["forward"]
    for found in (Pass.flow, Pass.singular_values, Pass.eigenvalues, engine.analyse):
        first, second = found(held), found(other)
        assert first.keys() == second.keys()
        for name, array in first.items():
            np.testing.assert_array_equal(array, second[name], name)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize(("cell", "line"), HELD)
def test_a_held_line_is_as_if_what_it_reads_counted_for_nothing(cell: str, line: str, network: dict[str, Any]) -> None:
    whole = Pass(spec(cell=CELLS[cell], **network), data()).parameters
    trace = engine.run(spec(hold(**{line: 0.75}), cell=CELLS[cell], **network), data(), whole)
    nothing = engine.run(spec(cell=typed(CELLS[cell], line, "0.75 + 0 * ({})"), **network), data(), whole)
    for name in trace:
        np.testing.assert_allclose(trace[name], nothing[name], rtol=1e-10, atol=1e-15, err_msg=name)
    gone = {name for name in whole if name not in trace}
    assert not any(nothing[f"grad.{name}"].any() for name in gone)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("cell", [name for name in CELLS if lines_of(CELLS[name])])
def test_gradients_with_every_line_held_are_what_differences_say(cell: str, network: dict[str, Any]) -> None:
    held = spec(hold(**dict.fromkeys(lines_of(CELLS[cell]), 0.6)), cell=CELLS[cell], **network)
    assert [row for row in engine.check(held, data(), entries=6) if not row.ok] == []


def test_a_network_of_which_nothing_is_left_but_the_readout_runs() -> None:
    gates = hold(input_gate=1, forget_gate=0.5, candidate=2, output_gate=1)
    one = Pass(spec(gates, cell="lstm", layers=2), data())
    trace = one.run()
    assert list(one.parameters) == ["V", "c"]
    assert not trace["grad.x"].any()
    np.testing.assert_array_equal(trace["layer0.cell_state"][:, 0, 0], 4 * (1 - 0.5 ** np.arange(1, 7)))
    assert trace["grad.layer0.cell_state.initial"].any() is np.False_
    assert trace["grad.layer1.cell_state.initial"].any()


KINDS = ["xavier", "identity", "spectral", "orthogonal", "normal"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("cell", "line"), HELD)
def test_what_is_left_keeps_its_first_values_and_all_else_is_gone(cell: str, line: str, kind: str) -> None:
    fields = {"cell": CELLS[cell], "initialization": {"kind": kind}, "layers": 2}
    plain, held = (Pass(spec(held, **fields), data()) for held in ([], hold(**{line: 0.5})))
    text = str(held.plan.cell)
    for slot in plain.plan.slots:
        if slot.layer is None or any(word == slot.local for word in text.replace("(", " ").replace(")", " ").split()):
            np.testing.assert_array_equal(held.parameters[slot.name], plain.parameters[slot.name])
        else:
            assert slot.name not in held.parameters


def test_the_equations_say_the_number() -> None:
    plan = engine.describe(spec(hold(forget_gate=1, input_gate=-0.5), cell="lstm"), data())
    texts = [line["text"] for line in plan.equations["forward"]]
    assert texts[:2] == ["input_gate = -0.5", "forget_gate = 1"]
    assert plan.equations["forward"][1]["tree"] == 1
    assert "grad.forget_gate = grad.cell_state * cell_state_prev" in [one["text"] for one in plan.equations["backward"]]
    assert not any("U_forget" in one["text"] for one in plan.equations["backward"])


def test_a_state_that_no_later_step_reads_any_more_is_a_value_of_its_step() -> None:
    fields: dict[str, Any] = {"cell": CELLS["a state that only a gate reads"]}
    plain, held = (engine.describe(spec(one, **fields), data()) for one in ([], hold(g=0.5)))
    assert (plain.cell.states, held.cell.states) == (("h", "m"), ("h",))
    with pytest.raises(engine.SpecError, match=r"got 'layer0\.m\.initial', which nothing reads with g held"):
        spec([*hold(g=0.5), {"name": "layer0.m.initial", "value": 1}], **fields)


def test_a_row_of_the_stage_stays_with_its_scale_while_its_value_is_on_it() -> None:
    def told(cell: Any, **values: float) -> list[tuple[str, object]]:
        plan = engine.describe(spec(hold(**values), cell=cell), data())
        return [(row["local"], row["bounds"]) for row in plan.rows]

    plain = told("lstm")
    assert told("lstm", forget_gate=1, candidate=-1) == plain
    assert ("forget_gate", [0, 1]) in plain
    assert ("forget_gate", None) in told("lstm", forget_gate=1.5)
    inside = CELLS["a line that only a gate reads"]
    assert told(inside, g=0.5) == told(inside)
    assert told("rnn", a=0) == told("rnn")


@pytest.mark.parametrize("mode", ["free", "teacher", "sampled"])
def test_an_output_that_only_a_held_line_reads_is_read_no_more_and_nowhere_else(mode: str) -> None:
    cell = {"name": "fed", "equations": "g = sigmoid(R @ y_prev)\nh = g * tanh(U @ x + W @ h_prev + b)"}
    feedback = {"source": "output", "mode": mode}
    fields: dict[str, Any] = {"cell": cell, "feedback": feedback, "layers": 2}
    plain, held = (Pass(spec(one, **fields), data()) for one in ([], hold(g=0.5)))
    trace = held.run()
    assert not held.plan.concatenated
    assert trace["layer0.U"].shape == plain.parameters["layer0.U"].shape
    assert not trace["grad.y_prev"].any()
    assert set(held.plan.columns) == set(plain.plan.columns)
    assert held.flow()["flow.layer0.h"].any()
    assert [row for row in engine.check(held.spec, data()) if not row.ok] == []
    assert len(list(held.steps())) == held.plan.total


def test_weights_of_the_whole_cell_serve_a_cell_of_which_lines_are_held() -> None:
    whole = Pass(spec(cell="lstm", layers=2, initialization={"kind": "normal", "scale": 1}), data()).parameters
    held = spec(hold(forget_gate=1), cell="lstm", layers=2)
    left = {name: value for name, value in whole.items() if not name.endswith("_forget")}
    assert len(left) == len(whole) - 6
    assert_alike(engine.run(held, data(), whole), engine.run(held, data(), left))
    with pytest.raises(engine.SpecError, match=r"unknown layer0\.W_other"):
        engine.run(held, data(), whole | {"layer0.W_other": whole["layer0.W_forget"]})


def test_a_line_is_held_without_biases_and_without_recurrence_too() -> None:
    for fields in ({"bias": False}, {"recurrence": "none"}, {"dtype": "float32"}):
        trace = engine.run(spec(hold(update_gate=0.25), cell="gru", **fields), data())
        assert (trace["layer0.update_gate"] == 0.25).all()
        before = np.concatenate([np.zeros((1, 2, H)), trace["layer0.h"][:-1]])
        before = before * 0 if "recurrence" in fields else before
        expected = 0.25 * before + 0.75 * trace["layer0.candidate"]
        np.testing.assert_allclose(trace["layer0.h"], expected, rtol=1e-5)


def test_padding_of_a_held_line_is_zero_like_all_else() -> None:
    padded = engine.Data(data().x, data().y, 4, lengths=np.array([6, 2]))
    held = spec(hold(forget_gate=1), cell="lstm")
    trace = engine.run(held, padded)
    assert trace["layer0.forget_gate"][3].tolist() == [[1] * H, [0] * H]
    assert [row for row in engine.check(held, padded) if not row.ok] == []


def test_what_a_test_is_given_is_held_as_well() -> None:
    held = spec(hold(a=0.5))
    weights = Pass(held, data()).parameters
    assert engine.evaluate(held, weights, data()).loss == Pass(held, data(), weights).forward()
    assert held.at_test().equations() == held.equations()


# Presets: what each says, of a pass that begins with a state.


def remembers(state: str) -> Callable[[engine.Trace], None]:
    def true(trace: engine.Trace) -> None:
        assert trace[f"layer0.{state}.initial"].any()
        for values in trace[f"layer0.{state}"]:
            np.testing.assert_array_equal(values, trace[f"layer0.{state}.initial"])

    return true


def overwrites(state: str) -> Callable[[engine.Trace], None]:
    def true(trace: engine.Trace) -> None:
        np.testing.assert_array_equal(trace[f"layer0.{state}"], trace["layer0.candidate"])

    return true


def forgets_the_cell_state(trace: engine.Trace) -> None:
    """All that it holds was made in this very step."""
    made = trace["layer0.input_gate"] * trace["layer0.candidate"]
    np.testing.assert_array_equal(trace["layer0.cell_state"], made)


def forgets_everything(trace: engine.Trace) -> None:
    """The input of this very step is all that a step knows."""
    now = np.tanh(trace["x"] @ trace["layer0.U_candidate"].T + trace["layer0.b_candidate"])
    np.testing.assert_allclose(trace["layer0.h"], now, rtol=1e-13)
    assert not trace["grad.layer0.h.from_future"].any()


def only_leaks(trace: engine.Trace) -> None:
    faded = trace["layer0.h.initial"] * 0.7 ** np.arange(1, 7)[:, None, None]
    np.testing.assert_allclose(trace["layer0.h"], faded, rtol=1e-13)


TRUE: dict[tuple[str, str], Callable[[engine.Trace], None]] = {
    ("lstm", "remember forever"): remembers("cell_state"),
    ("lstm", "forget always"): forgets_the_cell_state,
    ("lstm", "overwrite always"): overwrites("cell_state"),
    ("lstm_peephole", "remember forever"): remembers("cell_state"),
    ("lstm_peephole", "forget always"): forgets_the_cell_state,
    ("lstm_peephole", "overwrite always"): overwrites("cell_state"),
    ("lstm_coupled", "remember forever"): remembers("cell_state"),
    ("lstm_coupled", "overwrite always"): overwrites("cell_state"),
    ("gru", "remember forever"): remembers("h"),
    ("gru", "forget always"): forgets_everything,
    ("gru", "overwrite always"): overwrites("h"),
    ("gru_reset_before", "remember forever"): remembers("h"),
    ("gru_reset_before", "forget always"): forgets_everything,
    ("gru_reset_before", "overwrite always"): overwrites("h"),
    ("mgu", "remember forever"): remembers("h"),
    ("mgu", "overwrite always"): overwrites("h"),
    ("leaky", "only leak"): only_leaks,
}


def test_every_preset_of_every_cell_has_a_test() -> None:
    assert set(TRUE) == {(cell.name, preset) for cell in engine.cells().values() for preset in cell.presets}
    assert not engine.cells()["rnn"].presets
    assert not engine.cells()["irnn"].presets


@pytest.mark.parametrize(("cell", "preset"), TRUE)
def test_a_preset_does_what_it_says(cell: str, preset: str) -> None:
    lines = engine.cells()[cell].presets[preset]
    assert set(lines) <= set(lines_of(cell))
    plain = spec(cell=cell)
    states = [
        {"name": f"layer0.{state}.initial", "index": [b, unit], "value": 0.1 + b - 0.3 * unit}
        for state in plain.equations().states
        for b in range(2)
        for unit in range(H)
    ]
    weights = Pass(spec(cell=cell, initialization={"kind": "normal", "scale": 0.7}), data()).parameters
    TRUE[cell, preset](engine.run(spec([*hold(**lines), *states], cell=cell), data(), weights))
    # And the cell does not do so by itself.
    with pytest.raises(AssertionError):
        TRUE[cell, preset](engine.run(spec(states, cell=cell), data(), weights))
