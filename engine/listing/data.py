"""The inputs and targets of a pass as a listing makes them."""

from __future__ import annotations

import numpy as np

from engine.listing import changes, literals
from engine.listing.experiment import Experiment
from engine.listing.lines import Listing
from engine.tasks.data import Mask

TURNED = ".transpose(0, 2, 1)"
"""From (T, B, n) to (T, n, B), as W @ h wants it."""
FEED = 0xFEED
"""The stream of feedback that is drawn, as in engine.feedback."""


def write(listing: Listing, e: Experiment, target: bool = True) -> None:
    """Sizes, inputs `x`, targets `y`, which steps count; the targets of symbols as outputs where `target`."""
    listing.section("Data")
    if e.traced:
        address = f"/api/traces/{e.plan.id}.safetensors"
        listing.add(f'trace = load_file("{e.plan.id}.safetensors")  # from {address}')
    if e.is_text:
        _text(listing, e)
    else:
        listing.add(f"x = {_x(e)}  # {'(T, I, B)' if e.batch else '(T, I)'}")
        listing.add(f"y = {_y(e)}")
    _sizes(listing, e)
    listing.extend(changes.of_input(e))
    if e.data.there is not None:
        listing.add(f"there = {literals.mask(e.data.there)}  # later steps are padding")
        listing.add("x = np.where(there[:, None], x, 0)")
    if e.softmax and target:
        listing.add(f"target = {e.cast('np.eye(O)[y]')}{TURNED if e.batch else ''}  # one-hot")
    _masks(listing, e)


def _text(listing: Listing, e: Experiment) -> None:
    """A text's own lines: its characters are the alphabet, each one's target is the next."""
    alphabet = e.data.alphabet or ()
    codes = [*e.data.x[:, 0].argmax(axis=-1), e.data.y[-1, 0]]
    listing.add(f"text = {''.join(alphabet[int(code)] for code in codes)!r}")
    listing.add("symbols = sorted(set(text))")
    listing.add("codes = np.array([symbols.index(symbol) for symbol in text])")
    listing.add(f"x = {e.cast('np.eye(len(symbols))[codes[:-1]]')}  # (T, I), one-hot")
    listing.add("y = codes[1:]  # the symbol that comes next")


def _x(e: Experiment) -> str:
    turned = TURNED if e.batch else ""
    if "x" in e.traced:
        return f'trace["x"]{turned or "[:, 0]"}'
    if e.codes is None:
        given = e.data.x.swapaxes(1, 2)
        return e.cast(literals.array(given if e.batch else given[..., 0]))
    places = literals.array(e.codes if e.batch else e.codes[:, 0])
    return e.cast(f"np.eye({e.sizes['I']})[{places}]{turned}")


def _y(e: Experiment) -> str:
    if "y" in e.traced:
        return f'trace["y"]{(TURNED if not e.softmax else "") if e.batch else "[:, 0]"}'
    if e.softmax:
        codes = np.where(e.targeted, e.data.y, 0)
        return literals.array(codes if e.batch else codes[:, 0])
    given = np.where(e.targeted[..., None], e.data.y, 0).swapaxes(1, 2)
    return e.cast(literals.array(given if e.batch else given[..., 0]))


def _sizes(listing: Listing, e: Experiment) -> None:
    letters = ["T", "I", "H", "O", *(["B"] if e.batch else [])]
    sizes = ", ".join(str(e.sizes[letter]) for letter in letters)
    words = "timesteps, inputs, hidden units, outputs" + (", sequences" if e.batch else "")
    listing.add(f"{', '.join(letters)} = {sizes}  # {words}")
    if e.layered:
        listing.add(f"layers = {e.sizes['L']}")


def _masks(listing: Listing, e: Experiment) -> None:
    if not e.targeted.all() and e.softmax and e.fed in ("teacher", "scheduled"):
        listing.add(f"target = np.where(({_mask(e, e.targeted)})[:, None], target, 0)  # nothing where there is none")
    if not e.counted.all():
        listing.add(f"counted = {_mask(e, e.counted)}  # the steps whose loss counts")
        listing.add("N = counted.sum()")


def _mask(e: Experiment, mask: Mask) -> str:
    there = e.data.there
    return "there" if there is not None and (mask == there).all() else literals.mask(mask)


def write_draws(listing: Listing, e: Experiment) -> None:
    """The random numbers of feedback that is drawn, and how they become an output."""
    each = "(T, B)" if e.batch else "T"
    listing.add(f"stream = np.random.default_rng([{e.spec.seed}, {FEED}])")
    if e.fed == "scheduled":
        listing.add(f"coins = stream.random({each}) < {e.spec.feedback.probability!r}  # then the true output")
    else:
        listing.add(f"stream.random({each})  # coins that only a schedule looks at")
    if e.softmax:
        listing.add(f"draws = stream.random({each})")
    else:
        normal = f"stream.normal(size=({'T, O, B' if e.batch else 'T, O'}))"
        listing.add(f"draws = {e.cast(normal)}")
