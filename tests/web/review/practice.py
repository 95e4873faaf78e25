"""Made-up people and one realistic session of theirs, ready to be put into a store."""

import io
import json
import wave
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from therapyflows.core.chart import Appointment, Client, Role, User
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.ids import derived_id
from therapyflows.core.notices import Notice
from therapyflows.core.session_note.model import (
    DRAFT,
    TRANSCRIPT,
    CodeProposal,
    Draft,
    SourceKind,
    Statement,
    StatementKind,
    Transcript,
)
from therapyflows.governance.evidence.model import Grade, Segment, Span, Speaker
from therapyflows.integrations.store import Store

HERE = Path(__file__).parent
TURN_S = 6.0

CLINICIAN = User(id="u-clin", name="Wren Tamarack", credential="LCSW", roles=(Role.CLINICIAN,), caseload=("c-1", "c-2"))
COLLEAGUE = User(id="u-coll", name="Basil Nocturne", credential="PsyD", roles=(Role.CLINICIAN,), caseload=("c-9",))
SUPERVISOR = User(id="u-sup", name="Olive Penhallow", roles=(Role.SUPERVISOR, Role.CLINICIAN), supervises=("u-clin",))
BILLER = User(id="u-bill", name="Penny Ledgerton", roles=(Role.BILLING_MANAGER,), caseload=("c-1",))
MANAGER = User(id="u-mgr", name="Greta Frontdoor", roles=(Role.PRACTICE_ADMINISTRATOR,))

CLIENTS = (
    Client(id="c-1", first_name="Marigold", last_name="Fernweh", pronouns="she/her"),
    Client(id="c-2", first_name="Jasper", last_name="Quillfeather", preferred_name="Jaz"),
)


def session_transcript() -> Transcript:
    turns = json.loads((HERE / "session.json").read_text("utf-8"))["turns"]
    segments = tuple(
        Segment(f"s{i}", Speaker(who), (i - 1) * TURN_S, i * TURN_S - 0.4, said)
        for i, (who, said) in enumerate(turns, 1)
    )
    uncertain = Notice(
        "roles_uncertain", "Which voice is the therapist's is uncertain; swap the speakers if it is wrong."
    )
    return Transcript(
        SourceKind.RECORDING,
        len(turns) * TURN_S,
        segments,
        recognizer="faster-whisper base int8",
        warnings=(uncertain,),
    )


def session_draft() -> Draft:
    data = json.loads((HERE / "session.json").read_text("utf-8"))

    def spans(found: list[tuple[int, str]]) -> tuple[Span, ...]:
        return tuple(Span(f"s{i}", (i - 1) * TURN_S + 0.5, i * TURN_S - 0.4, quote) for i, quote in found)

    statements = tuple(
        Statement(
            id=s["id"],
            section=s["section"],
            text=s["text"],
            kind=StatementKind(s["kind"]),
            evidence=spans(s["evidence"]),
            grade=Grade(s["grade"]),
            reasons=tuple(s.get("reasons", ())),
        )
        for s in data["statements"]
    )
    codes = tuple(
        CodeProposal(c["system"], c["code"], c["label"], c["reason"], spans(c["evidence"])) for c in data["codes"]
    )
    return Draft("soap", "evidence", statements, codes, prompt_version="soap-evidence/1")


def recording_bytes(seconds: float) -> bytes:
    """A tone that changes with every turn, 8-bit mono."""
    rate = 8000
    at = np.arange(int(seconds * rate)) / rate
    pitch = 220 + 40 * (at // TURN_S % 7)
    samples = (128 + 30 * np.sin(2 * np.pi * pitch * at)).astype(np.uint8)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return out.getvalue()


RECORDING = recording_bytes(40 * TURN_S)


def seed_draft(
    store: Store,
    number: int,
    client_id: str,
    now: datetime,
    *,
    draft: Draft | None = None,
    transcript: Transcript | None = None,
) -> str:
    draft_id = derived_id("drf", str(number))
    kept = now + timedelta(days=7)
    run_id = f"run-{number}"
    store.contents.put(
        client_id,
        "transcript",
        TRANSCRIPT.dump_json(transcript or session_transcript()),
        content_id=f"cnt_t{number}",
        retain_until=kept,
    )
    store.contents.put(client_id, "draft", DRAFT.dump_json(draft or session_draft()), content_id=f"cnt_d{number}")
    with store.recordings.writer(client_id, f"rec_{number}", "audio/wav", retain_until=kept) as file:
        file.write(RECORDING)
    store.drafts.claim(
        DraftRecord(
            id=draft_id,
            workflow="session-note",
            client_id=client_id,
            clinician_id=CLINICIAN.id,
            appointment_id=f"a-{number}",
            source_ref=f"doc-{number}",
            format="soap",
            state=DraftState.PREPARING,
            version=1,
            created_at=now - timedelta(hours=5),
            updated_at=now,
            deadline=now + timedelta(days=9),
            flow_run_id=run_id,
            recording_id=f"rec_{number}",
            transcript_id=f"cnt_t{number}",
            draft_content_id=f"cnt_d{number}",
        )
    )
    store.drafts.move(draft_id, expected=[DraftState.PREPARING], to=DraftState.IN_REVIEW)
    return draft_id


def hostile_session(payload: str) -> dict[str, object]:
    """Transcript and draft of the session with the payload in the second turn and in the first statement."""
    transcript, draft = session_transcript(), session_draft()
    turns, first = list(transcript.segments), draft.statements[0]
    turns[1] = replace(turns[1], text=f"She said {payload} to me.")
    spans = (Span("s2", 6.5, 11.0, payload),)
    statements = (replace(first, text=f"Client said {payload}.", evidence=spans), *draft.statements[1:])
    return {
        "transcript": replace(transcript, segments=tuple(turns)),
        "draft": replace(draft, statements=statements),
    }


def appointment(appointment_id: str) -> Appointment:
    start = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    return Appointment(
        id=appointment_id,
        client_id="c-1",
        clinician_id=CLINICIAN.id,
        start=start,
        end=start + timedelta(minutes=55),
        actual_minutes=53,
        modality="video",
    )
