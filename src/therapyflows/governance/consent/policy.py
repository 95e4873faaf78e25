"""Whether a client's consents allow a use.  In doubt the answer is no.

A consent counts from ``granted_at`` until it expires or is withdrawn; the latest statement of the client wins.  Rules:
no recording is processed without a recording consent; nothing is drafted by AI without an AI consent; material of a
substance-use program (42 CFR Part 2) goes to a model off the machine only with a Part 2 consent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["recording", "ai_processing", "telehealth", "part2_tpo"]
Status = Literal["granted", "declined", "withdrawn"]

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One statement of the client, as the chart holds it.  Times are aware."""

    kind: str
    status: Status
    granted_at: datetime | None = None
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsentCheck:
    allowed: bool
    reason: str
    """A constant: ``allowed``, ``client_opted_out``, ``clinician_opted_out``, or ``<kind>_consent_<why>`` with why one
    of ``missing``, ``declined``, ``withdrawn``, ``expired``, ``not_yet_valid``, ``undated``."""


def session_note_allowed(
    records: Iterable[ConsentRecord],
    *,
    source_is_recording: bool,
    client_opt_out: bool,
    clinician_opt_out: bool,
    part2: bool,
    model_leaves_machine: bool,
    now: datetime,
) -> ConsentCheck:
    """Whether a session note may be drafted; names the first thing that stands against it."""
    if client_opt_out:
        return ConsentCheck(False, "client_opted_out")
    if clinician_opt_out:
        return ConsentCheck(False, "clinician_opted_out")
    needed: dict[Kind, bool] = {
        "recording": source_is_recording,
        "ai_processing": True,
        "part2_tpo": part2 and model_leaves_machine,
    }
    known = tuple(records)
    for kind, is_needed in needed.items():
        if is_needed and not (found := check(kind, known, now)).allowed:
            return found
    return ConsentCheck(True, "allowed")


def check(kind: Kind, records: Iterable[ConsentRecord], now: datetime) -> ConsentCheck:
    """Whether this kind of consent stands at ``now``."""
    why = _objection([record for record in records if record.kind == kind], now)
    return ConsentCheck(why is None, f"{kind}_consent_{why}" if why else "allowed")


def _objection(records: list[ConsentRecord], now: datetime) -> str | None:
    if not records:
        return "missing"
    begun = [record for record in records if not _lies_ahead(record, now)]
    if not begun:
        return "not_yet_valid"
    latest = max(begun, key=lambda record: (_spoken_at(record), not _is_grant(record)))
    if latest.status == "declined":
        return "declined"
    if not _is_grant(latest):
        return "withdrawn"
    if latest.granted_at is None:
        return "undated"
    if latest.expires_at is not None and latest.expires_at <= now:
        return "expired"
    return None


def _is_grant(record: ConsentRecord) -> bool:
    return record.status == "granted" and record.withdrawn_at is None


def _lies_ahead(record: ConsentRecord, now: datetime) -> bool:
    """A grant for later does not count yet; a refusal always counts."""
    return _is_grant(record) and record.granted_at is not None and record.granted_at > now


def _spoken_at(record: ConsentRecord) -> datetime:
    """When the client said so.  A refusal without a date counts as the last word, a grant without one as the first."""
    if _is_grant(record):
        return record.granted_at or _ALWAYS
    if record.status == "declined":
        return record.withdrawn_at or record.granted_at or _LATEST
    return record.withdrawn_at or _LATEST
