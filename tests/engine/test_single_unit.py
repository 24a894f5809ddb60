"""A network of one unit, whose numbers lie a stride apart: the same by every way of computing them."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.passes import Pass

CELLS = [(cell, activation) for cell in engine.cells() for activation in engine.ACTIVATIONS]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("cell", "activation"), CELLS)
def test_a_single_unit_has_the_same_gradients_however_its_steps_lie(cell: str, activation: str, dtype: str) -> None:
    """Rows of a block are then a stride apart for which np.negative of NumPy 2.4 gives wrong numbers."""
    fields = {"cell": cell, "activation": activation, "dtype": dtype, "hidden_size": 1, "layers": 2}
    spec = engine.parse_spec(fields | {"task": {"kind": "text", "text": "hello you"}})
    together, alone = Pass(spec), Pass(spec, chunk=1)
    together.run()
    alone.run()
    close = 1e-4 if dtype == "float32" else 1e-11
    for name, gradient in alone.gradients.items():
        np.testing.assert_allclose(together.gradients[name], gradient, rtol=close, atol=close / 100, err_msg=name)


def test_a_typed_cell_of_one_unit_has_the_gradients_that_differences_give() -> None:
    lines = """
        s = 1 - (1 - (1 - s_prev))
        v0 = sigmoid((h_prev - s) * (h_prev - b1))
        h = tanh(W2 @ (-(v0 * s_prev)) + s + s_prev)"""
    cell = {"name": "folded", "equations": "\n".join(line.strip() for line in lines.strip().splitlines())}
    series = {"kind": "series", "values": [1, 2, 3, 2, 1]}
    rows = engine.check(engine.parse_spec({"cell": cell, "hidden_size": 1, "layers": 2, "task": series}))
    assert [row for row in rows if not row.ok] == []
