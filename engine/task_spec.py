"""The tasks a spec may name: the parameters of each, with ranges and defaults.

Every task knows how many timesteps it has (`steps`), which parameter makes them more (`longer`), and which
readout its targets need: `softmax` where they are symbols, `linear` where they are real numbers.

>>> RecallTask(gap=3).steps
5
>>> SeriesTask(values=(1, 1, 1))
Traceback (most recent call last):
    ...
engine.errors.SpecError: task.values must hold two different numbers, got 1 only: there is nothing to predict
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, Tag, field_validator, model_validator

from engine.errors import SpecError, shorten

TASK_RANGES: dict[str, tuple[float, float]] = {
    "task.text": (2, 2000),
    "task.zen.length": (2, 856),
    "task.echo.gap": (1, 1000),
    "task.echo.length": (1, 1000),
    "task.recall.gap": (1, 1998),
    "task.copy.gap": (1, 1000),
    "task.copy.length": (1, 500),
    "task.adding.length": (4, 2000),
    "task.parity.length": (2, 2000),
    "task.count.most": (1, 999),
    "task.reber.gap": (5, 1997),
    "task.sine.gap": (1, 1000),
    "task.sine.length": (1, 1000),
    "task.sine.period": (3, 1000),
    "task.wobble.gap": (1, 100),
    "task.wobble.length": (3, 1000),
    "task.wobble.days": (1, 20),
    "task.values": (3, 2000),
    "task.series.gap": (1, 1000),
    "task.symbols": (2, 26),
    "task.batch": (1, 256),
}
"""By task and parameter, or by the parameter alone where all tasks agree; of `text` and `values` the length."""

MOST_INPUTS = 100_000
"""Timesteps times sequences of a task: with 53 inputs each, its x has 42 MB."""

LARGEST = 1e12
"""The largest size of a number of a series: its square has digits to spare."""


def _within(field: str, **more: Any) -> Any:
    low, high = TASK_RANGES[f"task.{field}"]
    return Field(ge=low, le=high, **more)


def _long(field: str, **more: Any) -> Any:
    low, high = TASK_RANGES[f"task.{field}"]
    return Field(min_length=int(low), max_length=int(high), **more)


class TaskPart(BaseModel):
    """What all tasks have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
    readout: ClassVar[Literal["softmax", "linear"]] = "softmax"
    longer: ClassVar[str | None] = None
    kind: str

    @property
    def steps(self) -> int:
        """T, the timesteps of every sequence, padding included."""
        raise NotImplementedError


class DrawnTask(TaskPart):
    """A task whose sequences are drawn anew for every batch; `batch` is how many at once."""

    batch: int = _within("batch", default=1)

    @model_validator(mode="after")
    def _fits_memory(self) -> Self:
        most = MOST_INPUTS // self.steps
        if self.batch > most:
            reason = f"task.batch must be at most {most} with {self.steps:,} timesteps, got {self.batch}"
            raise SpecError(reason, "task.batch")
        return self


class TextTask(TaskPart):
    """Predict the next character of a text; the alphabet is the text's own characters."""

    longer = "text"
    kind: Literal["text"] = "text"
    text: str = _long("text", default="hello world")

    @property
    def steps(self) -> int:
        """Every character but the last is an input."""
        return len(self.text) - 1


class ZenTask(TaskPart):
    """Predict the next of the first `length` characters of the Zen of Python."""

    longer = "length"
    kind: Literal["zen"] = "zen"
    length: int = _within("zen.length", default=17)

    @property
    def steps(self) -> int:
        """Every character but the last is an input."""
        return self.length - 1


class EchoTask(DrawnTask):
    """Repeat what came `gap` steps ago, `length` times; there are `symbols` different ones."""

    longer = "length"
    kind: Literal["echo"] = "echo"
    gap: int = _within("echo.gap", default=3)
    length: int = _within("echo.length", default=9)
    symbols: int = _within("symbols", default=4)

    @property
    def steps(self) -> int:
        """The first `gap` steps have nothing to repeat."""
        return self.length + self.gap


class RecallTask(DrawnTask):
    """Name the first of `symbols` different symbols after `gap` distractors."""

    longer = "gap"
    kind: Literal["recall"] = "recall"
    gap: int = _within("recall.gap", default=8)
    symbols: int = _within("symbols", default=4)

    @property
    def steps(self) -> int:
        """The symbol, the distractors, the question."""
        return self.gap + 2


class CopyTask(DrawnTask):
    """Repeat `length` symbols in order after `gap` blanks, the last of which is the sign to begin."""

    longer = "gap"
    kind: Literal["copy"] = "copy"
    gap: int = _within("copy.gap", default=6)
    length: int = _within("copy.length", default=4)
    symbols: int = _within("symbols", default=4)

    @property
    def steps(self) -> int:
        """The symbols, the blanks, the answer."""
        return self.gap + 2 * self.length


class AddingTask(DrawnTask):
    """Add the two marked ones of `length` numbers."""

    readout = "linear"
    longer = "length"
    kind: Literal["adding"] = "adding"
    length: int = _within("adding.length", default=12)

    @property
    def steps(self) -> int:
        """A number a step."""
        return self.length


