"""What the command line shows of the audit trail."""

import base64
import binascii
import sys
from pathlib import Path
from typing import Any, TextIO

from therapyflows.app.wiring import open_store_of_settings
from therapyflows.core.errors import Invalid
from therapyflows.governance.audit.model import ChainedEntry
from therapyflows.governance.audit.verify import VerificationReport, verify_export

MAX_ENTRIES = 10_000


def verify_trail(export_file: Path | None, checkpoints: Path | None, public_key: str | None) -> dict[str, Any]:
    """Verify an export with the public key alone, or the store of this installation when no export is given."""
    if export_file is None:
        trail = open_store_of_settings().audit
        report = trail.verify()
        if report.ok:  # what was just found intact is signed for, never before
            trail.checkpoint()
            report = trail.verify()
        return _as_document(report)
    if public_key is None:
        raise Invalid("public_key_missing", "Give the signer's public key with --public-key (see `audit export`).")
    return _as_document(verify_export(export_file, checkpoints, _decode(public_key)))


def _decode(public_key: str) -> bytes:
    try:
        return base64.b64decode(public_key, validate=True)
    except binascii.Error:
        raise Invalid("public_key_unusable", "The public key is not base64.") from None


def _as_document(report: VerificationReport) -> dict[str, Any]:
    findings = [f"at {problem.seq}: {problem.kind.value}: {problem.message}" for problem in report.problems]
    verdict = "intact" if report.ok else "NOT INTACT"
    return {
        "intact": report.ok,
        "entries": report.entries,
        "checkpoints": report.checkpoints,
        "covered_until": report.covered_until,
        "findings": findings,
        "summary": f"{verdict}: {report.entries} entries, {report.checkpoints} valid checkpoints, "
        f"vouched for up to entry {report.covered_until}",
    }


def export_trail(file: Path | None) -> int:
    """Write the trail as JSON lines to a file or to stdout; returns the number of entries."""
    trail = open_store_of_settings().audit
    return trail.export(file if file is not None else sys.stdout.buffer)


def describe_verification(stream: TextIO) -> None:
    """How somebody else verifies the export: printed beside it, to stderr."""
    trail = open_store_of_settings().audit
    key = base64.b64encode(trail.public_key).decode()
    stream.write(f"verify with: --checkpoints {trail.checkpoint_path} --public-key {key}\n")


def entries(
    *, client: str | None, person: str | None, run: str | None, resource: str | None, limit: int
) -> list[dict[str, Any]]:
    """Entries that match, oldest first."""
    found = open_store_of_settings().audit.search(
        client_id=client,
        actor_id=person,
        flow_run_id=run,
        resource=resource,
        limit=min(limit, MAX_ENTRIES),
    )
    return [_row(chained) for chained in found]


def _row(chained: ChainedEntry) -> dict[str, Any]:
    entry = chained.entry
    return {
        "seq": chained.seq,
        "at": chained.at.isoformat(timespec="milliseconds"),
        "actor": f"{entry.actor.id}" + (f" ({entry.actor.role})" if entry.actor.role else ""),
        "action": entry.action.value,
        "resource": entry.resource,
        "client": entry.client_id,
        "outcome": entry.outcome,
        "run": entry.flow_run_id,
        "details": dict(entry.details),
        "hash": chained.hash,
    }
