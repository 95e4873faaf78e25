"""The account of one client, from the chart, the store's lists and the audit trail.  No content, no chart text.

Whoever shows it (the review application today) needs nothing but these values.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from therapyflows.core.chart import Client
from therapyflows.core.consents import consent_records
from therapyflows.core.disclosure.accounting import associates_of, entries_of, left_this_machine
from therapyflows.core.disclosure.model import AssociateUse
from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.ports import AuditTrail, Contents, Decisions, Drafts, Recordings, StoredItem
from therapyflows.governance.audit.model import Action, ChainedEntry
from therapyflows.governance.consent.states import ConsentRecord, Status, standing
from therapyflows.governance.retention.kinds import kind_rules

LOOKS = {
    Action.CLIENT_VIEWED: "opened this page",
    Action.SESSION_PREP_VIEWED: "read the page before a session",
    Action.DRAFT_VIEWED: "read a draft",
    Action.RECORDING_PLAYED: "listened to a recording",
    Action.DRAFT_EDITED: "changed a draft",
    Action.DRAFT_APPROVED: "approved a draft",
    Action.DRAFT_REJECTED: "rejected a draft",
    Action.DISCLOSURES_VIEWED: "looked at the accounting of disclosures",
}
MODEL_CALLS = (Action.MODEL_CALLED, Action.MODEL_REFUSED)


class Sources(Protocol):
    """What the account is made from; the store has all of it."""

    @property
    def drafts(self) -> Drafts: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def contents(self) -> Contents: ...
    @property
    def recordings(self) -> Recordings: ...
    @property
    def audit(self) -> AuditTrail: ...


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One kind of consent: where it stands now, and everything that was said about it, newest first."""

    kind: str
    status: Status
    said: tuple[ConsentRecord, ...]


@dataclass(frozen=True, slots=True)
class DraftLine:
    """What was made of one session."""

    record: DraftRecord
    decision: Decision | None
    drafter: str | None
    """``evidence`` or ``<provider>:<model>``; None when nothing was drafted (yet)."""
    model_calls: int
    model_left_machine: bool
    """Whether any of those calls went to a model that is not on this machine."""

    @property
    def is_open(self) -> bool:
        return not self.record.state.is_final


@dataclass(frozen=True, slots=True)
class KeptLine:
    """Something that is stored now."""

    what: str
    item: StoredItem
    draft: DraftRecord | None


@dataclass(frozen=True, slots=True)
class DeletedLine:
    kind: str
    """Empty where everything went with the key."""
    what: str
    at: datetime
    reason: str
    """A constant, e.g. ``retention_ended``, ``recording_consent_withdrawn``."""
    by: str
    digest: str
    """Of the ciphertext that was destroyed; empty where the key was destroyed instead."""
    seq: int
    """Of the entry that proves it."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at or worked with what was made of this client's sessions."""

    who: str
    role: str | None
    action: Action
    times: int
    first: datetime
    last: datetime
    emergency: bool
    """By emergency access, and not as somebody who is responsible for the client."""

    @property
    def what(self) -> str:
        return LOOKS[self.action]


@dataclass(frozen=True, slots=True)
class EmergencyUse:
    """Somebody who is not responsible for the client opened emergency access."""

    id: str
    who: str
    role: str | None
    reason: str
    """A code of ``governance/access/emergency.yaml``."""
    at: datetime
    verdict: str | None
    """What an administrator judged; None: nobody has yet."""


@dataclass(frozen=True, slots=True)
class Account:
    client_id: str
    consents: tuple[ConsentLine, ...]
    opted_out: bool
    """Of everything; ``opted_out_of`` names single workflows."""
    opted_out_of: tuple[str, ...]
    part2: bool
    drafts: tuple[DraftLine, ...]
    """Newest session first."""
    kept: tuple[KeptLine, ...]
    """What ends first, first; what has no end, last."""
    deleted: tuple[DeletedLine, ...]
    """Newest first."""
    looks: tuple[Look, ...]
    """The last one first."""
    emergencies: tuple[EmergencyUse, ...]
    """Newest first."""
    outside: tuple[AssociateUse, ...]
    """Models away from this machine that something about the client went to."""

    @property
    def open_runs(self) -> tuple[DraftLine, ...]:
        return tuple(line for line in self.drafts if line.is_open and line.record.flow_run_id is not None)


def account_of(client: Client, sources: Sources, now: datetime) -> Account:
    """Everything that the page of this client shows."""
    records = sources.drafts.for_client(client.id)
    return Account(
        client_id=client.id,
        consents=_consents(client, now),
        opted_out=client.ai_opt_out,
        opted_out_of=client.ai_opt_out_workflows,
        part2=client.part2_program,
        drafts=_drafts(client.id, records, sources),
        kept=_kept(client.id, records, sources),
        deleted=_deleted(sources.audit, client.id),
        looks=_looks(sources.audit, client.id),
        emergencies=_emergencies(sources.audit, client.id),
        outside=associates_of(sources.audit, client.id),
    )


