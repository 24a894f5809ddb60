"""The lines of a listing as they are written, each with the moments of a pass in which it is current.

>>> listing = Listing()
>>> with listing.block("for t in range(T):"):
...     listing.add("h[t] = np.tanh(a)", "forward.line.h")
>>> print(listing.text, end="")
for t in range(T):
    h[t] = np.tanh(a)
>>> listing.as_json()[1]["marks"]
['forward.line.h']
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

INDENT = "    "


class Listing:
    """Lines under way; what is added inside a `block` is indented."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, tuple[str, ...]]] = []
        self._depth = 0

    def add(self, text: str = "", *marks: str) -> None:
        """One line more; a mark is PHASE.KIND.TARGET of a moment."""
        self.lines.append((INDENT * self._depth + text if text else "", marks))

    def extend(self, texts: Iterable[str]) -> None:
        """Several lines more, without marks."""
        for text in texts:
            self.add(text)

    def section(self, title: str, *marks: str) -> None:
        """A comment that says what follows, after an empty line."""
        self.add()
        self.add(f"# {title}", *marks)

    @contextmanager
    def block(self, text: str, *marks: str) -> Iterator[None]:
        """A line that ends in a colon, and what belongs to it."""
        self.add(text, *marks)
        self._depth += 1
        yield
        self._depth -= 1

    @property
    def text(self) -> str:
        """All of it, as a file has it."""
        return "".join(f"{text}\n" for text, _ in self.lines)

    def as_json(self) -> list[dict[str, Any]]:
        """The lines for the page."""
        return [{"text": text, "marks": list(marks)} for text, marks in self.lines]
