"""Canaries in off-record words and psychotherapy notes: they reach no prompt, no draft, no entry and no task.

The model is an HTTP server on this machine that keeps every byte it was sent; it may see clear text, so nothing but the
walls stands between it and the canaries.
"""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.core.conftest import START
from tests.integrations.llm.conftest import FakeProvider, provider

from therapyflows.app.drafting import drafter_of, language_model
from therapyflows.app.settings import Settings
from therapyflows.core.chart import DocumentKind, Note, NoteSection, NoteStatus
from therapyflows.core.drafts.consent import require_before_call
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Refused
from therapyflows.core.session_note import steps
from therapyflows.core.session_note.model import DRAFT, TRANSCRIPT
from therapyflows.governance.audit.model import Action, Actor

__all__ = ["provider"]

CANARIES = ("violet lighthouse", "marmalade ladder", "copper pigeon", "velvet anchor")
TALK = f"""\
Therapist: How have you been since last week?
Client: I slept four hours a night. Off the record, the {CANARIES[0]} hums and I have panic disorder.
Therapist: I hear you.
Client: My brother says {CANARIES[0]}. Okay, back on the record. I walked every day.
Therapist: Process note: she reminds me of the {CANARIES[1]}. End process note.
Therapist: For next week, please keep the log.
Client: I will keep the log.
"""
SAID = "I slept four hours a night"


def note(note_type: str, plan: str, days_ago: int) -> Note:
    return Note(
        id=f"n-{note_type}", client_id="c-1", appointment_id="a-0", clinician_id="u-1", type=note_type,
        draft_content=(NoteSection(name="Plan", text=plan),), status=NoteStatus.SIGNED,
        created_at=START - timedelta(days=days_ago),
    )  # fmt: skip


@pytest.fixture
def wired(practice: Any, tmp_path: Path, provider: FakeProvider) -> Any:
    """The drafter as the application wires it, with the recording model behind it."""
    answer = {
        "statements": [
            {"section": "subjective", "kind": "reported", "text": "Client slept four hours a night.",
             "segments": ["s2"], "quote": SAID}
        ]
    }  # fmt: skip
    provider.then(lambda exchange: exchange.complete(json.dumps(answer)))
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path,
            "ehr": {"base_url": "https://ehr.example.com", "client_id": "tf", "client_secret": "s"},
            "store": {"practice_key": "k", "audit_signing_key": "k"},
            "review": {"session_key": "k"},
            "llm": {
                "provider": "openai",
                "endpoint": provider.url,
                "model": "m",
                "api_key": "k",
                "covered_by_baa": True,
            },
        }
    )
    before_call = partial(
        require_before_call, practice.ehr, practice.store.drafts, leaves_machine=True, clock=practice.clock
    )
    language_model.cache_clear()
    drafter = drafter_of(settings, practice.store, Actor("service", "worker"), "run-1", before_call=before_call)
    practice.document("d-t", content=TALK.encode(), kind=DocumentKind.TRANSCRIPT)
    practice.ehr.add(note("progress_note", "Planned: keep a sleep diary.", 14))
    practice.ehr.add(note("psychotherapy_note", f"The {CANARIES[2]} again.", 7))
    return practice.ports(drafter=drafter)


async def test_no_canary_is_in_any_prompt_draft_entry_or_task(
    practice: Any, wired: Any, provider: FakeProvider
) -> None:
    record = await practice.prepare(document_id="d-t", ports=wired)
    sent = b"".join(provider.bodies).decode()
    assert SAID in sent, "the session reached the model, so the search means something"
    assert "sleep diary" in sent, "and so did the progress note before it"
    store = practice.store
    transcript = TRANSCRIPT.validate_json(store.contents.get(record.transcript_id))
    draft = DRAFT.validate_json(store.contents.get(record.draft_content_id))
    assert draft.drafter == "openai:m"
    kept = [
        store.contents.get(item.id).decode() for item in store.contents.of_client("c-1") if item.kind != "transcript"
    ]
    assert len(kept) >= 3, "the prompt, the answer and the draft"
    everywhere = [sent, repr(draft), repr(transcript.on_record), *kept]
    everywhere += [repr(entry) for entry in store.audit.search()] + [repr(task) for task in practice.tasks()]
    assert [canary for canary in CANARIES for text in everywhere if canary in text.lower()] == []
    assert "F41.0" not in repr(draft.codes)
    assert CANARIES[0] in repr(transcript), "the clinician can still see it"


async def test_a_psychotherapy_note_as_a_source_is_refused_unread_with_a_task(practice: Any, wired: Any) -> None:
    practice.document("d-p", content=f"The {CANARIES[3]}.".encode(), kind=DocumentKind.PSYCHOTHERAPY_NOTE)
    for _ in range(2):
        with pytest.raises(Refused, match="psychotherapy_note_refused"):
            await steps.open_draft(wired, "a-1", "d-p")
    assert practice.store.drafts.for_appointment("a-1") == []
    assert len(practice.tasks("psychotherapy note")) == 1
    assert [e.outcome for e in practice.entries(Action.CONSENT_CHECKED)] == ["psychotherapy_note_refused"]
    assert practice.store.contents.of_client("c-1") == []


async def test_a_source_of_nothing_but_a_psychotherapy_note_becomes_a_task(practice: Any, wired: Any) -> None:
    practice.document("d-t", content=b"Therapist: Psychotherapy note: x.\nTherapist: y.", kind=DocumentKind.TRANSCRIPT)
    record = await steps.open_draft(wired, "a-1", "d-t")
    assert record is not None
    with pytest.raises(Exception, match="nothing_on_record"):
        await steps.transcribe(wired, record.id, lambda done: None)
    assert practice.store.drafts.get(record.id).state is DraftState.FAILED
    assert len(practice.tasks("cannot be used")) == 1
