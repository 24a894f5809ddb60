"""What may be asked for, as the page and `hello` tell it: the engine's ranges and the server's bounds."""

from __future__ import annotations

from typing import Any

import engine
from server.settings import Settings


def told(settings: Settings) -> dict[str, Any]:
    """By field of a spec, [least, greatest] (of a text: of its length); sizes are in bytes."""
    return {
        **engine.RANGES,
        "trace_bytes": settings.memory_limit,
        "body_bytes": settings.max_body,
        "message_bytes": settings.max_message,
        "check_seconds": settings.check_seconds,
        "runs_per_socket": settings.runs_per_socket,
    }
