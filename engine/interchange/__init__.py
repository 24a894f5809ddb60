"""Data and weights that come from files: this project's names, or PyTorch's."""

from __future__ import annotations

from pathlib import Path

from engine.activations import Array
from engine.errors import SpecError
from engine.interchange.pytorch import from_state_dict, is_state_dict, to_state_dict
from engine.spec import Spec
from engine.tasks import Data, arrays
from engine.trace import load

__all__ = ["load_data", "load_weights", "to_state_dict"]


def load_data(path: str | Path) -> Data:
    """`x` (T,B,I) and `y` (T,B) integers or (T,B,O) real from a safetensors file.

    Also `lengths` (B,) integers and `counted` (T,B) bool, where it holds them: see `engine.Data`. Raises
    SpecError where they do not fit.
    """
    found, _ = load(path)
    for name in ("x", "y"):
        if name not in found:
            raise SpecError(f"{path} lacks {name}; it holds {_names(found)}", f"data.{name}")
    return arrays(found["x"], found["y"], found.get("lengths"), found.get("counted"))


def load_weights(path: str | Path, spec: Spec) -> dict[str, Array]:
    """A network's weights by this project's names, read from a safetensors file.

    The file uses this project's names (`layer0.W`, `V`, `c`; other names are passed over, so a
    trace serves too) or PyTorch's (`weight_ih_l0`, ...). Raises SpecError.
    """
    found, _ = load(path)
    if is_state_dict(found):
        return from_state_dict(found, spec)
    weights = {
        name: value
        for name, value in found.items()
        if name in ("V", "c") or (name.startswith("layer") and _is_parameter(name, spec))
    }
    if not weights:
        raise SpecError(f"{path} holds no weights, but {_names(found)}", "weights")
    return weights


def _is_parameter(name: str, spec: Spec) -> bool:
    own = {parameter.name for parameter in spec.equations().parameters}
    return name.partition(".")[2] in own


def _names(found: dict[str, Array]) -> str:
    names = sorted(found)
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") if names else "nothing"
