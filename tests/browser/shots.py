"""Screenshots of the page, to be looked at: sizes, themes, moments and kinds of a pass; `make shots` runs it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser

from server.settings import Settings
from tests.browser import chromium
from tests.browser.page import UnrollPage
from tests.server.running import running

Theme = Literal["light", "dark"]

FOLDER = Path(__file__).parents[2] / "shots"
SIZES = ((1280, 720), (1920, 1080), (390, 844))
THEMES: tuple[Theme, ...] = ("light", "dark")
MOMENTS = {"forward": "forward.7", "loss": "loss", "merge": "backward.7", "sum": "sum", "update": "update"}
CAT: dict[str, Any] = {"cell": "lstm", "task": {"text": "the cat sat on the mat"}}
EQUATION = {"by": "equation"}
FED: dict[str, Any] = {"feedback.source": "output"}
LINES: dict[str, dict[str, Any]] = {
    "line": {"at": "forward.7", "kind": "line", "line": "cell_state", "layer": 0},
    "share": {"at": "backward.7", "kind": "share", "line": "grad.W_forget", "layer": 0},
    "handover": {"at": "backward.7", "kind": "handover", "line": "grad.h_prev", "layer": 0},
}
WIDE: dict[str, Any] = {"hidden_size": 128, "task": {"text": "to be or not to be, that is the question. " * 8}}


@dataclass(frozen=True)
class Shot:
    """One picture: what the address asks for, and the keys pressed before it is taken."""

    name: str
    fields: dict[str, Any]
    keys: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int], ...] = SIZES
    themes: tuple[Theme, ...] = THEMES


PLOTS = ("shares", "states", "triangle", "signal", "spectrum", "inputs", "trajectory")
PRESENTED: dict[str, Any] = {"present": "yes", "front": "plots"}
TRUNCATED: dict[str, Any] = {"algorithm": {"kind": "truncated", "k1": 3, "k2": 4}}
EXPLODING: dict[str, Any] = {
    "activation": "relu",
    "hidden_size": 4,
    "initialization": {"kind": "spectral", "radius": 100},
    "task": {"text": "to be or not to be, that is the question. " * 5},
}
SHOTS = (
    *(Shot(f"rnn-{name}", {"at": at}) for name, at in MOMENTS.items()),
    *(Shot(f"lstm-{name}", CAT | {"at": at}) for name, at in MOMENTS.items()),
    Shot("gru-two-layers", {"cell": "gru", "layers": 2, "at": "backward.4"}),
    Shot("long-text", {"task": {"text": "to be or not to be, that is the question. " * 5}, "at": "backward.120"}),
    Shot("free", {"feedback": {"source": "output", "mode": "free"}, "at": "backward.5"}),
    Shot("teacher", FED | {"feedback.mode": "teacher", "at": "forward.6"}),
    Shot("scheduled", FED | {"feedback.mode": "scheduled", "feedback.probability": 0.5, "at": "backward.5"}),
    Shot("truncated", {"algorithm": {"kind": "truncated", "k1": 3, "k2": 3}, "at": "backward.6"}),
    Shot("overlap", {"cell": "lstm", "algorithm": {"kind": "truncated", "k1": 2, "k2": 4}, "at": "backward.6"}),
    Shot("untied", {"weights_shared": False, "at": "backward.5"}),
    Shot("untied-fed", FED | {"feedback.mode": "free", "weights_shared": False, "cell": "gru", "at": "backward.5"}),
    Shot("adam", {"optimizer": {"kind": "adam"}, "at": "update"}),
    Shot("recall", {"cell": "gru", "task": {"kind": "recall"}, "at": "backward.6"}),
    Shot("batch", {"task": {"kind": "count", "batch": 3}, "at": "forward.4"}),
    Shot("padded", {"task": {"kind": "count", "batch": 3}, "at": "backward.7"}),
    Shot("padded-long", {"task": {"kind": "count", "most": 20}, "at": "forward.20"}),
    Shot("adding", {"cell": "lstm_peephole", "task": {"kind": "adding"}, "at": "forward.12"}),
    Shot("sine", {"task": {"kind": "sine"}, "at": "forward.6"}),
    *(Shot(f"lstm-{name}", CAT | EQUATION | fields) for name, fields in LINES.items()),
    Shot("numbers", EQUATION | {"meaning": "numbers", "at": "forward.7", "kind": "line", "line": "a", "layer": 0}),
    Shot("numbers-sum", {"meaning": "numbers", "at": "sum"}),
    Shot("weight", {"plots": "weight", "at": "backward.4", "code": "torch"}),
    *(Shot(f"plot-{name}", CAT | {"plots": name, "at": "backward.7", "larger": "yes"}) for name in PLOTS),
    Shot("plot-card", CAT | {"plots": "triangle", "at": "backward.7"}),
    Shot("plot-saturation", CAT | {"plots": "states", "plot.states.of": "saturation", "at": "backward.7"}),
    Shot("plot-cosine", {"plots": "shares", "plot.shares.measure": "cosine", "larger": "yes", "at": "backward.4"}),
    Shot("plot-truncated", TRUNCATED | {"plots": "triangle", "larger": "yes", "at": "backward.6"}),
    Shot("plot-exploding", EXPLODING | {"plots": "triangle", "larger": "yes", "at": "backward.100"}),
    Shot("plot-present", PRESENTED | {"plots": "triangle", "at": "backward.7"}, sizes=SIZES[:2]),
    Shot("compare", {"vs": "activation:sigmoid", "plots": "signal", "at": "backward.6"}),
    Shot("compare-cells", {"vs": "cell:lstm", "plots": "states", "at": "backward.6"}),
    Shot("compare-less", {"vs": "activation:sigmoid", "plots": "triangle", "difference": "yes", "at": "backward.6"}),
    Shot("compare-windows", {"vs": "truncation:3,4", "plots": "triangle", "at": "backward.6"}),
    Shot("copies", {"copies": "layer0.W", "at": "forward.6"}),
    Shot("rolled", {"picture": "rolled", "at": "backward.7"}),
    Shot("cell", {"picture": "cell", "at": "forward.7"}),
    Shot("lstm-cell", CAT | EQUATION | {"picture": "cell"} | LINES["line"]),
    Shot("whatif", CAT | {"overrides": "forget_gate:1;layer0.W_input[2,3]:2", "at": "backward.3"}),
    Shot("whatif-panel", {"overrides": "layer0.W[2,3]:2", "at": "backward.3"}, keys=("w",)),
    Shot("pytorch-letters", CAT | EQUATION | {"symbols": "pytorch"} | LINES["line"]),
    Shot("present", {"present": "yes", "at": "backward.7"}, sizes=SIZES[:2]),
    Shot("present-lstm", CAT | {"present": "yes", "at": "backward.7"}, sizes=SIZES[:2]),
    Shot("wide", WIDE | {"at": "backward.200"}, sizes=SIZES[:2]),
    Shot("zoomed", CAT | {"at": "backward.7"}, sizes=((640, 360),)),
    Shot("experiment", {"at": "forward.3"}, keys=("e",)),
    Shot("experiment-echo", {"cell": "lstm", "task": {"kind": "echo"}, "at": "forward.5"}, keys=("e",)),
    Shot("wrong", {"at": "forward.3", "hidden_size": 0}),
    Shot("help", {"at": "forward.3"}, keys=("?",)),
)


def main() -> None:
    """Take every picture into shots/; exits with a sentence where there is no browser."""
    try:
        path = chromium.executable()
    except chromium.NotInstalledError as missing:
        raise SystemExit(str(missing)) from None
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with running(Settings(port=0)) as site, chromium.started(path) as browser:
        for shot in SHOTS:
            for size in shot.sizes:
                for theme in shot.themes:
                    take(browser, f"http://{site.host}/", shot, size, theme)
    print(f"{len(list(FOLDER.iterdir()))} pictures are in {FOLDER}")


def take(browser: Browser, base: str, shot: Shot, size: tuple[int, int], theme: Theme) -> None:
    """One picture of the window; on a phone, of the whole page."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    page = UnrollPage(context.new_page(), base)
    page.open(shot.fields)
    for key in shot.keys:
        page.press(key)
    page.frame()
    page.tab.screenshot(path=FOLDER / f"{shot.name}-{width}x{height}-{theme}.png", full_page=width < height)
    context.close()


if __name__ == "__main__":
    main()
