"""What a listing must know of an experiment, and how its sizes and arrays are written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from engine.activations import Array
from engine.listing.cell import CellLines
from engine.listing.literals import is_long, one_hot
from engine.listing.names import Names
from engine.program import compile_cell
from engine.readout import last_of, targeted
from engine.shapes import INPUT, Parameter, names_read
from engine.task_spec import TextTask, ZenTask
from engine.tasks import Data
from engine.tasks.data import Codes, Mask

if TYPE_CHECKING:
    from engine.plan import Plan

SHARES = 4_000_000
"""Numbers of all shares together up to which a listing keeps them; beyond it sums them up on the way."""


class Experiment:
    """A plan with its data and the weights that came with the call, if any did.

    Vectors have no axis for the sequences where there is one sequence only; in a `batch` it is their last.
    `layered` is whether there are several layers, each name then a list with an item a layer.
    """

    def __init__(self, plan: Plan, data: Data, weights: Mapping[str, Array] | None) -> None:
        self.plan, self.spec, self.cell = plan, plan.spec, plan.cell
        self.data, self.weights = data, weights
        self.sizes = plan.sizes
        self.tied, self.recurrent = plan.spec.weights_shared, plan.spec.recurrence == "full"
        self.batch, self.layered = self.sizes["B"] > 1, plan.spec.layers > 1
        self.softmax = plan.spec.readout == "softmax"
        self.lines = CellLines(compile_cell(self.cell, self.tied).derivation)
        parameters = [parameter.name for parameter in self.cell.parameters]
        self.names = Names([*self.cell.names, *parameters], self.batch)
        self.matrices = {one.name for one in self.cell.parameters if one.role == "matrix"}
        self.parameters = set(parameters)

    @property
    def fed(self) -> str | None:
        """How the output is fed back; None where it is not."""
        feedback = self.spec.feedback
        return feedback.mode if feedback.source == "output" else None

    @property
    def passes(self) -> bool:
        """Whether a gradient goes back through what is fed back."""
        return self.fed == "free"

    @property
    def reads_input(self) -> bool:
        """Whether the cell reads its input at all."""
        return INPUT in names_read(self.cell.lines)

    @cached_property
    def windows(self) -> tuple[int, int] | None:
        """k1 and k2 of truncation; None where one window is the whole sequence."""
        algorithm = self.spec.algorithm
        if algorithm.kind == "bptt" or algorithm.k1 >= self.sizes["T"]:
            return None
        return algorithm.k1, algorithm.k2

    @cached_property
    def codes(self) -> Codes | None:
        """Which symbol each input is, (T,B); None where inputs are numbers."""
        return one_hot(self.data.x, self.data.there)

    @property
    def is_text(self) -> bool:
        """Whether the data are a text's characters."""
        return isinstance(self.spec.task, TextTask | ZenTask) and self.data.alphabet is not None

    @cached_property
    def traced(self) -> set[str]:
        """The arrays that are too long for a listing, which reads them from the trace file."""
        x = self.data.x if self.codes is None else self.codes
        arrays = {} if self.is_text else {"x": x, "y": self.data.y}
        return {name for name, array in (arrays | dict(self.weights or {})).items() if is_long(array)}

    @cached_property
    def sums_up(self) -> bool:
        """Whether shares are summed up on the way, as there are too many to keep."""
        count = sum(slot.count for slot in self.plan.slots if slot.layer is not None)
        return self.tied and self.sizes["T"] * count > SHARES

    @cached_property
    def targeted(self) -> Mask:
        """Which timesteps have a target, (T,B)."""
        return targeted(self.data, (self.sizes["T"], self.sizes["B"]))

    @cached_property
    def counted(self) -> Mask:
        """Which of their losses count, (T,B)."""
        return last_of(self.targeted) if self.spec.loss_at == "last_step" else self.targeted

    @property
    def count(self) -> str:
        """By how many losses the sum of all is divided."""
        if not self.counted.all():
            return "N"
        return "(T * B)" if self.batch else "T"

    @property
    def fed_target(self) -> str:
        """What a teacher gives: the targets as outputs."""
        return "target" if self.softmax else "y"

    # How arrays are written.

    def inputs(self, layer: int) -> str:
        """How many inputs a layer has."""
        if layer > 0:
            return "H"
        return "I + O" if self.plan.concatenated else "I"

    def length(self, letter: str, layer: int = 0) -> str:
        """How many entries a letter of a shape stands for."""
        return self.inputs(layer) if letter == "I" else letter

    def shape(self, parameter: Parameter, layer: int) -> list[str]:
        """The shape of a parameter, of one timestep's where they are untied; a vector is a column in a batch."""
        lengths = [self.length(letter, layer) for letter in parameter.shape]
        return [*lengths, "1"] if self.batch and parameter.role != "matrix" else lengths

    def vector(self, letter: str, layer: int = 0) -> list[str]:
        """The shape of a vector of all sequences."""
        return [self.length(letter, layer), "B"] if self.batch else [self.length(letter, layer)]

    def zeros(self, *lengths: str) -> str:
        """An array of zeros."""
        shape = lengths[0] if len(lengths) == 1 else f"({', '.join(lengths)})"
        return f"np.zeros({shape}{self.dtype})"

    @property
    def dtype(self) -> str:
        """The last argument of what makes an array, where numbers are not float64."""
        return "" if self.spec.dtype == "float64" else ", np.float32"

    def cast(self, text: str) -> str:
        """An array in the experiment's precision."""
        return text if self.spec.dtype == "float64" else f"{text}.astype(np.float32)"

    def by_layer(self, texts: list[str]) -> str:
        """What each layer has: a list where there are several."""
        return f"[{', '.join(texts)}]" if self.layered else texts[0]

    def of_layer(self, name: str) -> str:
        """A layer's item."""
        return f"{name}[layer]" if self.layered else name

    def of_step(self, name: str, readout: bool = False) -> str:
        """A parameter at a timestep."""
        name = name if readout else self.of_layer(name)
        return name if self.tied else f"{name}[t]"

    @property
    def top(self) -> str:
        """The hidden states that the readout reads, of all timesteps."""
        return f"{self.names.of('h')}[-1]" if self.layered else self.names.of("h")
