"""A pass: its steps in order, what they hold, and what they add up to."""

import math

import numpy as np
import pytest

import engine
from engine.passes import Pass
from engine.spec import spec_id
from tests.engine.typed_cells import TYPED, own

SPECS = [
    {"cell": cell, "layers": layers, "hidden_size": 5, "task": {"kind": "text", "text": "hello world"}}
    for cell in ("rnn", "lstm", "gru")
    for layers in (1, 2)
]


@pytest.fixture(params=SPECS, ids=lambda fields: f"{fields['cell']}-{fields['layers']}")
def spec(request: pytest.FixtureRequest) -> engine.Spec:
    return engine.parse_spec(request.param)


def test_steps_come_in_the_order_of_a_pass(spec: engine.Spec) -> None:
    told = [(step.phase, step.t, step.layer) for step in Pass(spec).steps()]
    layers = range(spec.layers)
    assert told == [
        *(("forward", t, layer) for t in range(10) for layer in layers),
        ("output", None, None),
        *(("backward", t, layer) for t in reversed(range(10)) for layer in reversed(layers)),
        *(("sum", None, layer) for layer in layers),
        *(("update", None, layer) for layer in layers),
    ]
    assert len(told) == engine.describe(spec).total


def test_every_step_holds_the_traces_numbers(spec: engine.Spec) -> None:
    one = Pass(spec)
    steps = [(step, {name: a.copy() for name, a in step.arrays.items()}) for step in one.steps()]
    trace = one.trace
    seen = set()
    for step, arrays in steps:
        for name, array in arrays.items():
            if name == "log10_norms" or name.startswith("factor."):
                continue
            seen.add(name)
            whole = step.t is None or name in one.parameters or name.endswith(".initial")
            expected = trace[name] if whole else trace[name][step.t]
            np.testing.assert_array_equal(array, expected, name)
    assert seen == {name for name in trace if not name.startswith("contribution_norm.")}


def test_a_backward_step_tells_the_exact_norms_its_plan_names(spec: engine.Spec) -> None:
    one = Pass(spec)
    steps = [step for step in one.steps() if step.phase == "backward"]
    trace = one.trace
    for step in steps:
        assert step.layer is not None
        names = one.plan.norms[step.layer]
        assert len(names) == len(step.arrays["log10_norms"])
        for name, log in zip(names, step.arrays["log10_norms"], strict=True):
            kind, _, parameter = name.partition(".")
            whole = trace.contribution(parameter) if kind == "contribution" else trace[name]
            norm = float(np.linalg.norm(whole[step.t]))
            assert 10.0**log == pytest.approx(norm, rel=1e-12, abs=0)


def test_from_above_and_from_future_are_the_gradient_of_a_state_exactly(spec: engine.Spec) -> None:
    trace = engine.run(spec)
    for layer in range(spec.layers):
        for state in engine.describe(spec).cell.states:
            grad = trace[f"grad.layer{layer}.{state}"]
            above, future = (trace[f"grad.layer{layer}.{state}.{side}"] for side in ("from_above", "from_future"))
            assert (above + future == grad).all()
            assert (future[-1] == 0).all()


@pytest.mark.parametrize("batch", [1, 3])
def test_the_shares_of_a_gradient_add_up_to_it(spec: engine.Spec, batch: int) -> None:
    stream = np.random.default_rng(1)
    data = engine.Data(stream.normal(size=(9, batch, 4)), stream.integers(0, 3, (9, batch)), 3)
    trace = engine.run(spec, data)
    for slot in engine.describe(spec, data).slots:
        shares, total = trace.contribution(slot.name), trace[f"grad.{slot.name}"]
        assert shares.shape == (9, *slot.shape)
        assert np.abs(shares.sum(axis=0) - total).max() <= 1e-12 * max(1, np.abs(total).max())
        norms = np.linalg.norm(shares.reshape(9, -1), axis=1)
        np.testing.assert_allclose(trace[f"contribution_norm.{slot.name}"], norms, rtol=1e-12)
        np.testing.assert_allclose(trace.contributions()[slot.name], shares, rtol=1e-13, atol=1e-300)


def test_the_update_is_the_weight_minus_rate_times_gradient() -> None:
    trace = engine.run(engine.parse_spec({"optimizer": {"kind": "sgd", "learning_rate": 0.5}}))
    expected = trace["layer0.W"] - 0.5 * trace["grad.layer0.W"]
    np.testing.assert_array_equal(trace["updated.layer0.W"], expected)


