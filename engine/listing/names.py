"""What the names of a cell are called in a listing: as they are, where nothing else there is called so.

>>> names = Names(["h", "U", "V"], batch=False)
>>> names.of("h"), names.of("grad.h.a"), names.of("V"), names.of("grad.V")
('h', 'grad_h_a', 'V_cell', 'grad_V_cell')
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable

from engine.activations import ACTIVATIONS

OWN_WORDS = """
    np torch load_file trace text symbols codes x y target lengths there targeted counted N T I H O layers seed
    draw draw_one draw_recurrent parameter V c o y_hat loss L t layer x_layer y_prev joined coins draws stream sample
    first begin end k1 k2 sent window_loss grad_o grad_o_from_loss grad_y_prev grad_x grad_h_from_above grad_V grad_c
    gradients grad_norm clip_norm clip_scale learning_rate momentum decay beta1 beta2 epsilon step losses weights
    optimizer before y_hat_before
"""
"""What a listing calls its own things, outside of functions."""

RESERVED = frozenset(OWN_WORDS.split()) | frozenset(dir(builtins)) | frozenset(keyword.kwlist)
SLOPES = frozenset(f"{function}_slope" for function in ACTIVATIONS)


class Names:
    """Gives every name of a cell one of a listing, and every name once; `own` are the names in the equations."""

    def __init__(self, own: Iterable[str], batch: bool) -> None:
        self._taken = RESERVED | SLOPES | ({"B"} if batch else set())
        self._found: dict[str, str] = {}
        self._own: dict[str, str] = {}
        for name in own:
            self._own[name] = self._free(name, "_cell")
        for name in self._own:  # first of all, so that they are the same however a listing is written
            self.of(f"grad.{name}")

    def of(self, name: str) -> str:
        """The name of a quantity: `h`, `h.a`, `grad.h.from_above`, `U.share`."""
        if name in self._own:
            return self._own[name]
        if name not in self._found:
            written = "_".join(self._own.get(part, part) for part in name.split("."))
            self._found[name] = self._free(written, "_")
        return self._found[name]

    def _free(self, name: str, ending: str) -> str:
        while name in self._taken:
            name += ending
        self._taken |= {name}
        return name
