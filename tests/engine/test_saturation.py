"""Saturated and dead units, counted one by one."""

from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.activations import ACTIVATIONS
from engine.expressions import Call
from tests.engine.analysed import T, drawn, made


@pytest.mark.parametrize("function", ACTIVATIONS)
def test_saturated_and_dead_units_are_counted_one_by_one(function: str) -> None:
    gate = "hard_sigmoid" if function == "tanh" else "sigmoid"
    fields = {"cell": "lstm", "layers": 2, "activation": function, "gate_activation": gate}
    one = made(fields | {"initialization": {"kind": "normal", "scale": 8}}, drawn(3))
    found, trace, slots = engine.analyse(one), one.trace, 3 * 5
    functions = {one.target: one.expression.function for one in one.plan.cell.lines if isinstance(one.expression, Call)}
    assert {function, gate} == set(functions.values())
    for target, activation in ((target, ACTIVATIONS[known]) for target, known in functions.items()):
        for layer in range(2):
            name = f"layer{layer}.{target}"
            for t in range(T):
                value, a = trace[name][t], trace[f"{name}.a"][t]
                dead = (activation.slope(a, value) == 0).sum() / slots
                assert found[f"dead.{name}"][t] == pytest.approx(dead)
                if activation.bounds is not None:
                    ends = value < 0.015, value > 0.985
                    many = (np.abs(value) > 0.97) if activation.bounds[0] == -1 else ends[0] | ends[1]
                    assert found[f"saturation.{name}"][t] == pytest.approx(many.sum() / slots)
            assert (f"saturation.{name}" in found) == (activation.bounds is not None)


def test_units_saturate_and_die_where_they_are_made_to() -> None:
    weights = {"layer0.W": np.zeros((4, 4)), "layer0.U": np.zeros((4, 4)), "V": np.ones((3, 4)), "c": np.zeros(3)}
    for function, biases, saturated, dead in [
        ("tanh", [0, 2, 3, -30], 0.5, 0.25),  # tanh(2) is 0.964; of tanh(30) not even 1e-16 is missing
        ("sigmoid", [0, 4, 5, -800], 0.5, 0.25),
        ("hard_sigmoid", [0, 2.95, 3, -4], 0.75, 0.5),
        ("relu", [0, 1, -1, -2], None, 0.75),
        ("leaky_relu", [0, 1, -1, -2], None, 0),
        ("softplus", [0, 1, -1, -2], None, 0),
    ]:
        given = weights | {"layer0.b": np.array(biases, float)}
        found = engine.analyse(made({"activation": function, "hidden_size": 4}, weights=given))
        assert (found["dead.layer0.h"] == dead).all(), function
        if saturated is None:
            assert "saturation.layer0.h" not in found
        else:
            assert (found["saturation.layer0.h"] == saturated).all(), function


def test_padding_is_no_unit() -> None:
    data = replace(drawn(3), lengths=np.array([5, 2, 3]))
    found = engine.analyse(made({"activation": "relu"}, data))["dead.layer0.h"]
    for t in range(5):
        alone = [made({"activation": "relu"}, engine.Data(data.x[:, [b]], data.y[:, [b]], 3)) for b in range(3)]
        there = [one for one, length in zip(alone, [5, 2, 3], strict=True) if t < length]
        expected = np.mean([(one.trace["layer0.h"][t] == 0).mean() for one in there])
        assert found[t] == pytest.approx(expected)
    assert np.isnan(found[5:]).all()


def test_an_activation_of_a_bias_alone_is_counted_too() -> None:
    for shared in (True, False):
        one = made({"cell": {"name": "bias", "equations": "g = relu(b)\nh = g + U @ x"}, "weights_shared": shared})
        assert (engine.analyse(one)["dead.layer0.g"] == 1).all()
