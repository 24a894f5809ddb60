"""What a cell's text may say, what is refused, and where the refusal points."""

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cells import cells
from engine.derive import derive
from engine.equations import parse, without_biases
from engine.errors import EquationError, SpecError
from engine.expressions import tree

REFUSED = [
    ("h = open(x)", 1, 5, "open(...) is not an activation"),
    ("h = __import__('os')", 1, 5, "is not an activation"),
    ("import os\nh = tanh(x)", 1, 1, "an import is not allowed"),
    ("h = x[0]", 1, 5, "indexing is not allowed"),
    ("h = tanh(W.T @ h_prev)", 1, 10, "left side of @ must be the name of a matrix"),
    ("for t in x:\n    h = x", 1, 1, "a loop is not allowed"),
    ("while x:\n    h = x", 1, 1, "a loop is not allowed"),
    ("h = [U @ x for i in x]", 1, 5, "a loop is not allowed"),
    ("def f():\n    return f()", 1, 1, "a function is not allowed"),
    ("h = (lambda: 1)()", 1, 5, "is not an activation"),
    ("h = tanh(h)", 1, 10, "h is used before its line"),
    ("h = tanh(s)\ns = tanh(U @ x)", 1, 10, "s is used before its line"),
    ("h = tanh(U @ x + s_prev)", 1, 18, "s_prev is undefined: no line assigns s"),
    ("h = sine(U @ x)", 1, 5, "sine(...) is not an activation"),
    ("h = tanh(U @ x, 2)", 1, 5, "takes one argument"),
    ("h = tanh(*x)", 1, 5, "takes one argument"),
    ("h = tanh", 1, 5, "is an activation: write tanh(...)"),
    ("h = U @ x / 2", 1, 5, "division is not allowed"),
    ("h = h_prev ** 2", 1, 5, "a power is not allowed"),
    ("h = x if x else x", 1, 5, "a condition is not allowed"),
    ("h = 'text'", 1, 5, "a number must be real and finite"),
    ("h = 1e999 * h_prev", 1, 5, "a number must be real and finite"),
    ("h = 1j * h_prev", 1, 5, "a number must be real and finite"),
    ("h = True * h_prev", 1, 5, "a number must be real and finite"),
    ("h = tanh(x + W @ h_prev)", 1, 1, "x has as many entries as the input"),
    ("h = tanh(W @ h_prev + W)", 1, 1, "W is a matrix"),
    ("h = tanh(b + b @ h_prev)", 1, 1, "b is a vector"),
    ("h = tanh(W @ h_prev + W @ x)", 1, 1, "W has hidden_size entries a row"),
    ("h = tanh(2)", 1, 1, "h is a constant"),
    ("a = tanh(U @ x)", 1, 1, "no line assigns h"),
    ("h = tanh(U @ x)\nh = tanh(U @ x)", 2, 1, "h is assigned twice"),
    ("x = tanh(h_prev)\nh = x", 1, 1, "x cannot be assigned"),
    ("h_prev = tanh(x)", 1, 1, "h_prev cannot be assigned"),
    ("tanh = x", 1, 1, "tanh cannot be assigned"),
    ("h, s = x", 1, 1, "the left side must be one name"),
    ("h[0] = x", 1, 1, "the left side must be one name"),
    ("h += x", 1, 1, "an assignment with an operator"),
    ("h = a__b * h_prev", 1, 5, "single underscores"),
    ("h = ünit * h_prev", 1, 5, "single underscores"),
    ("h = tanh(U @ x", 1, 9, "never closed"),
    ("", 1, 1, "no equation"),
    ("# nothing but a comment", 1, 1, "no equation"),
    ("h = y_prev", 1, 5, "y_prev is the output fed back"),
    ("h = 2 * W @ x", 1, 5, "left side of @"),
    ("h" * 100_000, 1, 1, "at most 4,000 characters are allowed, got 100,000"),
    ("\n".join(f"a{i} = h_prev" for i in range(40)), 33, 1, "at most 32 lines"),
    ("h = " + "-" * 100 + "x", 1, 30, "too deeply nested"),
    ("h = " + "-" * 3900 + "x", 1, 1, "too deeply nested"),
    ("h = " + "(" * 1500 + "x" + ")" * 1500, 1, None, "too many nested parentheses"),
    ("h = " + " + ".join(["h_prev"] * 400), 1, None, "too long or too deeply nested"),
    ("h = x\x00", 1, 1, "null bytes"),
]


