"""What the routes share for as long as the server lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from server.settings import Settings
from server.traces import Traces
from server.workers import Workers


@dataclass(frozen=True)
class Services:
    """The settings, where computing happens, and the specs remembered by id."""

    settings: Settings
    workers: Workers
    traces: Traces


def _of(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


Shared = Annotated[Services, Depends(_of)]
