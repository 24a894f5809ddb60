"""A spec: one experiment, read from JSON and checked field by field.

Pydantic checks it (and gives the server its schema); it computes nothing.

>>> parse_spec({}).cell
'rnn'
>>> parse_spec({"hidden_size": 0})
Traceback (most recent call last):
    ...
engine.errors.SpecError: hidden_size must be between 1 and 512, got 0
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import pydantic_core
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator
from pydantic_core import ErrorDetails

from engine.cells import cells
from engine.equations import MAX_CHARACTERS, Equations, parse, without_biases
from engine.errors import EquationError, SpecError, cut, shorten
from engine.held import hold
from engine.overrides import array_names, check_names, held, is_parameter
from engine.part_spec import (
    ALGORITHMS,
    OPTIMIZERS,
    PART_RANGES,
    AlgorithmForms,
    Bptt,
    Feedback,
    Initialization,
    OptimizerForms,
    Override,
    Sgd,
    Truncated,
)
from engine.task_spec import TASK_FORMS, TASK_RANGES, TaskForms, TextTask

RANGES: dict[str, tuple[float, float]] = {
    "hidden_size": (1, 512),
    "layers": (1, 4),
    **TASK_RANGES,
    "cell.name": (1, 40),
    "cell.equations": (1, MAX_CHARACTERS),
    **PART_RANGES,
    "clip_norm": (1e-12, 1e12),
    "seed": (0, 2**32 - 1),
}
"""The least and the greatest of every number (of a text: of its length in characters; of a list: of its length)."""

ActivationName = Literal[
    "tanh",
    "sigmoid",
    "hard_sigmoid",
    "relu",
    "leaky_relu",
    "elu",
    "isrlu",
    "softplus",
    "identity",
]


def _within(field: str, **more: Any) -> Any:
    low, high = RANGES[field]
    return Field(ge=low, le=high, **more)


def _long(field: str) -> Any:
    low, high = RANGES[field]
    return Field(min_length=int(low), max_length=int(high))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class OwnCell(_Part):
    """A cell the user typed."""

    name: str = _long("cell.name")
    equations: str


def _cell_form(value: object) -> str:
    return "name" if isinstance(value, str) else "own"


def _kind_or(default: str) -> Callable[[object], object]:
    """What tells the forms of a part apart: its `kind`, which may be left out for the default."""

    def kind(value: object) -> object:
        if isinstance(value, dict):
            return value.get("kind", default)
        return getattr(value, "kind", default)

    return kind


class Spec(_Part):
    """One experiment. Every field has a default; `Spec()` is a good first one."""

    cell: Annotated[Annotated[str, Tag("name")] | Annotated[OwnCell, Tag("own")], Discriminator(_cell_form)] = "rnn"
    activation: ActivationName = "tanh"
    gate_activation: ActivationName = "sigmoid"
    bias: bool = True
    hidden_size: int = _within("hidden_size", default=8)
    layers: int = _within("layers", default=1)
    recurrence: Literal["full", "none"] = "full"
    weights_shared: bool = True
    feedback: Feedback = Feedback()
    readout: Literal["softmax", "linear"] = "softmax"
    loss_at: Literal["every_step", "last_step"] = "every_step"
    task: Annotated[TaskForms, Discriminator(_kind_or("text"))] = TextTask()
    algorithm: Annotated[AlgorithmForms, Discriminator(_kind_or("bptt"))] = Bptt()
    clip_norm: float | None = _within("clip_norm", default=None)
    optimizer: Annotated[OptimizerForms, Discriminator(_kind_or("sgd"))] = Sgd()
    initialization: Initialization = Initialization()
    dtype: Literal["float64", "float32"] = "float64"
    seed: int = _within("seed", default=0)
    overrides: Annotated[tuple[Override, ...], Field(strict=False, max_length=int(RANGES["overrides"][1]))] = ()

    @model_validator(mode="before")
    @classmethod
    def _where_silent(cls, given: Any) -> Any:
        """A readout that is not given is the one that the task's targets need; a cell has defaults of its own."""
        if not isinstance(given, dict):
            return given
        kind, cell = _kind_or("text")(given.get("task")), given.get("cell")
        form = TASK_FORMS.get(kind) if isinstance(kind, str) else None
        known = cells().get(cell) if isinstance(cell, str) else None
        filled = {"readout": form.readout, **given} if form else dict(given)
        for field, usual in (known.defaults if known else {}).items():
            own = filled.setdefault(field, usual)
            if isinstance(own, dict) and isinstance(usual, dict):
                filled[field] = usual | own
        return filled

    @property
    def cell_name(self) -> str:
        """The built-in's name, or the one its author gave."""
        return self.cell if isinstance(self.cell, str) else self.cell.name

    def at_test(self) -> Spec:
        """The experiment at test time: where a target or a draw was fed back, the prediction takes its place.

        Goodfellow, Bengio and Courville (2016), figure 10.6. Overrides stay, but for those of parameters: they
        are first values, and what is tested is what was learned.
        """
        begun = self.begun()
        if self.feedback.source == "none":
            return begun
        return begun.model_copy(update={"feedback": self.feedback.model_copy(update={"mode": "free"})})

    def begun(self) -> Spec:
        """The experiment once its weights have their first values, which overrides of parameters are."""
        kept = tuple(one for one in self.overrides if not is_parameter(one.name))
        return self if kept == self.overrides else self.model_copy(update={"overrides": kept})

    def equations(self) -> Equations:
        """The cell's equations as they run: `whole_cell` with the lines held that are overridden."""
        return hold(self.whole_cell(), held(self.overrides))

    def whole_cell(self) -> Equations:
        """The cell's equations with nothing held: activations replaced, biases dropped where unwanted."""
        if isinstance(self.cell, str):
            cell = cells()[self.cell].with_activations(self.activation, self.gate_activation)
        else:
            cell = parse(self.cell.equations, self.feedback.source == "output")
        return cell if self.bias else without_biases(cell)


