"""``therapyflows keys`` and ``therapyflows client``: what the practice must be able to forget, and with which key."""

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from therapyflows.app.cli.console import BAD_INPUT, err, fail, out, plain_errors, print_json
from therapyflows.core.consent_change.shred_client import Reason

keys = typer.Typer(no_args_is_help=True)

By = Annotated[str | None, typer.Option(help="Who does it, for the audit trail; the login when left out.")]


@keys.command()
def rotate(
    to: Annotated[Path, typer.Option(help="File for the new key; made, readable by its owner alone.")],
    by: By = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Wrap every client's data key with a new practice key; content is left alone.

    Stop everything first.  Afterwards put the line of the file into the settings and start again.  Run it again with
    the same file when it was interrupted.

    Example: therapyflows keys rotate --to /etc/therapyflows.new-key
    """
    from therapyflows.app.keeping import rotate_practice_key

    with plain_errors():
        done = rotate_practice_key(to, by or getpass.getuser())
    if as_json:
        print_json(done)
        return
    before = "The store was locked with this key already." if done["rotated_before"] else "Done."
    out.print(f"{before} {done['data_keys']} data keys wrapped anew.", markup=False)
    out.print(f"Put the line of {to} into the settings file in place of the old key, then start again.", markup=False)


def shred(
    client_id: Annotated[str, typer.Argument(metavar="CLIENT", help="Client id of the EHR.")],
    reason: Annotated[Reason, typer.Option(help="Why; stands in the audit trail.")],
    by: By = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Forget everything of one client for good: content, recordings, evidence, keys.  Notes in the EHR stay.

    Each deletion is proved in the audit trail.  Harmless when repeated.

    Example: therapyflows client shred cl-0001 --reason client_request
    """
    from therapyflows.app.keeping import shred as forget

    if not yes:
        _confirm(client_id)
    with plain_errors():
        done = forget(client_id, reason, by or getpass.getuser())
    if as_json:
        print_json(done)
        return
    out.print(
        f"Erased: {done['erased']}; keys destroyed: {done['keys']}; drafts cancelled: {len(done['cancelled'])}.",
        markup=False,
    )
    for run in done["runs_not_ended"]:
        err.print(f"note: run {run} could not be ended now; it ends by itself.", markup=False)
    out.print("On PostgreSQL, and where backups are kept: rotate the practice key now (therapyflows keys rotate).")


def _confirm(client_id: str) -> None:
    if not sys.stdin.isatty():
        fail("nothing was done: confirm with --yes, or run it at a terminal", status=BAD_INPUT)
    err.print(f"This cannot be undone. Everything of {client_id} will be unreadable for ever.", markup=False)
    if typer.prompt("Type the client id to go on", default="", show_default=False) != client_id:
        fail("nothing was done: the ids differ", status=BAD_INPUT)
