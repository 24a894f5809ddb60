"""The address holds the whole state: a link shows the same moment anywhere, and Back undoes."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage

TEXT = "añ語🙂 = &#% é+語"


def test_a_link_opened_elsewhere_shows_the_same_moment(tabs: Tabs) -> None:
    unroll, elsewhere = tabs(), tabs()
    unroll.open(
        {
            "cell": "gru",
            "task": {"text": TEXT},
            "hidden_size": 5,
            "by": "equation",
            "at": "backward.4",
            "weight": "layer0.W_reset,1,2",
            "plots": "weight",
        }
    )
    unroll.press("ArrowRight")
    unroll.press("d")
    moment = unroll.shown()
    expect(unroll.tab).to_have_url(re.compile(r"line=grad\.candidate&.*theme=dark"))
    elsewhere.visit(unroll.tab.url)
    assert elsewhere.shown() == moment
    expect(elsewhere.header).to_contain_text(TEXT)
    expect(elsewhere.tab.locator("html")).to_have_attribute("data-theme", "dark")
    expect(elsewhere.tab.get_by_role("radio", name="equation")).to_be_checked()
    assert elsewhere.titles(elsewhere.weight.get_by_role("row")) == unroll.titles(unroll.weight.get_by_role("row"))


def test_equations_of_ones_own_travel_in_the_link(tabs: Tabs) -> None:
    unroll, elsewhere = tabs(), tabs()
    equations = "k = sigmoid(A @ x + b)\nh = k * h_prev + (1 - k) * tanh(U @ x)"
    unroll.open({"cell": {"name": "mine", "equations": equations}, "at": "sum"})
    elsewhere.visit(unroll.tab.url)
    expect(elsewhere.header).to_contain_text("mine, 8 units")
    assert elsewhere.shown() == unroll.shown()
    elsewhere.open_experiment()
    expect(elsewhere.field("Equations")).to_have_value(equations)


def test_back_undoes_a_change_of_the_experiment_and_forward_does_it_again(unroll: UnrollPage) -> None:
    unroll.open()
    unroll.open_experiment()
    unroll.field("Cell").select_option("lstm")
    expect(unroll.header).to_contain_text("lstm, 8 tanh units")
    unroll.field("Units").fill("5")
    expect(unroll.header).to_contain_text("lstm, 5 tanh units")
    unroll.tab.go_back()
    expect(unroll.header).to_contain_text("lstm, 8 tanh units")
    unroll.tab.go_back()
    expect(unroll.header).to_contain_text("rnn, 8 tanh units")
    unroll.tab.go_forward()
    expect(unroll.header).to_contain_text("lstm, 8 tanh units")


def test_share_copies_the_link_of_this_moment(tabs: Tabs) -> None:
    unroll = tabs(permissions=["clipboard-read", "clipboard-write"])
    unroll.open({"cell": "lstm", "at": "backward.3"})
    unroll.button("Share").click()
    expect(unroll.button("Link copied")).to_be_visible()
    link = unroll.tab.evaluate("() => navigator.clipboard.readText()")
    moment = unroll.shown()
    unroll.visit(link)
    assert unroll.shown() == moment
    assert moment.title == "Backward, step 3 of 10."


def test_an_address_with_nonsense_says_what_is_wrong_and_can_be_mended(unroll: UnrollPage) -> None:
    unroll.open({"hidden_size": "many", "at": "nowhere.9", "weight": "x,y,z"})
    expect(unroll.notices.get_by_role("alert")).to_contain_text("hidden_size must be a whole number, got 'many'")
    expect(unroll.tab.get_by_text("No picture yet")).to_be_visible()
    expect(unroll.equation).to_be_hidden()
    unroll.button("Mend it").click()
    unroll.field("Units").fill("4")
    expect(unroll.header).to_contain_text("4 tanh units")
    unroll.settled()
    expect(unroll.tab.get_by_text("No picture yet")).to_be_hidden()
    assert unroll.shown().title == "Forward, step 1 of 10."
