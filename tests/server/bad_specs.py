"""Specs that are wrong, as a caller would write them, and what the answer must say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

MILLION = 1_000_000
LONG_NAME = "x" * 59 + "…"


@dataclass(frozen=True)
class Bad:
    """The text of a spec; the answer's code and field, and words its message must hold."""

    name: str
    text: str
    code: str
    field: str | None
    words: tuple[str, ...]


def _bad(name: str, spec: dict[str, Any], field: str | None, *words: str, code: str = "invalid_spec") -> Bad:
    return Bad(name, json.dumps(spec), code, field, words)


def _cell(name: str, equations: str, *words: str) -> Bad:
    return _bad(name, {"cell": {"name": "mine", "equations": equations}}, "cell.equations", *words)


def _text(text: str) -> dict[str, Any]:
    return {"task": {"kind": "text", "text": text}}


def _malformed(name: str, text: str) -> Bad:
    return Bad(name, text, "malformed_json", None, ("not valid JSON",))


BAD_SPECS = (
    _bad("an unknown field", {"colour": "red"}, "colour", "colour", "hidden_size"),
    _bad("an unknown field of the task", {"task": {"kind": "text", "colour": 1}}, "task.colour", "colour", "text"),
    _bad("an unknown field with a dot", {"a.b": 1}, "a.b", "'a.b'", "hidden_size"),
    _bad("an unknown field with a dot of the task", {"task": {"a.b": 1}}, "task.a.b", "allowed are kind, text"),
    _bad("an unknown field of another task", {"task": {"kind": "arrays", "text": "ab"}}, "task.text", "are kind"),
    _bad("a name of 1 MB", {"x" * MILLION: 1}, LONG_NAME, "xxx…", "hidden_size"),
    _bad("a name of 1 MB in the task", {"task": {"x" * MILLION: 1}}, f"task.{LONG_NAME[5:]}", "kind, text"),
    _bad("a task without a kind", {"task": {"kind": None}}, "task.kind", "'text' or 'zen'", "got None"),
    _bad("a task whose kind has 1 MB", {"task": {"kind": "x" * MILLION}}, "task.kind", "'text' or 'zen'", "xxx…"),
    _bad("a cell with a long name", {"cell": {"name": "x" * 41, "equations": "h = x"}}, "cell.name", "1 and 40", "41"),
    _bad("a cell without equations", {"cell": {"name": "mine"}}, "cell.equations", "1 to 4000", "got nothing"),
    _bad("a likely feedback", {"feedback": {"probability": 2}}, "feedback.probability", "between 0 and 1", "got 2"),
    _bad("no hidden unit", {"hidden_size": 0}, "hidden_size", "between 1 and 512", "got 0"),
    _bad("too many hidden units", {"hidden_size": 10**9}, "hidden_size", "between 1 and 512", "got 1000000000"),
    _bad("a hidden size in words", {"hidden_size": "eight"}, "hidden_size", "whole number", "'eight'"),
    _bad("an empty text", _text(""), "task.text", "between 2 and 2,000 characters", "empty"),
    _bad("a text of one character", _text("a"), "task.text", "between 2 and 2,000 characters", "got 1"),
    _bad("a text of 10 MB", _text("ab" * 5 * MILLION), "task.text", "2,000 characters", "got 10,000,000"),
    _bad("an unknown cell", {"cell": "transformer"}, "cell", "rnn, gru, lstm", "'transformer'"),
    _bad("an unknown task", {"task": {"kind": "poetry"}}, "task.kind", "'text'", "'poetry'"),
    _bad("a task whose arrays are not there", {"task": {"kind": "arrays"}}, "task.kind", "x and y"),
    _bad("an infinite learning rate", {"optimizer": {"learning_rate": "inf"}}, "optimizer.learning_rate", "number"),
    _bad("a list", {"layers": [1, 2]}, "layers", "whole number", "[1, 2]"),
    _cell("equations that call", "h = open(x)", "open", "tanh"),
    _cell("equations that call what they are given", "h = tanh(x)(h_prev)", "line 1"),
    _cell("equations that import", "import os\nh = tanh(x)", "an import", "allowed are"),
    _cell("equations that import by a name", "h = __import__(x)", "__import__"),
    _cell("equations that index", "h = tanh(h_prev[0])", "indexing", "allowed are"),
    _cell("equations that look inside", "h = tanh(x.__class__)", "attribute"),
    _cell("equations that loop", "for i in x:\n    h = tanh(x)", "a loop"),
    _cell("equations with a loop inside", "h = tanh([x for x in x])", "a l"),
    _cell("equations that recurse", "h = tanh(h)", "h"),
    _cell("equations that define a function", "h = lambda: h()", "a function"),
    _cell("equations with an undefined state", "h = tanh(W @ nothing_prev)", "nothing"),
    _cell("equations whose shapes do not match", "h = tanh(U @ x + x)", "h"),
    _cell("equations without h", "s = tanh(U @ x)", "h"),
    _cell("equations of 100 kB", "h = tanh(" + "x + " * 25_000 + "x)", "4,000 characters", "100,0"),
    _cell("equations nested deeply", "h = tanh(" + "(" * 1900 + "x" + ")" * 1900 + ")", "line 1"),
    _cell("equations that are no text of a program", "h = tanh(", "line 1"),
    Bad("NaN", '{"clip_norm": NaN}', "invalid_spec", "clip_norm", ("clip_norm", "finite", "between 1e-12", "got nan")),
    Bad("NaN units", '{"hidden_size": NaN}', "invalid_spec", "hidden_size", ("hidden_size", "whole number", "got nan")),
    Bad("Infinity", '{"clip_norm": Infinity}', "invalid_spec", "clip_norm", ("clip_norm", "finite", "got inf")),
    Bad("-Infinity", '{"seed": -Infinity}', "invalid_spec", "seed", ("seed", "whole number", "got -inf")),
    Bad("NaN as a task", '{"task": {"kind": NaN}}', "invalid_spec", "task.kind", ("'text' or 'zen'", "got nan")),
    Bad("NaN in an unknown field", '{"colour": [NaN]}', "invalid_spec", "colour", ("unknown field 'colour'",)),
    Bad("NaN instead of a spec", "NaN", "invalid_spec", "spec", ("a JSON object", "got nan")),
    _malformed("NaN in small letters", '{"clip_norm": nan}'),
    _malformed("a field that is cut off", '{"hidden_size": 8'),
    _malformed("a comma too many", '{"hidden_size": 8,}'),
    _malformed("half a character", '{"task": {"kind": "text", "text": "\\ud800 \\ud800"}}'),
    _malformed("a number of a thousand digits", '{"seed": ' + "9" * 5000 + "}"),
    _malformed("lists nested a million deep", "[" * MILLION),
    Bad("a number beyond all floats", '{"clip_norm": 1e999}', "invalid_spec", "clip_norm", ("clip_norm", "inf")),
    Bad("a list instead of a spec", "[]", "invalid_spec", "spec", ("object", "[]")),
    Bad("a word instead of a spec", '"lstm"', "invalid_spec", "spec", ("object", "'lstm'")),
    Bad("nothing instead of a spec", "null", "invalid_spec", "spec", ("object", "None")),
    Bad("lists nested deeply", '{"layers": ' + "[" * 150 + "]" * 150 + "}", "invalid_spec", "layers", ("layers",)),
    _bad(
        "a spec whose trace is too large",
        {"cell": "lstm", "hidden_size": 512, "layers": 4} | _text("ab" * 1000),
        "task.text",
        "task.text must be smaller",
        "1,999 timesteps with hidden_size 512 and layers 4",
        "GiB",
        "256 MiB",
        code="too_large",
    ),
)
