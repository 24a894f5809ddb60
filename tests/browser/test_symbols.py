"""The letters of the student's book: the same on the whole page, and only where they mean what the book means."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.page import UnrollPage
from tests.browser.test_accessibility import violations

BOOKS = ("goodfellow", "pytorch", "karpathy")
# Here W reads the input and U the state, which is no book's use of U and W.
OTHER = {"name": "other", "equations": "h = tanh(W @ x + U @ h_prev + p * h_prev + b)"}
LINES: dict[str, tuple[dict[str, Any], str, str]] = {
    "rnn": ({"cell": "rnn"}, "a", "line"),
    "lstm": ({"cell": "lstm"}, "forget_gate", "line"),
    "reset before": ({"cell": "gru_reset_before"}, "candidate", "line"),
    "readout": ({"cell": "rnn"}, "o", "readout"),
    "other": ({"cell": OTHER}, "h", "line"),
}
LETTERS: dict[str, dict[str, list[str]]] = {
    "rnn": {
        "goodfellow": ["U", "W", "b"],
        "pytorch": ["W_ih", "W_hh", "b"],
        "karpathy": ["Wxh", "Whh", "bh"],
    },
    "lstm": {
        "goodfellow": ["U_forget", "W_forget", "b_forget"],
        "pytorch": ["W_ih_forget", "W_hh_forget", "b_forget"],
        "karpathy": ["Wxh_forget", "Whh_forget", "bh_forget"],
    },
    "reset before": {
        "goodfellow": ["U_candidate", "W_candidate", "b_candidate"],
        "pytorch": ["W_ih_candidate", "W_hh_candidate", "b_candidate"],
        "karpathy": ["Wxh_candidate", "Whh_candidate", "bh_candidate"],
    },
    "readout": {
        "goodfellow": ["V", "c"],
        "pytorch": ["W_out", "b_out"],
        "karpathy": ["Why", "by"],
    },
    "other": {
        "goodfellow": ["W", "U", "p", "b"],
        "pytorch": ["W", "U", "p", "b"],
        "karpathy": ["W", "U", "p", "bh"],
    },
}
TYPESET = {
    "goodfellow": "W_{\\mathrm{forget}}",
    "pytorch": "W_{hh,\\,\\mathrm{forget}}",
    "karpathy": "W_{hh,\\,\\mathrm{forget}}",
}


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("kind", LINES)
def test_the_equation_has_the_letters_of_the_book_where_they_mean_the_same(
    unroll: UnrollPage, kind: str, book: str
) -> None:
    spec, line, moment = LINES[kind]
    layer = {} if moment == "readout" else {"layer": 0}
    unroll.open(spec | layer | {"symbols": book, "by": "equation", "at": "forward.3", "kind": moment, "line": line})
    parameters = unroll.equation.locator("button.parameter")
    names = parameters.locator(".hidden-text").all_text_contents()
    assert names == LETTERS[kind][book]
    if kind == "lstm":
        expect(parameters.nth(1).locator("[data-tex]")).to_have_attribute(
            "data-tex", re.compile(re.escape(TYPESET[book]))
        )


@pytest.mark.parametrize("book", BOOKS)
def test_the_now_line_the_card_and_the_lists_call_a_parameter_alike(unroll: UnrollPage, book: str) -> None:
    share = {"by": "equation", "at": "backward.4", "kind": "share", "line": "grad.W", "layer": 0}
    unroll.open(share | {"symbols": book, "plots": "weight", "weight": "layer0.W,1,2"})
    [name] = [names[1] for names in [LETTERS["rnn"][book]]]
    plain = name.replace("_", "")
    expect(unroll.now_line.locator("[data-name='layer0.W']")).to_have_text(plain)
    chosen = unroll.weight.get_by_label("Parameter").locator("option:checked")
    expect(chosen).to_have_text(name)
    assert name in (unroll.weight.locator(".matrix").get_attribute("aria-label") or "")
    unroll.go("sum")
    expect(unroll.now_line.locator("[data-name='layer0.W']")).to_have_text(plain)
    heads = unroll.equation.get_by_role("rowheader").all_inner_texts()
    assert heads == [*LETTERS["rnn"][book], *LETTERS["readout"][book]]


def test_the_letters_are_chosen_in_the_card_or_by_a_key_and_are_in_the_address(unroll: UnrollPage) -> None:
    unroll.open({"at": "sum"})
    symbol = unroll.now_line.locator("[data-name='layer0.W']")
    books = unroll.tab.get_by_label("symbols")
    books.select_option("Karpathy")
    expect(symbol).to_have_text("Whh")
    expect(unroll.tab).to_have_url(re.compile("symbols=karpathy"))
    unroll.visit(unroll.tab.url)
    expect(symbol).to_have_text("Whh")
    expect(books).to_have_value("karpathy")
    for text in ("W", "Whh", "Whh"):
        unroll.press("s")
        expect(symbol).to_have_text(text)
    # What has a name of its own keeps it: the address, and the text of the equations.
    unroll.open({"symbols": "pytorch", "by": "equation", "at": "forward.3", "kind": "line", "line": "a", "layer": 0})
    assert unroll.shown().equation == "a = U @ x + W @ h_prev + b"
    unroll.equation.get_by_role("button", name="W_ih", exact=True).click()
    expect(unroll.tab).to_have_url(re.compile(r"weight=layer0\.U"))


@pytest.mark.parametrize("book", BOOKS)
def test_axe_finds_nothing_with_any_books_letters(unroll: UnrollPage, book: str) -> None:
    unroll.open({"cell": "lstm", "symbols": book, "at": "backward.4"})
    unroll.button("all lines").click()
    assert violations(unroll) == []
