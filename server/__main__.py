"""The program on the command line; `unroll` and `python -m server` are the same."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError

from engine.errors import SpecError, shorten
from server.commands import program

BAD_INPUT = 2


def main() -> None:
    """Run the command; bad input is one line on standard error and exit code 2."""
    try:
        sys.exit(program(prog_name="unroll", standalone_mode=False))
    except typer.TyperException as error:
        told, code = f"{error.format_message().rstrip('.')}; see unroll --help", error.exit_code
    except SpecError as error:
        more = "; UNROLL_MEMORY_LIMIT, in bytes, allows more" if error.code == "too_large" else ""
        told, code = error.message + more, BAD_INPUT
    except ValidationError as error:
        told, code = _setting(error), BAD_INPUT
    typer.echo(f"unroll: {' '.join(told.split())}", err=True)
    sys.exit(code)


def _setting(error: ValidationError) -> str:
    """What is wrong with a setting of the environment."""
    detail = error.errors(include_url=False)[0]
    name = str(detail["loc"][0]).lower()
    wrong = detail["msg"].replace("Input should", "must")
    return f"{name} (UNROLL_{name.upper()}) {wrong}, got {shorten(detail['input'])}"


if __name__ == "__main__":
    main()
