"""A client withdrew a consent: stop what is running and delete what it covered, with proof.

Undecided drafts are cancelled and their runs with them; their recordings, transcripts and drafts are deleted.  Notes
that a clinician approved belong to the medical record and stay.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from therapyflows.core.errors import Conflict, NotFound
from therapyflows.core.ports import AuditTrail, Contents, Drafts, Ehr, Recordings, Runs
from therapyflows.core.session_note.model import DraftRecord, DraftState
from therapyflows.core.session_note.steps.opening import consent_records, source_is_recording
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.governance.consent.policy import session_note_allowed

ACTOR = Actor(kind="service", id="consent-change")
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

    Called again it finds nothing left to do.
    """
    client = await ports.ehr.get_client(client_id)
    cancelled = []
    for record in ports.drafts.in_state(UNDECIDED):
        if record.client_id != client_id:
            continue
        answer = session_note_allowed(
            consent_records(client),
            source_is_recording=await source_is_recording(ports.ehr, record),
            client_opt_out=client.ai_opt_out,
            clinician_opt_out=False,
            part2=client.part2_program,
            model_leaves_machine=False,
            now=ports.clock(),
        )
        if not answer.allowed and await _cancel(ports, record, answer.reason):
            cancelled.append(record.id)
    return cancelled


async def _cancel(ports: ConsentChangePorts, record: DraftRecord, reason: str) -> bool:
    try:
        ports.drafts.move(record.id, expected=UNDECIDED, to=DraftState.CANCELLED, failure_code=reason)
    except Conflict:
        return False  # approved at this moment: posting checks the consent once more
    _record(ports, record, Action.DRAFT_CANCELLED, f"draft/{record.id}", reason)
    if record.flow_run_id is not None:
        with suppress(NotFound):  # the orchestrator has forgotten the run; the row is what counts
            await ports.runs.cancel(record.flow_run_id)
    _delete_all(ports, record, reason)
    return True


def _delete_all(ports: ConsentChangePorts, record: DraftRecord, reason: str) -> None:
    if record.recording_id is not None:
        digest = ports.recordings.delete(record.recording_id)
        _prove(ports, record, f"recording/{record.recording_id}", digest, reason)
    for content_id in (record.transcript_id, record.draft_content_id, record.edited_content_id):
        if content_id is not None:
            _prove(ports, record, f"content/{content_id}", ports.contents.delete(content_id), reason)


def _prove(ports: ConsentChangePorts, record: DraftRecord, resource: str, digest: str | None, reason: str) -> None:
    """The digest of the deleted ciphertext is the proof; None means that it was gone already."""
    if digest is not None:
        _record(ports, record, Action.CONTENT_DELETED, resource, reason, digest)


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
