"""The commands of the program `unroll`: serve, trace, train, check, bench, cells."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

import engine
from engine.activations import Array
from engine.errors import SpecError
from engine.evaluation import TEST
from server import serving, specs, training
from server.app import create_app
from server.settings import Settings
from server.workers import one_blas_thread

program = typer.Typer(
    help="Step through one real pass of backpropagation through time. With no word: serve the page.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

SpecFile = Annotated[str, typer.Argument(metavar="SPEC.json", help="a spec; - reads standard input")]
DataFile = Annotated[
    Path | None,
    typer.Option("--data", metavar="D.safetensors", help="x (T,B,I); y (T,B) integers or (T,B,O) real"),
]
WeightsFile = Annotated[
    Path | None,
    typer.Option("--weights", metavar="W.safetensors", help="by this project's names or PyTorch's"),
]

INTERRUPTED = 128 + signal.SIGINT
"""The exit code of a program that Ctrl-C ended."""


@program.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="the address to listen on [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="0 takes any free one [8000]")] = None,
    open_page: Annotated[bool, typer.Option("--open", help="open the page in the browser")] = False,
) -> None:
    """Serve the page."""
    if context.invoked_subcommand is not None:
        return
    given = {"host": host, "port": port}
    settings = Settings.model_validate({key: value for key, value in given.items() if value is not None})
    try:
        listener = serving.listening(settings)
    except OSError as error:
        where = f"{settings.host} port {settings.port}"
        raise SpecError(f"cannot listen on {where}: {_reason(error)}; --host and --port choose another") from None
    address = serving.address(listener)
    typer.echo(f"Unroll is at {address} (Ctrl-C stops it)")
    if open_page:
        # Some browsers return only when they are closed.
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    # Uvicorn hands Ctrl-C on when it has stopped: it ends the process, whatever is still computing.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    serving.server(create_app(settings), settings).run(sockets=[listener])


@program.command()
def trace(
    spec_file: SpecFile,
    out: Annotated[Path | None, typer.Option(metavar="TRACE.safetensors", help="default: standard output")] = None,
    data_file: DataFile = None,
    weights_file: WeightsFile = None,
    contributions: Annotated[
        bool, typer.Option("--contributions", help="store every step's share of every gradient in full")
    ] = False,
    flow: Annotated[bool, typer.Option("--flow", help="store how much of each step's loss reaches each state")] = False,
    analysis: Annotated[
        bool, typer.Option("--analysis", help="store measured factors, saturation, cosines, singular and eigenvalues")
    ] = False,
) -> None:
    """Compute one pass and write its trace."""
    _check_target(out)
    one = _pass(spec_file, data_file, weights_file, contributions, flow, analysis)
    hidden = not sys.stderr.isatty()
    with typer.progressbar(one.steps(), one.plan.total, "computing", file=sys.stderr, hidden=hidden) as steps:
        for _ in steps:
            pass
    left, beside = one.trace, engine.findings(one, flow, analysis)
    if out is None:
        sys.stdout.buffer.write(left.to_bytes(contributions, beside))
        return
    try:
        left.save(out, contributions, beside)
    except OSError as error:
        raise SpecError(f"cannot write {out}: {_reason(error)}") from None
    typer.echo(f"{out}: loss {left.loss:.6g}, {len(left) + len(beside)} arrays", err=True)


@program.command()
def train(
    spec_file: SpecFile,
    iterations: Annotated[int, typer.Option(help="in all, those before --resume included")],
    out: Annotated[Path, typer.Option(metavar="CHECKPOINT.safetensors", help="where the weights and the rest go")],
    resume: Annotated[Path | None, typer.Option(metavar="FILE", help="the checkpoint from which to go on")] = None,
    data_file: DataFile = None,
    weights_file: WeightsFile = None,
) -> None:
    """Train a network and write a checkpoint; Ctrl-C writes one too, from which --resume goes on."""
    _check_file(out, "--out")
    if not 0 < iterations < TEST:
        raise SpecError(f"--iterations must be between 1 and {TEST - 1}, got {iterations}")
    trainer = _trainer(spec_file, iterations, resume, data_file, weights_file)
    try:
        interrupted = training.train(trainer, iterations)
    except engine.DivergenceError as error:
        _save(out, trainer.state)
        typer.echo(f"unroll: {error}; {out} holds the weights before it", err=True)
        raise typer.Exit(1) from None
    _save(out, trainer.state)
    if interrupted:
        words = ["train", spec_file, "--iterations", str(iterations), "--out", str(out), "--resume", str(out)]
        words += [] if data_file is None else ["--data", str(data_file)]
        typer.echo(f"stopped after {trainer.iteration:,} iterations; go on with: unroll {shlex.join(words)}", err=True)
        raise typer.Exit(INTERRUPTED)
    typer.echo(f"{out}: {trainer.iteration:,} iterations", err=True)


@program.command()
def check(spec_file: SpecFile, data_file: DataFile = None, weights_file: WeightsFile = None) -> None:
    """Hold every parameter's gradient against central differences; exit 1 if any is off."""
    spec, data, weights = _read(spec_file, data_file, weights_file)
    specs.check_size(engine.describe(spec, data), Settings().memory_limit)
    one_blas_thread()
    rows = engine.check(spec, data, weights)
    widest = max(len(row.name) for row in rows)
    for row in rows:
        told = "ok" if row.ok else f"OFF at {list(row.index)}: {row.analytic!r}, by differences {row.numeric!r}"
        typer.echo(f"{row.name:{widest}}  {row.checked:5} entries  relative error {row.error:.1e}  {told}")
    if not all(row.ok for row in rows):
        raise typer.Exit(1)


