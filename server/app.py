"""The application: its routes and what is mounted beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, WebSocket

import engine
from server import api, docs, errors, security
from server.description import Described
from server.services import Services, Shared
from server.settings import Settings
from server.site import Site
from server.stream import Stream
from server.traces import Traces
from server.workers import Workers, one_blas_thread


def create_app(settings: Settings) -> FastAPI:
    """The server as an ASGI application."""
    app = Described(
        title="Unroll",
        version=engine.engine_version(),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    workers = Workers()
    app.state.services = Services(settings, workers, Traces(settings.traces_kept))
    app.include_router(api.router)
    app.include_router(docs.router)
    app.add_api_websocket_route("/ws", _stream)
    app.router.default = Site(settings.static, workers)
    errors.install(app)
    app.add_middleware(security.SecurityHeaders)
    return app


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    one_blas_thread()
    yield


async def _stream(socket: WebSocket, shared: Shared) -> None:
    if not security.same_origin(socket.headers):
        await socket.send_denial_response(errors.answer(security.foreign(socket.headers)))
        return
    await Stream(socket, shared.settings, shared.workers, shared.traces).serve()
