"""``therapyflows checks``: data-quality checks of intake forms, alone or as a batch, without any server."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from therapyflows.app.cli.console import err, out, plain_errors, print_json, print_lines
from therapyflows.core.intake.model import IntakeForm
from therapyflows.data_checks.model import CheckReport

if TYPE_CHECKING:
    from therapyflows.data_checks.drift import BatchProfile

BLOCKED = 1
"""Exit status when a critical expectation failed."""


def checks(
    files: Annotated[
        list[Path], typer.Argument(readable=False, help="Intake forms: PDF, image or web form (json), a form each.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print every expectation as JSON.")] = False,
    docs: Annotated[Path | None, typer.Option(help="Write Data Docs (pages without values) into this folder.")] = None,
    past: Annotated[
        Path | None, typer.Option(help="Profile of past batches: says what drifts. Needs 20 forms or more.")
    ] = None,
    profile: Annotated[Path | None, typer.Option(help="Write this batch's profile (shares, no values) here.")] = None,
) -> None:
    """Check intake forms: what is missing, out of range, contradictory; what drifts from past batches.

    Exit status 1 when something blocks posting.  Example: therapyflows checks form.pdf --json
    """
    from therapyflows.data_checks.data_docs import write_data_docs
    from therapyflows.data_checks.drift import check_drift, profile_of
    from therapyflows.data_checks.intake import check_frame
    from therapyflows.data_checks.intake_frame import intake_frame

    with plain_errors(), err.status("Reading and checking"):
        today = datetime.now(UTC).date()
        frame = intake_frame([_read(file, today) for file in files], today)
        reports = [check_frame(frame)]
        if past is not None:
            reports.append(check_drift(frame, _profile(past)))
        if profile is not None:
            profile.touch(mode=0o600)
            profile.write_text(json.dumps(asdict(profile_of(frame)), indent=2) + "\n", "utf-8")
        index = write_data_docs(frame, docs) if docs is not None else None
    if as_json:
        print_json({"forms": len(files), "blocks": reports[0].blocks, "suites": [as_document(r) for r in reports]})
    else:
        show(reports)
    if index is not None:
        err.print(f"Data Docs: {index}", markup=False)
    raise typer.Exit(BLOCKED if reports[0].blocks else 0)


def as_document(report: CheckReport) -> dict[str, object]:
    """The JSON form that scripts rely on; described in docs/integrators.md."""
    return {
        "suite": report.suite,
        "version": report.version,
        "results": [
            {
                "key": result.check.key,
                "passed": result.passed,
                "severity": result.check.severity.value,
                "message": result.check.message,
                "fields": list(result.check.fields),
                "forms": [row + 1 for row in result.rows],
            }
            for result in report.results
        ],
    }


def show(reports: list[CheckReport]) -> None:
    """What failed, for people; forms are counted from 1."""
    rows = [
        (result.check.severity.value, result.check.message, ", ".join(str(row + 1) for row in result.rows) or "-")
        for report in reports
        for result in report.failed
    ]
    if rows:
        print_lines(("severity", "what", "forms"), rows)
    total = sum(len(report.results) for report in reports)
    out.print(f"{total - len(rows)} of {total} expectations hold", style="dim", markup=False)


def _read(file: Path, today: date) -> IntakeForm:
    from therapyflows.integrations.documents.intake.worker import read_apart

    return read_apart([file.read_bytes()], today=today).form


def _profile(file: Path) -> "BatchProfile":
    from pydantic import TypeAdapter, ValidationError

    from therapyflows.core.errors import Invalid
    from therapyflows.data_checks.drift import BatchProfile

    try:
        return TypeAdapter(BatchProfile).validate_json(file.read_bytes())
    except ValidationError:
        raise Invalid("profile_unreadable", "The file is no profile; write one with --profile.") from None
