"""The rows of the Numbers card: read as they stand, and reckoned anew."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from tests.browser.page import UnrollPage, number

SAME = 1e-9
# Opens every product that is folded away as a whole.
UNFOLD = """async () => {
  const drawn = async () => { for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame); };
  for (await drawn(); ; await drawn()) {
    const [fold] = document.querySelectorAll(".ledger .fold[aria-expanded=false]");
    if (!fold) return;
    fold.click();
  }
}"""
# Every row as it stands, once what has been asked for is drawn.
READ = """async () => {
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  const cell = (one) => ({ kind: one.className, title: one.title, text: one.textContent.trim() });
  return [...document.querySelectorAll(".ledger tr")].map((row) => ({
    kind: row.className,
    each: row.parentElement.className === "each",
    name: row.cells[0].textContent.trim(),
    words: [...row.cells[0].querySelectorAll(".hidden-text")].map((one) => one.textContent).join(" "),
    inside: [...row.cells[0].querySelectorAll(".figure")].map((one) => one.title),
    same: row.querySelector(".same") !== null,
    cells: [...row.cells].slice(1).map(cell),
  }));
}"""
SIGNS = {"×": np.multiply, "+": np.add, "−": np.subtract, "÷": np.divide}
FUNCTIONS: dict[str, Any] = {"exp": np.exp, "its root": np.sqrt, "√": np.sqrt, "−log": lambda one: -np.log(one)}


@dataclass(frozen=True)
class Line:
    """A row of the card: its operands, and its numbers in the two columns on the right, NaN where it has none."""

    kind: str
    each: bool
    name: str
    words: str
    same: bool
    left: float
    op: str
    right: float
    product: float
    sum: float


def ledger(unroll: UnrollPage) -> list[Line]:
    """The rows that show."""
    return [line(row) for row in unroll.tab.evaluate(READ)]


def unfold(unroll: UnrollPage) -> None:
    """Open every product that is folded away."""
    unroll.tab.evaluate(UNFOLD)


def line(row: dict[str, Any]) -> Line:
    numbers = [exact(cell) for cell in row["cells"]]
    named = {kind: exact(cell) for cell in row["cells"] for kind in ("product", "sum") if kind in cell["kind"]}
    made: dict[str, Any] = {one: row[one] for one in ("kind", "each", "name", "words", "same")}
    made |= {"product": named.get("product", np.nan), "sum": named.get("sum", np.nan)}
    if len(row["cells"]) < 6:
        inside = [number(one) for one in row["inside"]] or [np.nan]
        return Line(**made, left=np.nan, op="", right=inside[0])
    op = row["cells"][0]["text"] if "function" in row["cells"][0]["kind"] else row["cells"][1]["text"]
    return Line(**made, left=numbers[0], op=op, right=numbers[2])


def exact(cell: dict[str, str]) -> float:
    """The exact number of a cell as it enters: as it is, squared, or as what is left of 1."""
    if not cell["title"]:
        return np.nan
    value = number(cell["title"])
    if cell["text"].endswith("²"):
        return value**2
    return 1 - value if cell["text"].startswith("(1 −") else value


def result_of(shown: Line) -> float:
    """What the row's operands come to, made anew."""
    if shown.op in SIGNS:
        return float(SIGNS[shown.op](shown.left, shown.right))
    named = shown.op.removesuffix("′") or re.sub(r"^.* is ", "", shown.words).split(" of ")[0].split(" ,")[0]
    if named in FUNCTIONS:
        return float(FUNCTIONS[named](shown.right))
    return float(ACTIVATIONS[named].value(np.array([shown.right]))[0])


def check_lines(lines: list[Line]) -> list[Line]:
    """Every operation gives what stands beside it, every sum is that of its rows; returns the results."""
    for one in lines:
        value = one.sum if np.isnan(one.product) else one.product
        if not np.isnan(one.right) and not np.isnan(value):
            assert abs(result_of(one)) == pytest.approx(abs(value), rel=SAME), one
    check_heads(lines)
    check_entries([one for one in lines if one.each])
    return check_results([one for one in lines if not one.each])


def check_heads(lines: list[Line]) -> None:
    """What is told above products is what they add up to."""
    for i, head in enumerate(lines):
        if head.kind != "head":
            continue
        after = lines[i + 1 :]
        end = next((j for j, one in enumerate(after) if one.kind != "under"), len(after))
        products = [one.product for one in after[:end]]
        size = max(map(abs, products), default=0)
        assert abs(sum(products)) == pytest.approx(abs(head.sum), rel=SAME, abs=SAME * size), head


def check_entries(lines: list[Line]) -> None:
    """An entry that is opened is the sum of what it opens to."""
    starts = [i for i, one in enumerate(lines) if "entry" in one.kind or one.kind == "title"] + [len(lines)]
    for start, end in pairwise(starts):
        if lines[start].kind == "title":
            continue
        terms = [one.sum for one in lines[start + 1 : end] if not np.isnan(one.sum)]
        assert sum(terms) == pytest.approx(lines[start].sum, rel=SAME, abs=SAME * max(map(abs, terms), default=0))


def check_results(lines: list[Line]) -> list[Line]:
    """A result is the sum of the column above it, or a function of what came before."""
    results, column = [], [0.0]
    for one in lines:
        if "result" in one.kind:
            size = max(map(abs, column))
            if np.isnan(one.right):
                assert sum(column) == pytest.approx(one.sum, rel=SAME, abs=SAME * size), one
            results.append(one)
            column = [0.0]
        elif not np.isnan(one.sum) and one.kind != "aside":
            column.append(one.sum)
    return results
