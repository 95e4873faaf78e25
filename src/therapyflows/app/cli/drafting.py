"""``therapyflows draft``: a note from a file, without any server."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from therapyflows.app.cli.console import err, out, plain_errors, print_json
from therapyflows.app.findings import findings_json, judgement_json
from therapyflows.core.session_note.model import Draft, Template, Transcript


def draft(
    file: Annotated[
        Path, typer.Argument(readable=False, help="A recording (wav, mp3, m4a, ogg, flac, mp4, webm) or transcript.")
    ],
    format: Annotated[str, typer.Option(help="Note format: soap, dap, birp or girp.")] = "soap",
    dictation: Annotated[bool, typer.Option(help="One speaker, the clinician, dictates the note.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print transcript, draft and warnings as JSON.")] = False,
) -> None:
    """Draft a progress note from a recording or a transcript on this machine.

    Example: therapyflows draft session.m4a --format soap --json
    """
    from therapyflows.app.drafting import draft_file

    with plain_errors(), Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Reading", total=1.0)
        result = draft_file(
            file,
            format,
            dictation=dictation,
            on_progress=lambda step, done: progress.update(task, description=step, completed=done),
        )
    if as_json:
        print_json(as_document(result.transcript, result.draft))
    else:
        show(result.draft, result.template)


def as_document(transcript: Transcript, draft: Draft) -> dict[str, object]:
    """The JSON form that scripts rely on; described in docs/integrators.md."""
    return {
        "transcript": {
            "duration": round(transcript.duration_s, 2),
            "segments": [
                {"id": s.id, "speaker": s.speaker.value, "start": s.start_s, "end": s.end_s, "text": s.text}
                for s in transcript.segments
            ],
        },
        "draft": {
            "format": draft.format,
            "drafter": draft.drafter,
            "fallback_from": draft.fallback_from,
            "statements": [
                {
                    "id": s.id,
                    "section": s.section,
                    "text": s.text,
                    "kind": s.kind.value,
                    "evidence": [
                        {"segment": e.segment_id, "start": e.start_s, "end": e.end_s, "quote": e.quote}
                        for e in s.evidence
                    ],
                    "grade": s.grade.value,
                    "reasons": list(s.reasons),
                    **({"judge": judgement_json(s.judged, s.grade)} if s.judged else {}),
                }
                for s in draft.statements
            ],
            "codes": {
                system: [
                    {
                        "code": c.code,
                        "label": c.label,
                        "reason": c.reason,
                        "evidence": [{"segment": e.segment_id, "quote": e.quote} for e in c.evidence],
                    }
                    for c in draft.codes
                    if c.system == system
                ]
                for system in ("cpt", "icd10")
            },
            "findings": findings_json(draft.findings),
        },
        "warnings": [{"code": w.code, "message": w.message} for w in draft.warnings],
    }


def show(draft: Draft, template: Template) -> None:
    """The note for people: sections, statements, where each comes from."""
    for section in template.sections:
        statements = [s for s in draft.statements if s.section == section.key]
        if statements:
            out.print(f"\n{section.title}", style="bold", markup=False)
        for s in statements:
            at = ", ".join(f"{e.segment_id} {_clock(e.start_s)}" for e in s.evidence)
            out.print(f"  {s.text}", markup=False)
            out.print(f"    [{s.grade.value}] {at}", style="dim", markup=False)
    if draft.codes:
        out.print("\nProposed codes", style="bold")
        for c in draft.codes:
            out.print(f"  {c.code}  {c.label} ({c.reason})", markup=False)
    for finding in draft.findings:
        at = ", ".join(f"{span.segment_id} {_clock(span.start_s)}" for span in finding.spans)
        err.print(f"note: {finding.message} {at}".rstrip(), markup=False)
    for notice in draft.warnings:
        err.print(f"note: {notice.message}", markup=False)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
