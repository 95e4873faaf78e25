"""Drafting as it is wired: which drafter a practice uses, and the draft of a single file on this machine."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import cast

from therapyflows.app.detectors import detectors_of
from therapyflows.app.files import require_readable
from therapyflows.app.model_calls import About, ModelCallRecorder
from therapyflows.app.settings import FileSettings, Settings
from therapyflows.core.chart import Client
from therapyflows.core.consents import consent_records
from therapyflows.core.identifiers import chart_identifiers
from therapyflows.core.ports import Judge, LanguageModel
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.finishing import finish_draft
from therapyflows.core.session_note.judging import ModelJudge
from therapyflows.core.session_note.model import Draft, SessionContext, Template, Transcript
from therapyflows.core.session_note.model_drafter import draft_with_model
from therapyflows.core.session_note.off_record import wall_off
from therapyflows.core.session_note.steps.practice import Drafter
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.audit.model import Actor
from therapyflows.governance.consent.part2 import Purpose, Recipient, part2_objection
from therapyflows.governance.phi import ChartIdentifiers, PhiBoundary
from therapyflows.integrations.documents.transcripts import parse_transcript
from therapyflows.integrations.llm import LlmSettings, make_model
from therapyflows.integrations.llm.consented import ConsentedModel
from therapyflows.integrations.llm.guarded import GuardedModel
from therapyflows.integrations.store import Store

TRANSCRIPT_ENDINGS = frozenset({".txt", ".vtt", ".srt", ".json"})


def drafter_of(
    settings: Settings,
    store: Store,
    actor: Actor,
    flow_run_id: str | None,
    *,
    before_call: Callable[[str], Awaitable[None]],
) -> Drafter:
    """The practice's drafter: its language model behind the PHI boundary, or the evidence drafter.

    ``before_call`` gets the draft's id before each call of a model and raises ConsentMissing or Refused.
    """

    async def draft(transcript: Transcript, context: SessionContext, template: Template) -> Draft:
        model = language_model(await llm_settings(settings))
        if model is None:
            return draft_from_evidence(transcript, context, template)
        return await draft_with_model(
            behind_the_boundary(model, settings, store, actor, flow_run_id, context, before_call),
            transcript,
            context,
            template,
            fallback=lambda: draft_from_evidence(transcript, context, template),
        )

    return draft


def judge_of(
    settings: Settings,
    store: Store,
    actor: Actor,
    flow_run_id: str | None,
    *,
    before_call: Callable[[str], Awaitable[None]],
) -> Callable[[SessionContext], Awaitable[Judge | None]] | None:
    """The practice's judge for one session; None when the setting is off."""
    if not settings.judge.enabled:
        return None

    async def judge(context: SessionContext) -> Judge | None:
        model = language_model(await llm_settings(settings))
        if model is None:
            return None
        return ModelJudge(behind_the_boundary(model, settings, store, actor, flow_run_id, context, before_call))

    return judge


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a model is asked about: one client, for one draft."""

    client: Client
    known: ChartIdentifiers
    anchor: date
    """The day that dates are told from."""
    about: About


def behind_the_boundary(
    model: LanguageModel,
    settings: Settings,
    store: Store,
    actor: Actor,
    flow_run_id: str | None,
    context: SessionContext,
    before_call: Callable[[str], Awaitable[None]],
) -> LanguageModel:
    """The model for one session."""
    conversation = Conversation(
        context.client,
        chart_identifiers(context.client, clinician=context.clinician),
        context.appointment.start.date(),
        About(context.client.id, context.draft_id, context.appointment.id),
    )
    return guarded_for(model, settings, store, actor, flow_run_id, conversation, before_call)


def guarded_for(
    model: LanguageModel,
    settings: Settings,
    store: Store,
    actor: Actor,
    flow_run_id: str | None,
    conversation: Conversation,
    before_call: Callable[[str], Awaitable[None]],
) -> LanguageModel:
    """The model for one conversation about one client: consent asked, identifiers replaced, every call recorded."""
    boundary = PhiBoundary(conversation.known, additional=detectors_of(settings.phi_gguf), anchor=conversation.anchor)
    recorder = ModelCallRecorder(store, actor, conversation.about, flow_run_id, settings.retention)
    guarded = GuardedModel(model, boundary, recorder, part2_objection=part2_objection_of(conversation.client))
    return ConsentedModel(guarded, partial(before_call, conversation.about.draft_id or ""))


def part2_objection_of(client: Client) -> Callable[[], str | None] | None:
    """Why the consent of a client of a Part 2 program does not cover a model call now; None for other clients."""
    if not client.part2_program:
        return None
    records = consent_records(client)
    return lambda: part2_objection(
        records, datetime.now(UTC), purpose=Purpose.TREATMENT, recipient=Recipient.PROGRAM_HELPERS
    )


async def llm_settings(settings: Settings) -> LlmSettings:
    """From the block that the settings name, else from the environment."""
    if settings.llm_block is None:
        return settings.llm
    from therapyflows.blocks.connections import LanguageModelConnection  # loads Prefect, which a file needs not

    # Prefect's stub leaves the type of what it loads open.
    block = cast(LanguageModelConnection, await LanguageModelConnection.aload(settings.llm_block))
    return block.settings()


@lru_cache(maxsize=1)
def language_model(settings: LlmSettings) -> LanguageModel | None:
    """The model of this process: a local one takes seconds to load."""
    return make_model(settings)


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
    on_progress: Callable[[str, float], None] = lambda step, done: None,
) -> FileDraft:
    """Transcribe (or read) the file and draft the note, without a language model.

    Off-record words and psychotherapy notes are in neither; a notice says that something was held back.

    Raises UnusableSource, Invalid (unknown format), FileNotFoundError, IsADirectoryError, PermissionError.
    """
    template = load_template(note_format)
    transcript = wall_off(read_source(file, dictation=dictation, on_progress=on_progress)).on_record
    on_progress("Drafting", 0.0)
    draft = draft_from_evidence(transcript, None, template)
    return FileDraft(transcript, finish_draft(draft, transcript, None), template)


def read_source(file: Path, *, dictation: bool, on_progress: Callable[[str, float], None]) -> Transcript:
    """A transcript from a transcript file, or from anything with sound in it."""
    require_readable(file)
    if file.suffix.lower() in TRANSCRIPT_ENDINGS:
        return parse_transcript(file.read_bytes(), file.name)
    from therapyflows.integrations.speech import WhisperRecognizer

    settings = FileSettings()
    recognizer = WhisperRecognizer(settings.speech, cache_dir=settings.data_dir / "models")
    return recognizer.transcribe(file, dictation=dictation, on_progress=lambda done: on_progress("Transcribing", done))
