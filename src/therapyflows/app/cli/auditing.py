"""``therapyflows audit``: for the one who does not trust the people who run it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from therapyflows.app.cli.console import fail, out, plain_errors, print_json, print_lines

app = typer.Typer(no_args_is_help=True)


@app.command()
def verify(
    export_file: Annotated[
        Path | None, typer.Argument(help="An export made with `audit export`; the running store when left out.")
    ] = None,
    checkpoints: Annotated[Path | None, typer.Option(help="Folder or file of signed checkpoints.")] = None,
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


@app.command()
def show(
    client: Annotated[str | None, typer.Option(help="Client id.")] = None,
    person: Annotated[str | None, typer.Option(help="User id of who acted.")] = None,
    run: Annotated[str | None, typer.Option(help="Flow run id.")] = None,
    resource: Annotated[str | None, typer.Option(help="e.g. draft/drf_...")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only entries behind this sequence number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most this many entries.")] = 100,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show entries, oldest first: who did what, to which client's record, when, in which run.

    Example: therapyflows audit show --client c-17 --after 200 --limit 50
    """
    from therapyflows.app.auditing import entries

    with plain_errors():
        rows = entries(client=client, person=person, run=run, resource=resource, after=after, limit=limit)
    if as_json:
        print_json(rows)
        return
    columns = ("seq", "at", "actor", "action", "resource", "client", "outcome", "run")
    print_lines(columns, [[row[name] or "" for name in columns] for row in rows])
