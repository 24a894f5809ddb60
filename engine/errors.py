"""The errors the engine raises for input it does not accept."""

from __future__ import annotations


class SpecError(Exception):
    """Bad input: says what was given and what is allowed, and names the field.

    `code` is one word for programs: `invalid_spec`, `malformed_json` or `too_large`.
    """

    def __init__(self, message: str, field: str | None = None, code: str = "invalid_spec") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code


class EquationError(SpecError):
    """An equation that is not allowed, with the line and column (both from 1) where it is not."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}", "cell.equations")
        self.line = line
        self.column = column


def shorten(value: object, limit: int = 60) -> str:
    """`repr(value)`, cut to `limit` characters, so that a huge input makes a short message."""
    text = value[: limit + 1] if isinstance(value, str) else value
    shown = repr(text)
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
