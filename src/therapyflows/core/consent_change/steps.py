"""A client withdrew a consent: stop what is running and delete what it covered, with proof.

Undecided drafts are cancelled and their runs with them; their recordings, transcripts and drafts are deleted.  So are
the sources of decided ones.  Notes that a clinician approved belong to the medical record and stay, and with them the
short evidence of their sentences.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from therapyflows.core.chart import Client
from therapyflows.core.errors import Conflict, NotFound
from therapyflows.core.ports import AuditTrail, Contents, Drafts, Ehr, Recordings, Runs
from therapyflows.core.retention.erase import erase
from therapyflows.core.session_note import content_ids
from therapyflows.core.session_note.model import DraftRecord, DraftState
from therapyflows.core.session_note.steps.opening import consent_records, source_is_recording
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.consent.policy import session_note_allowed

ACTOR = Actor(kind="service", id="consent-change")
REVOKED = ("_withdrawn", "_declined")
"""Reasons by which the client takes back what was given; a consent that ran out stops new work alone."""
UNDECIDED = (DraftState.PREPARING, DraftState.IN_REVIEW)


@dataclass(frozen=True, slots=True)
class ConsentChangePorts:
    ehr: Ehr
    drafts: Drafts
    contents: Contents
    recordings: Recordings
    runs: Runs
    audit: AuditTrail
    clock: Callable[[], datetime]
    flow_run_id: str | None = None


async def apply_consent(ports: ConsentChangePorts, client_id: str) -> list[str]:
    """Cancel every undecided draft that the client's consents no longer allow; returns the drafts' ids.

    Of decided ones the sources go once the consent was withdrawn or declined.  Called again it finishes what was left.
    """
    client = await ports.ehr.get_client(client_id)
    cancelled = []
    for record in ports.drafts.for_client(client_id):
        reason = await _objection(ports, client, record)
        if record.state in UNDECIDED:
            if reason is not None and _cancel(ports, record, reason):
                cancelled.append(record.id)
                await _clear(ports, record, reason)
        elif record.state is DraftState.CANCELLED:  # perhaps by us, and killed behind it
            await _clear(ports, record, record.failure_code or "cancelled")
        elif reason is not None and reason.endswith(REVOKED):
            _erase_all(ports, record, reason)
    return cancelled


async def _objection(ports: ConsentChangePorts, client: Client, record: DraftRecord) -> str | None:
    """Why the client's consents do not allow this draft; None when they do."""
    if record.state is DraftState.CANCELLED:
        return None
    as_recording, otherwise = (_consents(ports, client, recording=recording) for recording in (True, False))
    if as_recording == otherwise or not await source_is_recording(ports.ehr, record):
        return otherwise
    return as_recording


def _consents(ports: ConsentChangePorts, client: Client, *, recording: bool) -> str | None:
    answer = session_note_allowed(
        consent_records(client),
        source_is_recording=recording,
        client_opt_out=client.ai_opt_out,
        clinician_opt_out=False,
        part2=client.part2_program,
        model_leaves_machine=False,
        now=ports.clock(),
    )
    return None if answer.allowed else answer.reason


def _cancel(ports: ConsentChangePorts, record: DraftRecord, reason: str) -> bool:
    try:
        ports.drafts.move(record.id, expected=UNDECIDED, to=DraftState.CANCELLED, failure_code=reason)
    except Conflict:
        return False  # approved at this moment: posting checks the consent once more
    return True


async def _clear(ports: ConsentChangePorts, record: DraftRecord, reason: str) -> None:
    """Whatever was made for a cancelled draft goes; first what does not need the orchestrator."""
    resource = f"draft/{record.id}"
    told = ports.audit.search(client_id=record.client_id, resource=resource)
    if not any(found.entry.action == Action.DRAFT_CANCELLED for found in told):
        _record(ports, record, Action.DRAFT_CANCELLED, resource, reason)
    _erase_all(ports, record, reason)
    if record.flow_run_id is not None:
        with suppress(NotFound):  # the orchestrator has forgotten the run; the row is what counts
            await ports.runs.cancel(record.flow_run_id)


def _erase_all(ports: ConsentChangePorts, record: DraftRecord, reason: str) -> None:
    """Recording, transcript, the machine's draft and the working copy, also those that the row does not name yet."""
    recording_id = content_ids.recording_id(record.id)
    _erase(ports, record, ports.recordings, recording_id, f"recording/{recording_id}", reason)
    working = (content_ids.transcript_id(record.id), content_ids.machine_draft_id(record.id), record.edited_content_id)
    for content_id in dict.fromkeys((*working, record.transcript_id)):  # the reviewer may have swapped the speakers
        if content_id is not None:
            _erase(ports, record, ports.contents, content_id, f"content/{content_id}", reason)


def _erase(
    ports: ConsentChangePorts,
    record: DraftRecord,
    part: Contents | Recordings,
    object_id: str,
    resource: str,
    reason: str,
) -> None:
    """The digest of the deleted ciphertext is the proof."""
    erase(
        part,
        object_id,
        prove=lambda digest: _record(ports, record, Action.CONTENT_DELETED, resource, reason, digest),
    )


def _record(
    ports: ConsentChangePorts, record: DraftRecord, action: Action, resource: str, reason: str, digest: str = ""
) -> None:
    ports.audit.append(
        AuditEntry(
            action=action,
            actor=ACTOR,
            resource=resource,
            client_id=record.client_id,
            flow_run_id=ports.flow_run_id,
            details={"reason": reason, **({"ciphertext_digest": digest} if digest else {})},
        )
    )
