"""The presets: every task has one that learns it, and those that fail on purpose fail."""

from pathlib import Path

import pytest

import engine
from engine.presets import FILE
from engine.task_spec import TASK_FORMS
from tests.engine.preset_runs import HEAD, ending

README = (Path(engine.__file__).parent.parent / "README.md").read_text("utf-8")
PRESETS = engine.presets()
QUICK = ("text", "recall", "recall-40-lstm", "adding-explodes", "parity", "count", "sine", "wobble", "series")
"""A few seconds in all; `make test-slow` trains all of them."""


@pytest.mark.parametrize("name", QUICK)
def test_a_quick_preset_ends_as_it_says(name: str) -> None:
    assert ending(PRESETS[name]).reached == PRESETS[name].reaches


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_ends_as_it_says_with_other_seeds_too(name: str, seed: int) -> None:
    assert ending(PRESETS[name], seed).reached == PRESETS[name].reaches


def test_every_task_of_the_engine_has_a_preset_that_learns_it() -> None:
    learned = {preset.spec.task.kind for preset in PRESETS.values() if preset.reaches == "solved"}
    assert learned == TASK_FORMS.keys() - {"arrays"}


def test_what_fails_stands_beside_what_solves_the_same_task() -> None:
    solving, plain = (PRESETS[f"recall-40-{name}"].spec for name in ("lstm", "rnn"))
    same = {"task", "optimizer", "hidden_size", "clip_norm", "algorithm", "seed"}
    assert solving.model_dump(include=same) == plain.model_dump(include=same)
    failing = {name: preset.reaches for name, preset in PRESETS.items() if preset.reaches != "solved"}
    assert failing == {"recall-40-rnn": "baseline", "adding-explodes": "divergence"}


def test_a_preset_is_told_in_a_sentence_and_ends_in_one_of_three_ways() -> None:
    for name, preset in PRESETS.items():
        assert preset.name == name
        assert preset.shows[0].isupper()
        assert preset.shows.endswith(".")
        assert preset.reaches in ("solved", "baseline", "divergence")
        assert preset.iterations > 0


def test_the_presets_cannot_be_changed_by_accident() -> None:
    assert engine.presets() is PRESETS
    with pytest.raises(TypeError):
        PRESETS["text"] = PRESETS["zen"]  # type: ignore[index]


def test_the_readme_has_a_measured_row_for_every_preset() -> None:
    rows = README.partition(HEAD)[2].partition("\n\n")[0].splitlines()[2:]
    told = {cells[1].strip(" `"): cells for cells in (row.split("|") for row in rows)}
    assert told.keys() == PRESETS.keys()
    for name, preset in PRESETS.items():
        assert told[name][4].strip() == preset.reaches, FILE
        assert int(told[name][5]) <= preset.iterations
