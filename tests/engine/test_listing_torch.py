"""The PyTorch listing: it reads, it names what the plan names, and where PyTorch is at hand it computes the same."""

from __future__ import annotations

import ast
from typing import Any

import pytest

import engine
from engine.listing.names import Names
from tests.engine.listings import assert_torch_computes_the_pass, text
from tests.engine.test_listing import spec
from tests.engine.test_listing_marks import EXPERIMENTS

MAKERS = ("draw", "draw_recurrent", "np.zeros", "np.full", "np.eye")


def calls(node: ast.AST, *names: str) -> list[ast.Call]:
    """The calls of functions of these names, outermost first."""
    return [one for one in ast.walk(node) if isinstance(one, ast.Call) and ast.unparse(one.func) in names]


def shape_of(node: ast.Call, sizes: dict[str, int]) -> tuple[int, ...]:
    """The shape of a parameter's value, without its timesteps, from the text that makes it."""
    made = calls(node, *MAKERS)[0]
    lengths = [eval(ast.unparse(one), {}, sizes) for one in made.args]
    match ast.unparse(made.func):
        case "draw" if calls(node, "np.diag"):
            return (lengths[1], 1) if "[:, None]" in ast.unparse(node) else (lengths[1],)
        case "draw" | "draw_recurrent":
            return tuple(lengths[1:])
        case "np.eye":
            return (lengths[0], lengths[0])
        case _:
            return tuple(lengths[0]) if isinstance(lengths[0], tuple) else (lengths[0],)


def parameters(listing: str, sizes: dict[str, int]) -> dict[str, list[tuple[int, ...]]]:
    """The shapes, a layer each, of every name that is made by `parameter`."""
    assigned = [node for node in ast.parse(listing).body if isinstance(node, ast.Assign)]
    found = {ast.unparse(node.targets[0]): calls(node.value, "parameter") for node in assigned}
    return {name: [shape_of(one, sizes) for one in made] for name, made in found.items() if made}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_its_parameters_have_the_names_and_shapes_of_the_plan(name: str) -> None:
    plan = engine.describe(spec(EXPERIMENTS[name]))
    names = Names([*plan.cell.names, *(one.name for one in plan.cell.parameters)], plan.sizes["B"] > 1)
    wanted: dict[str, list[tuple[int, ...]]] = {}
    untied = 0 if plan.spec.weights_shared else 1
    for slot in plan.slots:
        column = (1,) if plan.sizes["B"] > 1 and slot.role != "matrix" else ()
        written = slot.name if slot.layer is None else names.of(slot.local)
        wanted.setdefault(written, []).append((*slot.shape[untied:], *column))
    found = parameters(text(plan, plan.data, face="torch"), plan.sizes)
    drawn = {name: [shape[-len(wanted[name][0]) :] for shape in shapes] for name, shapes in found.items()}
    assert drawn == wanted


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_where_pytorch_is_at_hand_it_finds_the_same_gradients(name: str) -> None:
    pytest.importorskip("torch")
    assert_torch_computes_the_pass(spec(EXPERIMENTS[name]))


def test_it_knows_what_pytorch_calls_the_matrices_of_its_own_modules() -> None:
    fields: dict[str, Any] = {"cell": "gru"}
    plan = engine.describe(spec(fields))
    rows = "# PyTorch's own module calls this weight_hh_l0: W_reset, W_update, W_candidate"
    assert rows in text(plan, plan.data, face="torch")
