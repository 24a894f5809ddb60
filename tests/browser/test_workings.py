"""The workings: every moment's line as a picture, its numbers the engine's, and nothing hidden that it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, expect

import engine
from engine.activations import ACTIVATIONS
from tests.browser.conftest import Tabs
from tests.browser.moments import Moment, moments
from tests.browser.page import UnrollPage, number
from tests.browser.test_accessibility import violations

Array = npt.NDArray[np.float64]
Box = list[float]

OWN = "a = U @ x + W @ h_prev + b\nmemory = 0.5 * memory_prev + 0.5 * tanh(a)\nh = g * memory"
CELLS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "own": {"cell": {"name": "mine", "equations": OWN}, "layers": 2, "clip_norm": 0.01},
}
WIDE = {"width": 1920, "height": 1080}
SAME = 1e-12
# The faintest gradient and the strongest, on light paper.
FAINT, STRONG = np.array([0xE3, 0xC6, 0xE2]), np.array([0x86, 0x1F, 0x80])

# From the moment that shows through so many more: what the panel holds at each, and where it lies.
WALK = """async (more) => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const edges = ({ left, top, right, bottom }) => [left, top, right, bottom];
  const box = (one) => one && edges(one.getBoundingClientRect());
  const corner = (canvas, rows, columns) => {
    const [width, height] = [canvas.width / columns, canvas.height / rows];
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const at = (i) => 4 * (Math.floor(i / columns) * height * canvas.width + (i % columns) * width);
    return Array.from({ length: rows * columns }, (_, i) => Array.from(pixels.slice(at(i), at(i) + 4)));
  };
  const seen = [];
  for (let i = 0; i <= more; i++) {
    if (i) document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    await drawn();
    const panel = document.querySelector(".panel-of-workings");
    const pieces = [...(panel?.querySelectorAll("[data-name]") ?? [])];
    seen.push({
      title: document.querySelector("#now-line b").textContent.trim(),
      names: pieces.map((one) => one.dataset.name),
      sizes: pieces.map((one) => (one.querySelector("b[title], .scalar [title]") ?? one).title || null),
      text: panel?.textContent ?? "",
      maps: Object.fromEntries(pieces
        .filter((one) => one.matches(".gradient") && one.querySelector("canvas:not(.bars)"))
        .map((one) => [one.dataset.name, corner(one.querySelector("canvas"), SIDE, SIDE)])),
      panel: box(panel),
      frame: box(document.querySelector("#unrolled .now")),
      stage: box(document.querySelector("#unrolled .stage-scroll")),
      moving: document.querySelectorAll(".moving canvas").length,
    });
  }
  return seen;
}"""


@dataclass(frozen=True)
class Workings:
    """What the panel shows at a moment: its pieces in order, each with the number under it, and boxes on the page."""

    title: str
    names: list[str]
    sizes: list[str | None]
    text: str
    maps: dict[str, list[list[int]]]
    panel: Box | None
    frame: Box | None
    stage: Box
    moving: int


def walked(unroll: UnrollPage, more: int, side: int = 8) -> list[Workings]:
    """The panel here and at so many moments more; a map of gradients as the colours of its cells, `side` by `side`."""
    return [Workings(**one) for one in unroll.tab.evaluate(WALK.replace("SIDE", str(side)), more)]


def described(spec: dict[str, Any]) -> engine.Plan:
    return engine.describe(engine.parse_spec(spec))


def panel_of(unroll: UnrollPage) -> Locator:
    return unroll.tab.locator(".panel-of-workings")


def names(tree: Any) -> list[str]:
    """The vectors, matrices and numbers of a tree from left to right, as the panel calls them."""
    if isinstance(tree, str):
        return [tree]
    if not isinstance(tree, list):
        return [f"{tree:g}"]
    operator, *parts = tree
    if operator == "slope":
        return [f"{parts[0]}'({parts[1]})"]
    if operator in {"@", "@T"}:
        return [parts[0] + (".T" if operator == "@T" else ""), *names(parts[1])]
    return [one for part in (parts[1:] if operator == "call" else parts) for one in names(part)]


def expected(plan: engine.Plan, moment: Moment) -> list[str]:
    """What the panel must show at a moment, in order: what goes in, then what comes of it."""
    trees = {line["target"]: line["tree"] for lines in plan.equations.values() for line in lines}
    if moment.kind in {"sum", "update", "clip", "output", "loss"}:
        return _of_all(plan)[moment.kind]
    tree = trees[moment.target]
    made = [*names(tree), moment.target]
    if moment.kind == "share":
        return [*made, "sum"]
    nested = moment.phase == "forward" and isinstance(tree, list) and tree[0] == "call" and isinstance(tree[2], list)
    return [*names(tree), f"{moment.target}.a", moment.target] if nested else made


def _of_all(plan: engine.Plan) -> dict[str, list[str]]:
    name = _chosen(plan).rpartition(".")[2]
    steps = plan.sizes["T"]
    return {
        "sum": ["share"] * steps + [f"grad.{name}"],
        "update": [name, f"grad.{name}", f"updated.{name}"],
        "clip": ["before", "limit", "after"],
        "output": ["y_hat", "y", "grad.o"] * steps,
        "loss": ["y_hat", "y", "loss"],
    }


def _chosen(plan: engine.Plan) -> str:
    """The parameter that is chosen where nobody has chosen one."""
    return next(str(one["name"]) for one in plan.parameters if one["role"] == "matrix" and "_prev" in str(one["input"]))


def vector(trace: engine.Trace, plan: engine.Plan, moment: Moment, name: str) -> Array | None:
    """What a name stands for in the moment's line; None for a matrix, a plain number or what is not in the trace."""
    t, prefix = moment.t or 0, f"layer{plan.sizes['L'] - 1 if moment.layer is None else moment.layer}."
    if name == "y":
        return np.asarray(np.eye(plan.sizes["O"])[trace["y"][t, 0]])
    if "'(" in name:
        function, _, argument = name.removesuffix(")").partition("'(")
        a = vector(trace, plan, moment, argument)
        activation = ACTIVATIONS[function]
        return None if a is None else np.asarray(activation.slope(a, activation.value(a)))
    if name == "x" and moment.layer:
        return np.asarray(trace[f"layer{moment.layer - 1}.h"][t, 0])
    if name.startswith("grad.") and name.endswith("_prev"):
        state = f"grad.{prefix}{name[5:-5]}"
        return np.asarray(trace[f"{state}.from_future"][t - 1, 0] if t else trace[f"{state}.initial"][0])
    if name.endswith("_prev"):
        return np.asarray(trace[prefix + name[:-5]][t - 1, 0]) if t else np.zeros(plan.sizes["H"])
    bare = name.removeprefix("grad.")
    full = f"grad.{prefix}{bare}" if bare != name and bare != "o" else name if name in trace else prefix + name
    if full not in trace or full.removeprefix("grad.") in {one["name"] for one in plan.parameters}:
        return None
    return np.asarray(trace[full][t, 0])


