"""The tables as Markdown, as the README has them."""

from __future__ import annotations

from server.bench.figures import FLOOR, Report
from server.bench.growth import START
from server.bench.machine import PEERS
from server.bench.workloads import ROWS, Row

FLOOR_ROW = Row("trace, share of the machine's floor", "trace", FLOOR)


def markdown(report: Report) -> str:
    """The heading, a table of ratios for every cell, and one of growth for each size."""
    parts = [_heading(report), *(_ratios(report, cell) for cell in report.cells)]
    return "\n".join([*parts, *(_growth(report, letter) for letter in START)])


def _heading(report: Report) -> str:
    told = report.machine
    libraries = ", ".join(f"{name} {told[name]}" for name in ("numpy", *PEERS) if name in told)
    return (
        f"Measured {told['date']} on {told['cpu']}, {told['cores']} cores, {told['system']}; Python {told['python']}, "
        f"{libraries}; {told['blas']}. One thread, all contenders in turn in one run, medians. "
        "A ratio is the peer's time divided by ours: above 1 the engine is quicker.\n"
    )


def _ratios(report: Report, cell: str) -> str:
    lines = [f"| {cell} | " + " | ".join(f"T{T} H{H}" for T, H in report.sizes) + " |"]
    lines.append("|---|" + "---|" * len(report.sizes))
    lines += [_line(row.title, [_ratio(report.figure(row, cell, size)) for size in report.sizes]) for row in ROWS]
    lines.append(_line(FLOOR_ROW.title, [_share(report.figure(FLOOR_ROW, cell, size)) for size in report.sizes]))
    return "\n".join(lines) + "\n"


def _growth(report: Report, letter: str) -> str:
    """A trace's time as a multiple of that at the first value."""
    others = ", ".join(f"{other} = {value}" for other, value in START.items() if other != letter)
    first = next(iter(report.growth.values()))[letter]
    lines = [_line(f"time of a trace by {letter} ({others})", [f"{value}" for value in first])]
    lines.append("|---|" + "---|" * len(first))
    for cell, letters in report.growth.items():
        times = [timing.median for timing in letters[letter].values()]
        lines.append(_line(cell, [_ratio(time / times[0]) for time in times]))
    return "\n".join(lines) + "\n"


def _line(title: str, figures: list[str]) -> str:
    return "| " + " | ".join([title, *figures]) + " |"


def _ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.3g}"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