def test_clipping_scales_the_step_to_the_norm_asked_for() -> None:
    one = Pass(engine.parse_spec({"clip_norm": 0.01}))
    trace = one.run()
    names = [slot.name for slot in one.plan.slots]
    norm = math.sqrt(sum(float((trace[f"grad.{name}"] ** 2).sum()) for name in names))
    assert one.scalars["grad_norm"] == pytest.approx(norm, rel=1e-12)
    assert one.scalars["clip_scale"] == pytest.approx(0.01 / norm, rel=1e-12)
    moved = [(trace[name] - trace[f"updated.{name}"]) / 0.1 for name in names]
    assert math.sqrt(sum(float((m**2).sum()) for m in moved)) == pytest.approx(0.01, rel=1e-9)


def test_a_gradient_within_the_limit_is_not_clipped() -> None:
    one = Pass(engine.parse_spec({"clip_norm": 1000.0}))
    trace = one.run()
    assert one.scalars["clip_scale"] == 1
    np.testing.assert_array_equal(trace["updated.layer0.W"], trace["layer0.W"] - 0.1 * trace["grad.layer0.W"])


def test_logits_beyond_what_exp_can_hold_have_a_finite_loss() -> None:
    spec = engine.parse_spec({"initialization": {"kind": "normal", "scale": 100}, "hidden_size": 64})
    trace = engine.run(spec)
    assert np.abs(trace["o"]).max() > 710
    np.testing.assert_allclose(trace["y_hat"].sum(axis=-1), 1, rtol=1e-12)
    assert np.isfinite(trace["loss"]).all()


def test_only_the_last_steps_loss_counts_where_asked() -> None:
    trace = engine.run(engine.parse_spec({"loss_at": "last_step"}))
    assert trace.loss == pytest.approx(float(trace["loss"][-1, 0]))
    assert (trace["grad.o"][:-1] == 0).all()
    assert (trace["grad.layer0.h.from_above"][:-1] == 0).all()
    assert np.abs(trace["grad.layer0.h"][0]).max() > 0


def test_the_same_spec_gives_the_same_bits_and_the_same_id(spec: engine.Spec) -> None:
    first, second = engine.run(spec), engine.run(engine.parse_spec(spec.model_dump(mode="json")))
    assert first.id == second.id == spec_id(spec)
    assert first.to_bytes(contributions=True) == second.to_bytes(contributions=True)


def test_other_data_or_weights_give_another_id() -> None:
    spec = engine.parse_spec({"task": {"kind": "arrays"}})
    stream = np.random.default_rng(2)
    x, y = stream.normal(size=(4, 2, 3)), np.zeros((4, 2), np.int64)
    data = engine.Data(x, y, 2)
    weights = {name: value + 0.1 for name, value in Pass(spec, data).parameters.items()}
    ids = [
        engine.describe(spec, data).id,
        engine.describe(spec, engine.Data(x + 1, y, 2)).id,
        engine.describe(spec, engine.Data(x.reshape(2, 4, 3), y.reshape(2, 4), 2)).id,
        engine.run(spec, data, weights).id,
        engine.run(spec, data, weights | {"V": weights["V"] * 2}).id,
    ]
    assert len(set(ids)) == len(ids)
    assert engine.run(spec, data, weights).id == ids[3]


def test_a_target_among_many_outputs_needs_no_more_memory_than_the_trace() -> None:
    """40,000 outputs: the unit vectors of all of them would be 12 GiB."""
    spec = engine.parse_spec({"task": {"kind": "arrays"}, "hidden_size": 1})
    y = np.array([[39_999], [0]])
    trace = engine.run(spec, engine.Data(np.ones((2, 1, 1)), y, 40_000))
    expected = (trace["y_hat"] - (np.arange(40_000) == y[..., None])) / 2
    np.testing.assert_allclose(trace["grad.o"], expected, rtol=1e-12, atol=1e-20)


def test_another_seed_gives_another_id_and_other_weights() -> None:
    first, second = (engine.run(engine.parse_spec({"seed": seed})) for seed in (0, 1))
    assert first.id != second.id
    assert np.abs(first["layer0.W"] - second["layer0.W"]).max() > 0.1


