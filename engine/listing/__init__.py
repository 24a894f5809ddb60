"""The pass of a plan as a program to be read, copied and run, in NumPy and in PyTorch.

It is made of the same equations that the engine computes with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.activations import Array
from engine.listing.experiment import Experiment
from engine.listing.numpy_listing import numpy_listing
from engine.listing.pytorch import torch_listing
from engine.tasks import Data

if TYPE_CHECKING:
    from engine.plan import Plan

Code = dict[str, list[dict[str, Any]]]


def listings(plan: Plan, data: Data, weights: Mapping[str, Array] | None = None) -> Code:
    """Both listings, a line each with the moments in which it is current."""
    experiment = Experiment(plan, data, weights)
    return {"numpy": numpy_listing(experiment).as_json(), "torch": torch_listing(experiment).as_json()}
