"""Whole experiments that nobody thought of: whatever a spec allows has the gradients that differences give."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite

import engine
from engine.activations import Array
from tests.engine.typed_cells import TYPED, own

# Without kinks: there a difference tells nothing.
SMOOTH = ("tanh", "sigmoid", "isrlu", "softplus", "elu")
# A gate without bound doubles a state at every step until rounding hides the differences.
BOUNDED = ("tanh", "sigmoid")
# It squares a hundredfold at every step, and what overflows has no gradient to check.
GROWING = ("a product of a product",)
NAMING = {
    "output recurrent": "h = tanh(U @ x + R @ y_prev + b)",
    "output and state": "h = tanh(U @ x + R @ y_prev + W @ h_prev + b)",
    "output in a gate": """
        gate = sigmoid(R @ y_prev + W @ h_prev + b)
        h = gate * h_prev + (1 - gate) * tanh(U @ x + S @ y_prev)""",
    "output within a matrix": "h = 0.5 * h_prev + tanh(R @ (p * y_prev + q) - S @ tanh(R2 @ y_prev) + U @ x)",
    "output and two states": """
        s = 0.5 * s_prev + tanh(R @ y_prev + U @ x + b) * sigmoid(W @ h_prev)
        h = tanh(s) + 0.2 * h_prev""",
}
"""Cells that say themselves what becomes of the output before."""
UNITS, INPUTS, OUTPUTS = 3, 2, 4


def typed(name: str) -> dict[str, str]:
    """A cell of this file or of the typed ones, as a spec has it."""
    if name in TYPED:
        return own(name)
    return {"name": name, "equations": "\n".join(line.strip() for line in NAMING[name].strip().splitlines())}


@composite
def algorithms(draw: DrawFn) -> dict[str, Any]:
    """BPTT, or truncation that cuts seldom, often, with and without overlap."""
    k1 = draw(st.integers(0, 4))
    return {"kind": "truncated", "k1": k1, "k2": k1 + draw(st.integers(0, 4))} if k1 else {"kind": "bptt"}


@composite
def specs(draw: DrawFn) -> engine.Spec:
    """Any network, feedback and algorithm."""
    cell = draw(st.sampled_from([*engine.cells(), *NAMING, *(name for name in TYPED if name not in GROWING)]))
    output = cell in NAMING or draw(st.booleans())
    feedback = {
        "source": "output" if output else "none",
        "mode": draw(st.sampled_from(["free", "teacher", "sampled", "scheduled"])),
        "probability": draw(st.sampled_from([0.0, 0.5, 1.0])),
    }
    fields: dict[str, Any] = {
        "cell": cell if cell in engine.cells() else typed(cell),
        "activation": draw(st.sampled_from(SMOOTH)),
        "gate_activation": draw(st.sampled_from(BOUNDED)),
        "bias": draw(st.booleans()),
        "hidden_size": UNITS,
        "layers": draw(st.integers(1, 2)),
        "recurrence": draw(st.sampled_from(["full", "full", "none"])),
        "weights_shared": draw(st.booleans()),
        "feedback": feedback,
        "readout": draw(st.sampled_from(["softmax", "linear"])),
        "loss_at": draw(st.sampled_from(["every_step", "last_step"])),
        "algorithm": draw(algorithms()),
        "task": {"kind": "arrays"},
        "seed": draw(st.integers(0, 9)),
    }
    return engine.parse_spec(fields)


@composite
def masks(draw: DrawFn, steps: int, batch: int) -> dict[str, Any]:
    """How many steps each sequence has and which of them count, at least one."""
    lengths = np.array([draw(st.integers(1, steps)) for _ in range(batch)]) if draw(st.booleans()) else None
    counted = None
    if draw(st.booleans()):
        flat = draw(st.lists(st.booleans(), min_size=steps * batch, max_size=steps * batch))
        counted = np.array(flat).reshape(steps, batch)
        counted[0, draw(st.integers(0, batch - 1))] = True
    return {"lengths": lengths, "counted": counted}


@composite
def experiments(draw: DrawFn) -> tuple[engine.Spec, engine.Data, dict[str, Array]]:
    """A spec, data for it and weights of which none is near zero."""
    spec, steps, batch = draw(specs()), draw(st.integers(1, 9)), draw(st.integers(1, 3))
    stream = np.random.default_rng(spec.seed)
    x, symbols = stream.normal(size=(steps, batch, INPUTS)), stream.integers(0, OUTPUTS, (steps, batch))
    y = symbols if spec.readout == "softmax" else stream.normal(size=(steps, batch, OUTPUTS))
    data = engine.Data(x, y, OUTPUTS, **draw(masks(steps, batch)))
    return spec, data, {slot.name: away(stream, slot.shape) for slot in engine.describe(spec, data).slots}


def away(stream: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers of either sign, none near zero: a zero would hide what it multiplies."""
    return np.asarray(stream.uniform(0.1, 0.6, shape) * stream.choice([-1, 1], shape))


@given(experiments())
@settings(max_examples=150)
def test_every_gradient_of_an_experiment_drawn_at_random(
    experiment: tuple[engine.Spec, engine.Data, dict[str, Array]],
) -> None:
    spec, data, weights = experiment
    rows = engine.check(spec, data, weights, entries=3)
    assert [row for row in rows if not row.ok] == []
