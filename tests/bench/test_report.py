"""What `unroll bench` prints and writes: every row, every contender, whatever is installed."""

import json
from functools import partial
from itertools import groupby
from pathlib import Path

import pytest

from server import bench
from server.bench import machine
from server.bench.case import CELLS
from server.bench.contest import Effort, measure
from server.bench.figures import FLOOR, OURS, report
from server.bench.table import FLOOR_ROW, markdown
from server.bench.workloads import ROWS

SIZES = ((2, 3), (3, 4))
GROWN = {"T": (1, 2), "H": (2, 3), "B": (1, 2)}
LEAST = Effort(seconds=0, rounds=1)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A benchmark of the least effort, at sizes that take no time."""
    monkeypatch.setattr(bench, "QUICK", LEAST)
    monkeypatch.setattr(bench, "QUICK_SIZES", SIZES)
    monkeypatch.setattr(bench, "GROWN", GROWN)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which neither PyTorch nor JAX is installed."""
    monkeypatch.setattr(machine, "installed", lambda name: name == "numpy")
    monkeypatch.setattr(bench, "installed", lambda _: False)


def figures(table: str, title: str) -> list[list[str]]:
    """Of every line with this title the cells after it."""
    lines = [line.strip("|").split("|") for line in table.splitlines() if line.startswith(f"| {title} |")]
    return [[cell.strip() for cell in line[1:]] for line in lines]


def test_every_row_has_a_figure_at_every_size(small: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for library in machine.PEERS:
        pytest.importorskip(library)
    bench.run(quick=True, json_path=tmp_path / "bench.json")
    table = capsys.readouterr().out
    for row in (*ROWS, FLOOR_ROW):
        found = figures(table, row.title)
        assert len(found) == len(CELLS)
        assert all(len(line) == len(SIZES) and "-" not in line for line in found), row.title


def test_the_file_has_every_contenders_median_count_and_ratio(small: None, tmp_path: Path) -> None:
    bench.run(quick=True, json_path=tmp_path / "bench.json", cells=("lstm",))
    written = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    for group in written["groups"]:
        assert group["timings"].keys() == {OURS, *group["ratios"]}
        for name, ratio in group["ratios"].items():
            timing = group["timings"][name]
            assert timing["calls"] >= 1
            assert ratio == timing["median"] / group["timings"][OURS]["median"]
    assert {letter: [int(v) for v in values] for letter, values in written["growth"]["lstm"].items()} == {
        letter: list(values) for letter, values in GROWN.items()
    }
    assert {"date", "cpu", "cores", "python", "numpy"} <= written["machine"].keys()


def test_what_is_not_installed_is_told_and_left_out(
    alone: None, small: None, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.run(quick=True, json_path=None, cells=("gru",))
    told = capsys.readouterr()
    for library in machine.PEERS:
        left_out = f"{library} is not installed, its rows are left out"
        assert f"{left_out}: .venv/bin/pip install torch==2.13.0 jax\n" in told.err
    assert figures(told.out, ROWS[0].title) == [["-", "-"]]
    assert all(figure.endswith("%") for figure in figures(told.out, FLOOR_ROW.title)[0])


def test_a_row_is_the_quickest_of_a_librarys_forms(alone: None) -> None:
    found = report(("rnn",), SIZES[:1], GROWN, LEAST, lambda _: None)
    assert found.figure(FLOOR_ROW, "rnn", SIZES[0]) == found.groups[0].ratios[FLOOR]
    assert found.figure(ROWS[0], "rnn", SIZES[0]) is None
    assert markdown(found).count("| rnn |") == 1 + len(GROWN)


def test_all_contenders_take_their_turns_in_every_round() -> None:
    calls: list[str] = []
    found = measure({name: partial(calls.append, name) for name in "abc"}, Effort(seconds=0, rounds=2))
    assert found.keys() == set("abc")
    # One call each to see how long it takes, a round, and a round whose order is turned by one.
    assert "".join(name for name, _ in groupby(calls)) == "abc" + "abc" + "bca"
