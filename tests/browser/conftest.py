"""The server, the browser and the guarded tabs that the tests in it share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from server.settings import Settings
from tests.browser import chromium
from tests.browser.page import UnrollPage
from tests.browser.witness import Witness
from tests.server.running import Running, running

PROJECTOR = {"width": 1280, "height": 720}

Contexts = Callable[..., BrowserContext]
Tabs = Callable[..., UnrollPage]


@pytest.fixture(scope="session")
def executable() -> str:
    try:
        return chromium.executable()
    except chromium.NotInstalledError as missing:
        pytest.fail(f"The browser tests cannot run: {missing}", pytrace=False)


@pytest.fixture(scope="session")
def site() -> Iterator[Running]:
    with running(Settings(port=0)) as reachable:
        yield reachable


@pytest.fixture(scope="module")
def browser(executable: str) -> Iterator[Browser]:
    """A browser for one module, not for the session: its event loop would be in the way of other tests."""
    with chromium.started(executable) as one:
        yield one


@pytest.fixture
def witness(site: Running) -> Iterator[Witness]:
    """Whoever uses a tab is watched, in every test."""
    seen = Witness(site.host)
    yield seen
    seen.testify()


@pytest.fixture
def contexts(browser: Browser, witness: Witness) -> Iterator[Contexts]:
    """Makes browser contexts: 1280x720 and light unless asked otherwise."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**({"viewport": PROJECTOR, "color_scheme": "light"} | options))
        made.append(context)
        witness.watch(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def tabs(contexts: Contexts, site: Running) -> Tabs:
    """Makes fresh tabs with nothing opened in them yet, each in a context that knows nothing of the others."""
    return lambda **options: UnrollPage(contexts(**options).new_page(), f"http://{site.host}/")


@pytest.fixture
def unroll(tabs: Tabs) -> UnrollPage:
    return tabs()