@pytest.mark.parametrize(("text", "line", "column", "reason"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_is_not_allowed_is_refused_where_it_stands(text: str, line: int, column: int | None, reason: str) -> None:
    with pytest.raises(EquationError) as caught:
        parse(text)
    assert reason in caught.value.message
    assert caught.value.line == line
    assert column is None or caught.value.column == column
    assert len(caught.value.message) < 400
    assert caught.value.field == "cell.equations"


@given(st.text(alphabet="hxUWb_prevtanh()+-*@=0123. \n[]':#", max_size=80))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        cell = parse(text)
    except SpecError:
        return
    assert "h" in cell.names
    derive(cell)


@pytest.mark.parametrize("name", cells())
def test_the_text_of_a_cell_reads_back_as_the_same_cell(name: str) -> None:
    cell = parse(cells()[name].equations)
    again = parse(str(cell))
    assert [(line.target, line.expression) for line in again.lines] == [
        (line.target, line.expression) for line in cell.lines
    ]
    assert again.parameters == cell.parameters


def test_roles_and_shapes_follow_from_use() -> None:
    cell = parse("s = p * s_prev + U @ (q * x)\nh = tanh(W @ s + b)")
    found = {p.name: (p.role, p.shape, p.operand) for p in cell.parameters}
    assert found == {
        "p": ("scale", ("H",), None),
        "U": ("matrix", ("H", "I"), "q * x"),
        "q": ("scale", ("I",), None),
        "W": ("matrix", ("H", "H"), "s"),
        "b": ("bias", ("H",), None),
    }
    assert cell.states == ("h", "s")


def test_without_biases_every_bias_is_gone_and_nothing_else() -> None:
    cell = without_biases(parse(cells()["gru"].equations))
    assert [p.name for p in cell.parameters if p.role == "bias"] == []
    assert str(cell.lines[2]) == "candidate = tanh(U_candidate @ x + reset_gate * (W_candidate @ h_prev))"


def test_the_backward_lines_of_an_lstm_are_those_of_the_book() -> None:
    lines = [str(line) for line in derive(parse(cells()["lstm"].equations)).backward]
    assert lines[:11] == [
        "grad.h = grad.h.from_above + grad.h.from_future",
        "grad.cell_state.from_above = grad.h * output_gate * tanh'(cell_state)",
        "grad.cell_state = grad.cell_state.from_above + grad.cell_state.from_future",
        "grad.output_gate = grad.h * tanh(cell_state)",
        "grad.output_gate.a = grad.output_gate * sigmoid'(output_gate.a)",
        "grad.candidate = grad.cell_state * input_gate",
        "grad.candidate.a = grad.candidate * tanh'(candidate.a)",
        "grad.forget_gate = grad.cell_state * cell_state_prev",
        "grad.forget_gate.a = grad.forget_gate * sigmoid'(forget_gate.a)",
        "grad.input_gate = grad.cell_state * candidate",
        "grad.input_gate.a = grad.input_gate * sigmoid'(input_gate.a)",
    ]
    assert lines[-2] == "grad.cell_state_prev = grad.cell_state * forget_gate"


def test_a_line_is_sent_as_text_and_as_a_tree() -> None:
    [line] = parse("h = tanh(U @ x - 0.5 * (W @ h_prev) + b)").lines
    assert tree(line.expression) == [
        "call",
        "tanh",
        ["+", ["-", ["@", "U", "x"], ["*", 0.5, ["@", "W", "h_prev"]]], "b"],
    ]
    assert line.as_json()["text"] == "h = tanh(U @ x - 0.5 * (W @ h_prev) + b)"


@pytest.fixture
def crowded() -> Iterator[None]:
    """Threads that change hands at every chance, and a collector that runs Python code in between."""

    def dawdle(*_: object) -> None:
        sum(range(50))

    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(20)
    gc.callbacks.append(dawdle)
    yield
    gc.callbacks.remove(dawdle)
    gc.set_threshold(*threshold)
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("crowded")
def test_many_threads_may_read_equations_at_once() -> None:
    """CPython 3.11's parser is not safe for this by itself."""
    text = cells()["lstm"].equations
    with ThreadPoolExecutor(4) as threads:
        read = list(threads.map(parse, (f"{text} # {number}" for number in range(2000))))
    assert len({str(cell) for cell in read}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "h = x" + "/x" * 1000,
        "h = x" + ".a" * 1000,
        "h = x" + "()" * 1000,
        "h = x" + "[0]" * 1000,
        "h = " + "~" * 1000 + "x",
        "h = " + "not " * 500 + "x",
        "h = x" + "**x" * 500,
        "h = x" + " + x" * 900,
        "\n".join(f"a{i} = U @ x" + " + U @ x" * 20 for i in range(30)) + "\nh = a0",
    ],
    ids=lambda text: text[:12],
)
def test_equations_that_are_deep_or_long_are_one_clear_error(text: str) -> None:
    with pytest.raises(EquationError, match=r"allowed|at most"):
        parse(text)


@pytest.mark.parametrize("text", ["grad = tanh(U @ x)\nh = grad", "h = grad * tanh(U @ x)", "h = grad @ x"])
def test_a_name_that_gradients_have_is_refused(text: str) -> None:
    with pytest.raises(EquationError, match="grad is what gradients are called"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("h = tanh(-b + U @ x)", "h = tanh(U @ x)"),
        ("h = tanh(b1 + (b2 + b3) + U @ x)", "h = tanh(U @ x)"),
        ("h = tanh(b - U @ x)", "h = tanh(-(U @ x))"),
        ("h = tanh(U @ (x - b))", "h = tanh(U @ x)"),
        ("h = sigmoid(b) * h_prev + U @ x", "h = sigmoid(0) * h_prev + U @ x"),
        ("h = h_prev + W @ (b + c) + U @ x", "h = h_prev + U @ x"),
    ],
)
def test_without_biases_no_bias_is_left(text: str, without: str) -> None:
    assert str(without_biases(parse(text))) == without


def test_a_line_of_biases_alone_cannot_be_without_them() -> None:
    with pytest.raises(EquationError, match="line 3, column 1: k is made of biases alone, and bias is false"):
        without_biases(parse("\n# a comment\nk = b + c\nh = tanh(U @ x) * k"))


@pytest.mark.parametrize("number", ["0.123456789", "1e-09", "2500000.0", "1e+30", "3"])
def test_a_number_is_shown_as_exactly_as_it_runs(number: str) -> None:
    assert str(parse(f"h = {number} * h_prev + U @ x")) == f"h = {number} * h_prev + U @ x"


def test_a_vectors_length_follows_from_its_matrix_wherever_that_multiplies_x() -> None:
    for text in ("h = tanh(U @ q + U @ x)", "h = tanh(U @ x + U @ q)", "k = U @ (q * q)\nh = tanh(U @ x) + k"):
        shapes = {parameter.name: parameter.shape for parameter in parse(text).parameters}
        assert shapes == {"U": ("H", "I"), "q": ("I",)}
