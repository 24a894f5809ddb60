"""The browser parts: what is installed can be loaded by a browser as it stands, and what cannot is refused."""

from pathlib import Path

import pytest

from tools import parts


def test_no_installed_part_refers_to_a_file_that_is_not_served() -> None:
    assert list(parts.unresolved(parts.VENDOR)) == []


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("a.js", 'import{x as t}from"lit-html";', "a.js imports lit-html, which is not served"),
        ("a.js", 'const a=1;export*from"./absent.js";', "a.js imports ./absent.js, which is not served"),
        ("a.mjs", 'import "./absent.mjs";', "a.mjs imports ./absent.mjs, which is not served"),
        ("a.css", "@font-face{src:url(f/x.woff2)}", "a.css asks for f/x.woff2, which is not served"),
    ],
)
def test_an_import_or_a_font_that_is_not_served_is_told(tmp_path: Path, file: str, text: str, told: str) -> None:
    (tmp_path / file).write_text(text)
    assert list(parts.unresolved(tmp_path)) == [told]


def test_words_in_a_string_are_no_import(tmp_path: Path) -> None:
    (tmp_path / "a.mjs").write_text('throw Error("import from " + name + " from \\"extension\\"");')
    assert list(parts.unresolved(tmp_path)) == []


def test_a_package_without_a_file_that_is_asked_for_is_refused(tmp_path: Path) -> None:
    part = parts.Part("lit-html", "lit-html", (("absent.js", "./"),))
    with pytest.raises(FileNotFoundError, match=r"lit-html has no file absent\.js"):
        parts.copy(part, tmp_path)
