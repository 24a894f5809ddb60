"""The page /docs: the description of the calls and of the WebSocket's messages, as plain HTML.

Made here and not by a viewer's script: it needs nothing from another host and works as it is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import HTMLResponse, Response

from server import protocol

STYLE = (Path(__file__).parent / "docs.css").read_text("utf-8")
TO_SERVER: tuple[type[BaseModel], ...] = (protocol.Run, protocol.Find, protocol.Cancel)
TO_CLIENT: tuple[type[BaseModel], ...] = (
    protocol.Hello,
    protocol.Plan,
    protocol.Step,
    protocol.Found,
    protocol.Done,
    protocol.Cancelled,
    protocol.RunError,
)

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def page(request: Request) -> HTMLResponse:
    """The description for people."""
    described: dict[str, Any] = request.app.openapi()
    models = described["components"]["schemas"]
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Unroll: calls</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="stylesheet" href="docs.css"></head><body><main>'
        f"<h1>{escape(described['info']['title'])} {escape(described['info']['version'])}</h1>"
        f"<p>{escape(described['info']['description'])} For programs: "
        '<a href="openapi.json">openapi.json</a>.</p>'
        f"<h2>Calls</h2>{_calls(described['paths'])}"
        f"<h2>WebSocket, to the server</h2>{_messages(TO_SERVER)}"
        f"<h2>WebSocket, from the server</h2>{_messages(TO_CLIENT)}"
        f"<h2>Models</h2>{''.join(_model(name, models[name]) for name in sorted(models))}"
        "</main></body></html>"
    )


@router.get("/docs.css")
async def style() -> Response:
    """How the description looks."""
    return Response(STYLE, media_type="text/css")


def _calls(paths: dict[str, dict[str, Any]]) -> str:
    return "".join(
        f"<section><h3><b>{method.upper()}</b> <code>{escape(path)}</code></h3>"
        f"<p>{escape(call['description'])}</p>{_query(call)}{_body(call)}<dl>{_answers(call['responses'])}</dl></section>"
        for path, methods in paths.items()
        for method, call in methods.items()
    )


def _query(call: dict[str, Any]) -> str:
    """What may stand in a call's address beside its path."""
    return "".join(
        f"<p>?<code>{escape(one['name'])}</code>: {_coded(one['description'])}</p>"
        for one in call.get("parameters", [])
        if one["in"] == "query"
    )


def _body(call: dict[str, Any]) -> str:
    if "requestBody" not in call:
        return ""
    return f"<p>Body: {_content(call['requestBody'])}</p>"


def _answers(responses: dict[str, dict[str, Any]]) -> str:
    return "".join(
        f"<dt>{escape(status)}</dt><dd>{_content(response)} {_meaning(response)}</dd>"
        for status, response in responses.items()
    )


def _meaning(response: dict[str, Any]) -> str:
    """What a response is, where more is known than that it is one."""
    described: str = response["description"]
    return "" if described == "Successful Response" else escape(described)


def _content(holder: dict[str, Any]) -> str:
    kinds = [
        f"{_type(entry['schema'])} <i>{escape(kind)}</i>" if entry.get("schema") else f"<i>{escape(kind)}</i>"
        for kind, entry in holder.get("content", {}).items()
    ]
    return ", ".join(kinds)


def _messages(models: Iterable[type[BaseModel]]) -> str:
    schemas = [(model.__name__, model.model_json_schema()) for model in models]
    return "".join(_model(name, schema, "message-") for name, schema in schemas)


def _model(name: str, schema: dict[str, Any], prefix: str = "") -> str:
    required = schema.get("required", [])
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{_type(entry)}</td>"
        f"<td>{_default(entry, field in required)}</td><td>{escape(entry.get('description', ''))}</td></tr>"
        for field, entry in schema.get("properties", {}).items()
    )
    head = "<tr><th>field</th><th>type</th><th>default</th><th>meaning</th></tr>"
    about = _coded(schema.get("description", ""))
    title = f'<section id="{prefix}{escape(name)}"><h3>{escape(name)}</h3>'
    return f"{title}<p>{about}</p><table>{head}{rows}</table></section>"


def _coded(text: str) -> str:
    """A description with its code marked."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", escape(text))


def _default(entry: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    return f"<code>{escape(json.dumps(entry['default']))}</code>" if "default" in entry else ""


def _type(entry: dict[str, Any]) -> str:
    """A JSON schema in a few words."""
    if "$ref" in entry:
        name = escape(entry["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    choices = entry.get("anyOf") or entry.get("oneOf")
    if choices:
        return " or ".join(_type(choice) for choice in choices)
    if "const" in entry or "enum" in entry:
        return ", ".join(f"<code>{escape(json.dumps(v))}</code>" for v in entry.get("enum", [entry.get("const")]))
    if entry.get("type") == "array" and "items" in entry:
        return f"list of {_type(entry['items'])}"
    return escape(entry.get("type", "any")) + _range(entry)


def _range(entry: dict[str, Any]) -> str:
    bounds = [(entry.get(low), entry.get(high)) for low, high in (("minimum", "maximum"), ("minLength", "maxLength"))]
    return "".join(f" {low} .. {high}" for low, high in bounds if low is not None or high is not None)
