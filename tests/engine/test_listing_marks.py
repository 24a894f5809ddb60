"""The lines of the listings: which moments they are marked with, what they name, how much they are."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import pytest

import engine
from engine.listing.names import RESERVED, SLOPES, Names
from tests.browser.moments import moments
from tests.engine.listings import text
from tests.engine.test_listing import COLLIDING, FEEDBACKS, KINDS, OVERRIDES, SEVERAL, spec
from tests.engine.test_random_specs import NAMING, typed
from tests.engine.typed_cells import TYPED

CELLS: dict[str, Any] = {name: name for name in engine.cells()} | {name: typed(name) for name in (*TYPED, *NAMING)}
EXPERIMENTS: dict[str, dict[str, Any]] = {
    **{name: {"cell": cell} for name, cell in CELLS.items()},
    **{f"layers of {name}": {"cell": cell, "layers": 2, "task": SEVERAL} for name, cell in CELLS.items()},
    **KINDS,
    **OVERRIDES,
    "colliding": {"cell": {"name": "own", "equations": COLLIDING.strip()}, "layers": 2, "feedback": FEEDBACKS[2]},
}


def occurring(plan: engine.Plan) -> set[str]:
    """The marks of all moments of the pass."""
    targets = {"output": "grad.o"}
    return {f"{one.phase}.{one.kind}.{one.target or targets.get(one.kind, '')}" for one in moments(plan)}


def marks(plan: engine.Plan, face: str) -> list[str]:
    return [mark for line in plan.code[face] for mark in line["marks"]]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_moment_has_a_line_and_no_line_one_that_does_not_occur(name: str) -> None:
    plan = engine.describe(spec(EXPERIMENTS[name]))
    assert set(marks(plan, "numpy")) == occurring(plan)
    assert set(marks(plan, "torch")) == occurring(plan)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_marked_line_says_what_the_moment_says(name: str) -> None:
    plan = engine.describe(spec(EXPERIMENTS[name]))
    names = Names([*plan.cell.names, *(one.name for one in plan.cell.parameters)], plan.sizes["B"] > 1)
    for line in plan.code["numpy"]:
        for kind, target in (mark.split(".", 2)[1:] for mark in line["marks"]):
            written = line["text"].split(" = ")[0].split(" += ")[0].split("[")[0].strip()
            if kind == "share":
                shares = {names.of(f"{target.removeprefix('grad.')}.share"), names.of(target)}
                assert written in shares
            elif kind == "handover":
                assert written == names.of(f"{target.removesuffix('_prev')}.next")
            elif kind in ("line", "merge"):
                assert written == names.of(target) or written.startswith(f"{names.of(target)}_")


@pytest.mark.parametrize("face", ["numpy", "torch"])
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_listing_calls_nothing_of_its_own_like_anything_of_a_cell(name: str, face: str) -> None:
    plan = engine.describe(spec(EXPERIMENTS[name]))
    own = Names([*plan.cell.names, *(one.name for one in plan.cell.parameters)], plan.sizes["B"] > 1)
    cell = [*plan.cell.names, *(one.name for one in plan.cell.parameters)]
    stems = "|".join({*cell, *(own.of(one) for one in cell)})
    derived = re.compile(rf"(grad_)?({stems})(_(a|part\d+|next|prev|share|before|from_above|from_future))*_*")
    made = global_names(ast.parse(text(plan, plan.data, face=face)))
    strange = made - RESERVED - SLOPES - set(engine.ACTIVATIONS) - {"B"}
    assert {one for one in strange if not derived.fullmatch(one)} == set()


def global_names(tree: ast.AST) -> set[str]:
    """What a program assigns or defines, but in functions and comprehensions."""
    apart = (ast.FunctionDef, ast.ListComp, ast.GeneratorExp)
    inside = {id(node) for one in ast.walk(tree) if isinstance(one, apart) for node in ast.walk(one)}
    nodes = [node for node in ast.walk(tree) if id(node) not in inside]
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_what_is_off_is_not_in_the_listing(name: str) -> None:
    fields = EXPERIMENTS[name]
    one = spec(fields)
    listing = text(engine.describe(one), engine.draw(one.task, one.seed))
    assert ("clip" in listing) == (one.clip_norm is not None)
    assert ("layer" in listing) == (one.layers > 1)
    assert ("y_prev" in listing) == (one.feedback.source == "output")
    assert ("sigmoid(" in listing) == ("sigmoid(" in str(one.equations()))
    assert ("there" in listing) == (one.task.kind == "count")
    assert ("set by hand" in listing) == any(entry.index or "." in entry.name for entry in one.overrides)


def test_the_default_listing_is_short_and_reads_like_the_equations() -> None:
    plan = engine.describe(engine.parse_spec({}))
    lines = [line["text"] for line in plan.code["numpy"] if line["text"]]
    assert len(lines) < 70
    for line in (
        "    a = U @ x[t] + W @ h[t - 1] + b",
        "    h[t] = np.tanh(a)",
        "    grad_h = V.T @ grad_o[t] + grad_h_next",
        "    grad_a = grad_h * (1 - h[t]**2)",
        "    W_share[t] = np.outer(grad_a, h[t - 1])",
        "    grad_h_next = W.T @ grad_a",
        "grad_W = W_share.sum(axis=0)",
        "W -= learning_rate * grad_W",
    ):
        assert line in lines
    assert max(map(len, lines)) < 90


@pytest.mark.parametrize("task", [{"kind": "text"}, {"kind": "adding", "length": 500, "batch": 100}])
def test_the_listings_of_two_layers_of_gates_are_small_on_the_wire(task: dict[str, Any]) -> None:
    plan = engine.describe(spec({"cell": "lstm", "layers": 2, "task": task}))
    assert len(json.dumps(plan.code)) < 30_000
