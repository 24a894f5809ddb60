"""Arrays with their metadata to safetensors bytes, and back.

The format: 8 bytes little-endian length of the header; the header, JSON, padded with spaces to a
multiple of 8; then the arrays, raw and little-endian. All steps of a phase have the same names and
shapes, so the header's part about them is made once per layout; only the metadata is written anew.
Arrays of 8 bytes an item come before those of 4, so that every array starts at a multiple of its
item's size and a browser can look at it in place.
Source: https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.protocol import Dtype

Array = NDArray[Any]

NAMES = {"f8": "F64", "f4": "F32", "i8": "I64"}
DTYPES = {name: np.dtype(f"<{code}") for code, name in NAMES.items()}
EXACT = ("log10_", "flow.")
"""How names begin of arrays that stay float64: at log10 = -200 a float32 would be off in the fifth digit of the norm,
and a norm of 1e-200 would be 0."""


class Frame(NamedTuple):
    """What `decode` found; the arrays look at the bytes that were given."""

    metadata: dict[str, str]
    arrays: dict[str, Array]


@dataclass(frozen=True)
class _Layout:
    """The header's fixed part, and the arrays' names and types in the order of their bytes."""

    header: bytes
    order: tuple[tuple[str, np.dtype[Any]], ...]


def encode(arrays: Mapping[str, Array], metadata: Mapping[str, str], dtype: Dtype = "float64") -> bytes:
    """One safetensors file in memory.

    With `dtype` float32 every float64 array but those of EXACT is cast; integers stay int64.
    Raises KeyError for an array that is neither float64, float32 nor int64.
    """
    layout = _layout(tuple((name, a.dtype.str[1:], a.shape) for name, a in arrays.items()), dtype)
    header = b'{"__metadata__":%s%s}' % (json.dumps(metadata).encode(), layout.header)
    header += b" " * (-len(header) % 8)
    with np.errstate(over="ignore"):  # a value beyond float32 is inf there, which is what it is told to be
        data = [np.ascontiguousarray(arrays[name], dtype=wanted).data for name, wanted in layout.order]
    return b"".join((struct.pack("<Q", len(header)), header, *data))


def decode(frame: bytes | bytearray | memoryview) -> Frame:
    """The metadata and the arrays of safetensors bytes, without copying an array."""
    (length,) = struct.unpack_from("<Q", frame)
    header: dict[str, Any] = json.loads(bytes(frame[8 : 8 + length]))
    metadata = header.pop("__metadata__", {})
    arrays = {
        name: np.frombuffer(
            frame,
            DTYPES[entry["dtype"]],
            math.prod(entry["shape"]),
            8 + length + entry["data_offsets"][0],
        ).reshape(entry["shape"])
        for name, entry in header.items()
    }
    return Frame(metadata, arrays)


@lru_cache(maxsize=512)
def _layout(parts: tuple[tuple[str, str, tuple[int, ...]], ...], dtype: Dtype) -> _Layout:
    """The layout of arrays given as (name, type code, shape)."""
    cast = {"f8": "f4"} if dtype == "float32" else {}
    wanted = [(name, code if name.startswith(EXACT) else cast.get(code, code), shape) for name, code, shape in parts]
    wanted.sort(key=lambda part: -int(part[1][1]))
    entries, order, start = "", [], 0
    for name, code, shape in wanted:
        end = start + int(code[1]) * math.prod(shape)
        entry = {"dtype": NAMES[code], "shape": shape, "data_offsets": (start, end)}
        entries += f",{json.dumps(name)}:{json.dumps(entry, separators=(',', ':'))}"
        order.append((name, DTYPES[NAMES[code]]))
        start = end
    return _Layout(entries.encode(), tuple(order))