class ParityTask(DrawnTask):
    """Tell at every step whether the ones so far are odd or even."""

    longer = "length"
    kind: Literal["parity"] = "parity"
    length: int = _within("parity.length", default=10)

    @property
    def steps(self) -> int:
        """A bit a step."""
        return self.length


class CountTask(DrawnTask):
    """Predict the next symbol of a^n b^n; n is drawn from 1 to `most`."""

    longer = "most"
    kind: Literal["count"] = "count"
    most: int = _within("count.most", default=5)

    @property
    def steps(self) -> int:
        """The start and both halves of the longest string; shorter ones are padded."""
        return 2 * self.most + 1


class ReberTask(DrawnTask):
    """Predict the next symbol of an embedded Reber string whose inner string has `gap` symbols."""

    longer = "gap"
    kind: Literal["reber"] = "reber"
    gap: int = _within("reber.gap", default=9)

    @property
    def steps(self) -> int:
        """The inner string, two symbols before it and one after; the end is a target only."""
        return self.gap + 3


class SineTask(DrawnTask):
    """Predict the next value of a wave that is measured every `gap` steps."""

    readout = "linear"
    longer = "length"
    kind: Literal["sine"] = "sine"
    gap: int = _within("sine.gap", default=1)
    length: int = _within("sine.length", default=15)
    period: int = _within("sine.period", default=12)

    @model_validator(mode="after")
    def _measurements_differ(self) -> Self:
        if 2 * self.gap % self.period == 0:
            reason = f"task.gap must not be a multiple of half the period, which is {self.period / 2:g}, got {self.gap}"
            raise SpecError(f"{reason}: two measurements would tell no more than one", "task.gap")
        return self

    @property
    def steps(self) -> int:
        """The first `gap` steps have seen one measurement only and have no target."""
        return self.length + self.gap


class WobbleTask(TaskPart):
    """Predict where the Earth's pole goes next, `days` days a step, measured every `gap` steps."""

    readout = "linear"
    longer = "length"
    kind: Literal["wobble"] = "wobble"
    gap: int = _within("wobble.gap", default=1)
    length: int = _within("wobble.length", default=19)
    days: int = _within("wobble.days", default=20)

    @property
    def steps(self) -> int:
        """The first `gap` steps have seen one measurement only and have no target."""
        return self.length + self.gap


class SeriesTask(TaskPart):
    """Predict the next of the user's own numbers, measured every `gap` steps."""

    readout = "linear"
    longer = "values"
    kind: Literal["series"] = "series"
    gap: int = _within("series.gap", default=1)
    values: tuple[float, ...] = (0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0, 1.0)

    @field_validator("values", mode="before")
    @classmethod
    def _finite_numbers(cls, given: object) -> tuple[float, ...]:
        low, high = TASK_RANGES["task.values"]
        wanted = f"task.values must be a list of {low:.0f} to {high:,.0f} finite numbers"
        if not isinstance(given, list | tuple):
            raise SpecError(f"{wanted}, got {shorten(given)}", "task.values")
        if not low <= len(given) <= high:
            raise SpecError(f"{wanted}, got {len(given):,}", "task.values")
        return tuple(_number(value, place) for place, value in enumerate(given))

    @model_validator(mode="after")
    def _can_be_predicted(self) -> Self:
        if min(self.values) == max(self.values):
            reason = f"task.values must hold two different numbers, got {self.values[0]:g} only"
            raise SpecError(f"{reason}: there is nothing to predict", "task.values")
        most = len(self.values) - 2
        if self.gap > most:
            reason = f"task.gap must be at most {most} for {len(self.values):,} values, got {self.gap}"
            raise SpecError(f"{reason}: two measurements must have been seen before a prediction", "task.gap")
        return self

    @property
    def steps(self) -> int:
        """Every value but the last is an input."""
        return len(self.values) - 1


def _number(value: object, place: int) -> float:
    """One number of a series; raises SpecError where it is none, or too large."""
    field = f"task.values.{place}"
    # True is an int in Python; in JSON it is not a number.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SpecError(f"{field} must be a number, got {shorten(value)}", field)
    if not -LARGEST <= value <= LARGEST:  # false for NaN too
        raise SpecError(f"{field} must be a finite number between -1e12 and 1e12, got {shorten(value)}", field)
    return float(value)


class ArraysTask(TaskPart):
    """Inputs and targets that come with the call (`--data`)."""

    kind: Literal["arrays"] = "arrays"


TaskForms: TypeAlias = (
    Annotated[TextTask, Tag("text")]
    | Annotated[ZenTask, Tag("zen")]
    | Annotated[EchoTask, Tag("echo")]
    | Annotated[RecallTask, Tag("recall")]
    | Annotated[CopyTask, Tag("copy")]
    | Annotated[AddingTask, Tag("adding")]
    | Annotated[ParityTask, Tag("parity")]
    | Annotated[CountTask, Tag("count")]
    | Annotated[ReberTask, Tag("reber")]
    | Annotated[SineTask, Tag("sine")]
    | Annotated[WobbleTask, Tag("wobble")]
    | Annotated[SeriesTask, Tag("series")]
    | Annotated[ArraysTask, Tag("arrays")]
)
"""What the field `task` of a spec may hold, by the tag of its kind."""

TASK_FORMS: dict[str, type[TaskPart]] = {tag.tag: form for form, tag in map(get_args, get_args(TaskForms))}
"""The model of every kind."""