@pytest.mark.parametrize("cell", CELLS)
def test_every_moment_of_a_pass_shows_what_goes_into_its_line_and_what_comes_of_it_in_order(
    tabs: Tabs, cell: str
) -> None:
    spec = CELLS[cell] | {"task": {"text": "abbab"}}
    plan, trace = described(spec), engine.run(engine.parse_spec(spec))
    unroll = tabs(viewport=WIDE, reduced_motion="reduce")
    unroll.open(spec | {"by": "equation", "at": "forward.1"})
    unroll.press("Home")
    all_moments = moments(plan)
    checked = 0
    for moment, seen in zip(all_moments, walked(unroll, len(all_moments) - 1), strict=True):
        assert seen.names == expected(plan, moment), moment
        assert "more" not in seen.text
        if moment.t is None:
            continue
        for name, told in zip(seen.names, seen.sizes, strict=True):
            values = vector(trace, plan, moment, name)
            if values is not None and told is not None and values.size > 1:
                assert number(told) == pytest.approx(np.linalg.norm(values), rel=SAME), (moment, name)
                checked += 1
    assert checked > 2 * len(all_moments)


def test_a_share_and_the_sum_so_far_are_the_engines_in_every_cell_and_fill_step_by_step(unroll: UnrollPage) -> None:
    spec: dict[str, Any] = {"cell": "rnn", "task": {"text": "hello world"}}
    trace = engine.run(engine.parse_spec(spec))
    shares = trace.contribution("layer0.W")
    sums = np.cumsum(shares[::-1], axis=0)[::-1]
    for t in reversed(range(len(shares))):
        unroll.open(spec | {"by": "equation", "at": f"backward.{t + 1}", "kind": "share", "line": "grad.W"})
        (seen,) = walked(unroll, 0)
        most = max(abs(shares[t]).max(), abs(sums[t]).max())
        assert_painted(seen.maps["grad.W"], shares[t], most)
        assert_painted(seen.maps["sum"], sums[t], most)
        first = "step 10" if t == 9 else f"steps 10 to {t + 1}"
        assert f"sum so far{first}" in seen.text
        told = dict(zip(seen.names, seen.sizes, strict=True))
        norms = [number(str(told[name])) for name in ("grad.W", "sum")]
        assert norms == pytest.approx([np.linalg.norm(shares[t]), np.linalg.norm(sums[t])], rel=1e-9)


