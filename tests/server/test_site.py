"""The page's files come as they are, are revalidated or cached, and nothing else is served."""

from __future__ import annotations

import gzip
import http.client
from pathlib import Path

import brotli
import pytest

from server.settings import Settings
from tests.server.running import Running, running


def test_the_page_is_at_the_root_and_asked_for_anew_each_time(server: Running, static: Path) -> None:
    answer = server.http.get("/")
    assert answer.text == (static / "index.html").read_text()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


def test_vendored_parts_may_be_cached(server: Running) -> None:
    answer = server.http.get("/vendor/part.mjs")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=86400"


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
@pytest.mark.parametrize("path", ["/", "/main.js", "/vendor/part.mjs", "/vendor/font.woff2"])
def test_an_unchanged_file_is_not_sent_again(server: Running, path: str, encoding: str) -> None:
    asked = {"Accept-Encoding": encoding}
    first = server.http.get(path, headers=asked)
    again = server.http.get(path, headers=asked | {"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert again.content == b""
    assert again.headers["cache-control"] == first.headers["cache-control"]


@pytest.mark.parametrize(
    ("taken", "encoding"), [("gzip, deflate", "gzip"), ("gzip, deflate, br, zstd", "br"), ("br;q=1.0, gzip", "br")]
)
def test_text_is_sent_packed_to_who_takes_it(server: Running, static: Path, taken: str, encoding: str) -> None:
    packed = _raw(server, "/main.js", {"Accept-Encoding": taken})
    plain = _raw(server, "/main.js", {})
    content = (static / "main.js").read_bytes()
    assert packed.headers["content-encoding"] == encoding
    assert {"br": brotli.decompress, "gzip": gzip.decompress}[encoding](packed.body) == content == plain.body
    assert len(packed.body) < len(content) / 10
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] != plain.headers["etag"]


def test_what_is_packed_already_is_not_packed_again(server: Running) -> None:
    answer = _raw(server, "/vendor/font.woff2", {"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] is None
    assert answer.headers["content-type"] == "font/woff2"


def test_a_changed_file_is_sent_at_once(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("before")
    with running(Settings(port=0, static=tmp_path)) as server:
        first = server.http.get("/")
        page.write_text("afterwards")
        second = server.http.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (first.text, second.text) == ("before", "afterwards")


def test_the_head_of_a_file_can_be_asked_for(server: Running) -> None:
    answer = server.http.head("/main.js")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/vendor/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//secret.txt", "/link"],
)
def test_nothing_outside_the_folder_is_served(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "static" / "vendor").mkdir(parents=True)
    (tmp_path / "static" / "link").symlink_to(tmp_path / "secret.txt")
    with running(Settings(port=0, static=tmp_path / "static")) as server:
        assert _raw(server, path, {}).status == 404


@pytest.mark.parametrize("path", ["/vendor", "/vendor/", "/%00", "/" + "a" * 300, "/" + "a/" * 3000, "/C:%5C"])
def test_an_address_of_no_file_is_a_404(server: Running, path: str) -> None:
    assert _raw(server, path, {}).status == 404


class _raw:  # noqa: N801
    """An answer as it is on the wire: httpx tidies addresses up and unpacks bodies."""

    def __init__(self, server: Running, path: str, headers: dict[str, str]) -> None:
        connection = http.client.HTTPConnection(server.host, timeout=60)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()
        connection.close()
