"""What no page may do, noted while a test drives it: complain, break its policy, ask another host."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError, WebSocket

# A violation is an event; on the console it is seen as whatever else goes wrong.
REPORT_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy ${event.violatedDirective} broken by ${event.blockedURI}`))"""
WITHOUT_HOST = ("about:", "blob:", "data:")


class Witness:
    """Watches contexts; `complaints` holds what was wrong."""

    def __init__(self, host: str) -> None:
        self.hosts = {host}
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._excused: list[str] = []

    def excuse(self, pattern: str) -> None:
        """Complaints in which the pattern is found are what the test is about."""
        self._excused.append(pattern)

    def watch(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._heard)
        context.on("weberror", self._broke)
        context.on("request", self._asked)
        context.on("page", lambda page: page.on("websocket", self._connected))

    def testify(self) -> None:
        """Fail if there was anything to complain of."""
        unexcused = [text for text in self.complaints if not any(re.search(one, text) for one in self._excused)]
        assert not unexcused, unexcused

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self.complaints.append(f"console {message.type}: {message.text}")

    def _broke(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error}")

    def _asked(self, request: Request) -> None:
        self._reached(request.url)

    def _connected(self, socket: WebSocket) -> None:
        self._reached(socket.url)

    def _reached(self, url: str) -> None:
        self.requests.append(url)
        if not url.startswith(WITHOUT_HOST) and urlsplit(url).netloc not in self.hosts:
            self.complaints.append(f"asked another host: {url}")
