"""What a plot needs beyond the pass is asked while it is open, and no longer; what is here is asked no more."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import WebSocket

from tests.browser.page import UnrollPage
from tests.browser.plot import done

# Singular values of 300 Jacobians of 160 units take seconds: there is time to leave the plot before they are here.
SLOW: dict[str, Any] = {"cell": "lstm", "hidden_size": 160, "task": {"text": "slow " * 60}}


class Asked:
    """What a tab asks for on its connections, and which of those are closed."""

    def __init__(self, unroll: UnrollPage) -> None:
        self.whats: list[str] = []
        self.sockets: dict[str, WebSocket] = {}
        unroll.tab.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: self._sent(socket, payload))

    def _sent(self, socket: WebSocket, payload: str | bytes) -> None:
        message = json.loads(payload)
        if message["type"] == "find":
            self.whats.append(message["what"])
            self.sockets[message["what"]] = socket


def test_a_finding_is_asked_once_while_its_plot_is_open(unroll: UnrollPage) -> None:
    asked = Asked(unroll)
    unroll.open({"at": "loss"})
    assert asked.whats == []
    for key, whats in {
        "3": [],
        "4": ["flow"],
        "5": ["jacobians", "signals"],
        "6": [],
        "7": ["inputs"],
        "8": ["axes"],
    }.items():
        before = len(asked.whats)
        unroll.press(key)
        done(unroll)
        assert sorted(asked.whats[before:]) == whats
    everything = list(asked.whats)
    for key in "345678":
        unroll.press(key)
        done(unroll)
        unroll.press("ArrowRight")
    assert asked.whats == everything
    assert all(socket.is_closed() for socket in asked.sockets.values())


def test_leaving_a_plot_gives_up_what_it_asked(unroll: UnrollPage) -> None:
    asked = Asked(unroll)
    unroll.open(SLOW | {"at": "loss"})
    unroll.press("6")
    unroll.tab.wait_for_selector("#plot .plot-wait progress")
    with asked.sockets["jacobians"].expect_event("close"):
        unroll.press("3")
    done(unroll)
    unroll.press("6")
    unroll.tab.wait_for_selector("#plot .plot-wait progress")
    assert asked.whats == ["jacobians", "jacobians"]
    before = unroll.shown().place[0]
    unroll.press("ArrowRight")
    assert unroll.shown().place[0] > before
