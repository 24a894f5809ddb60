"""Unroll's engine: recurrent cells as equations, and true backpropagation through time in NumPy.

>>> import engine
>>> trace = engine.run(engine.parse_spec({"cell": "lstm", "hidden_size": 4}))
>>> trace["grad.layer0.h"].shape, trace["contribution_norm.layer0.W_forget"].shape
((10, 1, 4), (10,))
"""

from engine.activations import ACTIVATIONS, Activation
from engine.analysis import analyse, findings
from engine.axes import principal_axes
from engine.cells import CellText, cells
from engine.checkpoint import load_checkpoint, save_checkpoint
from engine.divergence import DivergenceError
from engine.equations import Equations, parse
from engine.errors import EquationError, SpecError
from engine.evaluation import Evaluation, evaluate
from engine.flow import Flow
from engine.footprint import finding_bytes, findings_bytes
from engine.gradcheck import CheckRow, check, check_entry
from engine.interchange import load_data, load_weights, to_state_dict
from engine.passes import Pass, run
from engine.plan import Plan, describe
from engine.portions import Portion, What, joined, portions
from engine.presets import Preset, presets
from engine.records import Step
from engine.snapshots import kept_iterations
from engine.spec import RANGES, Spec, parse_json, parse_spec, spec_id
from engine.state import Change, State
from engine.tasks import About, Data, about, draw, score
from engine.trace import Trace, engine_version
from engine.training import Record, Trainer

__all__ = [
    "ACTIVATIONS",
    "RANGES",
    "About",
    "Activation",
    "CellText",
    "Change",
    "CheckRow",
    "Data",
    "DivergenceError",
    "EquationError",
    "Equations",
    "Evaluation",
    "Flow",
    "Pass",
    "Plan",
    "Portion",
    "Preset",
    "Record",
    "Spec",
    "SpecError",
    "State",
    "Step",
    "Trace",
    "Trainer",
    "What",
    "about",
    "analyse",
    "cells",
    "check",
    "check_entry",
    "describe",
    "draw",
    "engine_version",
    "evaluate",
    "finding_bytes",
    "findings",
    "findings_bytes",
    "joined",
    "kept_iterations",
    "load_checkpoint",
    "load_data",
    "load_weights",
    "parse",
    "parse_json",
    "parse_spec",
    "portions",
    "presets",
    "principal_axes",
    "run",
    "save_checkpoint",
    "score",
    "spec_id",
    "to_state_dict",
]
