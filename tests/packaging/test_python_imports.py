"""What the engine is made of; that it imports nothing of the server is a contract of import-linter."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[2] / "engine"
FROM_OUTSIDE = {"numpy", "safetensors"}
FOR_THE_SPEC = {"pydantic", "pydantic_core"}
FOR_THE_WOBBLE = {"astropy_iers_data"}


def packages(module: Path) -> Iterator[str]:
    """The top-level name of every absolute import of a module."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("module", sorted(ENGINE.rglob("*.py")), ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_the_engine_is_numpy_and_the_standard_library_but_for_file_formats_and_the_spec(module: Path) -> None:
    allowed = sys.stdlib_module_names | FROM_OUTSIDE | {"engine"}
    if module in (ENGINE / "spec.py", ENGINE / "part_spec.py", ENGINE / "task_spec.py"):
        allowed |= FOR_THE_SPEC
    if module == ENGINE / "tasks" / "wobble.py":
        allowed |= FOR_THE_WOBBLE
    assert set(packages(module)) - allowed == set()
