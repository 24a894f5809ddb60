"""Every gradient against central differences; and every derived line, broken, is found."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

import engine
from engine import program
from engine.collapse import Sweep, collapse
from engine.derive import Derivation, derive
from engine.expressions import Binary, Line, Number
from engine.passes import Pass
from engine.totals import Totals
from tests.engine.typed_cells import TYPED, own


def data(batch: int) -> engine.Data:
    stream = np.random.default_rng(7)
    return engine.Data(stream.normal(size=(6, batch, 3)), stream.integers(0, 4, (6, batch)), 4)


def spec(**fields: object) -> engine.Spec:
    return engine.parse_spec({"hidden_size": 5, "task": {"kind": "arrays"}, **fields})


def worst(one: engine.Spec, batch: int = 2) -> list[engine.CheckRow]:
    """What is off; inputs, units and outputs are of different numbers, so that no shape fits by chance."""
    return [row for row in engine.check(one, data(batch), entries=None) if not row.ok]


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", engine.cells())
def test_every_parameter_input_and_initial_state_of_a_built_in_cell(cell: str, layers: int, batch: int) -> None:
    rows = engine.check(spec(cell=cell, layers=layers), data(batch), entries=None)
    assert [row.name for row in rows if not row.error < 1e-6] == []
    names = {row.name for row in rows}
    assert {"x", "V", "c", "layer0.h.initial"} < names
    assert all(row.checked == np.prod(row.shape) for row in rows)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("name", TYPED)
def test_cells_that_somebody_typed(name: str, layers: int) -> None:
    assert worst(spec(cell=own(name), layers=layers)) == []


@pytest.mark.parametrize("name", TYPED)
def test_cells_that_somebody_typed_without_their_biases(name: str) -> None:
    without = spec(cell=own(name), bias=False)
    assert worst(without) == []
    # The first biases are zero: with them the pass is the same, so nothing but they was taken out.
    assert engine.run(without, data(2)).loss == pytest.approx(engine.run(spec(cell=own(name)), data(2)).loss, rel=1e-12)


@pytest.mark.parametrize("activation", engine.ACTIVATIONS)
def test_every_activation_as_content_and_as_gate(activation: str) -> None:
    assert worst(spec(cell="lstm", activation=activation, gate_activation=activation)) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"bias": False},
        {"loss_at": "last_step"},
        {"cell": "gru", "bias": False, "layers": 3},
        {"initialization": {"kind": "orthogonal"}},
        {"initialization": {"kind": "spectral", "radius": 1.3}},
    ],
    ids=str,
)
def test_variations_of_the_network(fields: dict[str, object]) -> None:
    assert worst(spec(**fields)) == []


def test_a_linear_readout_with_squared_error() -> None:
    stream = np.random.default_rng(3)
    real = engine.Data(stream.normal(size=(5, 2, 3)), stream.normal(size=(5, 2, 4)), 4)
    rows = engine.check(spec(cell="gru", readout="linear"), real, entries=None)
    assert all(row.error < 1e-6 for row in rows)


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[Sweep], Sweep]], None]]:
    """Has every cell compiled with a loop that was changed."""

    def change(how: Callable[[Sweep], Sweep]) -> None:
        monkeypatch.setattr(program, "collapse", lambda derivation: how(collapse(derivation)))
        program.compile_cell.cache_clear()

    yield change
    program.compile_cell.cache_clear()


def loop(cell: str) -> Sweep:
    return collapse(derive(engine.parse(engine.cells()[cell].equations)))


COEFFICIENTS = [(cell, index) for cell in engine.cells() for index in range(len(loop(cell).coefficients))]
HANDOVERS = [
    (cell, index, pull)
    for cell in engine.cells()
    for index, handover in enumerate(loop(cell).handovers)
    for pull in range(len(handover.pulls))
]
Breaking = Callable[[Callable[[Sweep], Sweep]], None]


@pytest.mark.parametrize(("cell", "index"), COEFFICIENTS)
def test_any_one_broken_coefficient_is_found(cell: str, index: int, breaking: Breaking) -> None:
    def broken(sweep: Sweep) -> Sweep:
        lines = list(sweep.coefficients)
        off = Binary("*", lines[index].expression, Number(1.01))
        lines[index] = Line(lines[index].target, off)
        return replace(sweep, coefficients=tuple(lines))

    breaking(broken)
    assert worst(spec(cell=cell)) != []


@pytest.mark.parametrize(("cell", "index", "pull"), HANDOVERS)
def test_a_handover_without_one_of_its_matrices_is_found(cell: str, index: int, pull: int, breaking: Breaking) -> None:
    def broken(sweep: Sweep) -> Sweep:
        handovers = list(sweep.handovers)
        pulls = handovers[index].pulls
        handovers[index] = replace(handovers[index], pulls=pulls[:pull] + pulls[pull + 1 :])
        return replace(sweep, handovers=tuple(handovers))

    breaking(broken)
    assert worst(spec(cell=cell)) != []


@pytest.mark.parametrize("cell", [name for name in engine.cells() if any(one.carry for one in loop(name).handovers)])
def test_a_handover_without_its_elementwise_part_is_found(cell: str, breaking: Breaking) -> None:
    breaking(lambda sweep: replace(sweep, handovers=tuple(replace(one, carry=None) for one in sweep.handovers)))
    assert worst(spec(cell=cell)) != []


def test_a_wrong_factor_of_a_share_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    true = derive

    def broken(equations: engine.Equations) -> Derivation:
        derivation = true(equations)
        first, *rest = derivation.shares
        return replace(derivation, shares=(replace(first, delta=rest[-1].delta), *rest))

    monkeypatch.setattr(program, "derive", broken)
    program.compile_cell.cache_clear()
    try:
        assert [row.name for row in worst(spec(cell={"name": "own", "equations": ONE_BY_ONE}))] == ["layer0.p"]
    finally:
        program.compile_cell.cache_clear()


ONE_BY_ONE = "k = tanh(p * x_gain + U @ x)\nh = tanh(q * k + W @ h_prev)"


@pytest.mark.parametrize("off", [1 + 3e-6, 1 - 3e-6])
def test_a_gradient_that_is_off_by_little_is_found(off: float, monkeypatch: pytest.MonkeyPatch) -> None:
    def slightly(totals: Totals) -> None:
        made(totals)
        for out, *_ in (*totals.products, *totals.batches, *totals.sums):
            out *= off

    made = Totals.__call__
    monkeypatch.setattr(Totals, "__call__", slightly)
    rows = engine.check(spec(cell="lstm"), data(1), entries=None)
    assert {row.name for row in rows if not row.ok} == {
        row.name for row in rows if row.name in Pass(spec(cell="lstm"), data(1)).parameters
    }


def test_a_gradient_at_a_kink_is_right_where_it_lies_between_the_two_sides() -> None:
    fields = {"cell": "irnn", "hidden_size": 1, "layers": 3, "bias": False, "seed": 8836}
    fields |= {"initialization": {"kind": "orthogonal"}, "task": {"kind": "text", "text": "ab"}}
    rows = engine.check(engine.parse_spec(fields))
    assert [row.name for row in rows if not row.ok] == []


def test_a_wrong_gradient_away_from_a_kink_lies_between_no_two_sides(breaking: Breaking) -> None:
    breaking(lambda sweep: replace(sweep, handovers=tuple(replace(one, pulls=()) for one in sweep.handovers)))
    assert worst(spec(cell="irnn")) != []


def test_the_check_moves_nothing_for_good() -> None:
    one = Pass(spec(), data(1))
    before = one.run()["grad.layer0.W"].copy()
    engine.check(spec(), data(1))
    assert (Pass(spec(), data(1)).run()["grad.layer0.W"] == before).all()


def test_a_large_parameter_is_sampled_and_the_row_says_so() -> None:
    rows = {row.name: row for row in engine.check(spec(hidden_size=12), data(1), entries=10)}
    assert rows["layer0.W"].checked == 10
    assert rows["layer0.W"].ok
