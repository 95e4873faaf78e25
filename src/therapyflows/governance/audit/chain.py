"""The hash chain of the audit trail: how an entry is written down, how it is linked, what may stand in it.

Knows no database.  Each entry is serialized in one canonical way (JSON, keys sorted, ASCII, no blanks) together with
the hash of its predecessor; the SHA-256 of that text is its hash.  Whoever changes, removes or moves an entry breaks a
link.
"""

import hashlib
import json
import math
import re
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from therapyflows.governance.audit.model import Action, Actor, AuditEntry, ChainedEntry

GENESIS = "0" * 64
"""Previous hash of the first entry."""

MAX_TEXT = 200
"""Longest text in an entry, in characters: room for ids, digests and codes, too short for a note."""
MAX_DETAILS = 32
MAX_NUMBER = 2**63
"""Whole numbers in an entry are smaller, as everywhere."""

_HASH = re.compile(r"[0-9a-f]{64}")
_DETAIL_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


class UnfitEntry(ValueError):
    """An entry that the trail does not take.  The message names the field, never its value."""


def check_entry(entry: AuditEntry) -> None:
    """Keep content out: only short, printable single-line texts and plain numbers.  Raises UnfitEntry."""
    texts = {f.name: getattr(entry, f.name) for f in fields(entry) if f.name not in ("action", "actor", "details")}
    texts |= {"actor.id": entry.actor.id, "actor.role": entry.actor.role}
    for name, text in texts.items():
        if text is not None:
            _check_text(name, text)
    if entry.actor.kind not in ("person", "service"):
        raise UnfitEntry("actor.kind: neither person nor service")
    if len(entry.details) > MAX_DETAILS:
        raise UnfitEntry("details: too many")
    for key, value in entry.details.items():
        _check_detail(key, value)


def _check_detail(key: str, value: object) -> None:
    if not isinstance(key, str) or not _DETAIL_KEY.fullmatch(key):
        raise UnfitEntry("details: a key is not a lower-case name")
    name = f"details.{key}"
    if isinstance(value, str):
        _check_text(name, value)
    elif not isinstance(value, int | float):
        raise UnfitEntry(f"{name}: neither text nor number")
    elif isinstance(value, float) and not math.isfinite(value):
        raise UnfitEntry(f"{name}: not a finite number")
    elif isinstance(value, int) and abs(value) >= MAX_NUMBER:
        raise UnfitEntry(f"{name}: too large a number")


def _check_text(name: str, text: object) -> None:
    if not isinstance(text, str) or len(text) > MAX_TEXT or not text.isprintable():
        raise UnfitEntry(f"{name}: longer than {MAX_TEXT} characters or not printable")


def link(seq: int, at: datetime, entry: AuditEntry, prev_hash: str) -> ChainedEntry:
    """The entry as it will stand in the trail at place ``seq`` (from 1), after the one with ``prev_hash``."""
    at = at.astimezone(UTC)
    return ChainedEntry(seq, at, entry, prev_hash, hash_of(seq, at, entry, prev_hash))


def hash_of(seq: int, at: datetime, entry: AuditEntry, prev_hash: str) -> str:
    """SHA-256 (hex) of the canonical text of everything but the hash itself."""
    return hashlib.sha256(canonical(_facts(seq, at, entry, prev_hash))).hexdigest()


def canonical(value: dict[str, Any]) -> bytes:
    """The one way in which a record is written down, so that equal records have equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def _facts(seq: int, at: datetime, entry: AuditEntry, prev_hash: str) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": format_time(at),
        "action": str(entry.action),
        "actor": {"kind": entry.actor.kind, "id": entry.actor.id, "role": entry.actor.role},
        "resource": entry.resource,
        "client_id": entry.client_id,
        "flow_run_id": entry.flow_run_id,
        "request_id": entry.request_id,
        "outcome": entry.outcome,
        "sent_digest": entry.sent_digest,
        "received_digest": entry.received_digest,
        "details": dict(entry.details),
        "prev_hash": prev_hash,
    }


def to_line(chained: ChainedEntry) -> bytes:
    """One line of an export, without the line break."""
    return canonical(_facts(chained.seq, chained.at, chained.entry, chained.prev_hash) | {"hash": chained.hash})


def from_line(line: bytes) -> ChainedEntry:
    """Read a line of an export.  Raises ValueError unless it is exactly what ``to_line`` writes of a fit entry."""
    try:
        found = json.loads(line)
        actor = found["actor"]
        entry = AuditEntry(
            action=Action(found["action"]),
            actor=Actor(actor["kind"], actor["id"], actor["role"]),
            resource=found["resource"],
            client_id=found["client_id"],
            flow_run_id=found["flow_run_id"],
            request_id=found["request_id"],
            outcome=found["outcome"],
            sent_digest=found["sent_digest"],
            received_digest=found["received_digest"],
            details=found["details"],
        )
        chained = ChainedEntry(found["seq"], parse_time(found["at"]), entry, found["prev_hash"], found["hash"])
        exact = _is_place(chained.seq) and all(map(_is_hash, (chained.hash, chained.prev_hash)))
        exact = exact and to_line(chained) == line
        check_entry(entry)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not an entry of an audit trail") from error
    if not exact:
        raise ValueError("not written in the canonical way")
    return chained


def _is_place(seq: object) -> bool:
    return isinstance(seq, int) and not isinstance(seq, bool) and 0 < seq < MAX_NUMBER


def _is_hash(text: object) -> bool:
    return isinstance(text, str) and _HASH.fullmatch(text) is not None


def format_time(at: datetime) -> str:
    """UTC with microseconds, always of the same length: ``2026-11-23T20:22:11.000000Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
