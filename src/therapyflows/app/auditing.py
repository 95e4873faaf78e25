"""What the command line shows of the audit trail."""

import base64
import sys
from pathlib import Path
from typing import Any, TextIO

from therapyflows.app.settings import load_settings
from therapyflows.core.errors import Invalid
from therapyflows.governance.audit.model import ChainedEntry
from therapyflows.governance.audit.verify import VerificationReport, verify_export
from therapyflows.integrations.store import SqlAuditTrail

KEY_BYTES = 32
SQLITE = "sqlite:///"


def verify_trail(export_file: Path | None, checkpoints: Path | None, public_key: str | None) -> dict[str, Any]:
    """Verify an export with the public key alone, or the store of this installation when no export is given."""
    if export_file is None:
        trail = _trail()
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
        key = base64.b64decode(public_key, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Invalid("public_key_unusable", "The public key must be 32 bytes in base64, as `audit export` prints it.")
    return key


def _trail() -> SqlAuditTrail:
    """The trail of this installation.  A store is never made here: an empty one of a wrong folder would look intact."""
    from therapyflows.app.wiring import open_store_of_settings  # an auditor with an export needs none of it

    url = load_settings().store_url
    database = url.removeprefix(SQLITE)
    if url.startswith(SQLITE) and not Path(database).is_file():
        raise Invalid("store_missing", f"There is no store at {database}; check THERAPYFLOWS_DATA_DIR.")
    return open_store_of_settings().audit


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
    return _trail().export(file if file is not None else sys.stdout.buffer)


def describe_verification(stream: TextIO) -> None:
    """How somebody else verifies the export: printed beside it, to stderr."""
    trail = _trail()
    key = base64.b64encode(trail.public_key).decode()
    stream.write(f"verify with: --checkpoints {trail.checkpoint_path} --public-key {key}\n")


def entries(
    *, client: str | None, person: str | None, run: str | None, resource: str | None, after: int, limit: int
) -> list[dict[str, Any]]:
    """Entries that match, oldest first."""
    found = _trail().search(
        client_id=client,
        actor_id=person,
        flow_run_id=run,
        resource=resource,
        after_seq=after,
        limit=limit,
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
