"""Every task is what it says: read from its data by other means, and held to its distance."""

import re
from collections import Counter
from importlib import import_module
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from astropy_iers_data import IERS_B_FILE
from hypothesis import given
from hypothesis import strategies as st

from engine.tasks import Data, about, draw
from engine.tasks.zen import zen
from tests.engine.tasks_made import task

INNER = r"B(?:TS*X(?:XT*VP)*(?:S|XT*VV)|PT*V(?:V|P(?:XT*VP)*(?:S|XT*VV)))E"
"""Reber's grammar as a regular expression."""


def strings(data: Data, codes: np.ndarray) -> list[str]:
    """What stands in each sequence as text, padding left out."""
    assert data.alphabet is not None
    lengths = [len(data.x)] * data.x.shape[1] if data.lengths is None else data.lengths
    return ["".join(data.alphabet[code] for code in row[:end]) for row, end in zip(codes.T, lengths, strict=True)]


def inputs(data: Data) -> list[str]:
    assert (data.x.sum(axis=-1) == (1 if data.there is None else data.there)).all()
    return strings(data, data.x.argmax(axis=-1))


def targets(data: Data) -> list[str]:
    return strings(data, data.y)


def counted(data: Data) -> list[list[bool]]:
    assert data.counted is not None
    return [[bool(one) for one in row] for row in data.counted.T]


def test_echo_repeats_what_came_gap_steps_ago() -> None:
    data = draw(task("echo", gap=5, length=7, symbols=26, batch=3), seed=1)
    for told, asked, which in zip(inputs(data), targets(data), counted(data), strict=True):
        assert asked[5:] == told[:-5]
        assert which == [False] * 5 + [True] * 7


def test_recall_asks_at_the_end_for_the_first_symbol_and_nothing_else_tells_it() -> None:
    data = draw(task("recall", gap=6, symbols=3, batch=50), seed=1)
    for told, asked, which in zip(inputs(data), targets(data), counted(data), strict=True):
        assert re.fullmatch("[ABC][abc]{6}[?]", told)
        assert asked[-1] == told[0]
        assert which == [False] * 7 + [True]


def test_copy_repeats_all_symbols_in_order_after_the_blanks() -> None:
    data = draw(task("copy", gap=3, length=4, symbols=5, batch=20), seed=1)
    for told, asked, which in zip(inputs(data), targets(data), counted(data), strict=True):
        assert re.fullmatch("[A-E]{4}__[?]____", told)
        assert asked[-4:] == told[:4]
        assert which == [False] * 7 + [True] * 4


@pytest.mark.parametrize("length", [4, 5, 12])
def test_adding_asks_for_the_sum_of_one_marked_number_in_each_half(length: int) -> None:
    data = draw(task("adding", length=length, batch=100), seed=1)
    assert data.counted is not None
    for (numbers, markers), asked in zip(data.x.transpose(1, 2, 0), data.y[:, :, 0].T, strict=True):
        first, second = np.flatnonzero(markers)
        assert 0 <= first < length // 2 <= second < length - 1
        assert asked[-1] == numbers[first] + numbers[second]
        assert ((numbers >= 0) & (numbers < 1)).all()
    assert (data.counted == (np.arange(length) == length - 1)[:, None]).all()


def test_parity_tells_whether_the_ones_so_far_are_odd() -> None:
    data = draw(task("parity", length=9, batch=20), seed=1)
    for told, asked, which in zip(inputs(data), targets(data), counted(data), strict=True):
        assert [int(bit) for bit in asked[1:]] == [told[: end + 1].count("1") % 2 for end in range(1, 9)]
        assert which == [False] + [True] * 8


def test_count_shows_as_many_bs_as_as_and_then_padding_of_zeros() -> None:
    data = draw(task("count", most=4, batch=200), seed=1)
    assert data.there is not None
    assert (data.x[~data.there] == 0).all()
    assert (data.y[~data.there] == 0).all()
    found = set()
    for told, asked in zip(inputs(data), targets(data), strict=True):
        match = re.fullmatch("S(a+)(b+)", told)
        assert match
        assert len(match[1]) == len(match[2])
        assert asked == f"{told[1:]}T"
        found.add(len(match[1]))
    assert found == {1, 2, 3, 4}


