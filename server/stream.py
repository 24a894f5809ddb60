"""The WebSocket: what a client asks for, answered step by step as it is computed.

A step is computed in a thread, and only after the one before was handed to a socket that drains:
a reader that stops reading stops the computing, and nothing queues.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import anyio
import anyio.abc
from starlette.websockets import WebSocket, WebSocketDisconnect

import engine
from engine.errors import SpecError, shorten
from server import errors, inbox, limits
from server.finding import Finding
from server.playback import Playback
from server.protocol import MAX_RUN_ID, Cancel, Cancelled, Error, Find, Hello, Run, RunError, ServerMessage
from server.settings import Settings
from server.traces import Traces
from server.workers import Workers

log = logging.getLogger("unroll")


class Stream:
    """One connection and the runs on it, each with the scope that cancels it."""

    def __init__(self, socket: WebSocket, settings: Settings, workers: Workers, traces: Traces) -> None:
        self._socket = socket
        self._settings = settings
        self._workers = workers
        self._traces = traces
        self._runs: dict[str, anyio.CancelScope] = {}

    async def serve(self) -> None:
        """Greet, then answer until the client is gone; its runs end with it."""
        await self._socket.accept()
        try:
            async with anyio.create_task_group() as tasks:
                await self._tell(Hello(version=engine.engine_version(), limits=limits.told(self._settings)))
                async for received in self._received():
                    await self._answer(received, tasks)
                tasks.cancel_scope.cancel()
        except* WebSocketDisconnect:
            log.debug("a client left while it was being sent to")

    async def _received(self) -> AsyncIterator[str | bytes]:
        while (message := await self._socket.receive())["type"] == "websocket.receive":
            text = message.get("text")
            yield message["bytes"] if text is None else text

    async def _answer(self, received: str | bytes, tasks: anyio.abc.TaskGroup) -> None:
        """Do what one message asks; whatever is wrong with it is told and the socket stays open."""
        data: object = None
        try:
            data = await self._workers.slice(inbox.decoded, received)
            match await self._workers.slice(inbox.understood, data):
                case Run() | Find() as request:
                    self._admit(request, tasks)
                case Cancel(run=run):
                    self._cancel(run)
        except SpecError as error:
            await self._tell(errors.refused(error))
        except errors.CallerError as wrong:
            await self._tell(self._of_run(wrong.error, data))
        except Exception:
            log.exception("a message could not be answered")
            await self._tell(errors.UNEXPECTED)

    def _admit(self, request: Run | Find, tasks: anyio.abc.TaskGroup) -> None:
        """Start a run where its name is free and there is room for it."""
        if request.run in self._runs:
            message = f"run {shorten(request.run)} is still going; a new run needs a new name"
            raise errors.CallerError("invalid_message", message, "run")
        most = self._settings.runs_per_socket
        if len(self._runs) >= most:
            message = f"at most {most} runs at once on one connection; cancel one or wait for it"
            raise errors.CallerError("busy", message)
        self._runs[request.run] = anyio.CancelScope()
        tasks.start_soon(self._run, request)

    def _cancel(self, run: str) -> None:
        if run not in self._runs:
            going = ", ".join(map(shorten, self._runs)) or "none"
            message = f"run {shorten(run)} is not going; going are: {going}"
            raise errors.CallerError("unknown_run", message, "run")
        self._runs[run].cancel()

    async def _run(self, request: Run | Find) -> None:
        """One run, or what is found, from its first message to its last."""
        with self._runs[request.run] as scope:
            last = await self._sent(request)
        del self._runs[request.run]
        await self._tell(Cancelled(run=request.run) if scope.cancelled_caught else last)

    async def _sent(self, request: Run | Find) -> ServerMessage:
        """Send all that was asked for; the message to end with."""
        try:
            return await (self._play(request) if isinstance(request, Run) else self._find(request))
        except SpecError as error:
            return _ending(errors.refused(error), request.run)
        except WebSocketDisconnect:
            raise
        except Exception:
            log.exception("run %s failed", shorten(request.run))
            return _ending(errors.UNEXPECTED, request.run)

    async def _play(self, request: Run) -> ServerMessage:
        """Send the plan and every step."""
        playback = await self._workers.slice(Playback, request, self._settings.memory_limit)
        self._traces.remember(playback.plan)
        await self._send(await self._workers.slice(playback.opening))
        while frame := await self._workers.slice(playback.frame):
            await self._send(frame)
        return playback.closing()

    async def _find(self, request: Find) -> ServerMessage:
        """Send what is found, as it is found."""
        finding = await self._workers.slice(Finding, request, self._settings.memory_limit)
        self._traces.remember(finding.plan)
        while (frame := await self._workers.slice(finding.frame)) is not None:
            if frame:
                await self._send(frame)
        return finding.closing()

    async def _tell(self, message: ServerMessage) -> None:
        await self._send(message.model_dump_json())

    async def _send(self, message: str | bytes) -> None:
        """Hand a message to the socket as soon as it drains; raises WebSocketDisconnect."""
        try:
            with anyio.fail_after(self._settings.reader_patience):
                if isinstance(message, str):
                    await self._socket.send_text(message)
                else:
                    await self._socket.send_bytes(message)
        except TimeoutError as stalled:  # what the run holds in memory is not held for ever
            log.warning("a client that read nothing for %g s was left", self._settings.reader_patience)
            raise WebSocketDisconnect(1006) from stalled
        except RuntimeError as closed:  # uvicorn has closed it: the server stops
            raise WebSocketDisconnect(1006) from closed

    def _of_run(self, error: Error, data: object) -> Error:
        """The error as the end of the run that was asked for, unless a run of that name goes on."""
        run = data.get("run") if isinstance(data, dict) else None
        if not isinstance(run, str) or not 1 <= len(run) <= MAX_RUN_ID or run in self._runs:
            return error
        return _ending(error, run)


def _ending(error: Error, run: str) -> RunError:
    return RunError(code=error.code, message=error.message, field=error.field, run=run)
