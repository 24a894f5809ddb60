"""What the HTTP calls answer, as models: the OpenAPI description is made from them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The server can serve."""

    status: str = "ok"
    version: str


class CellAnswer(BaseModel):
    """A built-in cell: its equations, one a line, and where they are from."""

    name: str
    title: str
    source: str
    equations: str
    defaults: dict[str, Any] = Field(description="fields of a spec where it is silent")
    presets: dict[str, dict[str, float]] = Field(description="lines to hold, each with its value, by what that does")


class ActivationAnswer(BaseModel):
    """An activation and its derivative; `bounds` is null where its value has none."""

    name: str
    formula: str
    derivative: str
    bounds: tuple[float, float] | None
    source: str


class TaskAnswer(BaseModel):
    """A task: what must be remembered and for how long, and its parameters as JSON schemas with `range`, `default`."""

    name: str
    title: str
    sentence: str = Field(description="what must be remembered and for how long, with the defaults")
    parameters: dict[str, dict[str, Any]]
    readout: str = Field(description="the readout that its targets need, and have where a spec names none")
    distance: str | None = Field(description="the parameter that sets how long; null where the data do")
    measure: str | None = Field(description="accuracy, or mean squared error; null where the data decide")
    better: str | None = Field(description="which score is the better one: higher or lower")
    scored: str = Field(description="the steps that are scored")
    baseline: float | None = Field(description="what the best guess without memory gets, with the defaults")
    solved: float | None = Field(description="the score from which on it counts as learned, with the defaults")


class Summary(BaseModel):
    """One pass in a few numbers; a number that is not finite is null."""

    loss: float | None
    sizes: dict[str, int] = Field(description="T timesteps, B sequences, I, H, O, L layers")
    parameters: int = Field(description="how many numbers are learned")
    gradient_norms: dict[str, float | None] = Field(description="Frobenius norm of each total gradient")


class TraceAnswer(BaseModel):
    """Where the trace of a spec is; the same spec has the same id."""

    id: str
    url: str
    summary: Summary


class CheckRowAnswer(BaseModel):
    """One array's gradient against central differences; `index` is where of its moved entries the two differ most."""

    name: str
    shape: list[int]
    checked: int = Field(description="how many of its entries were moved")
    error: float | None = Field(description="relative error, by norm")
    noise: float | None = Field(description="the difference that rounding alone can make")
    ok: bool
    index: list[int]
    analytic: float | None
    numeric: float | None


class CheckAnswer(BaseModel):
    """The gradient check of a spec: a row for every parameter, for x and for every initial state, or one entry's."""

    id: str
    ok: bool
    rows: list[CheckRowAnswer]
