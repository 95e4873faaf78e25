"""Somebody who stands in no chart becomes a client, or turns out to be one: once, and one person under one record.

::

    rights ─▶ looked for again ─▶ registered (external id) ─▶ the trail names the client ─▶ contents go under their key
      │              │                                                                                    │
      │              └ somebody nobody was asked about: back to review             the row names the client
      └ none (any more): back to review                             form filed (external id), then as for any client

Killed anywhere, repeating finishes it: who is registered, or linked, is not judged anew.
"""

from collections.abc import Iterable
from dataclasses import replace

from therapyflows.core.chart import Client, DocumentKind, NewDocument
from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.drafts.sending_back import send_back, take_back, tell_once
from therapyflows.core.ids import derived_id
from therapyflows.core.intake.alerts import duplicate_found, two_records
from therapyflows.core.intake.draft import INTAKE_DRAFT, IntakeDraft
from therapyflows.core.intake.duplicates import DuplicateCandidate, find_duplicates
from therapyflows.core.intake.record import identity_of_client, identity_of_form, new_client_of
from therapyflows.core.intake.rights import may_take_on
from therapyflows.core.intake.steps.practice import IntakePorts
from therapyflows.governance.audit.model import Action

FOUND_LATE = "duplicate_found_late"
"""``failure_code`` of an intake that was sent back because somebody like the person is a client since."""


def filed_form_id(draft_id: str) -> str:
    """External id of the form as it is filed in the chart."""
    return derived_id("tfd", draft_id)


async def enroll(ports: IntakePorts, record: DraftRecord, draft: IntakeDraft, decision: Decision) -> DraftRecord | None:
    """The row under the client whom the person is from now on; None when it went back to review."""
    client_id = _linked_to(ports, record) or await _person_as_client(ports, record, draft, decision)
    if client_id is None:
        return None
    ports.record_once(Action.PROSPECT_LINKED, f"draft/{record.id}", client_id=client_id, prospect=record.client_id)
    ports.contents.hand_over(record.client_id, client_id)
    client = await ports.ehr.get_client(client_id)
    return ports.drafts.update(record.id, client_id=client_id, part2=client.part2_program)


def _linked_to(ports: IntakePorts, record: DraftRecord) -> str | None:
    """By an earlier try, from where there is no way back."""
    told = ports.audit.search(resource=f"draft/{record.id}", action=Action.PROSPECT_LINKED)
    return told[0].entry.client_id if told else None


async def _person_as_client(
    ports: IntakePorts, record: DraftRecord, draft: IntakeDraft, decision: Decision
) -> str | None:
    """Whom the approver says they are, or a client registered now; None when it went back to review."""
    clients = [client async for client in ports.ehr.list_clients()]
    ours = new_client_of(draft.form, record).external_id
    standing = next((client for client in clients if client.external_id == ours), None)
    begun = standing is not None and draft.same_person_as is None
    if not begun and not await may_take_on(ports.ehr, record, decision, draft):
        await send_back(ports, record, decision)
        return None
    if draft.same_person_as is not None:
        return draft.same_person_as
    if standing is None and (found := _found_since(draft, clients)) is not None:
        await _send_back_as_duplicate(ports, record, draft, decision, found)
        return None
    registered = await _register(ports, record, draft)
    await _tell_of_twins(ports, record, draft, registered)
    return registered


async def file_form(ports: IntakePorts, record: DraftRecord) -> None:
    """Put the form that was handed in into the client's chart, once."""
    content = ports.contents.get(record.source_ref)
    content_type, ending = media_type_of(content)
    document = NewDocument(
        client_id=record.client_id,
        kind=DocumentKind.INTAKE_FORM,
        file_name=f"intake-form{ending}",
        content_type=content_type,
        external_id=filed_form_id(record.id),
    )
    filed = await ports.ehr.create_document(document, content)
    ports.own_writes.add("documents", filed.id)
    ports.record_once(Action.FORM_FILED, f"documents/{filed.id}", client_id=record.client_id, draft_id=record.id)


def _found_since(draft: IntakeDraft, clients: Iterable[Client]) -> tuple[DuplicateCandidate, ...] | None:
    """Everybody who may be the person, when the reviewer was not asked about all of them."""
    found = tuple(find_duplicates(identity_of_form(draft.form, ""), map(identity_of_client, clients)))
    asked = {candidate.client_id: candidate.bits for candidate in draft.duplicates}
    if all(candidate.bits <= asked.get(candidate.client_id, 0.0) for candidate in found):
        return None
    return found


async def _tell_of_twins(ports: IntakePorts, record: DraftRecord, draft: IntakeDraft, registered: str) -> None:
    """Two forms of one person may be written at the same moment: who looks again afterwards sees the other's record."""
    others = [client async for client in ports.ehr.list_clients() if client.id != registered]
    if _found_since(draft, others) is not None:
        await ports.ehr.create_task(two_records(record))
        ports.record_once(
            Action.TASK_CREATED, f"draft/{record.id}", client_id=record.client_id, outcome="registered_twice"
        )


async def _send_back_as_duplicate(
    ports: IntakePorts,
    record: DraftRecord,
    draft: IntakeDraft,
    decision: Decision,
    found: tuple[DuplicateCandidate, ...],
) -> None:
    """The reviewer is asked about everybody who is there now."""
    asked_anew = replace(draft, duplicates=found, same_person="unanswered", same_person_as=None)
    content_id = derived_id("cnt", record.id, FOUND_LATE, decision.id)
    ports.contents.put(
        record.client_id,
        "edited_draft",
        INTAKE_DRAFT.dump_json(asked_anew),
        content_id=content_id,
        retain_until=ports.keep_until("edited_draft"),
        draft_id=record.id,
    )
    ports.drafts.update(record.id, edited_content_id=content_id)
    await ports.ehr.create_task(duplicate_found(record, decision.id))
    tell_once(ports, record, decision, Action.DRAFT_SENT_BACK, FOUND_LATE)
    take_back(ports, record, decision, FOUND_LATE)


async def _register(ports: IntakePorts, record: DraftRecord, draft: IntakeDraft) -> str:
    client = await ports.ehr.create_client(new_client_of(draft.form, record))
    ports.own_writes.add("clients", client.id)
    ports.record_once(Action.CLIENT_REGISTERED, f"draft/{record.id}", client_id=client.id)
    return client.id


_BEGINS = {
    b"%PDF": ("application/pdf", ".pdf"),
    b"\x89PNG": ("image/png", ".png"),
    b"\xff\xd8\xff": ("image/jpeg", ".jpg"),
    b"II*\x00": ("image/tiff", ".tif"),
    b"MM\x00*": ("image/tiff", ".tif"),
    b"RIFF": ("image/webp", ".webp"),
    b"{": ("application/json", ".json"),
    b"[": ("application/json", ".json"),
}


def media_type_of(content: bytes) -> tuple[str, str]:
    """Type and ending of what was read as a form, by its first bytes: its name may say whose it is."""
    start = content[:64].lstrip()
    for begins, known in _BEGINS.items():
        if start.startswith(begins):
            return known
    return "application/octet-stream", ""
