"""What may be in the repository: our own files, which name no registry and hold nothing that is installed."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# In pieces, so that this file does not name them either.
REGISTRY_HOSTS = tuple(
    host.replace("|", "")
    for host in (
        "pypi|.org",
        "python|hosted.org",
        "registry.npm|js.org",
        "registry.yarn|pkg.com",
        "npm|mirror.com",
        "deb.|debian.org",
        "docker|.io",
    )
)


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def committed() -> list[Path]:
    """Every file that is committed or would be by `git add .`."""
    names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("host", REGISTRY_HOSTS)
def test_no_committed_file_names_a_registry(host: str) -> None:
    assert [str(file) for file in committed() if host.encode() in file.read_bytes()] == []


@pytest.mark.parametrize(
    "made", ["static/vendor/katex/katex.min.js", "node_modules/x", ".venv/x", "shots/x.png", "dist/x"]
)
def test_what_make_installs_or_makes_is_ignored_by_git(made: str) -> None:
    assert git("check-ignore", made).strip() == made


def test_no_third_party_file_is_committed() -> None:
    assert [file for file in committed() if "vendor" in file.parts or "node_modules" in file.parts] == []
