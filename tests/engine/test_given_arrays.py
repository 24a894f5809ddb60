"""Arrays that come with the call: any padding will do, and what does not fit is one clear error."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.errors import SpecError
from engine.interchange import load_data
from engine.tasks import arrays, score
from tests.engine.tasks_made import task

X = np.random.default_rng(0).normal(size=(4, 2, 3))
Y = np.array([[0, 1], [1, 2], [2, 0], [-100, 0]])


def test_any_padding_will_do_and_becomes_zero(tmp_path: Path) -> None:
    x = X.copy()
    x[3, 0] = np.nan
    path = tmp_path / "data.safetensors"
    save_file({"x": x, "y": Y, "lengths": np.array([3, 4])}, path)
    data = load_data(path)
    assert data.lengths is not None
    assert data.lengths.tolist() == [3, 4]
    assert (data.x[3, 0] == 0).all()
    assert data.y[3].tolist() == [0, 0]
    assert data.counted is None
    np.testing.assert_array_equal(data.x[:3], X[:3])


@pytest.mark.parametrize("y", [Y, X[..., :2]], ids=["symbols", "real"])
def test_targets_that_do_not_count_become_zero_and_padding_never_counts(y: np.ndarray) -> None:
    which = np.array([[True, False], [True, True], [False, True], [True, False]])
    data = arrays(X, y, np.array([3, 4]), which)
    assert data.counted is not None
    assert data.counted.tolist() == [[True, False], [True, True], [False, True], [False, False]]
    assert (data.y[~data.counted] == 0).all()
    np.testing.assert_array_equal(data.y[data.counted], y[data.counted])
    perfect = np.eye(data.outputs)[data.y] if y.ndim == 2 else data.y
    assert score(task("arrays"), perfect + 0.0, data) == (1 if y.ndim == 2 else 0)


@pytest.mark.parametrize(
    ("lengths", "which", "field", "reason"),
    [
        (np.array([3.0, 4.0]), None, "data.lengths", r"from 1 to 4 of shape \(2,\), got float64 of shape"),
        (np.array([3]), None, "data.lengths", r"of shape \(2,\), got int64 of shape \(1,\)"),
        (np.array([0, 4]), None, "data.lengths", "from 1 to 4 of shape .*, got 0 to 4"),
        (np.array([3, 5]), None, "data.lengths", "got 3 to 5"),
        (None, Y, "data.counted", r"true or false of shape \(4, 2\), got int64"),
        (None, np.ones(4, bool), "data.counted", r"got bool of shape \(4,\)"),
        (None, np.zeros((4, 2), bool), "data.counted", "must count a step that is no padding, got none"),
    ],
)
def test_lengths_and_counted_that_do_not_fit_are_refused(
    lengths: np.ndarray | None, which: np.ndarray | None, field: str, reason: str
) -> None:
    with pytest.raises(SpecError, match=reason) as caught:
        arrays(X, np.abs(Y), lengths, which)
    assert caught.value.field == field
