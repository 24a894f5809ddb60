"""A real server in a thread of the test process, and a client of its WebSocket."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from server import serving, wire
from server.app import create_app
from server.settings import Settings

SENDERS_BUFFER = 512 * 1024
READERS_BUFFER = 64 * 1024


class Client:
    """One connection to /ws. Whatever is received must be there within `PATIENCE` seconds."""

    PATIENCE = 60

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, message: dict[str, Any] | str | bytes) -> None:
        self.connection.send(json.dumps(message) if isinstance(message, dict) else message)

    def receive(self) -> Any:
        """The next message: a dict, or a frame."""
        message = self.connection.recv(self.PATIENCE)
        return wire.decode(message) if isinstance(message, bytes) else json.loads(message)

    def run(self, spec: dict[str, Any], run: str = "r1", **more: str) -> tuple[dict[str, Any], list[wire.Frame]]:
        """The plan and the frames of one whole run."""
        self.send({"type": "run", "run": run, "spec": spec} | more)
        plan = self.receive()
        assert plan["type"] == "plan", plan
        frames = [self.receive() for _ in range(plan["total"])]
        assert self.receive()["type"] == "done"
        return plan, frames

    def find(self, spec: dict[str, Any], what: str, run: str = "f1", **more: str) -> tuple[list[wire.Frame], Any]:
        """The frames of what is found, and the message after the last."""
        self.send({"type": "find", "run": run, "spec": spec, "what": what} | more)
        frames: list[wire.Frame] = []
        while isinstance(message := self.receive(), wire.Frame):
            frames.append(message)
        return frames, message


class Running:
    """A server that runs, and how to reach it."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.settings = settings
        self.host = f"127.0.0.1:{port}"
        self.http = httpx.Client(base_url=f"http://{self.host}", timeout=60)

    @contextmanager
    def client(self, **more: Any) -> Iterator[Client]:
        """A connection that has read its hello."""
        options: dict[str, Any] = {"compression": None, "max_size": None, "ping_interval": None} | more
        with connect(f"ws://{self.host}/ws", **options) as connection:
            client = Client(connection)
            assert client.receive()["type"] == "hello"
            yield client

    @contextmanager
    def slow_client(self) -> Iterator[Client]:
        """A connection with small buffers, that reads nothing from the network while nothing is received."""
        buffered = socket.socket()
        buffered.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READERS_BUFFER)
        host, port = self.host.split(":")
        buffered.connect((host, int(port)))
        with self.client(sock=buffered, max_queue=1) as client:
            yield client


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """Start a server on a free port; stop it afterwards."""
    listener = serving.listening(settings)
    # What the kernel buffers is the same on every machine.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SENDERS_BUFFER)
    server = serving.server(create_app(settings), settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    reachable = Running(settings, listener.getsockname()[1])
    try:
        yield reachable
    finally:
        reachable.http.close()
        server.should_exit = True
        thread.join(30)
        listener.close()
        assert not thread.is_alive()
