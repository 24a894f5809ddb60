"""What the documents say is so: their examples run, the files they name exist."""

import re
from pathlib import Path

import pytest

from engine.trace import load

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
FOLDERS = ["", "engine", "server", "static", "static/views"]
MADE_BY_MAKE = {"static/vendor/", "shots/"}


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_a_document_names_exists(name: str) -> None:
    named = re.findall(r"`([\w./-]+(?:\.(?:py|js|md|toml|css)|/))`", text(name))
    missing = {
        file for file in set(named) - MADE_BY_MAKE if not any((ROOT / folder / file).exists() for folder in FOLDERS)
    }
    assert missing == set()
    assert named


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_and_picture_of_a_document_is_there(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text(name))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readmes_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", text("README.md"), re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, "README.md", "exec"), {})
    assert "grad.layer0.h" in load(tmp_path / "trace.safetensors")[0]


def test_the_readme_names_targets_that_the_makefile_has() -> None:
    targets = set(re.findall(r"^([\w-]+):", text("Makefile"), re.MULTILINE))
    named = {target for name in DOCUMENTS for target in re.findall(r"(?:^|`)make ([\w-]+)", text(name), re.MULTILINE)}
    assert "run" in named
    assert named - targets == set()


def test_the_map_names_every_module_of_the_engine() -> None:
    mapped = text("ARCHITECTURE.md")
    modules = {file.name for file in (ROOT / "engine").glob("*.py")} - {"__init__.py"}
    assert {module for module in modules if module not in mapped} == set()
