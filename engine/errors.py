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


def cut(text: str, limit: int = 60) -> str:
    """`text` itself, cut to `limit` characters: for a caller's own name where it is told as a field."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def shorten(value: object, limit: int = 60) -> str:
    """`repr(value)`, cut to `limit` characters, so that a huge input makes a short message."""
    return cut(repr(value[: limit + 1] if isinstance(value, str) else value), limit)