def test_an_exploding_pass_runs_to_its_end_and_its_norms_stay_finite() -> None:
    fields = {"activation": "relu", "initialization": {"kind": "identity"}, "hidden_size": 4}
    cell = {"name": "explosion", "equations": "h = relu(1000000 * h_prev + U @ x + 1)"}
    text = {"kind": "text", "text": "ab" * 40}
    one = Pass(engine.parse_spec({**fields, "cell": cell, "task": text}))
    logs = [
        step.arrays["log10_norms"][one.plan.norms[0].index("grad.layer0.h")]
        for step in one.steps()
        if step.phase == "backward"
    ]
    assert np.isnan(one.loss) or np.isinf(one.loss)
    assert len(logs) == 79


def test_a_vanishing_gradient_keeps_its_size_far_below_the_smallest_square() -> None:
    cell = {"name": "fading", "equations": "h = 0.0001 * h_prev + U @ x"}
    text = {"kind": "text", "text": "ab" * 31}
    one = Pass(engine.parse_spec({"cell": cell, "task": text, "loss_at": "last_step"}))
    place = one.plan.norms[0].index("grad.layer0.h")
    logs = [s.arrays["log10_norms"][place] for s in one.steps() if s.phase == "backward"]
    steps = np.diff(logs)
    assert logs[-1] < -230
    np.testing.assert_allclose(steps, -4, atol=1e-9)


def test_float32_is_float32_throughout() -> None:
    trace = engine.run(engine.parse_spec({"dtype": "float32", "cell": "lstm"}))
    kinds = {trace[name].dtype for name in trace if not name.startswith("contribution_norm")}
    assert kinds == {np.dtype(np.float32), np.dtype(np.int64)}


@pytest.mark.parametrize("batch", [1, 3])
def test_the_plan_knows_the_size_of_a_trace(spec: engine.Spec, batch: int) -> None:
    stream = np.random.default_rng(1)
    data = engine.Data(stream.normal(size=(300, batch, 4)), stream.integers(0, 3, (300, batch)), 3)
    written = len(engine.run(spec, data).to_bytes())
    assert engine.describe(spec, data).trace_bytes == pytest.approx(written, rel=0.05)


@pytest.mark.parametrize("name", TYPED)
def test_a_typed_cells_trace_is_never_larger_than_its_plan_says(name: str) -> None:
    stream = np.random.default_rng(1)
    data = engine.Data(stream.normal(size=(300, 1, 4)), stream.integers(0, 3, (300, 1)), 3)
    spec = engine.parse_spec({"cell": own(name), "hidden_size": 5, "task": {"kind": "arrays"}})
    one = Pass(spec, data)
    written, told = len(one.run().to_bytes()), one.plan.trace_bytes
    held = sum(buffer.nbytes for buffer in one.layers[0].buffers.values())
    assert written <= told * 1.05
    assert held <= (told + one.plan.held_bytes) * 1.05


def test_a_trace_keeps_no_array_twice(spec: engine.Spec) -> None:
    """A value under two names is one array, and h_prev is h, one row earlier."""
    one = Pass(spec)
    trace = one.run()
    for index, layer in enumerate(one.layers):
        assert np.shares_memory(layer.array("h_prev"), trace[f"layer{index}.h"])
        for inside, name in one.program.aliases.items():
            assert np.shares_memory(trace[f"layer{index}.{inside}"], trace[f"layer{index}.{name}"])
    buffers = [layer.buffers[name] for layer in one.layers for name in one.program.buffers]
    assert not any(np.shares_memory(a, b) for place, a in enumerate(buffers) for b in buffers[:place])


@pytest.mark.parametrize("algorithm", [{"kind": "bptt"}, {"kind": "truncated", "k1": 2, "k2": 4}])
def test_what_overflows_between_the_loss_and_the_network_is_shown_and_not_warned_about(
    algorithm: dict[str, object],
) -> None:
    fields = {"task": {"kind": "adding", "batch": 4}, "algorithm": algorithm, "loss_at": "every_step"}
    spec = engine.parse_spec({**fields, "initialization": {"kind": "normal"}})
    one = engine.Pass(spec)
    one.parameters["V"][...] = 1e200
    assert one.gradient() == np.inf
    assert not np.isfinite(one.gradients["layer0.W"]).all()
    trace = one.run()
    assert not np.isfinite(trace["grad.layer0.h.from_above"]).all()
