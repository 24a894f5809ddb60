"""The HTTP calls: what can be asked for, a trace, a gradient check."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

import anyio
import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

import engine
from engine.activations import Array
from engine.errors import shorten
from engine.gradcheck import check_is_entry
from engine.norms import log10_norm
from server import answers, limits, specs
from server import tasks as known_tasks
from server.errors import CallerError
from server.protocol import Error
from server.services import Services, Shared

SPEC = {"$ref": "#/components/schemas/Spec"}
BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": SPEC}}}}
SAFETENSORS = "application/octet-stream"
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The trace as safetensors", "content": {SAFETENSORS: {}}},
    304: {"description": "The caller has it already"},
    404: {"description": "The trace is not known", "model": Error},
}
ONE_YEAR = 365 * 24 * 3600
ENTRY = re.compile(r"([\w.]+)((?:,[0-9]{1,9})*)")
Entry = Annotated[
    str | None,
    Query(
        description="one entry alone, much quicker: an array by the trace's name and a place from 0 on each of its "
        "axes, as in `layer0.W,2,3`, `x,4,0,1` (t, b, i) or `layer0.h.initial,0,2` (b, unit)"
    ),
]

Result = TypeVar("Result")

router = APIRouter(responses={"default": {"description": "What was given and what is allowed", "model": Error}})


@router.head("/healthz", include_in_schema=False)  # what load balancers ask
@router.get("/healthz")
async def health() -> answers.Health:
    """Whether the server can serve."""
    return answers.Health(version=engine.engine_version())


@router.get("/api/cells")
async def cells() -> list[answers.CellAnswer]:
    """The built-in cells and their equations."""
    return [answers.CellAnswer.model_validate(cell, from_attributes=True) for cell in engine.cells().values()]


@router.get("/api/activations")
async def activations() -> list[answers.ActivationAnswer]:
    """The activations and their derivatives."""
    known = engine.ACTIVATIONS.values()
    return [answers.ActivationAnswer.model_validate(one, from_attributes=True) for one in known]


@router.get("/api/tasks")
async def tasks() -> list[answers.TaskAnswer]:
    """The tasks and their parameters."""
    return known_tasks.offered()


@router.get("/api/limits")
async def bounds(shared: Shared) -> dict[str, Any]:
    """The ranges of a spec and the bounds of this server; sizes in bytes."""
    return limits.told(shared.settings)


@router.post("/api/traces", openapi_extra=BODY)
async def make_trace(request: Request, shared: Shared) -> answers.TraceAnswer:
    """Compute the pass of a spec; the same spec gives the same id."""
    plan = await _plan(request, shared)
    one = await _while_there(request, shared.workers.whole(plan.spec))
    shared.traces.remember(plan)
    return answers.TraceAnswer(
        id=plan.id,
        url=f"/api/traces/{plan.id}.safetensors",
        summary=await shared.workers.slice(_summary, one),
    )


@router.get("/api/traces/{trace_id}.safetensors", response_class=Response, responses=FILE)
async def read_trace(trace_id: str, request: Request, shared: Shared) -> Response:
    """Every number of a pass, by the names of the contract."""
    spec = shared.traces.find(trace_id)
    if spec is None:
        message = f"no trace {shorten(trace_id)} is known here; POST /api/traces with its spec makes it known"
        raise CallerError("not_found", message)
    headers = {
        "ETag": f'"{trace_id}-{engine.engine_version()}"',
        "Cache-Control": f"public, max-age={ONE_YEAR}, immutable",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{trace_id}.safetensors"'
    one = await shared.workers.whole(spec)
    content = await shared.workers.slice(lambda: one.trace.to_bytes())
    return Response(content, media_type=SAFETENSORS, headers=headers)


@router.post("/api/check", openapi_extra=BODY)
async def check(request: Request, shared: Shared, entry: Entry = None) -> answers.CheckAnswer:
    """Every parameter's gradient against central differences, or one entry's; ends when its caller leaves."""
    plan = await _plan(request, shared)
    if entry is None:
        specs.check_work(plan, shared.settings.check_seconds, specs.forward_passes(plan))
        found = await _while_there(request, shared.workers.check(plan.spec))
    else:
        place = _entry(entry, plan)
        specs.check_work(plan, shared.settings.check_seconds, 2)
        found = [await _while_there(request, shared.workers.check_entry(plan.spec, *place))]
    rows = [answers.CheckRowAnswer.model_validate(row, from_attributes=True) for row in found]
    return answers.CheckAnswer(id=plan.id, ok=all(row.ok for row in rows), rows=rows)


def _entry(text: str, plan: engine.Plan) -> tuple[str, tuple[int, ...]]:
    """The name and the index in the words of a query; raises CallerError and SpecError."""
    found = ENTRY.fullmatch(text)
    if found is None:
        reason = "entry must be a name and whole numbers from 0 with commas between them, as in layer0.W,2,3"
        raise CallerError("bad_request", f"{reason}, got {shorten(text)}", "entry")
    name, index = found[1], tuple(int(number) for number in found[2].split(",")[1:])
    check_is_entry(plan, name, index)
    return name, index


async def _plan(request: Request, shared: Services) -> engine.Plan:
    """The plan of the spec in a request's body; raises SpecError and CallerError."""
    body = await _body(request, shared.settings.max_body)
    return await shared.workers.slice(lambda: specs.planned(engine.parse_json(body), shared.settings.memory_limit))


async def _body(request: Request, most: int) -> bytes:
    """The body of a request; raises CallerError as soon as it is known to be too long."""
    announced = int(request.headers.get("content-length", 0))
    received = bytearray()
    if announced <= most:
        async for chunk in request.stream():
            received += chunk
            if len(received) > most:
                break
    if max(announced, len(received)) > most:
        raise CallerError("body_too_large", f"a body may have {most:,} bytes, got more")
    return bytes(received)


async def _while_there(request: Request, work: Awaitable[Result]) -> Result:
    """The result of `work`, which is cancelled when the caller leaves: then raises ClientDisconnect."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_cancel_without, request, tasks.cancel_scope)
        result = await work
        tasks.cancel_scope.cancel()
        return result
    raise ClientDisconnect


async def _cancel_without(request: Request, scope: anyio.CancelScope) -> None:
    """Cancel `scope` when the caller of a request, whose body has been read, leaves."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _summary(one: engine.Pass) -> answers.Summary:
    return answers.Summary(
        loss=one.loss,
        sizes=one.plan.sizes,
        parameters=sum(parameter["count"] for parameter in one.plan.parameters),
        gradient_norms={f"grad.{name}": _norm(array) for name, array in one.gradients.items()},
    )


def _norm(array: Array) -> float:
    """The Frobenius norm, with no square on the way that underflows at 1e-200; inf beyond all floats."""
    with np.errstate(over="ignore"):
        return float(np.power(10.0, log10_norm(array)))
