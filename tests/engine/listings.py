"""Listings as they are run: their text in a scope of its own, what they leave there by the trace's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import engine
from engine.activations import Array
from engine.listing import listings
from engine.listing.names import Names

Scope = dict[str, Any]


def text(plan: engine.Plan, data: engine.Data, weights: Mapping[str, Array] | None = None, face: str = "numpy") -> str:
    """What is copied."""
    return "\n".join(line["text"] for line in listings(plan, data, weights)[face]) + "\n"


def executed(listing: str) -> Scope:
    """The names of a program after it ran; an overflow is told by the numbers."""
    scope: Scope = {"__name__": "listing", "print": lambda *_: None}
    with np.errstate(all="ignore"):
        exec(compile(listing, "listing", "exec"), scope)
    return scope


def gradients(scope: Scope, plan: engine.Plan) -> dict[str, Array]:
    """Every gradient that a NumPy listing leaves, in the shape of the plan."""
    return _by_slot(scope, plan, "grad.")


def updated(scope: Scope, plan: engine.Plan) -> dict[str, Array]:
    """Every parameter after the update of a NumPy listing."""
    return _by_slot(scope, plan, "")


def _by_slot(scope: Scope, plan: engine.Plan, prefix: str) -> dict[str, Array]:
    cell = plan.cell
    names = Names([*cell.names, *(one.name for one in cell.parameters)], plan.sizes["B"] > 1)
    found: dict[str, Array] = {}
    for slot in plan.slots:
        local = prefix + slot.local
        value = scope[names.of(local) if slot.layer is not None else local.replace(".", "_")]
        value = value[slot.layer] if slot.layer is not None and plan.sizes["L"] > 1 else value
        found[slot.name] = np.asarray(value, np.float64).reshape(slot.shape)
    return found


def assert_alike(found: Mapping[str, Array], wanted: Mapping[str, Array], tolerance: float = 1e-12) -> None:
    """Every array the same, up to the tolerance of its largest entry; where one is no number, so is the other."""
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        scale = np.abs(value).max(initial=0, where=np.isfinite(value))
        np.testing.assert_allclose(found[name], value, rtol=tolerance, atol=tolerance * scale, err_msg=name)


def assert_computes_the_pass(
    spec: engine.Spec,
    data: engine.Data | None = None,
    weights: dict[str, Array] | None = None,
    tolerance: float = 1e-12,
) -> Scope:
    """The NumPy listing's loss, losses, gradients and updated weights are the engine's."""
    one = engine.Pass(spec, data, weights)
    trace = one.run()
    scope = executed(text(one.plan, one.data, weights))
    loss = {"loss": np.asarray(scope["L"], np.float64)}
    assert_alike(loss, {"loss": np.asarray(trace.loss)}, tolerance)
    assert_alike(gradients(scope, one.plan), one.gradients, tolerance)
    assert_alike(updated(scope, one.plan), one.updated, tolerance)
    return scope


def assert_torch_computes_the_pass(
    spec: engine.Spec,
    data: engine.Data | None = None,
    weights: dict[str, Array] | None = None,
    tolerance: float = 1e-10,
) -> None:
    """The same of the PyTorch listing, where PyTorch is at hand; after clipping its weights are its own."""
    one = engine.Pass(spec, data, weights)
    trace = one.run()
    scope = executed(text(one.plan, one.data, weights, "torch"))
    loss = scope["L"] if isinstance(scope["L"], float) else scope["L"].item()
    assert_alike({"loss": np.asarray(loss)}, {"loss": np.asarray(trace.loss)}, tolerance)
    local = [parameter.name for parameter in one.plan.cell.parameters]
    layers = range(one.plan.sizes["L"])
    order = [f"layer{layer}.{name}" for name in local for layer in layers] + [
        name for name in ("V", "c") if name in one.parameters
    ]
    found = dict(zip(order, scope["weights"], strict=True))
    shapes = {slot.name: slot.shape for slot in one.plan.slots}
    after = {name: value.detach().numpy().reshape(shapes[name]) for name, value in found.items()}
    assert_alike(after, {name: one.updated[name] for name in order}, 1e-5 if spec.clip_norm else tolerance)
    if spec.clip_norm is None:
        grads = {name: value.grad.numpy().reshape(shapes[name]) for name, value in found.items()}
        assert_alike(grads, {name: one.gradients[name] for name in order}, tolerance)
