"""The pass as a PyTorch program: the same lines forward, and PyTorch's own way back.

`clip_grad_norm_` divides by the norm plus 1e-6, so that clipped weights differ there in the seventh digit.
"""

from __future__ import annotations

from engine.cells import cells
from engine.listing import data
from engine.listing.experiment import Experiment
from engine.listing.functions import torch_definitions
from engine.listing.learning import CLIP, UPDATE, Learning
from engine.listing.lines import Listing
from engine.listing.parameters import Parameters
from engine.listing.torch_pass import TorchPass
from engine.part_spec import Adam, Momentum, RmsProp, Sgd
from engine.shapes import INPUT, names_read


def torch_listing(e: Experiment) -> Listing:
    """The whole program."""
    listing = Listing()
    listing.extend(["import numpy as np", "import torch"])
    if e.traced:
        listing.add("from safetensors.numpy import load_file")
    listing.extend(["", f"torch.set_default_dtype(torch.{e.spec.dtype})"])
    _data(listing, e)
    _parameters(listing, e)
    definitions = torch_definitions(e.lines.called)
    if definitions:
        listing.section("Activations")
        listing.extend(definitions[1:])
    TorchPass(e).write(listing)
    _learning(listing, e)
    return listing


def _data(listing: Listing, e: Experiment) -> None:
    """NumPy's lines, and their arrays as tensors."""
    draws, true = e.fed in ("sampled", "scheduled"), e.fed in ("teacher", "scheduled")
    data.write(listing, e, target=true)
    if draws:
        data.write_draws(listing, e)
    made = {
        INPUT: True,
        "y": True,
        "target": true and e.softmax,
        "draws": draws,
        "coins": e.fed == "scheduled",
        "there": e.data.there is not None,
        "counted": not e.counted.all(),
    }
    names = [name for name, there in made.items() if there]
    listing.add(f"{', '.join(names)} = {', '.join(f'torch.tensor({name})' for name in names)}")


def _parameters(listing: Listing, e: Experiment) -> None:
    parameters = Parameters(e, learned=True)
    parameters.write(listing)
    changed = list(parameters.changes())
    if changed:
        with listing.block("with torch.no_grad():"):
            listing.extend(changed)
    listing.extend(_own_module(e))
    lists = [f"*{name}" if e.layered and name not in ("V", "c") else name for name in Learning(e).gradients]
    listing.add(f"weights = [{', '.join(lists)}]")
    if not _all_read(e):
        with listing.block("for weight in weights:  # zero where nothing arrives"):
            listing.add("weight.grad = torch.zeros_like(weight)")


def _own_module(e: Experiment) -> list[str]:
    """Where PyTorch's own module has this cell's matrices, if it has such a cell."""
    text = cells()[e.spec.cell] if isinstance(e.spec.cell, str) else None
    rows = {name: parts for name, parts in (text.pytorch if text else {}).items() if set(parts) <= e.matrices}
    return [f"# PyTorch's own module calls this {name}_l0: {', '.join(parts)}" for name, parts in rows.items()]


def _all_read(e: Experiment) -> bool:
    """Whether every parameter has a part in the hidden state of its own step."""
    reached, read = {"h"}, set[str]()
    for line in reversed(e.cell.lines):
        if line.target in reached:
            read |= set(names_read((line,)))
            reached |= read
    return e.parameters <= read


def _learning(listing: Listing, e: Experiment) -> None:
    learning = Learning(e)
    listing.add(f'print("loss", {"L" if e.windows else "L.item()"})')
    for name in learning.gradients:
        one = f"{name}.grad.norm().item()"
        many = f"*[one.grad.norm().item() for one in {name}]"
        listing.add(f'print("norm of {name}.grad", {many if e.layered and name not in ("V", "c") else one})')
    if e.spec.clip_norm is not None:
        listing.section("Clipping: PyTorch divides by the norm + 1e-6")
        listing.add(f"torch.nn.utils.clip_grad_norm_(weights, {e.spec.clip_norm!r})", CLIP)
    listing.section("Update")
    listing.add(f"optimizer = torch.optim.{_optimizer(e.spec.optimizer)}", UPDATE)
    listing.add("optimizer.step()", UPDATE)


def _optimizer(how: Sgd | Momentum | RmsProp | Adam) -> str:
    rate = f"weights, lr={how.learning_rate!r}"
    match how:
        case Momentum():
            return f"SGD({rate}, momentum={how.momentum!r})"
        case RmsProp():
            return f"RMSprop({rate}, alpha={how.decay!r}, eps={how.epsilon!r})"
        case Adam():
            return f"Adam({rate}, betas=({how.beta1!r}, {how.beta2!r}), eps={how.epsilon!r})"
        case _:
            return f"SGD({rate})"
