"""How the command line speaks: tables and JSON to stdout, one line per error to stderr, never a traceback."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from therapyflows.core.errors import Invalid, NotFound, TherapyFlowsError, UnusableSource

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

BAD_INPUT = 2
FAILED = 1


def print_json(value: object) -> None:
    """Machine output: one JSON document on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    out.print(table)


def fail(message: str, *, status: int = FAILED) -> NoReturn:
    """One line on stderr and the exit status."""
    err.print(f"therapyflows: {message}", style="bold red" if err.is_terminal else None, markup=False)
    raise typer.Exit(status)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what can go wrong into one line that says what is wrong and what to do."""
    try:
        yield
    except UnusableSource as error:
        fail(error.explanation, status=BAD_INPUT)
    except (Invalid, NotFound) as error:
        fail(_sentence(error.message, error.ids), status=BAD_INPUT)
    except TherapyFlowsError as error:
        fail(_sentence(error.message, error.ids))
    except ValidationError as error:
        fail(_settings_message(error), status=BAD_INPUT)
    except FileNotFoundError as error:
        fail(f"There is no file {error.filename}; check the path.", status=BAD_INPUT)
    except IsADirectoryError as error:
        fail(f"{error.filename} is a folder; name a file.", status=BAD_INPUT)
    except PermissionError as error:
        fail(f"{error.filename} may not be read by this user; check its permissions.", status=BAD_INPUT)
    except KeyboardInterrupt:
        fail("stopped", status=130)


def _sentence(message: str, ids: Mapping[str, object]) -> str:
    listed = ", ".join(f"{name} {value}" for name, value in ids.items())
    return f"{message} ({listed})" if listed else message


def _settings_message(error: ValidationError) -> str:
    """Names of the settings that are missing or wrong; their values are never shown."""
    names = sorted({"THERAPYFLOWS_" + "__".join(str(part) for part in e["loc"]).upper() for e in error.errors()})
    return (
        f"settings are missing or wrong: {', '.join(names)}. "
        "Write a file of them with `therapyflows init FILE`, name it in THERAPYFLOWS_ENV_FILE; see docs/operators.md."
    )
