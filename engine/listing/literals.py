"""Arrays and masks as the shortest text that makes them anew, every digit kept.

>>> import numpy as np
>>> mask(np.array([[False], [True], [True]]))
'np.arange(T) >= 1'
>>> array(np.array([0.1, 0.5]))
'np.array([0.1, 0.5])'
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from engine.tasks.data import Codes, Mask

AnyArray = npt.NDArray[Any]

LONGEST = 20_000
"""Characters of an array that is written out; of a longer one a listing reads the trace file."""


def array(values: AnyArray) -> str:
    """An array in full."""
    return f"np.array({values.tolist()})"


def is_long(values: AnyArray) -> bool:
    """Whether an array is too long to be written out."""
    least = values.size * (3 if np.issubdtype(values.dtype, np.integer) else 5)
    return least > LONGEST or len(array(values)) > LONGEST


def one_hot(x: npt.NDArray[np.floating], there: Mask | None) -> Codes | None:
    """Where the ones are, (T,B), if every vector of `x` (T,B,I) that is no padding has one 1 among zeros; else None."""
    units = (np.isin(x, (0, 1)).all(axis=-1) & (x.sum(axis=-1) == 1)) | (False if there is None else ~there)
    return x.argmax(axis=-1) if units.all() else None


def mask(values: Mask) -> str:
    """A mask (T,B), or (T,) where B is 1: by its first step, its lengths or its last step, else in full."""
    steps, batch = values.shape
    first, lengths = values.argmax(axis=0), values.sum(axis=0)
    places = np.arange(steps)[:, None]
    each = "np.arange(T)" if batch == 1 else "np.arange(T)[:, None]"
    if (values == (places < lengths)).all():
        return f"{each} < {_each(lengths)}"
    if (values == (places == first)).all():
        return f"{each} == {_each(first)}"
    if (values == (places >= first)).all():
        return f"{each} >= {_each(first)}"
    numbers = values.astype(int)
    return f"{array(numbers[:, 0] if batch == 1 else numbers)} == 1"


def _each(numbers: AnyArray) -> str:
    """One number for every sequence."""
    return str(numbers[0]) if len(numbers) == 1 else array(numbers)
