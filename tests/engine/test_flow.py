"""Flow: what each timestep's loss does to each state and input, against a pass of its own for every loss."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import engine
from engine.activations import Array
from engine.flow import Flow
from engine.passes import Pass
from engine.truncation import kept
from tests.engine.typed_cells import TYPED, own

T = 7
FADING = {"name": "fading", "equations": "h = 0.0001 * h_prev + U @ x"}
BACK = {"source": "output", "mode": "free"}
FED = {"name": "fed", "equations": "h = tanh(U @ x + W @ h_prev + R @ y_prev + b)"}


def drawn(batch: int = 2, steps: int = T, real: bool = False, outputs: int = 3) -> engine.Data:
    stream = np.random.default_rng([steps, batch])
    y = stream.normal(size=(steps, batch, outputs)) if real else stream.integers(0, outputs, (steps, batch))
    return engine.Data(stream.normal(size=(steps, batch, 4)), y, outputs)


def made(fields: dict[str, Any], data: engine.Data | None = None) -> Pass:
    given = {"hidden_size": 5, "task": {"kind": "arrays"}, **fields}
    one = Pass(engine.parse_spec(given), drawn() if data is None else data)
    one.run()
    return one


def by_a_pass_for_every_loss(one: Pass) -> dict[str, np.ndarray[Any, Any]]:
    """Row t from a pass whose only loss is that of timestep t, by BPTT, its mean made the sum again."""
    spec = engine.parse_spec({**one.spec.model_dump(), "algorithm": {"kind": "bptt"}, "loss_at": "every_step"})
    steps = one.plan.sizes["T"]
    states = [f"layer{layer}.{state}" for layer in range(spec.layers) for state in one.plan.cell.states]
    found = {f"flow.{state}": np.zeros((steps, steps)) for state in [*states, "x"]}
    there = np.ones(one.data.y.shape[:2], bool) if one.data.there is None else one.data.there
    targeted = there if one.data.counted is None else there & one.data.counted
    for t in range(steps):
        alone = targeted & (np.arange(steps) == t)[:, None]
        if alone.any():
            trace = Pass(spec, replace(one.data, counted=alone), one.parameters).run()
            for state in [*states, "x"]:
                found[f"flow.{state}"][t] = alone.sum() * np.linalg.norm(trace[f"grad.{state}"], axis=(1, 2))
    return found


LENGTHS = replace(drawn(3), lengths=np.array([7, 3, 5]))
COUNTED = replace(drawn(), counted=np.random.default_rng(0).random((T, 2)) < 0.5)
CASES: dict[str, tuple[dict[str, Any], engine.Data]] = {
    **{cell: ({"cell": cell}, drawn()) for cell in engine.cells()},
    **{f"typed: {name}": ({"cell": own(name)}, drawn()) for name in TYPED},
    "one sequence": ({"cell": "lstm"}, drawn(1)),
    "two layers": ({"cell": "gru", "layers": 2}, drawn()),
    "free": ({"cell": "gru", "layers": 2, "feedback": BACK}, drawn()),
    "free, named by the cell": ({"cell": FED, "layers": 2, "feedback": BACK}, drawn()),
    "free, linear": ({"feedback": BACK, "readout": "linear"}, drawn(real=True)),
    "untied": ({"cell": "lstm", "weights_shared": False}, drawn()),
    "truncated": ({"algorithm": {"kind": "truncated", "k1": 2, "k2": 3}}, drawn()),
    "no recurrence": ({"cell": "lstm", "recurrence": "none"}, drawn()),
    "lengths": ({"cell": "gru"}, LENGTHS),
    "counted": ({"cell": "lstm"}, COUNTED),
    "relu": ({"activation": "relu"}, drawn()),
}


TEACHER = ({"cell": "lstm", "feedback": {"source": "output", "mode": "teacher"}}, drawn())


@pytest.mark.parametrize("name", CASES)
def test_a_row_is_what_a_pass_of_that_loss_alone_gives(name: str) -> None:
    one = made(*CASES[name])
    expected = by_a_pass_for_every_loss(one)
    flow = one.flow() | Flow(one, inputs=True)()
    assert flow.keys() == expected.keys()
    for matrix, by_passes in expected.items():
        np.testing.assert_allclose(flow[matrix], by_passes, rtol=1e-9, atol=1e-15, err_msg=matrix)
        assert not np.triu(flow[matrix], 1).any(), matrix


@pytest.mark.parametrize("inputs", [False, True])
@pytest.mark.parametrize("name", ["two layers", "free", "lengths", "counted", "no recurrence", "typed: two states"])
def test_the_columns_are_those_of_the_matrices_the_last_first(name: str, inputs: bool) -> None:
    flow = Flow(made(*CASES[name]), inputs)
    matrices = flow()
    columns = list(flow.columns())
    assert [k for k, _ in columns] == list(reversed(range(T)))
    for k, column in columns:
        np.testing.assert_array_equal(column, [matrix[k:, k] for matrix in matrices.values()])


@pytest.mark.parametrize("name", ["lstm", "mgu", "two layers", "free", "untied", "truncated", "lengths", "teacher"])
def test_the_flow_to_an_input_is_what_moving_it_does_to_each_loss(name: str) -> None:
    one = made(*(TEACHER if name == "teacher" else CASES[name]))
    slopes = np.zeros((T, T, *one.x.shape[1:]))
    moved = Pass(one.spec, one.data, one.parameters)
    for k, unit, sequence in np.ndindex(one.x.shape):
        losses = []
        for step in (1e-6, -1e-6):
            moved.x[...] = one.x
            moved.x[k, unit, sequence] += step
            moved.forward()
            losses.append(moved.readout.losses.sum(axis=1))
        slopes[:, k, unit, sequence] = (losses[0] - losses[1]) / 2e-6
    numeric = np.linalg.norm(slopes.reshape(T, T, -1), axis=-1)
    np.testing.assert_allclose(Flow(one, inputs=True)()["flow.x"], numeric, rtol=1e-6, atol=1e-8)


def test_an_input_that_is_padding_has_no_flow() -> None:
    data = replace(drawn(1), lengths=np.array([4]))
    matrix = Flow(made({"cell": "gru"}, data), inputs=True)()["flow.x"]
    assert matrix[:4, :4].diagonal().all()
    assert not matrix[4:].any()
    assert not matrix[:, 4:].any()


def test_columns_are_found_in_one_sweep_however_small_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = Flow(made({"cell": FADING}, drawn(1, steps=71)))
    steps: list[int] = []
    step = Flow._step

    def counted(self: Flow, k: int) -> None:
        steps.append(k)
        step(self, k)

    monkeypatch.setattr(Flow, "_step", counted)
    columns = dict(flow.columns())
    assert steps == list(reversed(range(71)))
    assert 0 < columns[0][0, -1] < 1e-278


def test_losses_fade_by_the_same_power_at_every_step_down_to_1e_280() -> None:
    one = made({"cell": FADING}, drawn(1, steps=71))
    matrix = one.flow()["flow.layer0.h"]
    for t, row in enumerate(matrix):
        np.testing.assert_allclose(row[: t + 1], row[t] * 10.0 ** (-4.0 * np.arange(t, -1, -1)), rtol=1e-11)
        assert (np.diff(row[: t + 1]) > 0).all()
    assert 0 < matrix[-1, 0] < 1e-278
    assert np.isfinite(matrix).all()


def test_teacher_forcing_without_recurrence_takes_the_steps_apart_exactly() -> None:
    teacher = {"source": "output", "mode": "teacher"}
    matrix = made({"feedback": teacher, "recurrence": "none"}).flow()["flow.layer0.h"]
    assert np.array_equal(matrix, np.diag(np.diag(matrix)))
    assert np.diag(matrix).all()
    assert np.tril(made({"feedback": teacher}).flow()["flow.layer0.h"], -1).any()


def naively_kept(steps: int, k1: int, k2: int) -> np.ndarray[Any, Any]:
    """Every k1 steps, at time t, the losses of the last k1 steps go back through the steps k > t - k2."""
    found = np.zeros((steps, steps), bool)
    for loss in range(1, steps + 1):
        sent = min(-(-loss // k1) * k1, steps)
        for k in range(1, loss + 1):
            found[loss - 1, k - 1] = k > sent - k2
    return found


@pytest.mark.parametrize(("k1", "k2"), [(1, 1), (1, 4), (2, 3), (3, 3), (3, 5), (3, 100), (7, 7), (20, 20)])
def test_what_truncation_keeps_is_what_its_definition_says(k1: int, k2: int) -> None:
    algorithm = {"kind": "truncated", "k1": k1, "k2": k2}
    one = made({"algorithm": algorithm})
    np.testing.assert_array_equal(kept(one.spec.algorithm, T), naively_kept(T, k1, k2))


def test_what_truncation_keeps_is_what_the_gradient_is_made_of() -> None:
    """With an identity cell and one unit every derivative is 1 or 0, so that gradients count losses."""
    cell = {"name": "sum", "equations": "h = h_prev + U @ x"}
    fields = {"cell": cell, "hidden_size": 1, "readout": "linear", "bias": False}
    data = engine.Data(np.zeros((T, 1, 1)), np.full((T, 1, 1), -1.0), 1)
    weights: dict[str, Array] = {"layer0.U": np.ones((1, 1)), "V": np.ones((1, 1))}
    for k1, k2 in [(2, 3), (3, 5), (1, 4)]:
        algorithm = {"kind": "truncated", "k1": k1, "k2": k2}
        spec = engine.parse_spec({"task": {"kind": "arrays"}, "algorithm": algorithm, **fields})
        one = Pass(spec, data, weights)
        counts = T * one.run()["grad.layer0.h"][:, 0, 0]
        np.testing.assert_allclose(counts, naively_kept(T, k1, k2).sum(axis=0), rtol=1e-12)


def test_bptt_keeps_everything() -> None:
    np.testing.assert_array_equal(kept(made({}).spec.algorithm, T), np.tri(T, dtype=bool))


def test_float32_flow_is_float64s_to_its_digits() -> None:
    spec: dict[str, Any] = {"cell": "lstm"}
    precise, coarse = made(spec), made(spec | {"dtype": "float32"})
    for name, matrix in precise.flow().items():
        np.testing.assert_allclose(coarse.flow()[name], matrix, rtol=2e-4, atol=1e-7)


def test_an_exploding_pass_has_its_flow_without_a_warning() -> None:
    one = made({"cell": {"name": "big", "equations": "h = 1e99 * h_prev + U @ x"}}, drawn(1))
    matrix = one.flow()["flow.layer0.h"]
    assert not np.isfinite(matrix).all()
    assert not np.triu(matrix, 1).any()


def test_flow_changes_nothing_of_the_pass() -> None:
    one = made({"cell": "gru", "layers": 2})
    before = one.trace.to_bytes()
    one.flow()
    assert one.trace.to_bytes() == before
