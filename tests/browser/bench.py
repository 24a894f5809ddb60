"""How fast the page is, measured in Chromium: steps, scrubbing, playing, memory, opening; `make bench-page` runs it."""

from __future__ import annotations

import json
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession

from server.settings import Settings
from tests.browser import chromium
from tests.browser.page import UnrollPage
from tests.server.running import running

FILE = Path(__file__).parents[2] / "bench-page.json"
STEPS = 200
MANY = 10_000
# By then every moment was shown many times over, and what the browser compiles by and by is compiled.
WARM = 4_000
LOADS = 7
TEXT = "the quick brown fox jumps over the lazy dog, and so on"
SCENES: dict[str, dict[str, Any]] = {
    f"{cell}, T={steps}, H={units}": {"cell": cell, "hidden_size": units, "task": {"text": TEXT[: steps + 1]}}
    for steps, units in ((25, 16), (50, 32))
    for cell in ("rnn", "lstm")
}
LONG: dict[str, Any] = {"cell": "lstm", "hidden_size": 256, "task": {"text": (TEXT * 10)[:501]}}

TRIANGLE: dict[str, Any] = {"hidden_size": 128, "task": {"text": (TEXT * 4)[:201]}}

# From the key that opens a plot to the frame in which all of it is drawn.
OPEN = """async (key) => {
  const start = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const drawn = () => document.querySelector("#plot .plot-wait")?.hidden
    && document.querySelector("#plot .graph .heatmaplayer image");
  while (!drawn()) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""

# From the key to the first task after the frame in which its drawing was painted; and how long the page's own
# script and style worked for it. A step is asked for at a random time, not when a frame has just been painted.
STEP = """async (keys) => {
  const after = () => new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  }));
  const times = [];
  for (const key of keys) {
    await new Promise((done) => setTimeout(done, 17 + 16 * Math.random()));
    const start = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await after();
    times.push(performance.now() - start);
  }
  return times;
}"""

# The pointer moves once a frame; how many frames pass until the moment that shows is the one under the pointer.
SCRUB = """async () => {
  const slider = document.querySelector("[role=slider]");
  const box = slider.querySelector("svg").getBoundingClientRect();
  const frame = () => new Promise(requestAnimationFrame);
  const send = (type, x) => slider.dispatchEvent(
    new PointerEvent(type, { pointerId: 1, clientX: x, clientY: box.top + 13, bubbles: true }));
  slider.setPointerCapture = () => {};
  slider.hasPointerCapture = () => true;
  const shown = () => slider.ariaValueNow;
  const lags = [];
  send("pointerdown", box.left + 10);
  for (let i = 1; i <= 60; i++) {
    const before = shown();
    send("pointermove", box.left + 10 + ((box.width - 20) * ((i * 7) % 60)) / 60);
    let lag = 0;
    while (shown() === before && lag < 60) { await frame(); lag++; }
    lags.push(lag);
  }
  send("pointerup", box.left + 10);
  return lags;
}"""

# Every sentence that is on the page while it plays to its end.
PLAY = """() => new Promise((done) => {
  const line = document.querySelector("#now-line");
  const seen = [line.textContent.trim()];
  const watcher = new MutationObserver(() => {
    const told = line.textContent.trim();
    if (told !== seen.at(-1)) seen.push(told);
    if (told.startsWith("Update.")) { watcher.disconnect(); done(seen); }
  });
  watcher.observe(line, { childList: true, characterData: true, subtree: true });
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true }));
})"""

WALK = """async (presses) => {
  for (let i = 0; i < presses; i++) {
    const key = Math.floor(i / 400) % 2 ? "ArrowLeft" : "ArrowRight";
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
}"""

# When the first sentence was on the page after the first byte of it came, in ms; and the bytes of all that was loaded.
OPENED = """() => {
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const [page] = performance.getEntriesByType("navigation");
  const bytes = all.reduce((sum, one) => sum + one.encodedBodySize, 0);
  return { ready: window.unrollReady - page.responseStart, bytes };
}"""
READY = """addEventListener("DOMContentLoaded", () => {
  const watcher = new MutationObserver(() => {
    if (!document.querySelector("#now-line b")) return;
    window.unrollReady = performance.now();
    watcher.disconnect();
  });
  watcher.observe(document.querySelector("#now-line"), { childList: true, subtree: true });
})"""


@dataclass(frozen=True)
class Measure:
    """One number that is asked of the page; `most` is what it may be at the most."""

    what: str
    value: float
    unit: str
    most: float | None = None

    def __str__(self) -> str:
        allowed = "" if self.most is None else f", asked: at most {self.most:g}"
        return f"{self.what:<58} {self.value:9.3g} {self.unit}{allowed}"


def steps(page: UnrollPage, what: str) -> list[Measure]:
    """From a key to its painted frame, equation by equation: through the pass, with one card and one plot open."""
    middle = page.shown().place[1] // 2 - STEPS // 2
    page.tab.evaluate(WALK, 2)
    page.tab.evaluate(
        "(n) => { for (let i = 0; i < n; i++) document.body.dispatchEvent("
        "new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true })) }",
        max(0, middle),
    )
    times = page.tab.evaluate(STEP, ["ArrowRight"] * STEPS)
    return [
        Measure(f"step to painted frame, {what}, median", statistics.median(times), "ms", 20),
        Measure(f"step to painted frame, {what}, p95", statistics.quantiles(times, n=20)[-1], "ms", 50),
    ]


def scrubbing(page: UnrollPage, what: str) -> Measure:
    lags = page.tab.evaluate(SCRUB)
    return Measure(f"scrubbing, {what}, frames behind the pointer, most", max(lags), "frames", 2)


def playing(page: UnrollPage, what: str) -> Measure:
    """How many moments of a pass are not told when it is played at full speed."""
    page.tab.get_by_label("Speed of playing").select_option("8×")
    page.press("Home")
    page.frame()
    page.tab.evaluate("() => document.activeElement.blur()")
    seen = page.tab.evaluate(PLAY)
    return Measure(f"playing at 8×, {what}, moments not told", page.shown().place[1] - len(seen), "moments", 0)


def memory(page: UnrollPage, what: str) -> list[Measure]:
    """How much more the page's heap and its elements are after ten thousand steps than before, at the same moment."""
    session = page.tab.context.new_cdp_session(page.tab)
    page.tab.evaluate(WALK, WARM)
    before = _held(page, session)
    page.tab.evaluate(WALK, MANY)
    after = _held(page, session)
    return [
        Measure(f"heap after {MANY:,} steps, {what}, ratio", after[0] / before[0], "×", 1.05),
        Measure(f"elements after {MANY:,} steps, {what}, ratio", after[1] / before[1], "×", 1.05),
    ]


def _held(page: UnrollPage, session: CDPSession) -> tuple[float, float]:
    page.press("Home")
    page.frame()
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    return used, page.tab.evaluate("() => document.querySelectorAll('*').length")


def opening(browser: Browser, base: str) -> list[Measure]:
    """Loads of the page by somebody who has never seen it."""
    found = []
    for _ in range(LOADS):
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        page = UnrollPage(context.new_page(), base)
        page.tab.add_init_script(READY)
        page.open()
        found.append(page.tab.evaluate(OPENED))
        context.close()
    return [
        Measure("first byte to interactive, median", statistics.median(one["ready"] for one in found), "ms", 1500),
        Measure("transferred on the first load", found[0]["bytes"] / 1e6, "MB", 1),
    ]


def triangle(browser: Browser, base: str, cell: str) -> Measure:
    """How long after its key the triangle of T=200, H=128 is on the screen."""
    times = []
    for _ in range(LOADS):
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        page = UnrollPage(context.new_page(), base)
        page.open(TRIANGLE | {"cell": cell})
        times.append(page.tab.evaluate(OPEN, "4"))
        context.close()
    return Measure(f"triangle on screen, {cell}, T=200, H=128, median", statistics.median(times), "ms", 1500)


def measured(browser: Browser, base: str) -> list[Measure]:
    """Everything that is asked of the page's speed."""
    found = opening(browser, base)
    found += [triangle(browser, base, cell) for cell in ("rnn", "lstm")]
    for what, spec in {**SCENES, "lstm, T=500, H=256": LONG}.items():
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        page = UnrollPage(context.new_page(), base)
        page.open(spec | {"by": "equation"})
        found += [*steps(page, what), scrubbing(page, what)]
        if what.startswith("rnn"):
            found.append(playing(page, what))
        if what == next(iter(SCENES)):
            found += memory(page, what)
        context.close()
    return found


def main() -> None:
    """Measure, print, and write bench-page.json; exits with a sentence where there is no browser."""
    try:
        path = chromium.executable()
    except chromium.NotInstalledError as missing:
        raise SystemExit(str(missing)) from None
    with running(Settings(port=0)) as site, chromium.started(path) as browser:
        found = measured(browser, f"http://{site.host}/")
    FILE.write_text(json.dumps([asdict(one) for one in found], indent=1, ensure_ascii=False), "utf-8")
    print("\n".join(map(str, found)))
    print(f"written to {FILE}", file=sys.stderr)


if __name__ == "__main__":
    main()
