"""``therapyflows client``: what leaves about a client, for somebody outside of the practice."""

from pathlib import Path
from typing import Annotated

import typer

from therapyflows.app.cli.console import out, plain_errors, print_json

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Disclose a client's record, accounted for."""  # a group of one command, more to come with the use cases


@app.command()
def export(
    client: Annotated[str, typer.Argument(help="Client id.")],
    to: Annotated[str, typer.Option(help="Who receives it: name, and address where known.")],
    purpose: Annotated[str, typer.Option(help="A code such as treatment, individual_access, required_by_law.")],
    by: Annotated[str, typer.Option(help="User id of who asked for it; must have the right.")],
    file: Annotated[Path, typer.Option("--out", help="New file to write, readable by its owner alone.")],
    authority: Annotated[
        str | None, typer.Option(help="The order, request or authorization, so that it can be found again.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Write the evidence of approved notes, the consents and the AI's actions of one client to a file.

    The disclosure is noted in the client's accounting first.  Records of a Part 2 client carry the notice of 42 CFR
    2.32 and go out only with a consent that covers the purpose.

    Example: therapyflows client export cl-0004 --to "Dr. V. Lindqvist" --purpose treatment --by us-0002 --out r.json
    """
    from therapyflows.app.disclosing import export_client
    from therapyflows.core.disclosure.model import DisclosureRequest

    request = DisclosureRequest(client, to, purpose, authority, by)
    with plain_errors():
        made = export_client(request, file)
    if as_json:
        print_json(made)
    else:
        out.print(f"Disclosure {made['disclosure']} noted, record written to {file}", markup=False)
