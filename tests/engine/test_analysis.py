"""All that is found out of a pass beside its trace: its file, its memory, its extremes."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.trace import load
from tests.engine.analysed import T, drawn, made
from tests.engine.typed_cells import own


def test_float32_finds_what_float64_does_to_its_digits() -> None:
    fields: dict[str, Any] = {"cell": "lstm", "layers": 2}
    precise, coarse = made(fields), made(fields | {"dtype": "float32"})
    expected = engine.findings(precise, flow=True, analysis=True)
    found = engine.findings(coarse, flow=True, analysis=True)
    assert found.keys() == expected.keys()
    for name, array in found.items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-3, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    "equations", ["h = 1e30 * h_prev + U @ x", "h = 1e30 * tanh(W @ h_prev) + relu(W @ h_prev + U @ x)"]
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_exploding_pass_is_told_as_such_without_a_warning(equations: str, dtype: str) -> None:
    cell = {"name": "big", "equations": "g = softplus(U @ x)\n" + equations}
    one = made({"cell": cell, "dtype": dtype, "readout": "linear"}, engine.Data(drawn().x, np.ones((T, 2, 3)), 3))
    one.parameters["layer0.U"] *= 1e30
    one.run()
    found = engine.findings(one, flow=True, analysis=True)
    assert not all(np.isfinite(array).all() for array in found.values())
    assert found["saturation.layer0.h" if "saturation.layer0.h" in found else "dead.layer0.g"].shape == (T,)


def test_weights_that_are_not_finite_have_no_spectra_and_raise_nothing() -> None:
    one = made({})
    one.parameters["layer0.W"][0, 0] = np.nan
    one.run()
    found = engine.findings(one, flow=True, analysis=True)
    assert np.isnan(found["eigenvalues.layer0.W"]).all()
    assert np.isnan(found["singular_values.layer0.h"]).all()
    assert np.isnan(found["measured_factor.layer0.h"]).all()
    assert np.isnan(found["contribution_cosine.layer0.W"]).all()


def test_a_single_timestep_and_a_single_unit_have_an_analysis() -> None:
    found = engine.findings(made({"hidden_size": 1}, drawn(1, steps=1)), flow=True, analysis=True)
    assert found["log10_signal_left.layer0.h"] == [0]
    assert found["flow.layer0.h"].shape == (1, 1)
    assert abs(found["contribution_cosine.layer0.U"][0]) == pytest.approx(1)


def test_a_pass_that_is_run_again_is_analysed_anew() -> None:
    one = made({"cell": "lstm"})
    engine.findings(one, flow=True, analysis=True)
    one.parameters["layer0.W_forget"] *= 3
    one.run()
    new = made({"cell": "lstm"}, weights=one.parameters)
    again, fresh = (engine.findings(each, flow=True, analysis=True) for each in (one, new))
    for name, array in again.items():
        np.testing.assert_array_equal(array, fresh[name], err_msg=name)


@pytest.mark.parametrize("algorithm", [{"kind": "bptt"}, {"kind": "truncated", "k1": 2, "k2": 3}])
def test_a_file_holds_what_was_found_beside_the_trace(tmp_path: Path, algorithm: dict[str, Any]) -> None:
    one = made({"cell": "gru", "algorithm": algorithm})
    found = engine.findings(one, flow=True, analysis=True)
    one.trace.save(tmp_path / "with", beside=found)
    one.trace.save(tmp_path / "without")
    arrays, metadata = load(tmp_path / "with")
    rest, same = load(tmp_path / "without")
    assert metadata == same
    assert arrays.keys() == rest.keys() | found.keys()
    assert not rest.keys() & found.keys()
    for name, array in {**rest, **found}.items():
        np.testing.assert_array_equal(arrays[name], array)
    assert arrays["flow_kept"].dtype == bool
    assert arrays["flow_kept"].sum() == (T * (T + 1) // 2 if algorithm["kind"] == "bptt" else 16)


SIZED = {
    "rnn": {"hidden_size": 64},
    "lstm": {"cell": "lstm", "hidden_size": 64},
    "two layers of gru": {"cell": "gru", "layers": 2, "hidden_size": 48},
    "free": {"feedback": {"source": "output", "mode": "free"}, "hidden_size": 48},
    "untied": {"weights_shared": False, "hidden_size": 24},
    "many uses": {"cell": own("many uses"), "hidden_size": 24},
    "two states": {"cell": own("two states"), "hidden_size": 48},
    "float32": {"cell": "lstm", "hidden_size": 64, "dtype": "float32"},
}


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("which", ["flow", "analysis"])
@pytest.mark.parametrize("name", SIZED)
def test_the_memory_that_is_asked_for_is_what_is_needed(name: str, which: str, batch: int) -> None:
    one = made(SIZED[name], drawn(batch, steps=100))  # type: ignore[arg-type]
    told = engine.findings_bytes(one.plan, **{which: True})
    tracemalloc.start()
    found = engine.findings(one, **{which: True})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(array.nbytes for array in found.values()) < told
    assert most <= told * 1.05 + 2**17
    assert told <= 10 * most + 2**20
    assert engine.findings_bytes(one.plan) == 0
