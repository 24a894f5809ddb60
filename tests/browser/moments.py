"""The moments of a pass in the order of the page's design, from the engine's plan alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine import Plan


@dataclass(frozen=True)
class Moment:
    """One thing that happens, with t and layer counted from 0; `line` is the text of its equation."""

    phase: str
    t: int | None
    layer: int | None
    kind: str
    line: str
    target: str = ""


def moments(plan: Plan) -> list[Moment]:
    """Every moment of the pass."""
    T, L = plan.sizes["T"], plan.sizes["L"]
    made = [moment for t in range(T) for moment in _forward(plan, t)]
    made += [Moment("loss", None, None, "output", line["text"], line["target"]) for line in plan.equations["output"]]
    made += [moment for t in reversed(range(T)) for layer in reversed(range(L)) for moment in _back(plan, t, layer)]
    kinds = ["sum"] + ["clip"] * (plan.spec.clip_norm is not None) + ["update"]
    return made + [Moment("update" if kind == "update" else "sum", None, None, kind, kind) for kind in kinds]


def steps(plan: Plan) -> list[Moment]:
    """Where the arrows stop timestep by timestep: losses, grad.o, the top layer's merges, then the weights."""
    top = plan.sizes["L"] - 1
    wanted = {"loss", "output", "sum", "clip", "update"}
    merges = [one for one in moments(plan) if one.kind in wanted or (one.kind, one.layer) == ("merge", top)]
    return [one for one in merges if one.kind != "merge" or one.target == "grad.h"]


def title(moment: Moment, plan: Plan) -> str:
    """What the now line begins with."""
    if moment.kind == "clip":
        return "Clipping."
    name = moment.phase.capitalize()
    if moment.t is None:
        return f"{name}."
    layer = f", layer {moment.layer + 1}" if moment.layer is not None and plan.sizes["L"] > 1 else ""
    return f"{name}, step {moment.t + 1} of {plan.sizes['T']}{layer}."


def _forward(plan: Plan, t: int) -> Iterator[Moment]:
    for layer in range(plan.sizes["L"]):
        for line in plan.equations["forward"]:
            yield Moment("forward", t, layer, "line", _joined(plan, line["text"], layer), line["target"])
    for line in plan.equations["readout"]:
        kind = "loss" if line["target"] == "loss" else "readout"
        yield Moment("forward", t, None, kind, line["text"], line["target"])


def _back(plan: Plan, t: int, layer: int) -> Iterator[Moment]:
    for line in plan.equations["backward"]:
        # What the bottom layer sends down to its input ends there and is no moment; what goes to the output before
        # is told with that output.
        if line["kind"] != "below" or (layer > 0 and line["target"] != "grad.y_prev"):
            yield Moment("backward", t, layer, line["kind"], _joined(plan, line["text"], layer), line["target"])


def _joined(plan: Plan, text: str, layer: int) -> str:
    """A line of the lowest layer reads the input and the output before it as one."""
    return re.sub(r"(?<![\w.])x\b", "[x; y_prev]", text) if plan.concatenated and layer == 0 else text
