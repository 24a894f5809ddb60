"""Cells that nobody thought of: whatever the language allows has the gradients that differences give."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, composite

import engine
from engine.activations import Array

# Without kinks: there a difference tells nothing.
SMOOTH = ("tanh", "sigmoid", "isrlu", "softplus", "identity")
UNITS, INPUTS, OUTPUTS, STEPS, BATCH = 3, 2, 4, 3, 2


@composite
def expressions(draw: DrawFn, letter: str, known: tuple[str, ...], depth: int = 0) -> str:
    """An expression with as many entries as units ("H") or inputs ("I")."""

    def inner(of: str = letter) -> str:
        return draw(expressions(of, known, depth + 1))

    if depth > 3:
        kind = "name"
    else:
        kind = draw(
            st.sampled_from(["name", "name", "sum", "product", "call", "minus", *["matrix"] * 2 * (letter == "H")])
        )
    match kind:
        case "sum":
            return f"({inner()} {draw(st.sampled_from('+-'))} {inner()})"
        case "product":
            return f"({inner()} * {inner()})"
        case "call":
            return f"{draw(st.sampled_from(SMOOTH))}({inner()})"
        case "minus":
            return f"(-{inner()})"
        case "matrix":
            of = draw(st.sampled_from("HI"))
            return f"({'WR'[of == 'I']}{draw(st.integers(1, 2))} @ ({inner(of)}))"
        case _:
            vectors = known if letter == "H" else ("x", "x")
            return draw(
                st.sampled_from([*vectors, *vectors, f"{'hi'[letter == 'I']}b{draw(st.integers(1, 2))}", "0.5"])
            )


@composite
def cells(draw: DrawFn) -> str:
    """Up to three lines, the last one h; every name before it may be a state."""
    names = [*draw(st.sampled_from([(), ("m",), ("m", "k")])), "h"]
    lines: list[str] = []
    for place, name in enumerate(names):
        known = (*names[:place], *(f"{one}_prev" for one in names))
        # A start whose length and use of x are settled, whatever is drawn.
        start = draw(st.sampled_from(["tanh(R1 @ x)", "R1 @ x", "tanh(R3 @ x + W3 @ h_prev + hb3)"]))
        lines.append(f"{name} = {start} + 0.3 * {draw(expressions('H', known))}")
    return "\n".join(lines)


@given(cells(), st.integers(1, 2), st.integers(0, 9))
@settings(max_examples=150)
def test_every_gradient_of_a_cell_drawn_at_random(text: str, layers: int, seed: int) -> None:
    stream = np.random.default_rng(seed)
    x, y = stream.normal(size=(STEPS, BATCH, INPUTS)), stream.integers(0, OUTPUTS, (STEPS, BATCH))
    spec = engine.parse_spec(
        {
            "cell": {"name": "drawn", "equations": text},
            "hidden_size": UNITS,
            "layers": layers,
            "seed": seed,
            "task": {"kind": "arrays"},
        }
    )
    data = engine.Data(x, y, OUTPUTS)
    # Biases that are zero would hide where they act.
    weights: dict[str, Array] = {
        slot.name: np.asarray(stream.normal(0, 0.5, slot.shape)) for slot in engine.describe(spec, data).slots
    }
    rows = engine.check(spec, data, weights, entries=4)
    assert [row for row in rows if not row.ok] == []
