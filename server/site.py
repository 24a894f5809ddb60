"""The page's files: read once, kept in memory as they are and packed, served with an ETag."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import brotli
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from server.workers import Workers

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".woff": "font/woff",
    ".ttf": "font/ttf",
}
"""Told by us: a machine without /etc/mime.types would not know a font or a module."""
PACKED = frozenset({".png", ".ico", ".woff2", ".woff"})
"""Compressed by their own format already."""
BROTLI = 9
"""Of 11 levels: the last two take ten times as long for a few percent."""
REVALIDATE = "no-cache"
ONE_DAY = "public, max-age=86400"


@dataclass(frozen=True)
class File:
    """One file in memory; `packed` by the name of the encoding, nothing where packing saves nothing."""

    etag: str
    content: bytes
    packed: Mapping[str, bytes]


class Site:
    """Serves the files of a folder; what is not there is a 404."""

    def __init__(self, folder: Path, workers: Workers) -> None:
        self._folder = folder.resolve()
        self._workers = workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the file at the request's path; raises HTTPException 404 or 405."""
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        path = self._find(scope["path"])
        if path is None:
            raise HTTPException(404)
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        about = path.stat()
        file = await self._workers.slice(_read, path, about.st_mtime_ns, about.st_size)
        await self._response(path, file, Headers(scope=scope))(scope, receive, send)

    def _find(self, address: str) -> Path | None:
        """The file of an address, None where there is none inside the folder."""
        try:
            path = (self._folder / address.lstrip("/")).resolve()
            path = path / "index.html" if path == self._folder else path
            return path if path.is_relative_to(self._folder) and path.is_file() else None
        except (OSError, ValueError):  # a name too long for the file system, a zero byte
            return None

    def _response(self, path: Path, file: File, asked: Headers) -> Response:
        vendored = path.is_relative_to(self._folder / "vendor")
        headers = {
            "ETag": f'"{file.etag}"',
            "Cache-Control": ONE_DAY if vendored else REVALIDATE,
            "Vary": "Accept-Encoding",
        }
        content = file.content
        taken = [name.split(";")[0].strip() for name in asked.get("accept-encoding", "").split(",")]
        encoding = next((name for name in file.packed if name in taken), None)
        if encoding is not None:
            headers |= {"ETag": f'"{file.etag}-{encoding}"', "Content-Encoding": encoding}
            content = file.packed[encoding]
        if headers["ETag"] in asked.get("if-none-match", ""):
            headers.pop("Content-Encoding", None)
            return Response(status_code=304, headers=headers)
        kind = TYPES.get(path.suffix, "application/octet-stream")
        return Response(content, headers=headers | {"Content-Type": kind})


@lru_cache(maxsize=512)
def _read(path: Path, _modified: int, _size: int) -> File:
    """The file's bytes, read again when its time or size has changed."""
    content = path.read_bytes()
    packed = {} if path.suffix in PACKED else _packed(content)
    return File(hashlib.sha256(content).hexdigest()[:16], content, packed)


def _packed(content: bytes) -> dict[str, bytes]:
    """What is smallest comes first; browsers take Brotli on this machine and over TLS, gzip everywhere."""
    return {"br": brotli.compress(content, quality=BROTLI), "gzip": gzip.compress(content, mtime=0)}
