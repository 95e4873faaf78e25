"""All commands and the groups they belong to."""

import os
import sys
import traceback
from pathlib import Path

import typer

from therapyflows.app.cli import (
    auditing,
    checking,
    console,
    data_checks,
    disclosing,
    drafting,
    intake,
    keeping,
    redacting,
    running,
    scoring,
)
from therapyflows.app.logging import configure_logging

app = typer.Typer(
    name="therapyflows",
    help="Session notes for a behavioral-health EHR: drafted with evidence, approved by the clinician.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("draft")(drafting.draft)
app.command("check")(checking.check)
app.command("redact")(redacting.redact)
app.command("intake")(intake.intake)
app.command("checks")(data_checks.checks)
app.command("score", context_settings={"ignore_unknown_options": True})(scoring.score)  # "-1,2" is an answer
app.command("init")(running.init)
app.command("up")(running.up)
app.command("status")(running.status)
app.command("demo")(running.demo)
app.command("deploy")(running.deploy)
app.command("simulate")(running.simulate)
disclosing.app.command("shred")(keeping.shred)
app.add_typer(disclosing.app, name="client", help="Disclose a client's record, accounted for; forget a client.")
app.add_typer(keeping.keys, name="keys", help="Change the key that locks the store.")
app.add_typer(auditing.app, name="audit", help="Verify, export and read the audit trail.")


WRONG_USE = typer.BadParameter.__mro__[1]
"""Wrong use of the command line; typer gives the class no public name."""


def _explain_usage(error: Exception) -> int:
    """The help where nothing was asked for, else one line that says what is wrong and where the help is."""
    message, ctx = error.format_message(), error.ctx  # type: ignore[attr-defined]
    if "\n" in message:
        sys.stdout.write(message + "\n")
    else:
        path = ctx.command_path if ctx is not None else "therapyflows"
        sys.stderr.write(f"therapyflows: {message.rstrip('.')}; see `{path} --help`.\n")
    return console.BAD_INPUT


def main() -> None:
    """Entry point of the command.  Whatever was not foreseen becomes one line too, without text of the data."""
    configure_logging("cli", level="WARNING")  # stdout belongs to the answer
    try:
        sys.exit(app(standalone_mode=False))
    except Exception as error:
        if isinstance(error, WRONG_USE):
            sys.exit(_explain_usage(error))
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        sys.stderr.write(
            f"therapyflows: unexpected {type(error).__name__} at {where}; please report it with this line.\n"
        )
        if os.environ.get("THERAPYFLOWS_TRACEBACK"):
            raise
        sys.exit(1)
