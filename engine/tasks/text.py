"""The next character of a text; the alphabet is the text's own characters.

>>> data = characters("hello")
>>> data.alphabet, data.x.shape, data.y[:, 0].tolist()
(('e', 'h', 'l', 'o'), (4, 1, 4), [0, 2, 2, 3])
"""

from __future__ import annotations

import numpy as np

from engine.tasks import Data


def characters(text: str) -> Data:
    """One-hot inputs (T,1,I) for every character but the last; each one's target is the next."""
    alphabet = tuple(sorted(set(text)))
    places = {symbol: place for place, symbol in enumerate(alphabet)}
    codes = np.array([places[symbol] for symbol in text], np.int64)
    x = np.eye(len(alphabet))[codes[:-1], None, :]
    return Data(x, codes[1:, None], len(alphabet), alphabet)
