"""The accounting of disclosures of one client (45 CFR 164.528), from the audit trail and the records it points at."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from therapyflows.core.disclosure.model import (
    RECORD,
    AccountedDisclosure,
    Accounting,
    AssociateUse,
    DisclosureRecord,
)
from therapyflows.core.errors import NotFound
from therapyflows.core.ports import AuditTrail, Contents
from therapyflows.governance.audit.model import Action, Actor, AuditEntry, ChainedEntry
from therapyflows.governance.disclosure.policy import purposes
from therapyflows.governance.phi.leaving import Place

PAGE = 1000
ON_THIS_MACHINE = ("local", "scripted")


def accounting_of(
    audit: AuditTrail, contents: Contents, client_id: str, *, since: datetime, until: datetime, viewer: Actor
) -> Accounting:
    """Everything that was disclosed in [since, until); that it was looked at is itself an entry."""
    entry = AuditEntry(Action.DISCLOSURES_VIEWED, viewer, f"clients/{client_id}", client_id)
    audit.append(entry)
    failed = {found.entry.resource for found in _entries(audit, client_id, Action.DISCLOSURE_FAILED, since)}
    lines, unreadable = [], []
    for found in _entries(audit, client_id, Action.DISCLOSURE_MADE, since, until):
        record = _record_of(contents, found)
        if record is None:
            unreadable.append(found.seq)
            continue
        purpose = purposes().get(record.purpose)
        accountable = purpose is None or purpose.accountable
        delivered = found.entry.resource not in failed
        lines.append(AccountedDisclosure(found.seq, record, accountable, delivered))
    associates = associates_of(audit, client_id, since, until)
    return Accounting(client_id, since, until, tuple(lines), tuple(unreadable), associates)


def associates_of(
    audit: AuditTrail, client_id: str, since: datetime | None = None, until: datetime | None = None
) -> tuple[AssociateUse, ...]:
    """Language models away from this machine that something about the client went to."""
    return _associates(_entries(audit, client_id, Action.MODEL_CALLED, since, until))


def entries_of(
    audit: AuditTrail, client_id: str, action: Action | None, since: datetime | None, until: datetime | None = None
) -> Iterator[ChainedEntry]:
    """All entries about a client, a page at a time."""
    after = 0
    while page := audit.search(
        client_id=client_id, action=action, since=since, until=until, after_seq=after, limit=PAGE
    ):
        yield from page
        after = page[-1].seq


_entries = entries_of


def digest_of(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def content_id_of(disclosure_id: str) -> str:
    return f"cnt_{disclosure_id}"


def _record_of(contents: Contents, found: ChainedEntry) -> DisclosureRecord | None:
    try:
        raw = contents.get(content_id_of(found.entry.resource.removeprefix("disclosures/")))
    except NotFound:
        return None
    return RECORD.validate_json(raw) if digest_of(raw) == found.entry.sent_digest else None


def left_this_machine(call: ChainedEntry) -> bool:
    """Of a model call.  Entries of older versions name the provider alone."""
    place = call.entry.details.get("place")
    if place is not None:
        return place != Place.ON_DEVICE
    return call.entry.details.get("provider") not in ON_THIS_MACHINE


def _associates(calls: Iterator[ChainedEntry]) -> tuple[AssociateUse, ...]:
    grouped: dict[tuple[str, str], list[ChainedEntry]] = {}
    for call in calls:
        provider, model = (str(call.entry.details.get(name, "")) for name in ("provider", "model"))
        if left_this_machine(call):
            grouped.setdefault((provider, model), []).append(call)
    return tuple(
        AssociateUse(
            provider,
            model,
            calls=len(group),
            redacted_calls=sum(call.entry.details.get("redacted") is True for call in group),
            covered_by_baa=all(call.entry.details.get("covered_by_baa") is True for call in group),
            first_at=group[0].at,
            last_at=group[-1].at,
        )
        for (provider, model), group in sorted(grouped.items())
    )
