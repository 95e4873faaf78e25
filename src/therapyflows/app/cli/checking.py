"""``therapyflows check``: is each sentence of a note supported by the session's transcript?"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from therapyflows.app.cli.console import BAD_INPUT, fail, out, plain_errors, print_json
from therapyflows.core.note_check.model import NoteCheck
from therapyflows.governance.evidence.model import Judgement

FOUND = 3
"""Exit status with ``--strict`` when something is not supported."""


def check(
    note: Annotated[
        Path | None, typer.Option(readable=False, help="The note: plain text, JSON, or the output of draft --json.")
    ] = None,
    transcript: Annotated[
        Path | None, typer.Option(readable=False, help="The transcript: txt, vtt, srt or JSON, with speakers.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(readable=False, help="The client's previous note: what was copied from it is named.")
    ] = None,
    chart: Annotated[
        Path | None, typer.Option(readable=False, help="JSON file of what is known of the client: is it about them?")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print grades, reasons, scores and spans as JSON.")] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Check many: a JSON object per line of stdin, an answer per line.")
    ] = False,
    judge: Annotated[
        bool, typer.Option("--judge", help="Ask the language model on this machine for a second opinion.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when a statement is not supported.")] = False,
) -> None:
    """Check every statement of a note, and the note as a whole, against the transcript of its session.
    Works on this machine and without a model.

    Exit status: 0 checked, whatever was found; 2 a file cannot be used; 3 with --strict, something is not supported.

    Example: therapyflows check --note note.txt --transcript session.txt --json
    """
    if jsonl:
        with plain_errors():
            _many()
        return
    if note is None or transcript is None:
        fail("name the note and its transcript: --note FILE --transcript FILE, or use --jsonl.", status=BAD_INPUT)
    from therapyflows.app.checking import FileCheck, as_document, check_files, with_opinions

    with plain_errors():
        checked: FileCheck = check_files(note, transcript, previous=previous, chart=chart)
        checked = with_opinions(checked) if judge else checked
    if as_json:
        print_json(as_document(checked))
    else:
        show(checked.check, checked.judged or {})
    if strict and checked.check.doubtful:
        raise typer.Exit(FOUND)


def _many() -> None:
    """A line in, a line out, at once; a bad line is answered with an error and the rest goes on."""
    from therapyflows.app.checking import check_line

    for raw in sys.stdin.buffer:
        if raw.strip():
            answer = check_line(raw.decode("utf-8", "replace"))
            sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
            sys.stdout.buffer.flush()


def show(check: NoteCheck, judged: Mapping[str, Judgement]) -> None:
    """For people: each statement with its grade, why, and the words of the source."""
    for line, found in zip(check.lines, check.graded, strict=True):
        out.print(f"[{found.grade.value}] {line.text}", markup=False)
        opinion = judged.get(line.id)
        if opinion is not None and opinion.disagrees_with(found.grade):
            out.print(
                f"    checker: {found.grade.value}, judge: {opinion.grade.value} ({opinion.reason})", markup=False
            )
        for reason in found.reasons:
            out.print(f"    {reason}", style="dim", markup=False)
        if found.best_span is not None:
            out.print(f"    {found.best_span.segment_id}: {found.best_span.quote}", style="dim", markup=False)
    for finding in check.findings:
        out.print(f"\n{finding.severity.value}: {finding.message}", markup=False)
        for span in finding.spans:
            out.print(f"    {span.segment_id}: {span.quote}", style="dim", markup=False)
        if finding.statement_ids:
            out.print(f"    statements {', '.join(finding.statement_ids)}", style="dim", markup=False)
    out.print("\n" + ", ".join(f"{count} {grade}" for grade, count in check.counts.items()), markup=False)
