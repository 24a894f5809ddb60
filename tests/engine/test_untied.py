"""Weights of each timestep's own: sharing is summing, and a step that was never trained has none."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

import engine
from engine.passes import Pass
from engine.readout import Readout
from tests.engine.typed_cells import TYPED, own

STEPS = 5
CELLS: dict[str, object] = {name: name for name in engine.cells()} | {name: own(name) for name in TYPED}
FREE = {"source": "output", "mode": "free"}


def data(batch: int = 2, steps: int = STEPS) -> engine.Data:
    """The first steps of one long series, so that shorter data are the begin of longer."""
    stream = np.random.default_rng(7)
    x, y = stream.normal(size=(30, batch, 3)), stream.integers(0, 4, (30, batch))
    return engine.Data(x[:steps], y[:steps], 4)


def spec(**fields: object) -> engine.Spec:
    return engine.parse_spec({"hidden_size": 4, "task": {"kind": "arrays"}, **fields})


def both(batch: int, **fields: object) -> tuple[Pass, Pass]:
    """A network that shares its weights, and one that has the same for each step; both were run."""
    tied = Pass(spec(**fields), data(batch))
    equal = {name: np.repeat(value[None], STEPS, axis=0) for name, value in tied.parameters.items()}
    untied = Pass(spec(**fields, weights_shared=False), data(batch), equal)
    for one in (tied, untied):
        one.run()
    return tied, untied


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", engine.cells())
def test_the_gradients_are_exactly_the_shares_of_the_network_that_shares(cell: str, layers: int) -> None:
    tied, untied = both(2, cell=cell, layers=layers)
    for name in tied.parameters:
        np.testing.assert_array_equal(untied.gradients[name], tied.trace.contribution(name), name)


@pytest.mark.parametrize(
    "fields",
    [
        *({"cell": cell} for cell in CELLS.values()),
        {"cell": "lstm", "feedback": FREE, "layers": 2},
        {"cell": "gru", "algorithm": {"kind": "truncated", "k1": 2, "k2": 3}, "layers": 2},
        {"loss_at": "last_step", "bias": False},
        {"recurrence": "none", "feedback": FREE},
    ],
    ids=str,
)
@pytest.mark.parametrize("batch", [1, 3])
def test_sharing_is_summing(batch: int, fields: dict[str, object]) -> None:
    tied, untied = both(batch, **fields)
    assert untied.loss == pytest.approx(tied.loss, rel=1e-13)
    together = untied.trace.contributions()
    for name, total in tied.gradients.items():
        shares = tied.trace.contribution(name)
        size = np.abs(shares).max()
        # One sequence's steps are one product where weights are shared, which rounds otherwise.
        np.testing.assert_allclose(untied.gradients[name], shares, rtol=0, atol=1e-13 * size, err_msg=name)
        np.testing.assert_allclose(untied.gradients[name].sum(axis=0), total, rtol=0, atol=1e-12 * size, err_msg=name)
        np.testing.assert_array_equal(untied.trace.contribution(name), untied.gradients[name], name)
        np.testing.assert_allclose(together[name], shares, rtol=0, atol=1e-13 * size, err_msg=name)


def test_one_update_tears_equal_weights_apart() -> None:
    _, untied = both(2, cell="gru")
    for name, value in untied.updated.items():
        assert (untied.parameters[name] == untied.parameters[name][0]).all()
        steps = value.reshape(STEPS, -1)
        assert all((one != two).any() for place, one in enumerate(steps) for two in steps[:place]), name


@pytest.mark.parametrize("cell", engine.cells())
def test_a_step_more_than_was_trained_is_refused_and_told_why(cell: str) -> None:
    trained = Pass(spec(cell=cell, weights_shared=False), data(steps=10))
    trained.run()
    with pytest.raises(engine.SpecError) as caught:
        Pass(spec(cell=cell, weights_shared=False), data(steps=15), trained.updated)
    said = str(caught.value)
    assert re.search(r"for 10 timesteps, 15 are needed", said)
    assert "no step can use another's, and step 11 never had any" in said
    assert "Shared weights serve any number of steps" in said
    assert str(caught.value.field).startswith("weights.")


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", engine.cells())
def test_fewer_steps_use_the_weights_of_the_first(cell: str, layers: int, batch: int) -> None:
    fields = {"cell": cell, "layers": layers, "weights_shared": False}
    trained = Pass(spec(**fields), data(batch, 10))
    whole = trained.run()
    short = Pass(spec(**fields), data(batch, 4), trained.parameters).run()
    for name in ("layer0.h", f"layer{layers - 1}.h", "o", "y_hat", "loss"):
        np.testing.assert_allclose(short[name], whole[name][:4], rtol=1e-13, atol=1e-15)
    assert short["layer0.b" if cell in ("rnn", "irnn", "leaky") else "V"].shape[0] == 4


@pytest.mark.parametrize("steps", [5, 15, 30])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", engine.cells())
def test_shared_weights_trained_at_ten_steps_run_at_any_number(cell: str, layers: int, steps: int) -> None:
    fields = {"cell": cell, "layers": layers}
    trained = Pass(spec(**fields), data(2, 10))
    trained.run()
    moved = trained.updated
    ten, other = (Pass(spec(**fields), data(2, length), moved).run() for length in (10, steps))
    common = min(10, steps)
    for name in ("layer0.h", f"layer{layers - 1}.h", "y_hat", "loss"):
        assert len(other[name]) == steps
        np.testing.assert_allclose(other[name][:common], ten[name][:common], rtol=1e-13, atol=1e-15)
    assert layers > 1 or not [row for row in engine.check(spec(**fields), data(2, steps), moved, 1) if not row.ok]


@pytest.mark.parametrize("steps", [5, 15])
def test_a_network_that_reads_its_own_output_runs_longer_and_shorter_than_it_was_trained(steps: int) -> None:
    taught = Pass(spec(cell="gru", feedback={"source": "output", "mode": "teacher"}), data(2, 10))
    taught.run()
    trace = engine.run(spec(cell="gru", feedback=FREE), data(2, steps), taught.updated)
    assert len(trace["y_hat"]) == steps
    np.testing.assert_array_equal(trace["y_prev"][1:], trace["y_hat"][:-1])


# Deliberate faults: each must be found.


@pytest.mark.parametrize("batch", [1, 2])
def test_totals_over_all_steps_where_each_has_its_own_are_found(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Callable[[Pass], None] = Pass.total

    def summed(one: Pass) -> None:
        whole(one)
        for gradient in one.gradients.values():
            gradient[...] = gradient.sum(axis=0)

    monkeypatch.setattr(Pass, "total", summed)
    rows = engine.check(spec(cell="lstm", weights_shared=False), data(batch), entries=9)
    found = {row.name for row in rows if not row.ok}
    assert found >= {"V", "c", "layer0.W_input", "layer0.U_forget", "layer0.b_output"}
    assert "x" not in found


def test_a_step_that_goes_back_through_its_neighbours_weights_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Callable[[Readout, int, int], None] = Readout.send

    def late(readout: Readout, first: int, last: int) -> None:
        kept, readout.weights = readout.weights, np.roll(readout.weights, 1, axis=0)
        whole(readout, first, last)
        readout.weights = kept

    monkeypatch.setattr(Readout, "send", late)
    rows = engine.check(spec(weights_shared=False), data(), entries=9)
    assert {row.name for row in rows if not row.ok} >= {"x", "layer0.W", "layer0.U"}
