"""What is set by hand in weights, inputs and first states, against the same set without an override."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite

import engine
from engine.evaluation import TEST
from engine.held import holdable
from engine.passes import Pass
from tests.engine.test_random_specs import experiments
from tests.engine.typed_cells import TYPED, own

Numbers = npt.NDArray[Any]
Entry = dict[str, Any]

T, B, I, H, O = 6, 2, 3, 3, 4  # noqa: E741
CELLS: dict[str, Any] = {name: name for name in engine.cells()} | {name: own(name) for name in TYPED}
NETWORKS: dict[str, dict[str, Any]] = {
    "one layer": {},
    "two layers": {"layers": 2},
    "untied": {"weights_shared": False, "layers": 2},
    "truncated": {"algorithm": {"kind": "truncated", "k1": 2, "k2": 3}, "layers": 2},
    "free": {"feedback": {"source": "output", "mode": "free"}},
}
SOME: list[Any] = ["rnn", "lstm", "gru_reset_before", "lstm_peephole", "leaky", own("two states"), own("signs")]


def data(steps: int = T, batch: int = B) -> engine.Data:
    stream = np.random.default_rng(7)
    return engine.Data(stream.normal(size=(steps, batch, I)), stream.integers(0, O, (steps, batch)), O)


def spec(overrides: list[Entry] | None = None, **fields: Any) -> engine.Spec:
    return engine.parse_spec(
        {"hidden_size": H, "task": {"kind": "arrays"}, "overrides": [] if overrides is None else overrides, **fields}
    )


def entries(shapes: Mapping[str, tuple[int, ...]]) -> list[Entry]:
    """An entry of each array, drawn with its value."""
    stream = np.random.default_rng(3)
    return [
        {"name": name, "index": [int(stream.integers(0, size)) for size in shape], "value": float(stream.normal())}
        for name, shape in shapes.items()
    ]


def by_hand(arrays: Mapping[str, Numbers], overrides: list[Entry]) -> dict[str, Numbers]:
    """Copies of arrays with what the overrides say."""
    made = {name: array.copy() for name, array in arrays.items()}
    for one in overrides:
        made[one["name"]][tuple(one["index"])] = one["value"]
    return made


def assert_alike(one: engine.Trace, other: engine.Trace) -> None:
    assert list(one) == list(other)
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], name)


def states_of(one: Pass, step: int) -> list[Entry]:
    """An override for every unit of every state, as the pass has it at a step."""
    return [
        {"name": f"layer{layer}.{state}.initial", "index": [b, unit], "value": float(values[b, unit])}
        for layer in range(one.spec.layers)
        for state in one.plan.cell.states
        for values in [one.trace[f"layer{layer}.{state}"][step]]
        for b in range(B)
        for unit in range(H)
    ]


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_number_of_a_weight_is_as_if_the_weights_came_with_it(cell: Any, network: dict[str, Any]) -> None:
    plain = Pass(spec(cell=cell, **network), data())
    overrides = entries({slot.name: slot.shape for slot in plain.plan.slots})
    changed = engine.run(spec(overrides, cell=cell, **network), data())
    assert_alike(changed, engine.run(plain.spec, data(), by_hand(plain.parameters, overrides)))


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_number_of_the_input_is_as_if_the_data_came_with_it(cell: Any, network: dict[str, Any]) -> None:
    overrides = [{"name": "x", "index": [2, 1, 0], "value": 3.0}, {"name": "x", "index": [4, 0], "value": 0.0}]
    x = by_hand({"x": data().x}, overrides)["x"]
    assert (x[4, 0] == 0).all()
    changed = engine.run(spec(overrides, cell=cell, **network), data())
    assert_alike(changed, engine.run(spec(cell=cell, **network), replace(data(), x=x)))


@pytest.mark.parametrize("network", ["one layer", "two layers", "untied", "truncated"])
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_pass_goes_on_from_the_states_it_is_given(cell: Any, network: str) -> None:
    """Steps 2 to 6 are what a pass of these five gives that begins with the states of step 1."""
    whole = Pass(spec(cell=cell, **NETWORKS[network]), data())
    trace, first = whole.run(), 1
    rest = replace(data(), x=data().x[first:], y=data().y[first:])
    weights = {n: w if whole.program.tied else w[first:] for n, w in whole.parameters.items()}
    overrides = states_of(whole, first - 1)
    again = Pass(spec(overrides, cell=cell, **NETWORKS[network]), rest, weights)
    went_on = again.run()
    names = [f"layer{layer}.{name}" for layer in range(again.spec.layers) for name in again.plan.forward_names]
    for name in (*names, "o"):
        np.testing.assert_allclose(went_on[name], trace[name][first:], rtol=1e-11, atol=1e-13, err_msg=name)


def test_the_first_state_is_what_the_equations_say_by_hand() -> None:
    overrides = [
        {"name": "layer0.h.initial", "index": [0, 1], "value": 0.5},
        {"name": "layer0.h.initial", "index": [1], "value": -2.0},
    ]
    trace = engine.run(spec(overrides), data())
    h = np.array([[0, 0.5, 0], [-2.0, -2.0, -2.0]])
    np.testing.assert_array_equal(trace["layer0.h.initial"], h)
    for t in range(T):
        h = np.tanh(trace["x"][t] @ trace["layer0.U"].T + h @ trace["layer0.W"].T + trace["layer0.b"])
        np.testing.assert_allclose(trace["layer0.h"][t], h, rtol=1e-13)
    # The first step's share of W is now its delta times that state: it was zero.
    delta = trace["grad.layer0.h.a"][0]
    first = np.einsum("bo,bi->oi", delta, trace["layer0.h.initial"])
    np.testing.assert_allclose(trace.contribution("layer0.W")[0], first, rtol=1e-12)
    assert first.any()
    assert trace["contribution_norm.layer0.W"][0] == pytest.approx(float(np.linalg.norm(first)), rel=1e-12)
    np.testing.assert_allclose(trace["grad.layer0.h.initial"], delta @ trace["layer0.W"], rtol=1e-12)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("cell", SOME, ids=str)
def test_every_gradient_is_what_differences_say_with_something_set_everywhere(
    cell: Any, network: dict[str, Any]
) -> None:
    plan = engine.describe(spec(cell=cell, **network), data())
    overrides = entries(plan.beginnings)
    rows = engine.check(spec(overrides, cell=cell, **network), data(), entries=6)
    assert {row.name for row in rows} == set(plan.beginnings)
    assert [row for row in rows if not row.ok] == []


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("cell", SOME, ids=str)
def test_every_share_and_its_norm_count_the_state_that_step_1_was_given(cell: Any, batch: int) -> None:
    states = engine.describe(spec(cell=cell), data()).cell.states
    given = [{"name": f"layer0.{state}.initial", "value": 0.7} for state in states]
    trace = engine.run(spec(given, cell=cell), data(batch=batch))
    for name, share in trace.contributions().items():
        np.testing.assert_allclose(share.sum(axis=0), trace[f"grad.{name}"], rtol=1e-10, atol=1e-15)
        norms = np.linalg.norm(share.reshape(T, -1), axis=1)
        np.testing.assert_allclose(trace[f"contribution_norm.{name}"], norms, rtol=1e-10, atol=1e-15)


@composite
def what_ifs(draw: DrawFn) -> tuple[engine.Spec, engine.Data, dict[str, Numbers]]:
    """An experiment with some lines held and some numbers set."""
    plain, given, weights = draw(experiments())
    lines = [line for line in holdable(plain.equations()) if draw(st.booleans())]
    overrides: list[Entry] = [{"name": line, "value": draw(st.sampled_from([-0.5, 0, 0.3, 1]))} for line in lines]
    held = engine.parse_spec({**plain.model_dump(mode="json"), "overrides": overrides})
    none = held.recurrence == "none"
    for name, shape in engine.describe(held, given).beginnings.items():
        if draw(st.booleans()) and not (none and name.endswith(".initial")):
            length = draw(st.integers(0, len(shape)))
            index = [draw(st.integers(0, size - 1)) for size in shape[:length]]
            overrides.append({"name": name, "index": index, "value": draw(st.sampled_from([-0.7, 0, 0.4]))})
    fields = {**plain.model_dump(mode="json"), "overrides": overrides[:64]}
    return engine.parse_spec(fields), given, weights


@given(what_ifs())
@settings(max_examples=150)
def test_every_gradient_of_a_what_if_drawn_at_random(
    what_if: tuple[engine.Spec, engine.Data, dict[str, Numbers]],
) -> None:
    one, given_data, weights = what_if
    rows = engine.check(one, given_data, weights, entries=3)
    assert [row for row in rows if not row.ok] == []


def test_a_shorter_index_sets_a_slice_none_the_whole_and_later_entries_win() -> None:
    overrides: list[Entry] = [
        {"name": "layer0.W", "value": 2},
        {"name": "layer0.W", "index": [1], "value": 3},
        {"name": "layer0.W", "index": [1, 2], "value": 4},
        {"name": "layer0.b", "index": [], "value": 1},
        {"name": "layer0.b", "index": [0], "value": 5},
        {"name": "layer0.b", "index": [0], "value": 6},
    ]
    trace = engine.run(spec(overrides), data())
    assert trace["layer0.W"].tolist() == [[2, 2, 2], [3, 3, 4], [2, 2, 2]]
    assert trace["layer0.b"].tolist() == [6, 1, 1]


def test_first_states_that_are_set_are_told_once_and_the_others_are_not() -> None:
    overrides = [{"name": "layer1.cell_state.initial", "index": [0, 1], "value": 0.5}]
    one = Pass(spec(overrides, cell="lstm", layers=2), data())
    told = [(s.phase, s.t, s.layer) for s in one.steps() if "layer1.cell_state.initial" in s.arrays]
    assert told == [("forward", 0, 1)]
    plain = engine.run(spec(cell="lstm", layers=2), data())
    assert set(one.trace) - set(plain) == {"layer1.cell_state.initial"}
    assert set(plain) - set(one.trace) == set()
    assert one.trace["layer1.cell_state.initial"].tolist() == [[0, 0.5, 0], [0, 0, 0]]


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_what_is_streamed_step_by_step_is_what_is_run_at_once(network: dict[str, Any]) -> None:
    plan = engine.describe(spec(cell="lstm", **network), data())
    lines = [{"name": "output_gate", "value": 0.9}]
    beginnings = {n: shape for n, shape in plan.beginnings.items() if not n.endswith("_output")}
    changed = spec([*entries(beginnings), *lines], cell="lstm", **network)
    trace, seen = engine.run(changed, data()), set()
    for step in Pass(changed, data()).steps():
        for name, array in step.arrays.items():
            if name in trace:
                whole = step.t is None or name in plan.beginnings or name.endswith(".initial")
                expected = trace[name] if whole and name != "x" else trace[name][step.t]
                np.testing.assert_array_equal(array, expected, name)
                seen.add(name)
    assert seen >= {"x", "layer0.h.initial", "layer0.output_gate", "grad.layer0.W_input", "layer0.W_input"}


def test_a_run_again_and_a_next_batch_keep_what_is_set() -> None:
    overrides = [{"name": "x", "index": [0], "value": 0}, {"name": "layer0.h.initial", "value": 0.5}]
    one = Pass(spec(overrides), data())
    first = one.run().to_bytes()
    assert one.run().to_bytes() == first
    one.load(replace(data(), x=data().x + 1))
    assert (one.run()["x"][0] == 0).all()
    assert (one.trace["layer0.h.initial"] == 0.5).all()


def test_an_input_on_padding_stays_zero() -> None:
    padded = replace(data(), lengths=np.array([T, 3]))
    changed = engine.run(spec([{"name": "x", "index": [4], "value": 2}]), padded)
    assert changed["x"][4].tolist() == [[2, 2, 2], [0, 0, 0]]
    assert not changed["layer0.h"][4, 1].any()


def test_float32_numbers_are_the_nearest_ones() -> None:
    trace = engine.run(spec([{"name": "layer0.W", "value": 0.1}], dtype="float32"), data())
    assert trace["layer0.W"].dtype == np.float32
    assert (trace["layer0.W"] == np.float32(0.1)).all()


def test_flow_and_singular_values_go_by_the_states_that_were_given() -> None:
    """A unit far out in its tanh lets nothing through the first step, whatever came before."""
    fields: dict[str, Any] = {"cell": {"name": "far", "equations": "h = tanh(p * h_prev + U @ x)"}}
    overrides = [{"name": "layer0.p", "value": 1}, {"name": "layer0.h.initial", "index": [0, 0], "value": 300}]
    one = Pass(spec(overrides, **fields), data())
    trace = one.run()
    values = one.singular_values()["singular_values.layer0.h"]
    slopes = 1 - trace["layer0.h"] ** 2
    np.testing.assert_allclose(values, np.sort(slopes)[..., ::-1], rtol=1e-9)
    assert values[0, 0].min() == 0 < values[0, 1].min()
    assert trace["grad.layer0.h.initial"][0, 0] == 0
    factors = engine.analyse(one)["measured_factor.layer0.h"]
    handed, whole = (np.linalg.norm(trace[f"grad.layer0.h{part}"]) for part in (".initial", ""))
    assert factors[0] == pytest.approx(handed / np.linalg.norm(trace["grad.layer0.h"][0]), rel=1e-12)
    assert whole > 0
    flow = one.flow()["flow.layer0.h"]
    # Of an elementwise cell every flow is a product of slopes from the loss's own gradient.
    own_gradient = (trace["y_hat"] - np.eye(O)[trace["y"]]) @ trace["V"]
    for t in range(T):
        for k in range(t + 1):
            expected = np.linalg.norm(own_gradient[t] * slopes[k + 1 : t + 1].prod(axis=0))
            assert flow[t, k] == pytest.approx(float(expected), rel=1e-9)


def test_an_override_makes_another_experiment_and_none_makes_the_same() -> None:
    plain = engine.spec_id(spec())
    assert engine.spec_id(engine.parse_spec({"hidden_size": H, "task": {"kind": "arrays"}})) == plain
    w = {"name": "layer0.W", "value": 1}
    others = [[w], [w | {"index": [0]}], [w | {"value": 2}], [{"name": "layer0.U", "value": 1}]]
    ids = {engine.spec_id(spec(overrides)) for overrides in others}
    assert len(ids) == len(others)
    assert plain not in ids
    assert engine.spec_id(spec([w | {"index": []}])) == engine.spec_id(spec([w]))
    # The first spec's id as it was before there were overrides: links and stored traces keep theirs.
    assert engine.spec_id(engine.parse_spec({})) == "427a02cfbfa2ca71"


def test_a_spec_with_overrides_reads_back_as_itself() -> None:
    given = spec([{"name": "x", "index": [1, 0, 2], "value": 1}, {"name": "a", "value": 0.5}])
    assert engine.parse_spec(given.model_dump()) == given
    assert engine.parse_spec(engine.parse_json(given.model_dump_json())) == given


def test_a_test_leaves_weights_as_they_were_learned_and_keeps_the_rest() -> None:
    recall: dict[str, Any] = {"cell": "lstm", "task": {"kind": "recall", "gap": 2, "batch": 16}, "hidden_size": 4}
    weights = Pass(engine.parse_spec(recall)).parameters

    def loss(**override: Any) -> float:
        return engine.evaluate(engine.parse_spec(recall | {"overrides": [override] if override else []}), weights).loss

    plain = loss()
    assert loss(name="V", index=[0, 0], value=9) == plain
    for override in ({"name": "forget_gate"}, {"name": "x", "index": [0]}, {"name": "layer0.h.initial"}):
        assert loss(**override, value=0.5) != plain
    batch = engine.draw(engine.parse_spec(recall).task, 0, TEST)
    x = batch.x.copy()
    x[0] = 0.5
    by_data = engine.evaluate(engine.parse_spec(recall), weights, replace(batch, x=x)).loss
    assert loss(name="x", index=[0], value=0.5) == by_data


def test_the_symbols_under_the_columns_are_those_that_are_read() -> None:
    text = {"task": {"kind": "text", "text": "abcab"}}

    def read(*overrides: Entry) -> list[str]:
        plan = engine.describe(engine.parse_spec(text | {"overrides": list(overrides)}))
        return list(plan.columns["input"])

    assert read() == ["a", "b", "c", "a"]
    swap = [{"name": "x", "index": [1, 0], "value": 0}, {"name": "x", "index": [1, 0, 2], "value": 1}]
    assert read(*swap) == ["a", "c", "c", "a"]
    assert read(swap[0]) == ["a", "b", "c", "a"]
    bounds = [
        engine.describe(engine.parse_spec(text | {"overrides": [{"name": "x", "value": value}]})).rows[-1]["bounds"]
        for value in (1, 2)
    ]
    assert bounds == [[0, 1], None]
