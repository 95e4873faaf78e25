"""``therapyflows redact``: identifiers out of a text and back, on this machine."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from therapyflows.app.cli.console import BAD_INPUT, err, fail, plain_errors

if TYPE_CHECKING:
    from therapyflows.app.redacting import Redactor, Restorer


def redact(
    chart: Annotated[
        Path | None,
        typer.Option(readable=False, help="JSON file of what is known of the client; see docs/integrators.md."),
    ] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Lines {"id", "text", "chart"?} in, {"id", "redacted", "spans"} out.')
    ] = False,
    restore: Annotated[bool, typer.Option("--restore", help="Turn tokens back into what they stand for.")] = False,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", readable=False, help="File of what tokens stand for, kept and read again.  It is PHI."),
    ] = None,
    ner: Annotated[
        bool, typer.Option("--ner/--no-ner", help="Also names that only a recognizer finds; --no-ner is quicker.")
    ] = True,
) -> None:
    """Replace everything that identifies somebody in the text on stdin by tokens; the text without goes to stdout.

    With --jsonl a line that cannot be used gets {"id", "error"}, the rest goes on, and the exit status is 2.  With
    --map all texts are one conversation, and --restore turns its tokens back; without a map, --restore knows the
    tokens of the chart's people.

    Example: therapyflows redact --chart chart.json < note.txt
    """
    with plain_errors(), _worker(chart, map_file, restore=restore, ner=ner) as work:
        if jsonl:
            _answer_lines(work)
        else:
            _write(work.answer(_text(sys.stdin.buffer.read())))


@contextmanager
def _worker(chart: Path | None, map_file: Path | None, *, restore: bool, ner: bool) -> "Iterator[Redactor | Restorer]":
    from therapyflows.app.redacting import redactor, restorer
    from therapyflows.app.token_file import open_token_file

    if map_file is None:
        yield restorer(chart, None) if restore else redactor(chart, ner=ner)
        return
    if not restore:
        err.print(
            f"therapyflows: {map_file} holds who the tokens stand for: it is PHI, keep it as a chart.", markup=False
        )
    with open_token_file(map_file, create=not restore) as tokens:
        yield restorer(chart, tokens) if restore else redactor(chart, ner=ner, tokens=tokens)


def _answer_lines(work: "Redactor | Restorer") -> None:
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
