"""``therapyflows redact``: identifiers out of a text, on this machine."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from therapyflows.app.cli.console import BAD_INPUT, fail, plain_errors


def redact(
    chart: Annotated[
        Path | None,
        typer.Option(readable=False, help="JSON file of what is known of the client; see docs/integrators.md."),
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Lines {"id", "text", "chart"?} in, {"id", "redacted", "spans"} out.')
    ] = False,
    ner: Annotated[
        bool, typer.Option("--ner/--no-ner", help="Also names that only a recognizer finds; --no-ner is quicker.")
    ] = True,
) -> None:
    """Replace everything that identifies somebody in the text on stdin by tokens; the text without goes to stdout.

    With --jsonl a line that cannot be used gets {"id", "error"}, the rest goes on, and the exit status is 2.

    Example: therapyflows redact --chart chart.json < note.txt
    """
    from therapyflows.app.redacting import redactor

    with plain_errors():
        work = redactor(chart, ner=ner)
        if not jsonl:
            _write(work.redact(_text(sys.stdin.buffer.read())).text)
            return
        failed = 0
        for answer in work.lines(sys.stdin.buffer):
            failed += "error" in answer
            _write(json.dumps(answer, ensure_ascii=False) + "\n")
    if failed:
        fail(f"{failed} lines could not be used; their answers name the error.", status=BAD_INPUT)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        fail("stdin is not UTF-8 text.", status=BAD_INPUT)


def _write(text: str) -> None:
    """To stdout at once, UTF-8 whatever the terminal's encoding; a lone half of a character goes through, too."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.buffer.flush()