def _consents(client: Client, now: datetime) -> tuple[ConsentLine, ...]:
    by_kind: dict[str, list[ConsentRecord]] = defaultdict(list)
    for record in consent_records(client):
        by_kind[record.kind].append(record)
    return tuple(
        ConsentLine(kind, standing(said, now).status, tuple(sorted(said, key=lambda r: r.said_at, reverse=True)))
        for kind, said in by_kind.items()
    )


def _drafts(client_id: str, records: Iterable[DraftRecord], sources: Sources) -> tuple[DraftLine, ...]:
    drafters = {
        found.entry.resource: str(found.entry.details.get("drafter", ""))
        for found in _told(sources.audit, client_id, Action.DRAFT_STORED)
    }
    calls: Counter[object] = Counter()
    leaving: set[object] = set()
    for found in _told(sources.audit, client_id, *MODEL_CALLS):
        appointment = found.entry.details.get("appointment_id")
        calls[appointment] += 1
        if found.entry.action == Action.MODEL_CALLED and left_this_machine(found):
            leaving.add(appointment)
    lines = [
        DraftLine(
            record,
            sources.decisions.for_draft(record.id),
            drafters.get(f"draft/{record.id}"),
            calls[record.appointment_id],
            record.appointment_id in leaving,
        )
        for record in records
    ]
    return tuple(sorted(lines, key=lambda line: line.record.created_at, reverse=True))


def _kept(client_id: str, records: Iterable[DraftRecord], sources: Sources) -> tuple[KeptLine, ...]:
    owner: dict[str | None, DraftRecord] = {}
    for record in records:
        names = (
            record.id,
            record.recording_id,
            record.transcript_id,
            record.draft_content_id,
            record.edited_content_id,
        )
        owner |= dict.fromkeys(names, record)
    owner.pop(None, None)
    items = [*sources.recordings.of_client(client_id), *sources.contents.of_client(client_id)]
    standing_now = [item for item in items if item.deleted_at is None]
    lines = [
        KeptLine(_what(item.kind), item, owner.get(item.draft_id) if item.draft_id else owner.get(item.id))
        for item in standing_now
    ]
    return tuple(
        sorted(lines, key=lambda line: (line.item.retain_until is None, line.item.retain_until or line.item.stored_at))
    )


def _deleted(audit: AuditTrail, client_id: str) -> tuple[DeletedLine, ...]:
    lines = [
        DeletedLine(
            kind=str(found.entry.details.get("kind", "")),
            what=_what(str(found.entry.details.get("kind", ""))),
            at=found.at,
            reason=str(found.entry.details.get("reason", "")),
            by=found.entry.actor.id,
            digest=str(found.entry.details.get("ciphertext_digest", "")),
            seq=found.seq,
        )
        for found in _told(audit, client_id, Action.CONTENT_DELETED, Action.CONTENT_SHREDDED)
    ]
    return tuple(sorted(lines, key=lambda line: line.seq, reverse=True))


def _looks(audit: AuditTrail, client_id: str) -> tuple[Look, ...]:
    """One line per person, deed and right; services of ours are not people."""
    found: dict[tuple[str, str | None, Action, bool], list[datetime]] = defaultdict(list)
    for told in _told(audit, client_id, *LOOKS):
        actor = told.entry.actor
        if actor.kind == "person":
            emergency = bool(told.entry.details.get("emergency"))
            found[actor.id, actor.role, told.entry.action, emergency].append(told.at)
    looks = [
        Look(who, role, action, len(at), min(at), max(at), emergency)
        for (who, role, action, emergency), at in found.items()
    ]
    return tuple(sorted(looks, key=lambda look: look.last, reverse=True))


def _emergencies(audit: AuditTrail, client_id: str) -> tuple[EmergencyUse, ...]:
    judged = {
        found.entry.resource: str(found.entry.details.get("verdict", ""))
        for found in _told(audit, client_id, Action.BREAK_GLASS_REVIEWED)
    }
    uses = [
        EmergencyUse(
            id=found.entry.resource.removeprefix("emergency/"),
            who=found.entry.actor.id,
            role=found.entry.actor.role,
            reason=str(found.entry.details.get("reason", "")),
            at=found.at,
            verdict=judged.get(found.entry.resource),
        )
        for found in _told(audit, client_id, Action.BREAK_GLASS_OPENED)
    ]
    return tuple(sorted(uses, key=lambda use: use.at, reverse=True))


def _told(audit: AuditTrail, client_id: str, *actions: Action) -> Iterator[ChainedEntry]:
    for action in actions:
        yield from entries_of(audit, client_id, action, None)


def _what(kind: str) -> str:
    """A kind as people call it; entries of older versions name none, and a destroyed key takes everything."""
    rule = kind_rules().get(kind)
    return rule.what if rule is not None else "Content"
