"""The page's WebSocket seen from within the page: which run was asked for, and whether it was answered."""

from __future__ import annotations

from playwright.sync_api import Page, expect

# Runs before any script of the page. `data-settled` on the root is "true" while the last run that
# was asked for is answered, whatever becomes of a baseline, whose runs are b1 and so on; `unrollTimes`
# holds when (ms) it was asked for and when its frames came.
WATCH = """(() => {
  let asked = null;
  window.unrollTimes = { asked: 0, frames: [] };
  const heard = ({ data }) => {
    if (typeof data !== "string") return window.unrollTimes.frames.push(performance.now());
    const { type, run } = JSON.parse(data);
    if (run === asked && (type === "done" || type === "error")) document.documentElement.dataset.settled = "true";
  };
  const sent = (data) => {
    const { type, run } = JSON.parse(data);
    if (type !== "run" || !run.startsWith("r")) return;
    asked = run;
    document.documentElement.dataset.settled = "false";
    window.unrollTimes = { asked: performance.now(), frames: [] };
  };
  window.WebSocket = class extends WebSocket {
    constructor(...all) {
      super(...all);
      this.addEventListener("message", heard);
    }
    send(data) {
      sent(data);
      super.send(data);
    }
  };
})()"""


def watch(page: Page) -> None:
    """Watch every document that the page will load."""
    page.add_init_script(WATCH)


def settled(page: Page) -> None:
    """Wait until the whole pass, or what is wrong with it, is here."""
    expect(page.locator("html")).to_have_attribute("data-settled", "true", timeout=20_000)