def parse_json(text: str | bytes) -> object:
    """JSON to Python values; raises SpecError for malformed JSON.

    NaN and Infinity are read, though no JSON has them: whoever checks the values refuses them by
    their field, which says more than a column does.
    """
    try:
        return pydantic_core.from_json(text, allow_inf_nan=True)
    except ValueError as error:
        reason = str(error)
        raise SpecError(f"not valid JSON: {reason}", code="malformed_json") from None


def parse_spec(data: object) -> Spec:
    """A checked Spec from decoded JSON; raises SpecError naming the field, value and range."""
    if not isinstance(data, dict):
        raise SpecError(f"a spec must be a JSON object, got {shorten(data)}", "spec")
    try:
        spec = Spec.model_validate(data)
    except ValidationError as error:
        raise _spec_error(error.errors(include_url=False)[0]) from None
    _check_cell(spec)
    _check_overrides(spec)
    _check_readout(spec)
    _check_truncation(spec)
    return spec


def spec_id(spec: Spec, extra: bytes = b"") -> str:
    """16 hexadecimal digits that name the experiment; `extra` is data that came with the call."""
    # Without overrides an experiment is called what it was called before there were any.
    unsaid = None if spec.overrides else {"overrides"}
    canonical = pydantic_core.to_json(spec.model_dump(mode="json", exclude=unsaid))
    return hashlib.sha256(canonical + extra).hexdigest()[:16]


def _check_cell(spec: Spec) -> None:
    if isinstance(spec.cell, str) and spec.cell not in cells():
        names = ", ".join(cells())
        raise SpecError(
            f'cell must be one of {names}, or {{"name", "equations"}}, got {shorten(spec.cell)}',
            "cell",
        )
    try:
        spec.whole_cell()
    except EquationError as error:
        raise error from None


def _check_overrides(spec: Spec) -> None:
    if spec.overrides:
        cell = spec.equations()
        arrays = array_names(cell, spec.layers, spec.bias, spec.recurrence == "full")
        check_names(spec.overrides, spec.whole_cell(), cell, arrays)


def _check_readout(spec: Spec) -> None:
    task = spec.task
    if task.kind == "arrays" or spec.readout == task.readout:
        return
    targets = "symbols" if task.readout == "softmax" else "real numbers"
    reason = f"readout must be '{task.readout}' for task '{task.kind}', whose targets are {targets}"
    raise SpecError(f"{reason}, got '{spec.readout}'", "readout")


