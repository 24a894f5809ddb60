"""The errors of the server: one shape, whatever went wrong and wherever it is answered."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import SpecError, shorten
from server.protocol import Code, Error

log = logging.getLogger("unroll")

STATUS: dict[Code, int] = {
    "malformed_json": 400,
    "bad_request": 400,
    "forbidden_origin": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "body_too_large": 413,
    "invalid_spec": 422,
    "too_large": 422,
    "internal": 500,
}
UNEXPECTED = Error(code="internal", message="something went wrong in the server; it is written in the server's log")


class CallerError(Exception):
    """A request or a message that is answered with an error: whoever sent it can mend it."""

    def __init__(
        self,
        code: Code,
        message: str,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.error = Error(code=code, message=message, field=field)
        self.headers = headers


def refused(error: SpecError) -> Error:
    """The engine's complaint about a spec as a message."""
    return Error.model_validate({"code": error.code, "message": error.message, "field": error.field})


def answer(error: Error, headers: Mapping[str, str] | None = None) -> Response:
    """An error as an HTTP response; its code decides the status."""
    return JSONResponse(error.model_dump(), STATUS[error.code], headers)


def install(app: FastAPI) -> None:
    """Answer every error of `app` in the one shape."""
    app.exception_handler(SpecError)(_on_spec_error)
    app.exception_handler(CallerError)(_on_caller_error)
    app.exception_handler(HTTPException)(_on_http_exception)
    app.add_middleware(Unexpected)


class Unexpected:
    """Answers an exception nobody expected without telling its insides, which go to the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for it where that raises."""
        started = scope["type"] != "http"

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ClientDisconnect:
            log.debug("%s %s: the caller left", scope["method"], scope["path"])
        except Exception:
            if started:
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])
            await answer(UNEXPECTED)(scope, receive, send)


def _on_spec_error(_: Request, error: SpecError) -> Response:
    return answer(refused(error))


def _on_caller_error(_: Request, error: CallerError) -> Response:
    return answer(error.error, error.headers)


def _on_http_exception(request: Request, error: HTTPException) -> Response:
    """What the framework itself refuses: an unknown address, a wrong method, a body cut short."""
    path = shorten(request.url.path)
    match error.status_code:
        case 404:
            told = Error(code="not_found", message=f"there is nothing at {path}; /docs lists the calls")
        case 405:
            allowed = (error.headers or {}).get("Allow", "GET")
            message = f"{path} answers {allowed}, got {shorten(request.method)}"
            told = Error(code="method_not_allowed", message=message)
        case _:
            told = Error(code="bad_request", message=str(error.detail))
    return answer(told, error.headers)
