"""Sequences of different lengths, and steps that do not count: they contribute exactly nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import engine
from engine.layer import Layer
from engine.passes import Pass
from engine.readout import Readout
from tests.engine.test_random_specs import NAMING, away, typed
from tests.engine.typed_cells import TYPED, own

STEPS, BATCH, OUTPUTS = 6, 3, 4
LENGTHS = np.array([6, 1, 4])
PADDING = np.arange(STEPS)[:, None] >= LENGTHS
COUNTED = np.random.default_rng(2).random((STEPS, BATCH)) < 0.6
CELLS: dict[str, Any] = (
    {name: name for name in engine.cells()}
    | {name: own(name) for name in TYPED if name != "a product of a product"}
    | {name: typed(name) for name in NAMING}
)
FEEDBACKS: list[dict[str, Any]] = [
    {"source": "none"},
    *({"source": "output", "mode": mode, "probability": 0.5} for mode in ("teacher", "free", "sampled", "scheduled")),
]
READOUTS = ["softmax", "linear"]


def data(readout: str = "softmax", lengths: npt.NDArray[np.int64] | None = LENGTHS, **more: Any) -> engine.Data:
    """Data as they are prescribed: zero in the padding and where there is no target."""
    stream = np.random.default_rng(7)
    x, symbols = stream.normal(size=(STEPS, BATCH, 3)), stream.integers(0, OUTPUTS, (STEPS, BATCH))
    y = symbols if readout == "softmax" else stream.normal(size=(STEPS, BATCH, OUTPUTS))
    if lengths is not None:
        x[PADDING], y[PADDING] = 0, 0
    return engine.Data(x, y, OUTPUTS, lengths=lengths, **more)


def spec(**fields: Any) -> engine.Spec:
    cell = fields.get("cell", "rnn")
    if isinstance(cell, dict) and cell["name"] in NAMING and "feedback" not in fields:
        fields["feedback"] = FEEDBACKS[1]
    return engine.parse_spec({"hidden_size": 5, "task": {"kind": "arrays"}, **fields})


def bits(trace: engine.Trace) -> dict[str, bytes]:
    return {name: trace[name].tobytes() for name in trace if name not in ("lengths", "counted", "y")}


def by_step(trace: engine.Trace) -> list[str]:
    """The names of what each step and sequence has."""
    return [name for name in trace if trace[name].shape[:2] == (STEPS, BATCH) and name not in ("counted", "y")]


def alone(one: engine.Data, sequence: int) -> engine.Data:
    """One sequence by itself, without padding."""
    assert one.lengths is not None
    end, which = one.lengths[sequence], slice(sequence, sequence + 1)
    counted = None if one.counted is None else one.counted[:end, which]
    return engine.Data(one.x[:end, which], one.y[:end, which], OUTPUTS, counted=counted)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_a_padded_batch_is_its_sequences_alone(cell: str, layers: int) -> None:
    holds_together(spec(cell=CELLS[cell], layers=layers), data())


@pytest.mark.parametrize(
    "fields",
    [
        *({"feedback": feedback, "layers": 2} for feedback in FEEDBACKS[:3]),
        *({"feedback": feedback, "cell": "lstm", "loss_at": "last_step"} for feedback in FEEDBACKS[:3]),
        {"weights_shared": False, "cell": "gru"},
        {"recurrence": "none", "feedback": FEEDBACKS[2]},
    ],
    ids=str,
)
@pytest.mark.parametrize("readout", READOUTS)
def test_a_padded_batch_is_its_sequences_alone_in_every_network(readout: str, fields: dict[str, object]) -> None:
    holds_together(spec(readout=readout, **fields), data(readout))


@pytest.mark.parametrize("loss_at", ["every_step", "last_step"])
def test_a_padded_batch_of_which_not_all_counts_is_its_sequences_alone(loss_at: str) -> None:
    counted = COUNTED.copy()
    counted[0] = True
    holds_together(spec(cell="lstm", loss_at=loss_at), data(counted=counted))


def holds_together(one: engine.Spec, together: engine.Data) -> None:
    """Values are each sequence's own, gradients the mean over all that counts, and padding holds zeros."""
    whole = Pass(one, together)
    trace = whole.run()
    assert whole.readout.count == sum(counts(one, alone(together, which)) for which in range(BATCH))
    sums = {name: np.zeros_like(value) for name, value in whole.gradients.items()}
    for which, end in enumerate(LENGTHS):
        single = Pass(one, alone(together, which), whole.parameters)
        own_trace = single.run()
        part = single.readout.count / whole.readout.count
        for name in by_step(trace):
            scale = part if name.startswith("grad.") else 1
            np.testing.assert_allclose(
                trace[name][:end, which], own_trace[name][:, 0] * scale, rtol=1e-10, atol=1e-14, err_msg=name
            )
            assert not trace[name][end:, which].any(), name
        for name, value in single.gradients.items():
            sums[name][tuple(map(slice, value.shape))] += part * value
    for name, value in whole.gradients.items():
        np.testing.assert_allclose(value, sums[name], rtol=1e-10, atol=1e-14, err_msg=name)


def counts(one: engine.Spec, given: engine.Data) -> int:
    if one.loss_at == "last_step":
        return 1
    return len(given.x) if given.counted is None else int(given.counted.sum())


