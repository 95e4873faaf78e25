"""A draft that was sent back with guidance is made anew, for the same session and the same row."""

from dataclasses import replace
from datetime import datetime

from therapyflows.core.drafts.closed import closed_meanwhile, require_open
from therapyflows.core.drafts.model import Decision, DraftRecord, Verdict
from therapyflows.core.drafts.sending_back import tell_once
from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.core.ids import derived_id
from therapyflows.core.session_note.carrying_over import carried_over
from therapyflows.core.session_note.guidance import Wish, notice_of, wish_of
from therapyflows.core.session_note.model import DRAFT, TRANSCRIPT, Draft
from therapyflows.core.session_note.steps.consent import ending_without_consent, require_consent
from therapyflows.core.session_note.steps.context import load_context
from therapyflows.core.session_note.steps.drafting import compose_draft
from therapyflows.core.session_note.steps.practice import SessionNotePorts
from therapyflows.core.session_note.styling import left_out
from therapyflows.core.style.keeping import profile_of
from therapyflows.core.style.model import Profile
from therapyflows.governance.audit.model import Action

REDRAFTED = "redrafted"
"""``failure_code`` of a draft that was made anew, until it is posted."""
NOT_REDRAFTED = "not_redrafted"


async def redraft_note(ports: SessionNotePorts, draft_id: str) -> str | None:
    """Draft with the guidance and put the draft into review; its content id, or None when there is nothing to do.

    One transaction voids the wish, names the new draft and moves the row: killed before it, everything is done again
    under the same ids; after it, nothing is left to do but the old copies, which end with their period.
    """
    record, decision = ports.drafts.get(draft_id), ports.decisions.for_draft(draft_id)
    if decision is None or decision.verdict is not Verdict.REDRAFT:
        return record.draft_content_id
    require_open(record)
    await require_consent(ports, record)
    try:
        draft = await _draft_again(ports, record, decision)
    except (Invalid, NotFound) as error:  # the transcript is gone meanwhile: the reviewer goes on with what there is
        tell_once(ports, record, decision, Action.REDRAFTED, error.code)
        ports.decisions.redrafted(decision, code=NOT_REDRAFTED, deadline=_deadline(ports))
        return record.draft_content_id
    machine_id = _keep(ports, record, "draft", draft, derived_id("dft", draft_id, decision.id))
    working = carried_over(*_before(ports, record), draft)
    edited_id = derived_id("cnt", draft_id, "edited", decision.id)
    columns: dict[str, str | None] = (
        {"edited_content_id": _keep(ports, record, "edited_draft", working, edited_id)} if working != draft else {}
    )
    tell_once(ports, record, decision, Action.REDRAFTED, "ok", drafter=draft.drafter, format=draft.format)
    columns = {"draft_content_id": machine_id, "format": draft.format, "edited_content_id": None, **columns}
    try:
        ports.decisions.redrafted(decision, code=REDRAFTED, deadline=_deadline(ports), **columns)
    except Conflict:  # consent was withdrawn while it was made
        if ports.drafts.get(draft_id).state.is_final:
            raise closed_meanwhile(ports, record) from None
        raise
    return machine_id


def _deadline(ports: SessionNotePorts) -> datetime:
    return ports.clock() + ports.policy.review_within


async def _draft_again(ports: SessionNotePorts, record: DraftRecord, decision: Decision) -> Draft:
    if record.transcript_id is None or decision.reason_content_id is None:
        raise Invalid("redraft_without_source", draft=record.id)
    guidance = ports.contents.get(decision.reason_content_id).decode()
    transcript = TRANSCRIPT.validate_json(ports.contents.get(record.transcript_id))
    wish = wish_of(guidance)
    style = profile_of(ports.contents, record.clinician_id)
    context = replace(await load_context(ports.ehr, record), style=style, guidance=guidance)
    async with ending_without_consent(ports, record):
        draft = await compose_draft(ports, transcript, context, wish.format or record.format)
    return _without_forms(draft, wish) if draft.drafter == "evidence" else draft


def _without_forms(draft: Draft, wish: Wish) -> Draft:
    """Of a draft without a model: what it made of the guidance."""
    shown = left_out(draft, Profile(left_out=wish.left_out))
    return replace(shown, warnings=(notice_of(wish), *shown.warnings))


def _before(ports: SessionNotePorts, record: DraftRecord) -> tuple[Draft, Draft]:
    """The machine's draft and the reviewer's copy that were sent back."""
    machine = DRAFT.validate_json(ports.contents.get(record.draft_content_id or ""))
    if record.edited_content_id is None:
        return machine, machine
    return machine, DRAFT.validate_json(ports.contents.get(record.edited_content_id))


def _keep(ports: SessionNotePorts, record: DraftRecord, kind: str, draft: Draft, content_id: str) -> str:
    return ports.contents.put(
        record.client_id,
        "draft" if kind == "draft" else "edited_draft",
        DRAFT.dump_json(draft),
        content_id=content_id,
        retain_until=ports.keep_until(kind),
        draft_id=record.id,
    )
