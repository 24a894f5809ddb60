"""What a browser is told to refuse, and which pages may open the WebSocket."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import shorten
from server.protocol import Error

POLICY = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; "
        "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Nothing is loaded from another host. Plotly draws with style attributes and blob images."""

STARTS = ("http.response.start", "websocket.http.response.start")


class SecurityHeaders:
    """Adds POLICY to every response, whoever made it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers to what comes back."""

        async def with_policy(message: Message) -> None:
            if message["type"] in STARTS:
                MutableHeaders(scope=message).update(POLICY)
            await send(message)

        await self.app(scope, receive, with_policy)


def same_origin(headers: Headers) -> bool:
    """Whether a page of this very host asks, or no page at all: only browsers send an Origin."""
    origin = headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""


def foreign(headers: Headers) -> Error:
    """What a page of another host is told."""
    origin, host = (shorten(headers.get(name, "")) for name in ("origin", "host"))
    message = f"a page of {host} may open this socket, one of {origin} may not"
    return Error(code="forbidden_origin", message=message, field="Origin")
