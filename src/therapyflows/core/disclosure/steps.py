"""Disclose a client's record: decide, account for it, and only then hand it over."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from therapyflows.core.chart import Client, User
from therapyflows.core.consents import consent_records
from therapyflows.core.disclosure.accounting import content_id_of, digest_of
from therapyflows.core.disclosure.client_record import DISCLOSED, client_record
from therapyflows.core.disclosure.model import RECORD, DisclosureRecord, DisclosureRequest
from therapyflows.core.errors import ConsentMissing, Invalid, Refused
from therapyflows.core.ids import new_id
from therapyflows.core.people import person_of
from therapyflows.core.ports import AuditTrail, Contents, Decisions, Drafts, Ehr
from therapyflows.governance.access.policy import decide_for_client
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.consent.states import ConsentRecord
from therapyflows.governance.disclosure.policy import (
    DisclosureCheck,
    may_disclose,
    part2_consent_scope,
    part2_notice,
    purposes,
)

MAX_WORDS = 500
"""Longest name of a recipient or of an authority, in characters."""


@dataclass(frozen=True, slots=True)
class DisclosurePorts:
    ehr: Ehr
    drafts: Drafts
    decisions: Decisions
    contents: Contents
    audit: AuditTrail
    actor: Actor
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Disclosure:
    record: DisclosureRecord
    document: bytes
    """What is handed over: JSON, UTF-8."""


async def disclose_client_record(ports: DisclosurePorts, request: DisclosureRequest) -> Disclosure:
    """Account for the disclosure and return what to hand over.  The order matters: killed in between, the accounting
    lists one too many, never one too few.

    Raises Invalid (``disclosure_incomplete``), NotFound, Refused (``disclosure_not_permitted``), ConsentMissing.
    """
    if not request.recipient.strip() or max(len(request.recipient), len(request.authority or "")) > MAX_WORDS:
        raise Invalid("disclosure_incomplete", "Name the recipient and the authority, each in at most 500 characters.")
    client = await ports.ehr.get_client(request.client_id)
    _require_right(ports, request, client, await ports.ehr.get_user(request.requested_by))
    consents, now = consent_records(client), ports.clock()
    part2 = client.part2_program or any(draft.part2 for draft in ports.drafts.for_client(client.id))
    answer = may_disclose(request.purpose, part2=part2, consents=consents, authority=request.authority, now=now)
    if not answer.allowed:
        _refuse(ports, request, answer)
    parts = client_record(client, ports.drafts, ports.decisions, ports.contents, ports.audit)
    record = _record(request, client, now, part2=part2)
    _account(ports, record)
    return Disclosure(record, _document(record, parts, consents, now))


def handing_over_failed(ports: DisclosurePorts, record: DisclosureRecord) -> None:
    """The file could not be written: the accounting says that nothing left."""
    resource = f"disclosures/{record.id}"
    ports.audit.append(AuditEntry(Action.DISCLOSURE_FAILED, ports.actor, resource, record.client_id, outcome="failed"))


def _require_right(ports: DisclosurePorts, request: DisclosureRequest, client: Client, user: User) -> None:
    access = decide_for_client(
        person_of(user), "disclose", client_id=client.id, clinician_ids=client.assigned_clinicians
    )
    if not access.allowed:
        _tell_refused(ports, request, access.reason)
        raise Refused("disclosure_not_permitted", "This person may not disclose this client's record.", user=user.id)


def _refuse(ports: DisclosurePorts, request: DisclosureRequest, answer: DisclosureCheck) -> None:
    _tell_refused(ports, request, answer.reason)
    if answer.reason == "purpose_unknown":
        known = ", ".join(purposes())
        raise Invalid("purpose_unknown", f"There is no such purpose; known are: {known}.")
    if answer.reason == "authority_missing":
        raise Invalid("authority_missing", "For this purpose the order, request or authorization must be named.")
    message = "The client is of a 42 CFR Part 2 program, and no consent on file covers this disclosure."
    raise ConsentMissing("part2_consent_missing", message, reason=answer.reason)


def _tell_refused(ports: DisclosurePorts, request: DisclosureRequest, reason: str) -> None:
    entry = AuditEntry(
        action=Action.DISCLOSURE_REFUSED,
        actor=ports.actor,
        resource=f"clients/{request.client_id}",
        client_id=request.client_id,
        outcome=reason,
        details={"requested_by": request.requested_by, "purpose": request.purpose[:40]},
    )
    ports.audit.append(entry)


def _record(request: DisclosureRequest, client: Client, now: datetime, *, part2: bool) -> DisclosureRecord:
    """``part2``: the client is of a Part 2 program, or was when a draft was made that is in the record."""
    in_force = part2_consent_scope(consent_records(client), now) if part2 else None
    ids = tuple(
        consent.id
        for consent in client.consents
        if in_force is not None and (consent.kind.value, consent.granted_at) == (in_force.kind, in_force.granted_at)
    )
    return DisclosureRecord(
        id=new_id("dsc"),
        client_id=client.id,
        made_at=now,
        recipient=request.recipient.strip(),
        purpose=request.purpose,
        what=DISCLOSED,
        authority=request.authority,
        requested_by=request.requested_by,
        part2=part2,
        consent_ids=ids,
    )


def _account(ports: DisclosurePorts, record: DisclosureRecord) -> None:
    """First the words, encrypted under a key of their own: shredding a client's content leaves the accounting."""
    raw = RECORD.dump_json(record)
    ports.contents.put(f"accounting/{record.client_id}", "disclosure", raw, content_id=content_id_of(record.id))
    entry = AuditEntry(
        action=Action.DISCLOSURE_MADE,
        actor=ports.actor,
        resource=f"disclosures/{record.id}",
        client_id=record.client_id,
        sent_digest=digest_of(raw),
        details={
            "purpose": record.purpose,
            "accountable": purposes()[record.purpose].accountable,
            "requested_by": record.requested_by,
            "part2": record.part2,
            "consents": len(record.consent_ids),
        },
    )
    ports.audit.append(entry)


def _document(
    record: DisclosureRecord, parts: dict[str, Any], consents: tuple[ConsentRecord, ...], now: datetime
) -> bytes:
    head: dict[str, Any] = {"kind": "therapyflows-client-record", "version": 1}
    if record.part2:
        head |= _part2_head(consents, now)
    head["disclosure"] = RECORD.dump_python(record, mode="json") | {"basis": purposes()[record.purpose].basis}
    return json.dumps(head | parts, ensure_ascii=False, indent=2).encode() + b"\n"


def _part2_head(consents: tuple[ConsentRecord, ...], now: datetime) -> dict[str, Any]:
    """The notice and the scope of the consent go first, where nobody can miss them (42 CFR 2.32)."""
    notice, scope = part2_notice(), part2_consent_scope(consents, now)
    head: dict[str, Any] = {"notice": notice.long, "notice_short": notice.short}
    if scope is not None:
        head["consent_scope"] = {
            "granted_at": scope.granted_at.isoformat() if scope.granted_at else None,
            "expires_at": scope.expires_at.isoformat() if scope.expires_at else None,
            "purposes": sorted(scope.purposes) if scope.purposes is not None else "treatment, payment, operations",
            "recipients": sorted(scope.recipients) if scope.recipients is not None else "as in 42 CFR 2.31(a)(4)(ii)",
        }
    return head
