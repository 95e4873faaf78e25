"""``therapyflows intake``: an intake form from a file, field by field."""

import getpass
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from therapyflows.app.cli.console import BAD_INPUT, err, fail, out, plain_errors, print_json, print_lines
from therapyflows.core.intake.fields import walk
from therapyflows.core.intake.model import Extracted, IntakeForm

By = Annotated[str | None, typer.Option(help="With --register: who does it, for the audit trail; else the login.")]


def intake(
    files: Annotated[
        list[Path],
        typer.Argument(readable=False, help="PDF, image (png, jpg, tiff, webp) or web form (json); or all pages."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print every field as JSON, absent ones too.")] = False,
    register: Annotated[
        bool, typer.Option("--register", help="Start the intake of somebody who stands in no chart yet.")
    ] = False,
    clinician: Annotated[
        str | None, typer.Option(help="With --register: user id of who takes the person on and verifies the form.")
    ] = None,
    by: By = None,
) -> None:
    """Read an intake form: values, where they stand, how sure the reading is.  Nothing leaves this machine.

    With --register the form is kept encrypted and goes the way of any intake: read, checked, compared with all clients,
    verified by the clinician; only then the person is registered in the EHR.  Needs the running system.

    Example: therapyflows intake scan.pdf --json
    """
    if register:
        _register(files, clinician, by, as_json=as_json)
        return
    from therapyflows.integrations.documents.intake.worker import read_apart

    with plain_errors(), err.status("Reading"):
        read = read_apart([file.read_bytes() for file in files], today=datetime.now(UTC).date())
    if as_json:
        print_json(as_document(read.form))
    else:
        show(read.form)


def _register(files: list[Path], clinician: str | None, by: str | None, *, as_json: bool) -> None:
    from therapyflows.app.handing_in import register

    if clinician is None or len(files) != 1:
        fail("with --register name one file, and --clinician USER", status=BAD_INPUT)
    with plain_errors():
        record = register(files[0].read_bytes(), clinician, by or getpass.getuser())
    if as_json:
        print_json({"draft": record.id, "state": record.state.value})
    else:
        done = "was handed in before" if record.state.is_final else "waits for its clinician once it is read"
        out.print(f"Intake {record.id} {done}.", markup=False)


def as_document(form: IntakeForm) -> dict[str, object]:
    """The JSON form that scripts rely on; described in docs/integrators.md."""
    sections = {
        part.name: _plain(getattr(form, part.name))
        for part in fields(form)
        if part.name not in ("source", "page_count", "warnings")
    }
    return {
        "source": form.source.value,
        "pages": form.page_count,
        "form": sections,
        "warnings": [{"code": notice.code, "message": notice.message} for notice in form.warnings],
    }


def _plain(value: object) -> object:
    if isinstance(value, Extracted):
        return _field(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    return value.value if isinstance(value, Enum) else value


def _field(found: Extracted[object]) -> dict[str, object]:
    box = found.box
    return {
        "value": found.value,
        "state": "absent" if found.absent else "unreadable" if found.unreadable else "read",
        "confidence": found.confidence,
        "method": found.method.value if found.method else None,
        "page": found.page,
        "box": [box.left, box.top, box.right, box.bottom] if box else None,
        "raw": found.raw,
    }


def _row(path: str, found: Extracted[object]) -> tuple[object, ...]:
    value = "(not readable)" if found.unreadable else found.value
    return path, value, f"{found.confidence:.2f}", found.method or "", found.page or ""


def show(form: IntakeForm) -> None:
    """What was found, for people."""
    rows = [_row(path, found) for path, found in walk(form) if not found.absent]
    print_lines(("field", "value", "sure", "how", "page"), rows)
    out.print(f"{form.page_count or 'no'} pages, {form.source.value}", style="dim", markup=False)
    for notice in form.warnings:
        err.print(f"note: {notice.message}", markup=False)