def assert_painted(cells: list[list[int]], values: Array, most: float) -> None:
    """Each cell is as strong a magenta as its number is large; what is exactly nothing is clear."""
    for (*color, alpha), value in zip(cells, values.flat, strict=True):
        assert (alpha == 0) == (value == 0)
        if value != 0:
            np.testing.assert_allclose(color, FAINT + (STRONG - FAINT) * abs(value) / most, atol=2)


def test_the_sum_adds_up_every_steps_share_and_the_update_takes_the_rate_times_it(unroll: UnrollPage) -> None:
    spec: dict[str, Any] = {"cell": "rnn", "task": {"text": "hello"}}
    trace = engine.run(engine.parse_spec(spec))
    unroll.open(spec | {"at": "sum"})
    summed, updated = walked(unroll, 1)
    assert summed.names == ["share"] * 4 + ["grad.W"]
    whole = trace["grad.layer0.W"]
    assert_painted(summed.maps["grad.W"], whole, max(abs(whole).max(), abs(trace.contribution("layer0.W")).max()))
    old, gradient, new = (number(str(one)) for one in updated.sizes)
    entry = [trace[name][0, 0] for name in ("layer0.W", "grad.layer0.W", "updated.layer0.W")]
    assert [old, gradient, new] == entry
    assert new == pytest.approx(old - 0.1 * gradient, rel=SAME)