@pytest.mark.parametrize("gap", [5, 6, 9, 40, 1997])
def test_reber_strings_are_accepted_by_the_grammar(gap: int) -> None:
    data = draw(task("reber", gap=gap, batch=20), seed=1)
    for told, asked in zip(inputs(data), targets(data), strict=True):
        string = told + asked[-1]
        assert asked == string[1:]
        match = re.fullmatch(rf"B([TP])({INNER})\1E", string)
        assert match
        assert len(match[2]) == gap


def test_all_reber_strings_of_a_length_come_as_often() -> None:
    middles = map("".join, product("TPSXV", repeat=5))
    strings = {f"B{middle}E" for middle in middles if re.fullmatch(INNER, f"B{middle}E")}
    draws = [
        told[2:-1] + "E" for index in range(16) for told in inputs(draw(task("reber", gap=7, batch=256), 0, index))
    ]
    seen = Counter(string[:7] for string in draws)
    assert set(seen) == strings
    expected = len(draws) / len(strings)
    assert sum((count - expected) ** 2 / expected for count in seen.values()) < 3 * len(strings)


def test_a_sine_goes_on_as_any_wave_of_its_period() -> None:
    data = draw(task("sine", period=7, length=30, batch=5), seed=1)
    known, asked = data.x[:, :, 0], data.y[1:, :, 0]
    np.testing.assert_array_equal(known[2:], asked[:-1])
    np.testing.assert_allclose(asked[7:], asked[:-7], atol=1e-12)
    np.testing.assert_allclose(asked[1:], 2 * np.cos(2 * np.pi / 7) * known[2:] - known[1:-1], atol=1e-12)


@pytest.mark.parametrize("kind", ["sine", "wobble", "series"])
@pytest.mark.parametrize("gap", [1, 2, 5])
def test_a_series_is_shown_every_gap_steps_and_held_and_counts_from_the_second_on(kind: str, gap: int) -> None:
    held = draw(task(kind, gap=gap), seed=3)
    values = np.append(held.x[:1], held.y)  # the true ones, from the second measurement on
    for t in range(gap, len(held.x)):
        shown = t - t % gap
        assert held.x[t] == held.x[shown]
        assert held.x[t] == values[shown] or shown == gap
    assert held.counted is not None
    assert held.counted[:, 0].tolist() == [t >= gap for t in range(len(held.x))]


@pytest.mark.parametrize("gap", [2, 5])
def test_another_gap_measures_the_same_wave(gap: int) -> None:
    plain, held = (draw(task("sine", gap=g, batch=3), seed=3) for g in (1, gap))
    np.testing.assert_array_equal(held.x[gap:16:gap], plain.x[gap:16:gap])
    np.testing.assert_array_equal(held.y[gap:16], plain.y[gap:16])


def test_a_users_series_is_told_in_its_own_standard_deviations() -> None:
    values = [3.0, 8.0, -2.0, 5.0, 5.0]
    data = draw(task("series", values=values), seed=0)
    told = [*data.x[:, 0, 0], data.y[-1, 0, 0]]
    np.testing.assert_allclose(told, (np.array(values) - np.mean(values)) / np.std(values))
    larger = draw(task("series", values=[1e9 * value - 7 for value in values]), seed=0)
    np.testing.assert_allclose(larger.x, data.x)


@pytest.mark.parametrize("values", [[0, 5e-324, 0], [1e12, -1e12, 0], [1e12, 999_999_999_999, 1e12]])
def test_a_series_of_any_size_is_scaled_without_loss(values: list[float]) -> None:
    data = draw(task("series", values=values), seed=0)
    assert np.std([*data.x[:, 0, 0], data.y[-1, 0, 0]]) == pytest.approx(1)


def test_the_wobble_is_the_file_of_the_package_and_goes_round_in_about_a_year() -> None:
    lines = Path(IERS_B_FILE).read_text("utf-8").splitlines()
    rows = [float(line.split()[5]) for line in lines if not line.startswith("#")]
    data = draw(task("wobble", days=10, length=1000), seed=0)
    told = np.append(data.x[:, 0, 0], data.y[-1, 0, 0])
    chosen = np.array(rows[:10020:10])
    np.testing.assert_allclose(told, (chosen - chosen.mean()) / chosen.std())
    strength = np.abs(np.fft.rfft(told))
    assert 360 < 10 * len(told) / strength.argmax() < 440


