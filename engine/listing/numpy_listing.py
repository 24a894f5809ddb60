"""The pass as a NumPy program: what is copied into a file and run prints the engine's own numbers."""

from __future__ import annotations

from engine.listing import data
from engine.listing.backward import Backward
from engine.listing.experiment import Experiment
from engine.listing.forward import Forward
from engine.listing.functions import numpy_definitions
from engine.listing.learning import Learning
from engine.listing.lines import Listing
from engine.listing.parameters import Parameters


def numpy_listing(e: Experiment) -> Listing:
    """The whole program."""
    listing = Listing()
    listing.add("import numpy as np")
    if e.traced:
        listing.add("from safetensors.numpy import load_file")
    data.write(listing, e)
    parameters = Parameters(e)
    parameters.write(listing)
    listing.extend(parameters.changes())
    definitions = numpy_definitions(e.lines.called, e.lines.sloped)
    if definitions:
        listing.section("Activations")
        listing.extend(definitions[1:])
    Forward(e).write(listing)
    Backward(e).write(listing)
    Learning(e).write(listing)
    return listing
