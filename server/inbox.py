"""What a client sends on the WebSocket: read into a message, or refused in words."""

from __future__ import annotations

from typing import get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

import engine
from engine.errors import cut, shorten
from server.errors import CallerError
from server.protocol import CLIENT_MESSAGES, MAX_RUN_ID, Cancel, Find, Run

MODELS: dict[str, type[Run] | type[Find] | type[Cancel]] = {"run": Run, "find": Find, "cancel": Cancel}


def decoded(received: str | bytes) -> object:
    """JSON text to values; raises CallerError for binary, SpecError for malformed JSON."""
    if isinstance(received, bytes):
        given = f"{len(received):,} bytes of binary"
        raise CallerError("invalid_message", f"a message must be JSON text, got {given}")
    return engine.parse_json(received)


def understood(data: object) -> Run | Find | Cancel:
    """Decoded JSON to a message; raises CallerError naming the field, the value and what is allowed."""
    if not isinstance(data, dict):
        given = shorten(data)
        raise CallerError("invalid_message", f"a message must be a JSON object, got {given}")
    try:
        return CLIENT_MESSAGES.validate_python(data)
    except ValidationError as error:
        field, message = _in_words(error.errors(include_url=False)[0])
        raise CallerError("invalid_message", message, field) from None


def _in_words(detail: ErrorDetails) -> tuple[str, str]:
    """The field and the sentence of pydantic's first complaint."""
    context, given = detail.get("ctx", {}), shorten(detail["input"])
    if detail["type"] == "missing":
        given = "nothing"
    tag, *path = detail["loc"] or ("",)
    field = ".".join(str(part) for part in path)
    match detail["type"]:
        case "union_tag_not_found":
            return "type", f"type must be one of {', '.join(MODELS)}, got nothing"
        case "union_tag_invalid":
            tag = shorten(context["tag"])
            return "type", f"type must be one of {', '.join(MODELS)}, got {tag}"
        case "missing" if field == "spec":
            return field, "spec must be a JSON object, got nothing"
        case "missing" if field == "what":
            return field, f"what must be one of {', '.join(get_args(engine.What))}, got nothing"
        case "extra_forbidden":
            allowed = ", ".join(MODELS[str(tag)].model_fields)
            return cut(field), f"unknown field {shorten(field)}; allowed are {allowed}"
        case "literal_error":
            return field, f"{field} must be {context['expected']}, got {given}"
        case _:
            return field, f"{field} must be a text of 1 to {MAX_RUN_ID} characters, got {given}"
