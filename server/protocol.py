"""Every message of the WebSocket, tagged by `type`: the one place where their fields are decided.

Text messages are these models as JSON. A binary message is a safetensors frame (`server.wire`)
whose `__metadata__` is a `Step` or a `Found`, every scalar as a string.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine import What

PROTOCOL = 1

Code = Literal[
    "malformed_json",
    "invalid_message",
    "invalid_spec",
    "too_large",
    "busy",
    "unknown_run",
    "not_found",
    "method_not_allowed",
    "body_too_large",
    "forbidden_origin",
    "bad_request",
    "internal",
]
MAX_RUN_ID = 64
RunId = Annotated[str, Field(min_length=1, max_length=MAX_RUN_ID)]
Dtype = Literal["float32", "float64"]


class Message(BaseModel):
    """What all messages share: a field that is not listed is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# From the client.


class Run(Message):
    """Compute the pass of `spec` and send its steps, arrays as `dtype`; `run` names it from here on."""

    type: Literal["run"]
    run: RunId
    spec: Any
    dtype: Dtype = "float32"


class Find(Message):
    """Compute the pass of `spec` and send what is found out of it, arrays as `dtype`; `run` names it from here on.

    `what` is `flow` (which loss reaches which state), `inputs` (which loss reaches which input), `jacobians`
    (singular values of each step back, singular values and eigenvalues of the recurrent matrices), `signals` (what
    survives each step back, saturated and dead units, steps that agree) or `axes` (where each state is along the
    two directions in which it moves most).
    """

    type: Literal["find"]
    run: RunId
    spec: Any
    what: What
    dtype: Dtype = "float32"


class Cancel(Message):
    """Stop a run, or finding; it is answered by `cancelled`."""

    type: Literal["cancel"]
    run: RunId


ClientMessage = Annotated[Run | Find | Cancel, Field(discriminator="type")]
CLIENT_MESSAGES: TypeAdapter[Run | Find | Cancel] = TypeAdapter(ClientMessage)


# From the server.


class Hello(Message):
    """The first message on every connection."""

    type: Literal["hello"] = "hello"
    protocol: int = PROTOCOL
    version: str
    limits: dict[str, Any]


class Plan(Message):
    """What a run is going to send: everything that is known before the first number.

    `total` is the number of step frames; `norms` names, for each layer, the numbers in
    `log10_norms` of a backward frame. `code` holds the listings `numpy` and `torch`: lines of `text`
    with the `marks` of the moments in which they are current, PHASE.KIND.TARGET.
    """

    type: Literal["plan"] = "plan"
    run: str
    id: str
    spec: dict[str, Any]
    equations: dict[str, Any]
    parameters: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    norms: list[list[str]]
    columns: dict[str, Any]
    task: dict[str, Any]
    sizes: dict[str, int]
    total: int
    code: dict[str, list[dict[str, Any]]]


class Framed(Message):
    """What the metadata of all binary frames share."""

    def metadata(self) -> dict[str, str]:
        """The fields as safetensors wants them: strings, those that do not apply left out."""
        return {name: str(value) for name, value in self if value is not None}


class Step(Framed):
    """The metadata of one binary frame of a run. `seq` counts 0 .. total - 1; `t` counts from 0.

    Phase sum tells `grad_norm`, the norm of the whole gradient, and `clip_scale`, what clipping
    multiplies it by.
    """

    type: Literal["step"] = "step"
    run: str
    seq: int
    phase: Literal["forward", "output", "backward", "sum", "update"]
    t: int | None = None
    layer: int | None = None
    grad_norm: float | None = None
    clip_scale: float | None = None


class Found(Framed):
    """The metadata of one binary frame of what a `find` asked for; the last timesteps come first.

    The arrays hold the timesteps from `first` to before `first + count`, of `total`: of `flow` and `inputs` along their
    last axis, else along their first. What is of no timestep comes with the first frame. `seq` counts from 0.
    """

    type: Literal["finding"] = "finding"
    run: str
    seq: int
    what: What
    first: int
    count: int
    total: int


class Done(Message):
    """The last message of a run, or of what was found; `loss` is null where it is not finite."""

    type: Literal["done"] = "done"
    run: str
    id: str
    loss: float | None


class Cancelled(Message):
    """The last message of a run that was cancelled."""

    type: Literal["cancelled"] = "cancelled"
    run: str


class Error(Message):
    """What was given and what is allowed, the same shape over HTTP and on the WebSocket."""

    type: Literal["error"] = "error"
    code: Code
    message: str
    field: str | None = None


class RunError(Error):
    """An error that is the last message of the run it names."""

    run: str


ServerMessage = Hello | Plan | Done | Cancelled | Error
