"""All commands and the groups they belong to."""

import os
import sys
import traceback
from pathlib import Path

import typer

from therapyflows.app.cli import auditing, drafting, running
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
app.command("init")(running.init)
app.command("up")(running.up)
app.command("status")(running.status)
app.command("demo")(running.demo)
app.command("deploy")(running.deploy)
app.command("simulate")(running.simulate)
app.add_typer(auditing.app, name="audit", help="Verify, export and read the audit trail.")


def main() -> None:
    """Entry point of the command.  Whatever was not foreseen becomes one line too, without text of the data."""
    configure_logging("cli", level="WARNING")  # stdout belongs to the answer
    try:
        app()
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        sys.stderr.write(
            f"therapyflows: unexpected {type(error).__name__} at {where}; please report it with this line.\n"
        )
        if os.environ.get("THERAPYFLOWS_TRACEBACK"):
            raise
        sys.exit(1)
