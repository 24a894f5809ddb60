"""Cosines of shares with their sum, against the shares in full."""

from dataclasses import replace

import numpy as np
import pytest

import engine
from tests.engine.analysed import CELLS, FADING, Numbers, T, drawn, made, named, only_last


def cosine(a: Numbers, b: Numbers) -> float:
    a, b = (array.ravel() / np.abs(array).max() for array in (a, b))
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_cosines_are_those_of_the_shares_with_their_sum(cell: str, batch: int) -> None:
    one = made({"cell": named(cell), "layers": 2}, drawn(batch))
    found, trace = engine.analyse(one), one.trace
    for name in one.parameters:
        with np.errstate(all="ignore"):
            shares, total = trace.contribution(name), trace[f"grad.{name}"]
        cosines = found[f"contribution_cosine.{name}"]
        assert cosines.shape == (T,)
        for t in range(T):
            if shares[t].any():
                assert cosines[t] == pytest.approx(cosine(shares[t], total), rel=1e-9, abs=1e-11), name
            else:
                assert np.isnan(cosines[t]), name


def test_untied_cosines_are_with_what_the_steps_would_share() -> None:
    tied = made({"cell": "gru"})
    weights = {name: np.repeat(value[None], T, axis=0) for name, value in tied.parameters.items()}
    untied = made({"cell": "gru", "weights_shared": False}, weights=weights)
    for name, expected in engine.analyse(tied).items():
        if name.startswith("contribution_cosine."):
            np.testing.assert_allclose(engine.analyse(untied)[name], expected, rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("power", [-200, 150])
def test_cosines_of_tiny_and_of_huge_shares_are_as_those_of_others(power: int) -> None:
    def cosines(scale: float) -> dict[str, Numbers]:
        data = only_last(drawn(2, steps=9))
        cell = {"name": "scaled", "equations": "h = 0.5 * h_prev + U @ x + b"}
        plain = made({"cell": cell, "readout": "linear"}, replace(data, y=np.ones((9, 2, 3))))
        weights = {name: value.copy() for name, value in plain.parameters.items()}
        weights["V"] *= scale
        weights["layer0.U"] /= scale
        weights["layer0.b"] /= scale
        return engine.analyse(made({"cell": cell, "readout": "linear"}, plain.data, weights))

    plain, scaled = cosines(1), cosines(10.0**power)
    for name in ("contribution_cosine.layer0.U", "contribution_cosine.layer0.b", "contribution_cosine.V"):
        np.testing.assert_allclose(scaled[name], plain[name], rtol=1e-9, err_msg=name)
    assert np.isfinite(plain["contribution_cosine.layer0.U"]).all()


def test_a_share_of_1e_380_still_has_its_direction() -> None:
    data = only_last(drawn(1, steps=71))
    data.x[0] *= 1e-100
    one = made({"cell": FADING}, data)
    cosines, x = engine.analyse(one)["contribution_cosine.layer0.U"], one.trace["x"][:, 0]
    total = (x * 10.0 ** (-4.0 * np.arange(70, -1, -1))[:, None]).sum(axis=0)
    np.testing.assert_allclose(cosines, [cosine(step, total) for step in x], rtol=1e-9, atol=1e-12)


def test_where_a_share_or_the_sum_is_zero_there_is_no_cosine() -> None:
    one = made({"recurrence": "none", "readout": "linear"}, engine.Data(drawn().x, np.zeros((T, 2, 3)), 3))
    one.parameters["V"][...] = 0
    one.run()
    found = engine.analyse(one)
    assert np.isnan(found["contribution_cosine.V"]).all()
    assert np.isnan(found["contribution_cosine.layer0.W"]).all()


def test_shares_of_two_sequences_that_cancel_have_no_cosine() -> None:
    data = drawn(1)
    both = engine.Data(np.repeat(data.x, 2, axis=1), np.zeros((T, 2, 1)), 1)
    both.y[3:, 0], both.y[3:, 1] = 1, -1
    both.y[:3] = 1
    weights = {"V": np.zeros((1, 5)), "c": np.zeros(1)}
    spec = {"readout": "linear", "recurrence": "none"}
    drawn_weights = made(spec, both).parameters
    found = engine.analyse(made(spec, both, drawn_weights | weights))["contribution_cosine.V"]
    assert np.isnan(found[3:]).all()
    assert np.isfinite(found[:3]).all()
