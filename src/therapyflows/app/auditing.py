"""What the command line shows of the audit trail."""

import base64
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from pydantic import SecretStr

from therapyflows.app.keys import decode_key, new_secrets, write_env_file
from therapyflows.app.settings import load_settings
from therapyflows.core.errors import Invalid
from therapyflows.governance.audit.checkpoint import Signer
from therapyflows.governance.audit.files import verify_export
from therapyflows.governance.audit.findings import VerificationReport
from therapyflows.governance.audit.model import Action, ChainedEntry
from therapyflows.integrations.store import SqlAuditTrail

KEY_BYTES = 32
SQLITE = "sqlite:///"
SIGNING_KEY = "THERAPYFLOWS_STORE__AUDIT_SIGNING_KEY"


def verify_trail(
    export_file: Path | None, checkpoints: Sequence[Path] | None, public_key: str | None
) -> dict[str, Any]:
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
    return _as_document(verify_export(export_file, checkpoints or [], _decode(public_key)))


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

    require_store()
    return open_store_of_settings().audit


def require_store() -> None:
    """Raises Invalid (``store_missing``) when the settings lead to no store."""
    url = load_settings().store_url
    database = url.removeprefix(SQLITE)
    if url.startswith(SQLITE) and not Path(database).is_file():
        raise Invalid("store_missing", f"There is no store at {database}; check THERAPYFLOWS_DATA_DIR.")


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
    kept_apart = " ".join(f"--checkpoints {folder}" for folder in trail.checkpoint_folders)
    stream.write(f"verify with: {kept_apart} --public-key {key}\n")


def hand_over_key(file: Path) -> str:
    """Let the signing key in ``file`` sign from here on, a new one when there is no such file; returns its public key.

    Raises Invalid when the file holds something else, and what the trail's ``hand_over`` raises; then do it again.
    """
    trail = _trail()
    if not file.exists():
        write_env_file(file, {SIGNING_KEY: new_secrets()[SIGNING_KEY]})
    name, _, value = file.read_text().strip().partition("=")
    if name != SIGNING_KEY:
        raise Invalid("key_file_unusable", f"{file} does not hold one line {SIGNING_KEY}=...")
    signer = Signer(decode_key(SecretStr(value), name=SIGNING_KEY))
    trail.hand_over(signer)
    return base64.b64encode(signer.public_key).decode()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for in the trail; None: anything."""

    client: str | None = None
    person: str | None = None
    run: str | None = None
    resource: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Times without a zone are this machine's."""

    def as_search(self) -> dict[str, Any]:
        """For ``AuditTrail.search``.  Raises Invalid (``action_unknown``)."""
        if self.action is not None and self.action not in set(Action):
            raise Invalid("action_unknown", f"There is no action of this name; known are: {', '.join(sorted(Action))}.")
        return {
            "client_id": self.client,
            "actor_id": self.person,
            "flow_run_id": self.run,
            "resource": self.resource,
            "action": Action(self.action) if self.action else None,
            "since": self.since.astimezone() if self.since else None,
            "until": self.until.astimezone() if self.until else None,
        }


def entries(wanted: Wanted, *, after: int, limit: int, newest_first: bool) -> list[dict[str, Any]]:
    """Entries that match."""
    found = _trail().search(**wanted.as_search(), after_seq=after, limit=limit, newest_first=newest_first)
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