GARBAGE = [np.nan, np.inf, -1e300]


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("feedback", FEEDBACKS, ids=str)
@pytest.mark.parametrize("readout", READOUTS)
def test_whatever_lies_in_the_padding_changes_no_bit(readout: str, feedback: dict[str, object], garbage: float) -> None:
    one, clean = spec(cell="lstm", layers=2, readout=readout, feedback=feedback), data(readout)
    x, y = clean.x.copy(), clean.y.copy()
    x[PADDING] = garbage
    if readout == "linear":
        y[PADDING] = garbage
    dirty = engine.Data(x, y, OUTPUTS, lengths=LENGTHS)
    assert bits(engine.run(one, dirty)) == bits(engine.run(one, clean))
    loaded = Pass(one, clean)
    loaded.load(dirty)
    assert bits(loaded.run()) == bits(engine.run(one, clean))


@pytest.mark.parametrize("algorithm", [{"kind": "bptt"}, {"kind": "truncated", "k1": 2, "k2": 3}], ids=str)
@pytest.mark.parametrize("feedback", FEEDBACKS, ids=str)
@pytest.mark.parametrize("cell", CELLS)
def test_padding_holds_zeros_alone(cell: str, feedback: dict[str, object], algorithm: dict[str, object]) -> None:
    if cell in NAMING and feedback["source"] == "none":
        feedback = FEEDBACKS[2]
    one = Pass(spec(cell=CELLS[cell], feedback=feedback, algorithm=algorithm), data())
    stream = np.random.default_rng(4)
    for value in one.parameters.values():
        value[...] = away(stream, value.shape)
    trace = one.run()
    for name in by_step(trace):
        assert not trace[name][PADDING].any(), name


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("feedback", FEEDBACKS[:3], ids=str)
def test_a_target_that_does_not_count_pays_nothing(feedback: dict[str, object], readout: str) -> None:
    given = data(readout, None, counted=COUNTED)
    one = spec(readout=readout, feedback=feedback)
    trace = engine.run(one, given)
    assert not trace["loss"][~COUNTED].any()
    name = "grad.o.from_loss" if feedback.get("mode") == "free" else "grad.o"
    assert not trace[name][~COUNTED].any()
    assert trace[name][COUNTED].any(axis=-1).all()
    other = engine.Data(given.x, np.where(reach(COUNTED, given.y), given.y, 1), OUTPUTS, counted=COUNTED)
    assert bits(engine.run(one, other)) == bits(trace)


def reach(mask: npt.NDArray[np.bool_], y: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    return mask if y.ndim == 2 else mask[..., None]


def test_the_last_step_is_the_last_that_counts_of_each_sequence() -> None:
    counted = np.array([[1, 1, 1], [1, 0, 1], [1, 0, 0], [0, 0, 0], [1, 0, 0], [0, 0, 0]], bool)
    trace = engine.run(spec(loss_at="last_step"), data(counted=counted))
    sent = trace["grad.o"].any(axis=-1)
    assert np.argwhere(sent).tolist() == [[0, 1], [1, 2], [4, 0]]
    assert trace.loss == pytest.approx(trace["loss"][sent].mean(), rel=1e-14)


def test_a_sequence_of_which_nothing_counts_is_left_out() -> None:
    counted = np.ones((STEPS, BATCH), bool)
    counted[:, 1] = False
    whole = engine.run(spec(loss_at="last_step"), data(lengths=None, counted=counted))
    given = data(lengths=None)
    rest = engine.Data(given.x[:, ::2], given.y[:, ::2], OUTPUTS)
    without = engine.run(spec(loss_at="last_step"), rest)
    assert whole.loss == pytest.approx(without.loss, rel=1e-13)
    np.testing.assert_allclose(whole["grad.layer0.W"], without["grad.layer0.W"], rtol=1e-11)


# Deliberate faults: each must be found.


def off(one: engine.Spec, given: engine.Data) -> set[str]:
    return {row.name for row in engine.check(one, given, entries=6) if not row.ok}


@pytest.mark.parametrize("given", [data(), data(lengths=None, counted=COUNTED)], ids=["lengths", "counted"])
@pytest.mark.parametrize("feedback", FEEDBACKS[:3], ids=str)
def test_a_backward_pass_that_counts_everything_is_found(
    feedback: dict[str, object], given: engine.Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert off(spec(feedback=feedback), given) == set()
    whole: Callable[..., None] = Readout.backward

    def all_of_it(readout: Readout, sends: npt.NDArray[np.bool_] | None = None) -> None:
        kept, readout.counted = readout.counted, np.ones_like(readout.counted)
        # What a target that is not there would have cost.
        whole(readout, np.ones(STEPS, bool) if sends is None else sends)
        readout.counted = kept

    monkeypatch.setattr(Readout, "backward", all_of_it)
    assert off(spec(feedback=feedback), given) >= {"c", "layer0.U"}


def test_padding_that_is_not_blanked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Layer, "blank", lambda *_: None)
    with pytest.raises(AssertionError):
        test_a_padded_batch_is_its_sequences_alone("lstm", 1)
    with pytest.raises(AssertionError):
        test_padding_holds_zeros_alone("rnn", FEEDBACKS[0], {"kind": "bptt"})


def test_a_mean_over_padding_too_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Callable[[Readout, engine.Data], None] = Readout.load

    def all_of_it(readout: Readout, given: engine.Data) -> None:
        whole(readout, given)
        readout.count = readout.losses.size

    monkeypatch.setattr(Readout, "load", all_of_it)
    with pytest.raises(AssertionError):
        test_a_padded_batch_is_its_sequences_alone("lstm", 1)