def test_a_text_asks_for_the_next_character_and_the_zen_is_pythons_own(capsys: pytest.CaptureFixture[str]) -> None:
    zen.cache_clear()
    text = zen()
    assert capsys.readouterr().out == ""
    data = draw(task("zen", length=856), seed=0)
    assert inputs(data)[0] + targets(data)[0][-1] == text
    assert targets(data)[0] == text[1:]
    this = import_module("this")  # prints, to where the test takes it
    assert text == "".join(this.d.get(letter, letter) for letter in this.s)


def determined(text: str) -> int:
    """The least number of characters that tell the next everywhere, by trying; the start is known as such."""
    padded = "^" * len(text) + text
    for count in range(1, len(text) + 1):
        contexts: dict[str, set[str]] = {}
        for place in range(len(text) + 1, 2 * len(text)):
            contexts.setdefault(padded[place - count : place], set()).add(padded[place])
        if all(len(following) == 1 for following in contexts.values()):
            return count
    raise AssertionError(text)


@given(st.text("abc", min_size=2, max_size=30))
def test_a_text_says_how_many_characters_tell_the_next(text: str) -> None:
    sentence = about(task("text", text=text)).sentence
    before = {1: "Nothing must", 2: "and the one before"}
    count = determined(text)
    assert before.get(count, f"and the {count - 1} before") in sentence


def test_what_guessing_gets_of_a_text_is_the_share_of_its_commonest_pairs() -> None:
    # h e l l o _ w o r l d: after l comes l, o or d, after o _ or r.
    assert about(task("text", text="hello world")).baseline == pytest.approx(7 / 10)
    assert about(task("text", text="abababab")).baseline == 1


@pytest.mark.parametrize("gap", [1, 7, 300])
def test_another_gap_recalls_the_same_symbols(gap: int) -> None:
    near, far = (draw(task("recall", gap=g, batch=20), seed=4) for g in (2, gap))
    assert [told[0] for told in inputs(near)] == [told[0] for told in inputs(far)]
    assert len(far.x) - 2 == gap
    assert far.x.shape[2] == near.x.shape[2]


def test_another_gap_copies_and_echoes_the_same_symbols() -> None:
    near, far = (draw(task("copy", gap=g, batch=20), seed=4) for g in (2, 90))
    assert [asked[-4:] for asked in targets(near)] == [asked[-4:] for asked in targets(far)]
    assert len(far.x) - len(near.x) == 88
    near, far = (draw(task("echo", gap=g, batch=20), seed=4) for g in (2, 90))
    assert [asked[2:] for asked in targets(near)] == [asked[90:] for asked in targets(far)]


def test_another_length_adds_the_same_numbers_and_another_gap_ends_reber_strings_the_same() -> None:
    near, far = (draw(task("adding", length=length, batch=20), seed=4) for length in (6, 600))
    np.testing.assert_array_equal(near.y[-1], far.y[-1])
    near, far = (draw(task("reber", gap=g, batch=20), seed=4) for g in (5, 500))
    assert [told[1] for told in inputs(near)] == [told[1] for told in inputs(far)]


@pytest.mark.parametrize(
    ("kind", "parameters", "steps"),
    [
        ("echo", {"gap": 1}, "1 step,"),
        ("echo", {"gap": 40}, "40 steps"),
        ("recall", {"gap": 40}, "41 steps: past 40 distractors"),
        ("copy", {"gap": 40, "length": 10}, "50 steps"),
        ("adding", {"length": 100}, "50 to 99 steps"),
        ("adding", {"length": 101}, "51 to 100 steps"),
        ("parity", {"length": 100}, "99 steps"),
        ("count", {"most": 30}, "up to 60 steps"),
        ("reber", {"gap": 40}, "40 steps"),
        ("sine", {"gap": 1}, "1 step."),
        ("sine", {"gap": 40}, "up to 40 steps"),
        ("wobble", {"gap": 9}, "up to 9 steps"),
        ("series", {"gap": 9}, "up to 9 steps"),
    ],
)
def test_the_sentence_says_for_how_many_steps(kind: str, parameters: dict[str, int], steps: str) -> None:
    told = about(task(kind, **parameters))
    assert steps in told.sentence
    assert told.distance in parameters