def test_clipping_tells_the_norm_before_the_limit_and_the_norm_after(unroll: UnrollPage) -> None:
    spec: dict[str, Any] = {"cell": "rnn", "clip_norm": 0.3}
    trace, plan = engine.run(engine.parse_spec(spec)), described(spec)
    unroll.open(spec | {"at": "sum", "kind": "clip"})
    told = panel_of(unroll).locator("b").evaluate_all("all => all.map(one => one.title)")
    total = np.sqrt(sum(np.sum(trace[f"grad.{one['name']}"] ** 2) for one in plan.parameters))
    before, limit, after = (number(one) for one in told)
    assert limit == 0.3
    assert total in (pytest.approx(before), pytest.approx(after))
    assert after == pytest.approx(min(before, limit))


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_the_panel_keeps_off_the_current_column_and_on_the_stage(tabs: Tabs, size: tuple[int, int]) -> None:
    unroll = tabs(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    spec: dict[str, Any] = {"cell": "lstm", "by": "equation", "task": {"text": "hello world"}}
    plan = described({"cell": "lstm"})
    for place in ("forward.1", "forward.10", "loss", "backward.6", "backward.2"):
        unroll.open(spec | {"at": place})
        for seen in walked(unroll, len(plan.equations["backward"])):
            assert seen.panel is not None, seen.title
            left, top, right, bottom = seen.panel
            assert seen.stage[0] <= left <= right <= seen.stage[2]
            assert seen.stage[1] <= top <= bottom <= seen.stage[3]
            if seen.frame is not None:
                assert right <= seen.frame[0] or left >= seen.frame[2], seen.title


def test_two_that_meet_fly_into_one_while_every_number_is_there_at_once(unroll: UnrollPage) -> None:
    unroll.open({"at": "backward.8"})
    (rest,) = walked(unroll, 0)
    assert rest.moving == 0
    unroll.press("ArrowRight")
    moving = unroll.tab.wait_for_function(
        "() => document.getAnimations().length > 0 && document.querySelector('.panel-of-workings').innerText"
    )
    expect(unroll.tab.locator(".moving canvas")).to_have_count(0)
    assert moving.json_value() == panel_of(unroll).inner_text()


def test_whoever_skips_moments_or_wants_no_motion_sees_none(tabs: Tabs) -> None:
    skipping, still = tabs(), tabs(reduced_motion="reduce")
    skipping.open({"at": "backward.8"})
    skipping.tab.evaluate(
        """() => [1, 2].forEach(() =>
          document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })))"""
    )
    assert walked(skipping, 0)[0].moving == 0
    still.open({"at": "backward.8"})
    assert [one.moving for one in walked(still, 3)] == [0] * 4


def test_it_is_put_away_and_brought_back_by_its_buttons_and_by_k(unroll: UnrollPage) -> None:
    unroll.open({"at": "backward.7"})
    panel = panel_of(unroll)
    expect(panel).to_be_visible()
    unroll.button("Hide the workings").focus()
    unroll.press("Enter")
    expect(panel).to_have_count(0)
    unroll.button("Workings").click()
    expect(panel).to_be_visible()
    unroll.press("k")
    expect(panel).to_have_count(0)
    unroll.press("k")
    expect(panel).to_be_visible()


def test_it_shows_where_two_meet_at_timesteps_and_everywhere_at_equations_but_over_no_other_picture(
    unroll: UnrollPage,
) -> None:
    unroll.open({"at": "forward.4"})
    panel = panel_of(unroll)
    expect(panel).to_have_count(0)
    unroll.press("g")
    expect(panel).to_be_visible()
    unroll.press("v")
    expect(panel).to_have_count(0)


def test_what_the_pointer_is_on_lights_up_on_the_stage_and_wherever_it_stands(unroll: UnrollPage) -> None:
    unroll.open({"by": "equation", "at": "forward.4", "kind": "line", "line": "a", "layer": 0})
    before = panel_of(unroll).locator("[data-name=h_prev]")
    before.hover()
    expect(before).to_have_class("piece operand lit")
    lit, frame = unroll.tab.locator("#unrolled rect.lit"), unroll.tab.locator("#unrolled .now")
    outline, current = lit.bounding_box(), frame.bounding_box()
    assert outline is not None
    assert current is not None
    assert outline["x"] + outline["width"] < current["x"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_workings(tabs: Tabs, theme: str) -> None:
    unroll = tabs(color_scheme=theme)
    for fields in ({"at": "backward.7"}, {"at": "backward.5", "kind": "share"}, {"at": "sum"}, {"at": "update"}):
        unroll.open(fields | {"by": "equation", "clip_norm": 0.3})
        expect(panel_of(unroll)).to_be_visible()
        assert violations(unroll) == []
