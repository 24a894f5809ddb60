"""The wheel: all that serves the page is in it, nothing else is, and it serves the page by itself."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(place)],
        cwd=ROOT,
        check=True,
    )
    return next(place.glob("unroll-*.whl"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


def test_the_wheel_has_the_page_and_every_browser_part(names: list[str]) -> None:
    in_clone = [file.relative_to(ROOT).as_posix() for file in (ROOT / "static").rglob("*") if file.is_file()]
    assert "static/index.html" in in_clone
    assert [name for name in in_clone if f"server/{name}" not in names] == []


def test_the_wheel_has_the_equations_of_every_cell(names: list[str]) -> None:
    cells = [file.name for file in (ROOT / "engine" / "cells").glob("*.toml")]
    assert cells
    assert [cell for cell in cells if f"engine/cells/{cell}" not in names] == []


def test_the_wheel_has_each_browser_parts_licence(names: list[str]) -> None:
    parts = {name.split("/")[3] for name in names if name.startswith("server/static/vendor/")}
    assert parts
    assert [part for part in parts if f"server/static/vendor/{part}/LICENSE" not in names] == []


def test_the_wheel_holds_the_engine_and_the_server_alone(names: list[str]) -> None:
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"engine", "server", "unroll"}
    assert [name for name in names if "/test" in name or name.endswith(".pyc")] == []


def test_the_wheel_has_the_program_unroll(wheel: Path) -> None:
    scripts = zipfile.ZipFile(wheel).read("unroll-0.1.0.dist-info/entry_points.txt").decode()
    assert "unroll = server.__main__:main" in scripts


@pytest.fixture(scope="module")
def address(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server run from the unpacked wheel in an empty folder, where nothing of the clone can be found by chance."""
    site, work = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("work")
    zipfile.ZipFile(wheel).extractall(site)
    serving = subprocess.Popen(
        [sys.executable, "-m", "server", "--port", "0"],
        cwd=work,
        env={**os.environ, "PYTHONPATH": str(site)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with serving:
        assert serving.stdout is not None
        told = re.search(r"http://[\d.:]+", serving.stdout.readline())
        assert told is not None
        yield told[0]
        serving.terminate()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/main.js", "text/javascript"),
        ("/vendor/lit-html/lit-html.js", "text/javascript"),
        ("/vendor/katex/katex.min.js", "text/javascript"),
        ("/vendor/katex/katex.min.css", "text/css"),
        ("/vendor/inter/files/inter-latin-wght-normal.woff2", "font/woff2"),
    ],
)
def test_the_wheel_alone_serves_the_page(address: str, path: str, kind: str) -> None:
    answer = httpx.get(address + path, trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
