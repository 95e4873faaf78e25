"""From the chart's document to a transcript: fetch it encrypted, recognize or read it."""

import asyncio
import io
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from therapyflows.core.chart import Appointment, Document, DocumentKind, SessionFields
from therapyflows.core.drafts.closed import name_in_row, require_open
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, Invalid, UnusableSource
from therapyflows.core.session_note import content_ids
from therapyflows.core.session_note.alerts import source_unusable
from therapyflows.core.session_note.consent import SESSION_FIELDS
from therapyflows.core.session_note.model import TRANSCRIPT, SourceKind, Transcript
from therapyflows.core.session_note.off_record import wall_off
from therapyflows.core.session_note.steps.consent import require_consent
from therapyflows.core.session_note.steps.practice import SessionNotePorts
from therapyflows.governance.audit.model import Action
from therapyflows.governance.evidence.model import Segment, Speaker

MAX_TRANSCRIPT_BYTES = 20_000_000


async def fetch_recording(ports: SessionNotePorts, draft_id: str) -> str | None:
    """Copy the recording from the chart into the encrypted store; None when the source is no recording."""
    record = ports.drafts.get(draft_id)
    if record.source_ref == SESSION_FIELDS:
        return None
    document = await ports.ehr.get_document(record.source_ref)
    if document.kind not in (DocumentKind.RECORDING, DocumentKind.DICTATION):
        return None
    if record.recording_id is not None:
        return record.recording_id
    require_open(record)
    await require_consent(ports, record)
    recording_id = content_ids.recording_id(draft_id)
    keep_until = ports.clock() + timedelta(days=ports.policy.retention.recording_days)
    with ports.recordings.writer(
        record.client_id, recording_id, document.content_type, retain_until=keep_until
    ) as encrypted:
        await ports.ehr.download_document(document, encrypted)
    name_in_row(
        ports,
        record,
        tell=lambda: ports.record_once(
            Action.RECORDING_STORED,
            f"recording/{recording_id}",
            client_id=record.client_id,
            digest=f"sha256:{document.sha256}",
            bytes=document.size_bytes,
            retain_until=keep_until.isoformat(),
        ),
        recording_id=recording_id,
    )
    return recording_id


async def transcribe(ports: SessionNotePorts, draft_id: str, on_progress: Callable[[float], None]) -> str:
    """Turn the source into a stored transcript and return its content id.

    An unusable source fails the draft, leaves a task for the clinician in the chart, and raises UnusableSource.
    """
    record = ports.drafts.get(draft_id)
    if record.transcript_id is not None:
        return record.transcript_id
    require_open(record)
    await require_consent(ports, record)
    appointment = await ports.ehr.get_appointment(record.appointment_id)
    try:
        transcript = wall_off(await _read_source(ports, record, appointment, on_progress))
    except UnusableSource as error:
        await _give_up(ports, record, appointment, error)
        raise
    return _store_transcript(ports, record, transcript)


async def _read_source(
    ports: SessionNotePorts, record: DraftRecord, appointment: Appointment, on_progress: Callable[[float], None]
) -> Transcript:
    if record.source_ref == SESSION_FIELDS:
        return transcript_of_fields(appointment.session_fields or SessionFields())
    document = await ports.ehr.get_document(record.source_ref)
    if record.recording_id is not None:
        return await asyncio.to_thread(_recognize, ports, record.recording_id, document, appointment, on_progress)
    if document.kind == DocumentKind.TRANSCRIPT:
        return await _uploaded_transcript(ports, document)
    raise Invalid("unexpected_document_kind", document=document.id)


def _recognize(
    ports: SessionNotePorts,
    recording_id: str,
    document: Document,
    appointment: Appointment,
    on_progress: Callable[[float], None],
) -> Transcript:
    with ports.recordings.open(recording_id) as recording:
        return ports.recognizer().transcribe(
            recording,
            dictation=document.kind == DocumentKind.DICTATION,
            expected_minutes=appointment.actual_minutes if document.kind == DocumentKind.RECORDING else None,
            on_progress=on_progress,
        )


async def _uploaded_transcript(ports: SessionNotePorts, document: Document) -> Transcript:
    if document.size_bytes > MAX_TRANSCRIPT_BYTES:
        raise UnusableSource(
            "transcript_too_large",
            "The transcript file is larger than 20 MB.",
            remedy="Upload the transcript of this one session as text.",
            document=document.id,
        )
    buffer = io.BytesIO()
    await ports.ehr.download_document(document, buffer)
    return await asyncio.to_thread(ports.read_transcript, buffer.getvalue(), document.file_name)


def transcript_of_fields(fields: SessionFields) -> Transcript:
    """The clinician's own typed session fields as a transcript: one segment a line, no times."""
    typed = (fields.notes, fields.interventions, fields.homework)
    lines = [line.strip() for text in typed if text for line in text.splitlines() if line.strip()]
    if fields.mood_rating is not None:
        lines.append(f"Mood rating: {fields.mood_rating} of 10.")
    if not lines:
        raise UnusableSource(
            "session_fields_empty",
            "The session fields are empty.",
            remedy="Fill in the session fields, or upload a recording or a transcript.",
        )
    segments = tuple(
        Segment(id=f"s{i}", speaker=Speaker.THERAPIST, start_s=0.0, end_s=0.0, text=line)
        for i, line in enumerate(lines, start=1)
    )
    return Transcript(source=SourceKind.SESSION_FIELDS, duration_s=0.0, segments=segments)


async def _give_up(
    ports: SessionNotePorts, record: DraftRecord, appointment: Appointment, error: UnusableSource
) -> None:
    await ports.ehr.create_task(source_unusable(appointment, record.source_ref, error))
    ports.record_once(Action.TASK_CREATED, f"draft/{record.id}", client_id=record.client_id, outcome=error.code)
    with suppress(Conflict):  # cancelled meanwhile: that stands
        ports.drafts.move(record.id, expected=[DraftState.PREPARING], to=DraftState.FAILED, failure_code=error.code)


def _store_transcript(ports: SessionNotePorts, record: DraftRecord, transcript: Transcript) -> str:
    content_id = content_ids.transcript_id(record.id)
    ports.contents.put(
        record.client_id,
        "transcript",
        TRANSCRIPT.dump_json(transcript),
        content_id=content_id,
        retain_until=ports.keep_until("transcript"),
        draft_id=record.id,
    )
    name_in_row(
        ports,
        record,
        tell=lambda: ports.record_once(
            Action.TRANSCRIPT_STORED,
            f"content/{content_id}",
            client_id=record.client_id,
            segments=len(transcript.segments),
            seconds=round(transcript.duration_s, 1),
            notices=len(transcript.warnings),
            withheld=len(transcript.withheld),
        ),
        transcript_id=content_id,
    )
    return content_id
