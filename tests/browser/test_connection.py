"""A lost server loses nothing: the picture can be stepped through, and the page comes back by itself."""

from __future__ import annotations

import socket

from playwright.sync_api import expect

from server.settings import Settings
from tests.browser.conftest import Contexts
from tests.browser.page import UnrollPage
from tests.browser.witness import Witness
from tests.server.running import running

REFUSED = "ERR_CONNECTION_REFUSED|WebSocket connection to"


# The page never tries again by itself: only who presses the button brings it back.
PATIENT = """const set = setTimeout;
window.setTimeout = (task, wait = 0, ...rest) => (wait >= 500 ? 0 : set(task, wait, ...rest));"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def page_of(contexts: Contexts, witness: Witness, port: int) -> UnrollPage:
    """A page of a server that the test itself starts and stops."""
    witness.hosts.add(f"127.0.0.1:{port}")
    witness.excuse(REFUSED)
    return UnrollPage(contexts().new_page(), f"http://127.0.0.1:{port}/")


def test_the_picture_outlives_its_server_and_the_page_returns_to_a_new_one(
    contexts: Contexts, witness: Witness
) -> None:
    settings = Settings(port=free_port())
    unroll = page_of(contexts, witness, settings.port)
    unroll.tab.add_init_script(PATIENT)
    with running(settings):
        unroll.open()
        there = unroll.walk("ArrowRight", 22)
    notice = unroll.notices.get_by_role("status")
    expect(notice).to_contain_text("The server does not answer")
    expect(notice).to_contain_text("can still be stepped through")
    # Every moment, both ways, without a server.
    assert unroll.walk("ArrowLeft", 22) == there[::-1]
    unroll.open_experiment()
    unroll.field("Units").fill("5")
    unroll.press("Escape")
    expect(unroll.header).to_contain_text("8 tanh units")
    with running(settings):
        unroll.button("Try now").click()
        expect(notice).to_have_count(0)
        # What was asked for while nobody answered is answered now, and the playhead is where it was.
        expect(unroll.header).to_contain_text("5 tanh units")
        unroll.settled()
        assert unroll.shown().title == "Forward, step 1 of 10."


def test_the_page_returns_to_its_server_without_being_told(contexts: Contexts, witness: Witness) -> None:
    settings = Settings(port=free_port())
    unroll = page_of(contexts, witness, settings.port)
    with running(settings):
        unroll.open({"at": "backward.7"})
    moment = unroll.shown()
    expect(unroll.notices.get_by_role("status")).to_be_visible()
    with running(settings):
        expect(unroll.notices.get_by_role("status")).to_have_count(0, timeout=20_000)
        assert unroll.shown() == moment
        unroll.open_experiment()
        unroll.field("Units").fill("3")
        expect(unroll.header).to_contain_text("3 tanh units")
