"""Drafting as it is wired: which drafter a practice uses, and the draft of a single file on this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from therapyflows.app.settings import FileSettings, Settings
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.finishing import finish_draft
from therapyflows.core.session_note.model import Draft, SessionContext, Template, Transcript
from therapyflows.core.session_note.steps.practice import Drafter
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.audit.model import Actor
from therapyflows.integrations.store import Store

TRANSCRIPT_ENDINGS = frozenset({".txt", ".vtt", ".srt", ".json"})


def drafter_of(settings: Settings, store: Store, actor: Actor, flow_run_id: str | None) -> Drafter:
    """The practice's drafter."""
    return draft_with_evidence


async def draft_with_evidence(transcript: Transcript, context: SessionContext | None, template: Template) -> Draft:
    """The embedded drafter: selects and files what was said; no model, nothing leaves the process."""
    return draft_from_evidence(transcript, context, template)


@dataclass(frozen=True, slots=True)
class FileDraft:
    transcript: Transcript
    draft: Draft
    template: Template


def draft_file(
    file: Path,
    note_format: str,
    *,
    dictation: bool = False,
    minutes: int | None = None,
    on_progress: Callable[[str, float], None] = lambda step, done: None,
) -> FileDraft:
    """Transcribe (or read) the file and draft the note.

    Raises UnusableSource, Invalid (unknown format), FileNotFoundError, IsADirectoryError, PermissionError.
    """
    template = load_template(note_format)
    transcript = read_source(file, dictation=dictation, minutes=minutes, on_progress=on_progress)
    on_progress("Drafting", 0.0)
    draft = draft_from_evidence(transcript, None, template)
    return FileDraft(transcript, finish_draft(draft, transcript, None), template)


def read_source(
    file: Path, *, dictation: bool, minutes: int | None, on_progress: Callable[[str, float], None]
) -> Transcript:
    """A transcript from a transcript file, or from anything with sound in it."""
    if file.suffix.lower() in TRANSCRIPT_ENDINGS:
        from therapyflows.integrations.documents.transcripts import parse_transcript

        return parse_transcript(file.read_bytes(), file.name)
    from therapyflows.integrations.speech import WhisperRecognizer

    settings = FileSettings()
    recognizer = WhisperRecognizer(settings.speech, cache_dir=settings.data_dir / "models")
    return recognizer.transcribe(
        file, dictation=dictation, expected_minutes=minutes, on_progress=lambda done: on_progress("Transcribing", done)
    )
