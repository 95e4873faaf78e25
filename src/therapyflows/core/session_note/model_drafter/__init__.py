"""Draft a note with a language model; every statement cites the source, and the evidence drafter is always behind it.

::

    transcript ▸ fits the model? ── yes ──▸ note ─────────────────────────────┐
                      └── no ──▸ facts of each stretch ▸ note from the facts ─┤
                                                                              ▾
         evidence draft ▸ risk, "not assessed", consent, appointment ──▸ merged draft

A model that answers nonsense twice, is down, refuses or is too small is replaced by the evidence draft, which says so.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from therapyflows.core.errors import (
    ConsentMissing,
    ContextOverflow,
    ModelOutputInvalid,
    Refused,
    TherapyFlowsError,
    Transient,
)
from therapyflows.core.notices import Notice
from therapyflows.core.ports import LanguageModel
from therapyflows.core.session_note.model import Draft, SessionContext, Template, Transcript
from therapyflows.core.session_note.model_drafter.asking import Asker, Patience
from therapyflows.core.session_note.model_drafter.passes import Passes, Progress
from therapyflows.core.session_note.model_drafter.statements import merge

__all__ = ["Patience", "draft_with_model"]

_FALLBACK = "The note was drafted without it, from the source alone."
_NOTICES = {
    ModelOutputInvalid: Notice("model_output_invalid", f"The language model's answer could not be used. {_FALLBACK}"),
    Transient: Notice("model_unavailable", f"The language model could not be reached. {_FALLBACK}"),
    ContextOverflow: Notice("model_unavailable", f"The session does not fit the language model. {_FALLBACK}"),
    Refused: Notice("model_refused", f"The language model was not asked or refused to answer. {_FALLBACK}"),
}


async def draft_with_model(
    model: LanguageModel,
    transcript: Transcript,
    context: SessionContext | None,
    template: Template,
    *,
    fallback: Callable[[], Draft],
    patience: Patience | None = None,
    on_progress: Progress = lambda done: None,
) -> Draft:
    """The model's draft, or the fallback's with ``fallback_from`` and a notice.  Never fails for want of a model.

    Raises ConsentMissing when a consent ends while the model is at work.

    ``fallback`` drafts from evidence; it also supplies the lines that no model may write.  ``on_progress`` is called
    with 0..1.
    """
    evidence_draft = await asyncio.to_thread(fallback)
    if not any(segment.text.strip() for segment in transcript.segments):
        return evidence_draft
    passes = Passes(model, Asker(model, patience or Patience()), transcript, context, template, on_progress)
    drafter = f"{model.info.provider}:{model.info.model}"
    try:
        written = await passes.write()
    except ConsentMissing:
        raise  # nobody may go on with this session, with or without a model
    except (ModelOutputInvalid, Transient, ContextOverflow, Refused) as error:
        return _fallen_back(evidence_draft, drafter, error)
    on_progress(1.0)
    return Draft(
        format=template.key,
        drafter=drafter,
        statements=merge(template, written.statements, evidence_draft),
        warnings=(*evidence_draft.warnings, *written.notices()),
        prompt_version=written.prompt_version,
    )


def _fallen_back(evidence_draft: Draft, drafter: str, error: TherapyFlowsError) -> Draft:
    notice = next(notice for kind, notice in _NOTICES.items() if isinstance(error, kind))
    return replace(evidence_draft, fallback_from=drafter, warnings=(notice, *evidence_draft.warnings))