def _check_truncation(spec: Spec) -> None:
    cut = spec.algorithm
    if isinstance(cut, Truncated) and cut.k2 < cut.k1:
        reason = f"algorithm.k2 must be at least k1, which is {cut.k1}, got {cut.k2}"
        raise SpecError(f"{reason}: a loss goes back at least through its own steps", "algorithm.k2")


_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_unicode": "a text of valid Unicode",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "tuple_type": "a list",
}
_FORMS: dict[str, tuple[str, Mapping[str, type[BaseModel]]]] = {
    "task": ("text", TASK_FORMS),
    "algorithm": ("bptt", ALGORITHMS),
    "optimizer": ("sgd", OPTIMIZERS),
}
"""The parts that come in several forms: the kind that may be left out, and the form of every kind."""
_PARTS: dict[tuple[int | str, ...], type[BaseModel]] = {
    (): Spec,
    ("cell", "own"): OwnCell,
    ("feedback",): Feedback,
    **{(part, kind): form for part, (_, forms) in _FORMS.items() for kind, form in forms.items()},
    ("initialization",): Initialization,
    ("overrides",): Override,
}
"""The models by where pydantic finds them: a union's tag is a part of the place, a place in a list is none."""


def _spec_error(detail: ErrorDetails) -> SpecError:
    """Pydantic's first complaint in our words: what was given, what is allowed."""
    kind, path, given = detail["type"], _path(detail), detail["input"]
    if kind in ("extra_forbidden", "invalid_key"):
        # Not from the dotted path: a caller's own name may hold dots.
        allowed = ", ".join(_PARTS[_part(detail)].model_fields)
        return SpecError(f"unknown field {shorten(path)}; allowed are {allowed}", cut(path))
    if kind in ("string_too_short", "string_too_long", "too_long"):
        return _length_error(path, detail)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        default, _ = _FORMS[path]
        path, given = f"{path}.kind", _kind_or(default)(given)
    told = "nothing" if kind == "missing" else shorten(given)
    return SpecError(f"{path} must be {_allowed(path, detail)}, got {told}", path)


def _allowed(field: str, detail: ErrorDetails) -> str:
    """What a field may be, as far as the complaint is about it."""
    kind = detail["type"]
    low, high = (f"{bound:.15g}" for bound in _range(field, detail))
    if field == "cell":
        return 'the name of a built-in or {"name", "equations"}'
    part = field.removesuffix(".kind")
    if part in _FORMS and part != field:
        return " or ".join(map(repr, _FORMS[part][1]))
    if kind == "literal_error":
        return str(detail["ctx"]["expected"])
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"between {low} and {high}"
    if kind == "finite_number":
        return f"a finite number between {low} and {high}"
    if kind == "missing" and _PARTS[_part(detail)].model_fields[field.rpartition(".")[2]].annotation is float:
        return f"a number between {low} and {high}"
    return _KINDS.get(kind, f"a text of {low} to {high} characters")


def _part(detail: ErrorDetails) -> tuple[int | str, ...]:
    """The place of the part that a complaint's field is in."""
    return tuple(part for part in detail["loc"][:-1] if isinstance(part, str))


def _range(field: str, detail: ErrorDetails) -> tuple[float, float]:
    """The range of a field; the loc of a complaint also names the task, where each has a range of its own."""
    place = ".".join(part for part in detail["loc"] if isinstance(part, str))
    return RANGES.get(place, RANGES.get(field, (0, 0)))


def _length_error(field: str, detail: ErrorDetails) -> SpecError:
    low, high = _range(field, detail)
    given = f"{len(detail['input']):,}" if detail["input"] else "an empty text"
    what = "entries" if detail["type"] == "too_long" else "characters"
    return SpecError(f"{field} must have between {low:.0f} and {high:,.0f} {what}, got {given}", field)


def _path(detail: ErrorDetails) -> str:
    """The dotted path of a complaint, without the tags of pydantic's unions."""
    tags = {("cell", "name"), *(place for place in _PARTS if len(place) > 1)}
    path = [str(part) for part in detail["loc"]]
    if tuple(path[:2]) in tags:
        del path[1]
    return ".".join(path)
