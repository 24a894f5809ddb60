"""Where and with what a benchmark ran."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import threadpoolctl

PEERS = ("torch", "jax")


def describe() -> dict[str, str]:
    """Date, machine and versions, each a few words; a library that is missing is left out."""
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "blas": ", ".join(sorted({_blas(pool) for pool in threadpoolctl.threadpool_info() if _is_numpys(pool)})),
    }
    return found | {name: version(name) for name in ("numpy", *PEERS) if installed(name)}


def installed(library: str) -> bool:
    """Whether a library is there to be imported."""
    try:
        version(library)
    except PackageNotFoundError:
        return False
    return True


def processor() -> str:
    """The processor's own name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _is_numpys(pool: dict[str, str]) -> bool:
    return pool["user_api"] == "blas" and "numpy" in pool["filepath"]


def _blas(pool: dict[str, str]) -> str:
    return f"{pool['internal_api']} {pool['version']} ({pool.get('architecture', 'unknown')})"
