"""How the command line speaks: tables and JSON to stdout, one line per error to stderr, never a traceback."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.table import Table

from therapyflows.core.errors import Invalid, NotFound, TherapyFlowsError, UnusableSource

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

BAD_INPUT = 2
FAILED = 1


def print_json(value: object) -> None:
    """Machine output: one JSON document on stdout, UTF-8 whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False, default=str).encode() + b"\n")
    sys.stdout.buffer.flush()


def print_lines(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns, one line a row and nothing cut off: for the eye and for grep."""
    lines = [columns, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        out.print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip(), markup=False)


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
    except (ValidationError, SettingsError) as error:
        fail(_settings_message(error), status=BAD_INPUT)
    except FileNotFoundError as error:
        fail(f"There is no file {error.filename}; check the path.", status=BAD_INPUT)
    except IsADirectoryError as error:
        fail(f"{error.filename} is a folder; name a file.", status=BAD_INPUT)
    except PermissionError as error:
        fail(f"{error.filename} may not be read by this user; check its permissions.", status=BAD_INPUT)
    except BrokenPipeError:
        raise  # whoever reads our output has seen enough; not an error of the input
    except OSError as error:
        fail(f"{error.filename or 'a file'} cannot be used: {error.strerror}.", status=BAD_INPUT)
    except KeyboardInterrupt:
        fail("stopped", status=130)


def _sentence(message: str, ids: Mapping[str, object]) -> str:
    listed = ", ".join(f"{name} {value}" for name, value in ids.items())
    return f"{message} ({listed})" if listed else message


def _settings_message(error: ValidationError | SettingsError) -> str:
    """Names of the settings that are missing or wrong; their values are never shown."""
    env_file = os.environ.get("THERAPYFLOWS_ENV_FILE")
    if env_file is not None and not Path(env_file).is_file():
        return f"THERAPYFLOWS_ENV_FILE names {env_file}, and there is no such file; write one with `therapyflows init`."
    return f"settings are missing or wrong: {', '.join(_wrong_settings(error))}. " + (
        "Write a file of them with `therapyflows init FILE`, name it in THERAPYFLOWS_ENV_FILE; see docs/operators.md."
    )


def _wrong_settings(error: ValidationError | SettingsError) -> list[str]:
    if isinstance(error, SettingsError):
        return [str(error)]  # names the field, not the value
    found = {
        "THERAPYFLOWS_" + "__".join(str(part) for part in e["loc"]).upper() if e["loc"] else e["msg"]
        for e in error.errors()
    }
    return sorted(found)
