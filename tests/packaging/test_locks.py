"""The locks: every dependency at one version, by its hash, the same Plotly in Python and in the browser."""

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGE: dict[str, Any] = json.loads((ROOT / "package.json").read_text("utf-8"))
PACKAGE_LOCK: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
LOCKS = ("run", "build", "dev")


def locked(name: str) -> dict[str, list[str]]:
    """Of `requirements/{name}.txt`: package -> its pinned requirement lines, one per marker, hashes included."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    pins: dict[str, list[str]] = {}
    for pin in re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE)):
        if pin.strip():
            pins.setdefault(canonicalize_name(re.split(r"[=\s]", pin, maxsplit=1)[0]), []).append(pin)
    return pins


def versions(pins: list[str]) -> list[str]:
    return [re.split(r"[\s;]", pin.split("==", 1)[1], maxsplit=1)[0] for pin in pins]


def wanted(group: str) -> list[Requirement]:
    """The requirements of a dependency group, those of the groups it includes too."""
    found = []
    for entry in PROJECT["dependency-groups"][group]:
        found += [Requirement(entry)] if isinstance(entry, str) else wanted(entry["include-group"])
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_one_version_and_its_hashes(name: str) -> None:
    pins = [pin for pins in locked(name).values() for pin in pins]
    assert pins
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_all_that_pyproject_asks_for(name: str) -> None:
    asked = wanted(name) if name != "run" else [Requirement(entry) for entry in PROJECT["project"]["dependencies"]]
    pins = locked(name)
    for requirement in asked:
        for version in versions(pins[canonicalize_name(requirement.name)]):
            assert requirement.specifier.contains(version), f"{requirement} is locked at {version}"


@pytest.mark.parametrize("name", ["build", "dev"])
def test_locks_that_share_a_package_share_its_versions(name: str) -> None:
    run, other = locked("run"), locked(name)
    shared = run.keys() & other.keys()
    assert {package: versions(other[package]) for package in shared} == {
        package: versions(run[package]) for package in shared
    }


def test_browser_parts_are_named_by_exact_version() -> None:
    asked: dict[str, str] = {**PACKAGE["dependencies"], **PACKAGE["devDependencies"]}
    assert [version for version in asked.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_the_npm_lock_holds_hashes_and_no_addresses() -> None:
    packages = {name: entry for name, entry in PACKAGE_LOCK["packages"].items() if name}
    assert [name for name, entry in packages.items() if "integrity" not in entry or "resolved" in entry] == []


def test_plotly_is_the_same_in_python_and_in_the_browser() -> None:
    spec = importlib.util.find_spec("plotly.offline._plotlyjs_version")
    assert spec is not None
    assert spec.origin is not None
    in_python = re.search(r'__plotlyjs_version__ = "(.+)"', Path(spec.origin).read_text("utf-8"))
    assert in_python is not None
    assert PACKAGE["dependencies"]["plotly.js-cartesian-dist-min"] == in_python[1]
