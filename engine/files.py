"""Files that are written whole or not at all, and the bytes of safetensors that go into them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save


def packed(arrays: Mapping[str, npt.NDArray[Any]], metadata: dict[str, str]) -> bytes:
    """Arrays and metadata as safetensors, the same bytes for the same input."""
    return _steady(save({name: np.asarray(array, order="C") for name, array in arrays.items()}, metadata))


def write_whole(path: str | Path, content: bytes) -> None:
    """Write a file whole or not at all, whatever stops the process or the machine; raises OSError."""
    target = Path(path)
    part = target.with_name(f".{target.name}.{uuid4().hex}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # else the new name might outlive the bytes
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _steady(data: bytes) -> bytes:
    """The same file with its metadata in order, which safetensors leaves to chance."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join((len(text).to_bytes(8, "little"), text, memoryview(data)[8 + size :]))
