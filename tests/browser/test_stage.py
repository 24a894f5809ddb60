"""The unrolled network: copies of a parameter, pins, the path of a unit, lanes, and long sequences."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import engine
from tests.browser.page import UnrollPage

GRU: dict[str, Any] = {"cell": "gru", "layers": 2}
LONG: dict[str, Any] = {"task": {"text": "abcdefghij" * 20}}
PIXELS = """async (image) => {
  const shown = new Image();
  shown.src = image.href.baseVal;
  await shown.decode();
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.drawImage(shown, 0, 0);
  return [shown.width, shown.height, ...canvas.getImageData(0, 0, shown.width, shown.height).data];
}"""


def letter(unroll: UnrollPage, name: str) -> Any:
    return unroll.tab.locator(".stage-rows").get_by_role("button", name=re.compile(f"^{re.escape(name)}: "))


def copies(unroll: UnrollPage) -> Any:
    return unroll.tab.locator(".copies image")


def test_a_parameter_pointed_at_shows_its_one_map_at_every_step(unroll: UnrollPage) -> None:
    unroll.open({"at": "backward.7"})
    expect(copies(unroll)).to_have_count(0)
    letter(unroll, "W").hover()
    expect(copies(unroll)).to_have_count(10)
    assert len(set(copies(unroll).evaluate_all("all => all.map((one) => one.href.baseVal)"))) == 1
    expect(unroll.tab.locator(".stage-told")).to_contain_text("the same matrix, 10 times")
    unroll.now_line.hover()
    expect(copies(unroll)).to_have_count(0)
    letter(unroll, "c").click()
    unroll.now_line.hover()
    expect(copies(unroll)).to_have_count(10)
    expect(unroll.tab.locator(".stage-told")).to_contain_text("the same bias, 10 times")
    expect(unroll.tab).to_have_url(re.compile("copies=c"))
    letter(unroll, "c").click()
    unroll.now_line.hover()
    expect(copies(unroll)).to_have_count(0)


def test_the_map_of_a_copy_is_the_matrix_pixel_by_pixel(unroll: UnrollPage) -> None:
    unroll.open({"copies": "layer0.W"})
    width, height, *pixels = copies(unroll).first.evaluate(PIXELS)
    weights = unroll.trace({})["layer0.W"]
    assert (height, width) == weights.shape
    red, _, blue, _ = np.array(pixels).reshape(height, width, 4).transpose(2, 0, 1)
    # Blue for what is above zero, orange for what is below; the paper's colour between.
    clear = np.abs(weights) > 0.1 * np.abs(weights).max()
    np.testing.assert_array_equal((blue > red)[clear], (weights > 0)[clear])
    strongest = np.unravel_index(np.abs(weights).argmax(), weights.shape)
    assert [red[strongest], blue[strongest]] in ([0x08, 0x9C], [0xB3, 0x06])


def test_without_sharing_the_copies_differ(unroll: UnrollPage) -> None:
    unroll.open({"weights_shared": False, "copies": "layer0.W"})
    maps = copies(unroll).evaluate_all("all => all.map((one) => one.href.baseVal)")
    assert len(set(maps)) == len(maps) == 10
    expect(unroll.tab.locator(".stage-told")).to_contain_text("each step has a matrix of its own")


def test_a_click_pins_a_unit_and_with_shift_others_beside_it(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.5"})
    band(unroll, "layer0.h", 3, 4)
    band(unroll, "layer0.h", 6, 4, shift=True)
    band(unroll, "layer0.h", 1, 4, shift=True)
    expect(unroll.tab.locator(".pin")).to_have_count(3)
    expect(unroll.tab).to_have_url(re.compile(r"unit=4.*pins=7%2C2"))
    band(unroll, "layer0.h", 6, 4, shift=True)
    expect(unroll.tab.locator(".pin.second")).to_have_count(1)
    assert unroll.shown().title == "Forward, step 5 of 10."


def test_the_path_of_a_unit_is_its_strongest_products(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.5"})
    trace = unroll.trace({})
    band(unroll, "layer0.h", 2, 4, click=False)
    lines = unroll.tab.locator(".path path")
    made = trace["layer0.W"][2] * trace["layer0.h"][3, 0]
    read = trace["layer0.U"][2] * trace["x"][4, 0]
    brought = np.concatenate([made, read[read != 0]])
    expect(lines).to_have_count(len(brought))
    widths = lines.evaluate_all("all => all.map((one) => Number(one.getAttribute('stroke-width')))")
    strongest = np.sort(np.abs(brought))[::-1]
    np.testing.assert_allclose(widths, 0.6 + 2 * strongest / strongest[0], atol=0.006)
    colors = lines.evaluate_all("all => all.map((one) => one.getAttribute('stroke'))")
    assert colors.count("#08519c") == (brought > 0).sum()


def test_each_layer_has_a_lane_of_its_own_where_there_are_several(unroll: UnrollPage) -> None:
    unroll.open(GRU)
    expect(unroll.tab.locator(".lane")).to_have_count(2)
    unroll.open()
    expect(unroll.tab.locator(".lane")).to_have_count(0)


def test_a_column_opens_into_its_cell(unroll: UnrollPage) -> None:
    unroll.open({"at": "forward.5"})
    box = unroll.map.bounding_box()
    assert box is not None
    unroll.tab.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(unroll.tab.get_by_role("radio", name="cell")).to_be_checked()
    expect(unroll.tab.locator("#cell")).to_be_visible()
    unroll.press("v")
    expect(unroll.stage).to_be_visible()


def test_a_long_sequence_has_a_picture_of_all_its_steps_with_the_window_in_it(unroll: UnrollPage) -> None:
    unroll.open(LONG | {"at": "backward.120"})
    overview = unroll.tab.locator(".overview")
    expect(overview).to_be_visible()
    width, height = overview.locator("canvas").evaluate("(canvas) => [canvas.width, canvas.height]")
    assert (width, height) == (199, 8)
    sheet = overview.locator(".overview-sheet").bounding_box()
    window = overview.locator(".overview-window").bounding_box()
    assert sheet is not None
    assert window is not None
    assert window["x"] - sheet["x"] == pytest.approx(sheet["width"] * 111 / 199, abs=2)
    unroll.tab.mouse.click(sheet["x"] + sheet["width"] * 40.5 / 199, sheet["y"] + 10)
    expect(unroll.now_line).to_contain_text("Backward, step 41 of 199.")
    unroll.open()
    expect(overview).to_be_hidden()


def test_the_picture_of_all_steps_has_the_states_and_none_before_they_are_there(unroll: UnrollPage) -> None:
    unroll.open(LONG | {"at": "forward.50"})
    shown = unroll.tab.locator(".overview canvas").evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
    )
    pixels = np.array(shown).reshape(8, 199, 4)
    assert (pixels[:, :50, 3] == 255).all()
    assert (pixels[:, 50:, 3] == 0).all()
    states = unroll.trace(LONG)["layer0.h"][:50, 0].T
    clear = np.abs(states) > 0.2
    np.testing.assert_array_equal((pixels[:, :50, 2] > pixels[:, :50, 0])[clear], (states > 0)[clear])


def test_five_hundred_steps_of_256_units_show_no_more_cells_than_a_map_may_have(unroll: UnrollPage) -> None:
    unroll.open({"hidden_size": 256, "task": {"text": "abcdefghij" * 50 + "k"}, "at": "forward.300"})
    width, height = unroll.tab.locator(".overview canvas").evaluate("(canvas) => [canvas.width, canvas.height]")
    assert width == 500
    assert width * height <= 100_000
    assert unroll.map.evaluate("plot => plot.data[0].z.length * plot.data[0].z[0].length") <= 100_000
    unroll.press("ArrowRight")
    assert unroll.shown().title == "Forward, step 301 of 500."


def band(unroll: UnrollPage, name: str, unit: int, t: int, *, click: bool = True, shift: bool = False) -> None:
    """Point at a band of the stage and click it, by the edges it is drawn with."""
    box = unroll.map.bounding_box()
    assert box is not None
    rows = engine.describe(engine.parse_spec({})).rows
    names = [row["name"] for row in rows]
    above = sum(row["size"] + 1 for row in rows[: names.index(name)])
    x, y = (unroll.map.evaluate("(plot, axis) => Array.from(plot.data[0][axis])", axis) for axis in ("x", "y"))
    unroll.tab.mouse.move(
        box["x"] + (x[2 * t] + x[2 * t + 1]) / 2, box["y"] + (y[above + unit] + y[above + unit + 1]) / 2
    )
    if click:
        unroll.tab.keyboard.down("Shift") if shift else None
        unroll.tab.mouse.down()
        unroll.tab.mouse.up()
        unroll.tab.keyboard.up("Shift") if shift else None
    unroll.frame()
