"""The page as a student drives it: where its parts are, which keys go where, what it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Locator, Page, Response, expect
from safetensors.numpy import load

from tests.browser import wire

# A frame is asked for after the one that the page itself has asked for, and so comes after its drawing.
SHOWN = """async () => {
  await new Promise(requestAnimationFrame);
  const line = document.querySelector("#now-line");
  const slider = document.querySelector("[role=slider]");
  return {
    title: line.querySelector("b").textContent.trim(),
    sentence: line.textContent.trim(),
    numbers: [...line.querySelectorAll("[title]")].map((each) => each.title),
    equation: document.querySelector("#equation .equation").getAttribute("aria-label"),
    place: [slider.ariaValueNow, slider.ariaValueMax].map(Number),
  };
}"""

# Resolved after the page itself has heard of its new address.
GO = """(place) => new Promise((moved) => {
  const fields = new URLSearchParams(location.hash.slice(1));
  for (const name of ["layer", "kind", "line"]) fields.delete(name);
  fields.set("at", place);
  addEventListener("popstate", () => moved(), { once: true });
  location.hash = fields;
})"""


# What the plots in view need beyond the pass is here, or it is told why it is not.
FOUND = """() => {
  const shown = (one) => one.checkVisibility();
  const done = (wait) => wait.hidden || wait.classList.contains("wrong") || !shown(wait);
  const views = [...document.querySelectorAll("#plot, #compare")].filter(shown);
  return views.every((view) => view.querySelector(".plot-wait"))
    && [...document.querySelectorAll(".plot-wait")].every(done);
}"""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shown:
    """What the page shows at a moment; `numbers` are the exact values of the now line's numbers."""

    title: str
    sentence: str
    numbers: list[str]
    equation: str
    place: list[int]


def number(exact: str) -> float:
    """The number a title tells in full; a norm is told as a power of ten."""
    plain = exact.replace("−", "-")
    return 10 ** float(plain[3:].replace("Infinity", "inf")) if plain.startswith("10^") else float(plain)


def fragment(fields: dict[str, Any]) -> str:
    """The fragment of an address that asks for these fields; a spec's nested ones are flat in it."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        flat |= {f"{name}.{part}": inner for part, inner in value.items()} if isinstance(value, dict) else {name: value}
    return f"#{urlencode({name: _written(value) for name, value in flat.items()})}"


def _written(value: object) -> str:
    """A value as the page writes it into its address."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


class UnrollPage:
    """One tab with the page in it."""

    def __init__(self, page: Page, base: str) -> None:
        wire.watch(page)
        self.tab, self.base = page, base
        self.header = page.get_by_role("banner")
        self.stage = page.get_by_role("img", name="The unrolled network")
        self.now_line = page.locator("#now-line")
        self.scrubber = page.get_by_role("slider", name="Moment of the pass")
        self.panel = page.get_by_role("form", name="Experiment")
        self.help = page.get_by_role("dialog")
        self.equation = page.locator("#equation")
        self.weight = self.shares = page.locator("#plots-card")
        self.notices = page.locator("#notices")
        self.map = page.locator(".stage-map")
        self.bars = page.locator("#shares .plot")
        self.graph = page.locator("#plot .graph")

    def open(self, fields: dict[str, Any] | None = None) -> Response:
        """Open the page anew; wait for its whole pass."""
        return self.visit(self.base + fragment(fields or {}))

    def visit(self, address: str) -> Response:
        """Open an address in this tab as if typed into a new one; wait for its whole pass."""
        self.tab.goto("about:blank")
        response = self.tab.goto(address)
        assert response is not None
        self.settled()
        return response

    def go(self, place: str) -> None:
        """Go to a place of the pass by its name in the address; wait for its whole pass."""
        self.tab.evaluate(GO, place)
        self.settled()
        assert self.shown().title.lower().startswith(place.partition(".")[0])

    def settled(self) -> None:
        """Wait until the whole pass, or what is wrong with it, is here and drawn."""
        wire.settled(self.tab)
        self.tab.wait_for_function(FOUND)
        self.frame()

    def frame(self) -> None:
        """Let the page draw what has changed."""
        self.tab.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.tab.keyboard.press(key)

    def shown(self) -> Shown:
        """What is shown once all that has happened so far is drawn."""
        return Shown(**self.tab.evaluate(SHOWN))

    def walk(self, key: str, stops: int) -> list[Shown]:
        """What is shown here, and after each of so many presses of the key."""
        seen = [self.shown()]
        for _ in range(stops):
            self.press(key)
            seen.append(self.shown())
        return seen

    def show(self, face: str) -> None:
        """Show a face of a card, by the word on its tab."""
        self.tab.get_by_role("tab", name=face).click()
        self.frame()

    def field(self, label: str) -> Locator:
        """A field of the experiment, by the beginning of its label."""
        return self.panel.get_by_label(re.compile(f"^{re.escape(label)}"))

    def button(self, name: str) -> Locator:
        return self.tab.get_by_role("button", name=re.compile(f"^{re.escape(name)}"))

    def titles(self, rows: Locator) -> list[list[float]]:
        """The exact values of the cells of a table's rows."""
        found: list[list[str]] = rows.evaluate_all(
            "rows => rows.map(row => [...row.querySelectorAll('[title]:not(button)')].map(cell => cell.title))"
        )
        return [[number(one) for one in row] for row in found]

    def choose_weight(self, parameter: str, row: int, column: int | None = None) -> None:
        """Choose an entry, counted from 1 as the page does."""
        self.show("One weight")
        self.weight.get_by_label("Parameter").select_option(parameter)
        self.frame()
        for label, value in {"row": row, "col": column}.items():
            if value is not None:
                self.weight.get_by_label(label, exact=True).fill(str(value))
                self.weight.get_by_label(label, exact=True).press("Enter")
        # The keys are the page's again, not the field's.
        self.tab.evaluate("() => document.activeElement.blur()")
        self.frame()

    def open_experiment(self) -> None:
        self.press("e")
        expect(self.field("Text")).to_be_focused()

    def unfold(self, group: str) -> None:
        """Open a group of the experiment's fields, where it is not open yet."""
        fields = self.panel.locator("details").filter(has=self.tab.locator("summary", has_text=group))
        if fields.get_attribute("open") is None:
            fields.locator("summary").click()

    def trace(self, spec: dict[str, Any]) -> dict[str, Array]:
        """The pass of a spec as the server answers for it over HTTP, by the trace's names."""
        made = self.tab.request.post(f"{self.base}api/traces", data=spec)
        assert made.ok, made.text()
        return load(self.tab.request.get(f"{self.base.rstrip('/')}{made.json()['url']}").body())
