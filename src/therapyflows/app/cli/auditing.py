"""``therapyflows audit``: for the one who does not trust the people who run it."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from therapyflows.app.cli.console import fail, out, plain_errors, print_json, print_lines

app = typer.Typer(no_args_is_help=True)

TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


@app.command()
def verify(
    export_file: Annotated[
        Path | None, typer.Argument(help="An export made with `audit export`; the running store when left out.")
    ] = None,
    checkpoints: Annotated[
        list[Path] | None, typer.Option(help="Folder or file of signed checkpoints; may be given several times.")
    ] = None,
    public_key: Annotated[str | None, typer.Option(help="Ed25519 public key, base64, of the signer.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Verify the hash chain and the signed checkpoints; exit status 1 and the place when something is wrong.

    Example: therapyflows audit verify trail.jsonl --checkpoints checkpoints/ --public-key "$KEY"
    """
    from therapyflows.app.auditing import verify_trail

    with plain_errors():
        report = verify_trail(export_file, checkpoints, public_key)
    if as_json:
        print_json(report)
    else:
        out.print(report["summary"], markup=False)
        for finding in report["findings"]:
            out.print(f"  {finding}", markup=False)
    if not report["intact"]:
        fail("the audit trail is not intact")


@app.command()
def export(
    file: Annotated[Path | None, typer.Option("--to", help="File to write; stdout when left out.")] = None,
) -> None:
    """Export the whole trail as JSON lines, for verification elsewhere.

    Example: therapyflows audit export --to trail.jsonl
    """
    from therapyflows.app.auditing import describe_verification, export_trail

    with plain_errors():
        count = export_trail(file)
        describe_verification(sys.stderr)
        if file is not None:
            out.print(f"{count} entries written to {file}", markup=False)


@app.command("rotate-key")
def rotate_key(
    file: Annotated[Path, typer.Option("--to", help="File for the new key; one that exists already is used again.")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Hand the signing of checkpoints over to a new key; both keys sign the hand-over.

    Put the line of the file into the settings and start everything again: the old key signs no more.

    Example: therapyflows audit rotate-key --to /etc/therapyflows-new-key.env
    """
    from therapyflows.app.auditing import hand_over_key

    with plain_errors():
        public_key = hand_over_key(file)
    if as_json:
        print_json({"public_key": public_key, "key_file": str(file)})
        return
    out.print(f"The new public key is {public_key}", markup=False)
    out.print(f"Replace the signing key in the settings by the one in {file}, then start everything again.")


@app.command()
def show(
    client: Annotated[str | None, typer.Option(help="Client id.")] = None,
    person: Annotated[str | None, typer.Option(help="User id of who acted, or the name of a service.")] = None,
    run: Annotated[str | None, typer.Option(help="Flow run id.")] = None,
    draft: Annotated[str | None, typer.Option(help="Draft id; the same as --resource draft/ID.")] = None,
    resource: Annotated[str | None, typer.Option(help="e.g. draft/drf_...")] = None,
    action: Annotated[str | None, typer.Option(help="e.g. draft.approved")] = None,
    since: Annotated[datetime | None, typer.Option(formats=TIMES, help="Only entries from then on.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=TIMES, help="Only entries before then.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only entries behind this sequence number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most this many entries.")] = 100,
    newest: Annotated[bool, typer.Option("--newest", help="The newest entries first.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show entries, oldest first: who did what, to which client's record, when, in which run.

    Example: therapyflows audit show --client c-17 --action draft.approved --since 2026-11-01
    """
    from therapyflows.app.auditing import Wanted, entries

    if draft is not None:
        resource = f"draft/{draft}"
    wanted = Wanted(client, person, run, resource, action, since, until)
    with plain_errors():
        rows = entries(wanted, after=after, limit=limit, newest_first=newest)
    if as_json:
        print_json(rows)
        return
    columns = ("seq", "at", "actor", "action", "resource", "client", "outcome", "run")
    print_lines(columns, [[row[name] or "" for name in columns] for row in rows])


@app.command()
def disclosures(
    client: Annotated[str, typer.Argument(help="Client id.")],
    since: Annotated[datetime | None, typer.Option(formats=TIMES, help="At most six years back.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The accounting of disclosures of one client: what was given to whom, when, why (45 CFR 164.528).

    Looking is itself an entry of the trail.  Calls of a language model off this machine are listed apart: they are
    a business associate's work, not accountable disclosures.

    Example: therapyflows audit disclosures cl-0004 --since 2026-01-01
    """
    from therapyflows.app.disclosing import disclosures_of

    with plain_errors():
        found = disclosures_of(client, since)
    if as_json:
        print_json(found)
        return
    columns = ("seq", "made_at", "recipient", "purpose", "accountable", "delivered", "authority", "requested_by")
    print_lines(columns, [[_shown(row[name]) for name in columns] for row in found["disclosures"]])
    for seq in found["unreadable"]:
        out.print(f"entry {seq}: the record of this disclosure cannot be read", markup=False)
    for use in found["business_associates"]:
        out.print(f"business associate {use['provider']} ({use['model']}): {use['calls']} calls", markup=False)


def _shown(value: object) -> object:
    return {True: "yes", False: "no", None: ""}.get(value, value) if isinstance(value, bool | None) else value
