"""How uvicorn is run: the socket it listens on and the choices made for the WebSocket."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from server.settings import Settings

SECONDS_TO_STOP = 3
"""How long a stopping server waits for answers under way."""


def listening(settings: Settings) -> socket.socket:
    """The socket of the settings' host and port (0: any free one); raises OSError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.create_server((settings.host, settings.port), family=family)
    # asyncio sets this only on socket objects that name TCP, which these do not: the first small
    # frame after a large one would wait 40 ms for the reader's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """Uvicorn for the application.

    Deflate is off: it costs four fifths of the frames a second and saves little on numbers. A ping
    keeps proxies from closing a quiet connection, but its answer is not waited for: it queues behind
    the frames of a slow reader, who is only slow (`Settings.reader_patience` is for the others).
    """
    config = uvicorn.Config(
        app,
        ws="wsproto",
        ws_max_size=settings.max_message,
        ws_per_message_deflate=False,
        ws_ping_timeout=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_STOP,
    )
    return uvicorn.Server(config)


def address(listener: socket.socket) -> str:
    """Where a browser on this machine finds the page."""
    host, port = listener.getsockname()[:2]
    known = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    return f"http://{known.get(host, f'[{host}]' if ':' in host else host)}:{port}/"
