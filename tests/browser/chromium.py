"""Starts the Chromium that the tests, the screenshots and the measurements drive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tools import chromium

VENDOR = Path(__file__).parents[2] / "static" / "vendor"
# Chromium asks nobody for anything of its own: what is requested is requested by the page.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


class NotInstalledError(Exception):
    """What the page is driven with is not here; the message says how to get it."""


def executable() -> str:
    """The path of Chromium; raises NotInstalledError where there is none, or no browser parts to show in it."""
    if not VENDOR.is_dir():
        raise NotInstalledError("static/vendor is not there: `make parts` installs the browser parts")
    path = chromium.executable()
    if path is None:
        raise NotInstalledError("there is no Chromium: `make test` installs it, as does `python -m tools.chromium`")
    return path


@contextmanager
def started(path: str) -> Iterator[Browser]:
    """A running Chromium. While it runs its thread has an event loop, so end it before tests that start their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