@program.command()
def bench(
    quick: Annotated[bool, typer.Option("--quick", help="fewer rounds, without the two largest sizes")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="write every figure there")] = None,
    cell: Annotated[list[str] | None, typer.Option(help="rnn, gru or lstm; may be given again [all]")] = None,
) -> None:
    """Measure this machine: the engine against PyTorch and JAX, where they are installed (minutes)."""
    # Only here: nothing else needs what measures.
    from server.bench import CELLS, run

    _check_file(json_file, "--json")
    unknown = set(cell or ()) - set(CELLS)
    if unknown:
        raise SpecError(f"--cell must be one of {', '.join(CELLS)}, got {', '.join(sorted(unknown))}")
    run(quick, json_file, tuple(cell or CELLS))


@program.command()
def cells() -> None:
    """List the built-in cells and their equations."""
    for cell in engine.cells().values():
        lines = "".join(f"    {line}\n" for line in cell.equations.splitlines())
        typer.echo(f"{cell.name}: {cell.title} ({cell.source})\n{lines}")


def _pass(
    spec_file: str,
    data_file: Path | None,
    weights_file: Path | None,
    contributions: bool,
    flow: bool,
    analysis: bool,
) -> engine.Pass:
    """The pass of the files named; raises SpecError before anything large is made."""
    spec, data, weights = _read(spec_file, data_file, weights_file)
    plan = engine.describe(spec, data)
    # A share in full is as large as the parameter it is a share of.
    shares = plan.sizes["T"] * sum(slot["count"] for slot in plan.parameters) * 8 if contributions else 0
    specs.check_size(plan, Settings().memory_limit, shares + engine.findings_bytes(plan, flow, analysis))
    one_blas_thread()
    return engine.Pass(spec, data, weights)


def _trainer(
    spec_file: str, iterations: int, resume: Path | None, data_file: Path | None, weights_file: Path | None
) -> engine.Trainer:
    """The trainer of the files named; raises SpecError before anything large is made."""
    if resume is not None and weights_file is not None:
        raise SpecError("--weights are what training begins with, and --resume goes on; got both")
    spec, data, weights = _read(spec_file, data_file, weights_file)
    specs.check_size(engine.describe(spec, data), Settings().memory_limit)
    state = None if resume is None else engine.load_checkpoint(resume)
    if state is not None and state.iteration > iterations:
        reached = f"{state.iteration}, which {resume} has reached"
        raise SpecError(f"--iterations must be at least {reached}, got {iterations}")
    one_blas_thread()
    return engine.Trainer(spec, state, data, weights)


def _save(out: Path, state: engine.State) -> None:
    """Write a checkpoint; raises SpecError."""
    try:
        engine.save_checkpoint(out, state)
    except OSError as error:
        raise SpecError(f"cannot write {out}: {_reason(error)}") from None


def _read(
    spec_file: str, data_file: Path | None, weights_file: Path | None
) -> tuple[engine.Spec, engine.Data | None, dict[str, Array] | None]:
    """The spec, the data and the weights in the files; raises SpecError for what is wrong in them."""
    given = engine.parse_json(_contents(spec_file))
    if data_file is not None and isinstance(given, dict):
        given.setdefault("task", {"kind": "arrays"})
    spec = engine.parse_spec(given)
    if data_file is not None and spec.task.kind != "arrays":
        raise SpecError(f"--data is for task.kind 'arrays', got {spec.task.kind!r}", "task.kind")
    data = None if data_file is None else engine.load_data(data_file)
    return spec, data, None if weights_file is None else engine.load_weights(weights_file, spec)


def _contents(spec_file: str) -> bytes:
    if spec_file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(spec_file).read_bytes()
    except OSError as error:
        raise SpecError(f"cannot read {spec_file}: {_reason(error)}; a JSON file or - is allowed") from None


def _check_target(out: Path | None) -> None:
    """Raises SpecError where the result could not be written, before it is computed."""
    if out is None and sys.stdout.isatty():
        raise SpecError("--out TRACE.safetensors is needed where standard output is a terminal")
    _check_file(out, "--out")


def _check_file(file: Path | None, option: str) -> None:
    """Raises SpecError where a file could not be written."""
    if file is None:
        return
    if file.is_dir():
        raise SpecError(f"cannot write {file}: it is a folder; {option} names a file")
    if not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
        raise SpecError(f"cannot write {file}: {file.parent} is not a folder that can be written to")


def _reason(error: OSError) -> str:
    return (os.strerror(error.errno) if error.errno else str(error)).lower()
