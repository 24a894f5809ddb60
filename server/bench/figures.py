"""The figures of a benchmark: every contender's timing, and the ratios that the table is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from server.bench import machine
from server.bench.case import Case
from server.bench.contest import Effort, Timing, measure
from server.bench.floor import Floor
from server.bench.growth import growth
from server.bench.named import hold
from server.bench.ours import TYPED, ours, typed
from server.bench.workloads import WORKLOADS, Row, Workload, peers

Tell = Callable[[str], None]

OURS, FLOOR = "unroll", "floor"


@dataclass(frozen=True)
class Group:
    """The contenders of one workload at one size (T,H) of a cell, by name; `unroll` is the engine."""

    cell: str
    size: tuple[int, int]
    workload: str
    timings: dict[str, Timing]

    def ratio(self, form: str) -> float | None:
        """The quickest of the contenders whose names begin so, as a multiple of ours."""
        times = [timing.median for name, timing in self.timings.items() if name.startswith(form)]
        return min(times) / self.timings[OURS].median if times else None

    @property
    def ratios(self) -> dict[str, float]:
        """Every other contender's time as a multiple of ours."""
        ours = self.timings[OURS].median
        return {name: timing.median / ours for name, timing in self.timings.items() if name != OURS}


@dataclass(frozen=True)
class Report:
    """All that was measured; `growth` is by cell and letter, in seconds by the value of the size."""

    machine: dict[str, str]
    cells: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    groups: list[Group]
    growth: dict[str, dict[str, dict[int, Timing]]]

    def figure(self, row: Row, cell: str, size: tuple[int, int]) -> float | None:
        """A row's ratio; None where nobody took part."""
        found = [g for g in self.groups if (g.cell, g.size, g.workload) == (cell, size, row.workload)]
        return found[0].ratio(row.form) if found else None

    def as_json(self) -> dict[str, Any]:
        """Everything, ready for JSON; times are in seconds."""
        groups = [asdict(group) | {"ratios": group.ratios} for group in self.groups]
        grown = {
            cell: {letter: {str(v): asdict(t) for v, t in times.items()} for letter, times in letters.items()}
            for cell, letters in self.growth.items()
        }
        return {"machine": self.machine, "groups": groups, "growth": grown}


def report(
    cells: tuple[str, ...],
    sizes: tuple[tuple[int, int], ...],
    grown: Mapping[str, tuple[int, ...]],
    effort: Effort,
    tell: Tell,
) -> Report:
    """Measure it all; `tell` is given a line for every group."""
    groups = [
        _group(workload, cell, size, effort, tell)
        for cell in cells
        for size in sizes
        for workload in WORKLOADS
        if size[0] <= workload.most
    ]
    growths: dict[str, dict[str, dict[int, Timing]]] = {}
    for cell in cells:
        tell(f"{cell}: growth with {', '.join(grown)}")
        growths[cell] = {letter: growth(cell, letter, values, effort) for letter, values in grown.items()}
    return Report(machine.describe(), cells, sizes, groups, growths)


def _group(workload: Workload, cell: str, size: tuple[int, int], effort: Effort, tell: Tell) -> Group:
    """One group, its peers held against the engine before they are timed."""
    case = workload.case(cell, size)
    place = f"{cell} T{size[0]} H{size[1]} {workload.name}"
    found = Group(cell, size, workload.name, measure(_contenders(workload.kind, case), effort))
    ratios = ", ".join(f"{name} {ratio:.3g}" for name, ratio in found.ratios.items())
    tell(f"{place}: {found.timings[OURS].median * 1e3:.3g} ms; {ratios}")
    return found


def _contenders(kind: str, case: Case) -> dict[str, Callable[[], Any]]:
    own = ours(kind, case)
    runs: dict[str, Callable[[], Any]] = {OURS: own.run}
    if kind == "trace":
        runs[FLOOR] = Floor(case).run
        runs[TYPED] = typed(case).run
    expected = own.values(own.run())
    for library in filter(machine.installed, machine.PEERS):
        for peer in peers(kind, case, library):
            hold(case, peer.name, peer.values(peer.run()), expected)
            runs[peer.name] = peer.run
    return runs
