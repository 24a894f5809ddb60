"""A plot as a file: the picture opens at a projector's size, the numbers are the engine's to the last digit."""

from __future__ import annotations

import csv
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest

import engine
from tests.browser.page import UnrollPage
from tests.browser.plot import done

LSTM: dict[str, Any] = {"cell": "lstm", "task": {"text": "hello world"}}
H = "layer0.h"


def saved(unroll: UnrollPage, kind: str) -> Path:
    """The file that the plot's menu gives."""
    menu = unroll.tab.locator("#plot-menu")
    if not menu.is_visible():
        unroll.button("more of this plot").click()
    with unroll.tab.expect_download() as download:
        menu.get_by_role("button", name=kind).click()
    assert download.value.suggested_filename.endswith(f".{kind.lower()}")
    return Path(download.value.path())


def expected() -> dict[str, npt.NDArray[np.float64]]:
    """What each plot's table is beside its first column, by the engine."""
    spec = engine.parse_spec(LSTM)
    one = engine.Pass(spec)
    one.run()
    found, values = engine.analyse(one), one.singular_values()[f"singular_values.{H}"]
    flow = one.flow()[f"flow.{H}"]
    inputs = engine.Flow(one, inputs=True)()["flow.x"]
    with np.errstate(divide="ignore"):
        bounds = np.log10([values.min(axis=(1, 2)), values.max(axis=(1, 2))])
    signal = [found[f"measured_factor.{H}"], found[f"log10_signal_left.{H}"], *bounds]
    return {
        "states": engine.run(spec)[H][:, 0],
        "triangle": np.where(np.tri(len(flow), dtype=bool), flow, np.nan),
        "signal": np.stack([*signal, np.full(len(flow), np.nan)], axis=1),
        "spectrum": one.eigenvalues()["eigenvalues.layer0.W_input"],
        "inputs": inputs[3, :4, None],
        "trajectory": engine.principal_axes(one)[f"coordinates.{H}"][:, 0],
    }


def test_numbers_are_those_of_the_engine_to_the_last_digit(unroll: UnrollPage) -> None:
    unroll.open(LSTM | {"at": "backward.4"})
    for key, (name, numbers) in zip("345678", expected().items(), strict=True):
        unroll.press("Escape")
        unroll.press(key)
        done(unroll)
        with saved(unroll, "CSV").open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        assert len({len(row) for row in [head, *rows]}) == 1
        skipped = 2 if name == "inputs" else 1  # a number, and what is read
        assert [row[0] for row in rows] == [str(place + 1) for place in range(len(rows))]
        told = np.array([[float(cell or "nan") for cell in row[skipped:]] for row in rows])
        # A logarithm or a matrix product may differ by the last digit between a browser and NumPy.
        tolerance = 1e-14 if name == "signal" else 0
        np.testing.assert_allclose(told, numbers, rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_pictures_open_with_their_title(unroll: UnrollPage, look: str) -> None:
    unroll.open(LSTM | {"at": "backward.4", "theme": look})
    for key in "345678":
        unroll.press("Escape")
        unroll.press(key)
        done(unroll)
        title = unroll.tab.get_by_role("tab", selected=True).nth(2).inner_text()
        picture = saved(unroll, "SVG").read_text(encoding="utf-8")
        root = ElementTree.fromstring(picture)
        assert root.tag.endswith("}svg")
        assert title in "".join(root.itertext())
        assert (root.get("width"), root.get("height")) == ("1920", "1080")
    data = saved(unroll, "PNG").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert data[-8:-4] == b"IEND"
    assert struct.unpack(">II", data[16:24]) == (1920, 1080)
