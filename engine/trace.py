"""What a pass leaves behind: every array under its name, kept whole or as factors, saved, loaded.

Names and shapes are those of the project's list of quantities; a file is safetensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from engine.errors import SpecError
from engine.factors import Factors
from engine.files import packed, write_whole
from engine.shares import of
from engine.spec import Spec

AnyArray = npt.NDArray[Any]


def engine_version() -> str:
    """The version of the installed distribution, or "0" where it runs uninstalled."""
    try:
        return version("unroll")
    except PackageNotFoundError:
        return "0"


class Trace(Mapping[str, AnyArray]):
    """The arrays of a pass by name, e.g. `trace["grad.layer0.h"]` (T,B,H).

    They are those the pass computes with: a further run of the same pass changes them. Shares are kept
    as factors; `contribution(name)` makes one in full, (T, shape of the parameter). What no later
    number needed (`rest`) is worked out when it is first asked for.
    """

    def __init__(
        self,
        spec: Spec,
        identity: Callable[[], str],
        loss: float,
        arrays: dict[str, AnyArray],
        uses: dict[str, list[Factors]],
        rest: Callable[[], dict[str, AnyArray]],
        shares: Callable[[], dict[str, AnyArray]],
    ) -> None:
        self.spec, self.loss, self._identity = spec, loss, identity
        self._arrays, self._uses, self._rest, self._shares = arrays, uses, rest, shares

    @cached_property
    def id(self) -> str:
        """The id of the pass: of its spec, and of data and weights that came with the call."""
        return self._identity()

    @cached_property
    def _all(self) -> dict[str, AnyArray]:
        return self._arrays | self._rest()

    def __getitem__(self, name: str) -> AnyArray:
        return self._arrays[name] if name in self._arrays else self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def contribution(self, name: str) -> AnyArray:
        """Each timestep's share of a parameter's gradient, (T, shape); its sum over t is it all."""
        return of(self._uses[name])

    def contributions(self) -> dict[str, AnyArray]:
        """That of every parameter, made together into memory that the pass keeps for it."""
        return self._shares()

    def factors(self, name: str) -> Factors:
        """The factors of a parameter's shares; several uses lie side by side along the batch."""
        return Factors.stack(self._uses[name])

    def to_bytes(self, contributions: bool = False, beside: Mapping[str, AnyArray] | None = None) -> bytes:
        """The trace as safetensors; with every share in full where `contributions`, and the arrays `beside` it."""
        arrays = self._all | dict(beside or {})
        for name in self._uses:
            factors = self.factors(name)
            arrays[f"factor.{name}.delta"] = factors.delta
            if factors.z is not None:
                arrays[f"factor.{name}.z"] = factors.z
            if contributions:
                arrays[f"contribution.{name}"] = self.contribution(name)
        metadata = {
            "spec": self.spec.model_dump_json(),
            "id": self.id,
            "version": engine_version(),
            "loss": repr(self.loss),
        }
        return packed(arrays, metadata)

    def save(self, path: str | Path, contributions: bool = False, beside: Mapping[str, AnyArray] | None = None) -> None:
        """Write the trace to a file as `to_bytes` gives it, whole or not at all; raises OSError."""
        write_whole(path, self.to_bytes(contributions, beside))


def load(path: str | Path) -> tuple[dict[str, AnyArray], dict[str, str]]:
    """A safetensors file's arrays and metadata; raises SpecError where it is none."""
    try:
        with safe_open(str(path), framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return arrays, file.metadata() or {}
    except FileNotFoundError:
        raise SpecError(f"no file {path}", "file") from None
    except (SafetensorError, OSError, TypeError) as error:
        raise SpecError(f"{path} is not a safetensors file: {error}", "file") from None
