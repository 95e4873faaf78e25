"""What became of a draft: who decided what, what was posted where, and undoing it while that is possible."""

import asyncio
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from therapyflows.core.chart import Client, NoteSection
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.drafts.reasons import default_reasons
from therapyflows.core.errors import NotFound
from therapyflows.core.session_note.model import DRAFT, Draft
from therapyflows.core.session_note.rendering import render_sections
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.audit.model import Action
from therapyflows.web.review import desk
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.intake_view import NEW_CLIENT
from therapyflows.web.review.people import Reviewer
from therapyflows.web.review.view import display_name

STATES = {
    DraftState.PREPARING: ("Being prepared", "The draft is still being made. It will appear in your queue."),
    DraftState.IN_REVIEW: ("Decided", "Your decision is recorded and is being carried out."),
    DraftState.APPROVED: ("Approved, being posted", "The note is on its way into the chart as an unlocked draft."),
    DraftState.POSTED: (
        "Posted",
        "The note stands in the chart as an unlocked draft, exactly as approved. Sign it there.",
    ),
    DraftState.REJECTED: ("Rejected", "Nothing was written to the chart."),
    DraftState.EXPIRED: ("Expired", "Nobody decided in time. Nothing was written to the chart."),
    DraftState.CANCELLED: ("Withdrawn", "Consent was withdrawn or a better source came. Nothing was written."),
    DraftState.FAILED: ("Not posted", "The note could not be filed. You have a task in the EHR that says why."),
    DraftState.INCIDENT: (
        "Please check the chart",
        "What stands in the chart is not what was approved. Compare the note before signing it.",
    ),
}

INTAKE_STATES = {
    DraftState.PREPARING: ("Being read", "The form is still being read. It will appear in your queue."),
    DraftState.APPROVED: ("Approved, being written", "The record is on its way into the chart."),
    DraftState.POSTED: (
        "Written",
        "The client’s record stands in the chart as approved. The welcome message waits there as a draft.",
    ),
    DraftState.FAILED: ("Not written", "The record could not be written. You have a task in the EHR that says why."),
    DraftState.INCIDENT: (
        "Please check the chart",
        "What stands in the chart is not what was approved. Compare the client’s record.",
    ),
}
"""Where an intake has other words."""


UNSIGNED = (
    "Approved, waits for a co-signature",
    "Your supervisor has a task to read and co-sign it. It is not filed before.",
)

HELD = {
    Verdict.APPROVE: ("Approved", "Your decision stands. Nothing has gone to the chart yet: you can still undo it."),
    Verdict.REJECT: ("Rejected", "Your decision stands. Nothing goes to the chart; you can still undo it."),
}
"""While the decision can be undone."""
_DECIDED = (DraftState.IN_REVIEW, DraftState.APPROVED, DraftState.REJECTED)


@dataclass(frozen=True, slots=True)
class Posted:
    """What was approved, exactly as it goes to the chart."""

    sections: tuple[NoteSection, ...]
    codes: tuple[str, ...]


def state_words(
    record: DraftRecord, decision: Decision | None, *, unsigned: bool = False
) -> dict[str, str | bool | None]:
    """``unsigned``: approved, and the co-signature that it needs is missing."""
    held = decision is not None and decision.is_held and record.state in _DECIDED
    own = INTAKE_STATES if record.workflow == "intake" else {}
    title, words = own.get(record.state, STATES[record.state])
    if unsigned and record.state is DraftState.APPROVED:
        title, words = UNSIGNED
    if decision is not None and held:
        title, words = HELD[decision.verdict]
    moving = held or record.state in (DraftState.PREPARING, DraftState.IN_REVIEW, DraftState.APPROVED)
    return {
        "state": record.state.value,
        "title": title,
        "message": words,
        "note_id": record.ehr_note_id,
        "held": held,
        "reviewing": record.state is DraftState.IN_REVIEW and decision is None,
        "final": not moving,
    }


async def outcome(
    request: Request,
    deps: ReviewDeps,
    reviewer: Reviewer,
    record: DraftRecord,
    decision: Decision | None,
    client: Client | None,
) -> Response:
    """``client`` None: somebody who stands in no chart yet."""
    record_words = state_words(record, decision, unsigned=await asyncio.to_thread(is_unsigned, deps, decision))
    response: Response = request.app.state.pages.render(
        request,
        "outcome.html",
        reviewer=reviewer,
        title=str(record_words["title"]),
        record=record,
        state=record_words,
        what="Intake form" if record.workflow == "intake" else f"{record.format.upper()} note",
        decision=decision,
        decided_by=await _name_of(deps, decision.decided_by) if decision is not None else None,
        verdict_words=_verdict_words(decision),
        reason=_reason(deps, record, decision),
        can_undo=bool(record_words["held"]) and decision is not None and decision.decided_by == reviewer.user.id,
        posted=await asyncio.to_thread(_posted, deps, reviewer, record, decision),
        note_url=_note_url(deps, record),
        client_name=display_name(client) if client else NEW_CLIENT,
        emergency=reviewer.emergency_on(record),
    )
    return response


def is_unsigned(deps: ReviewDeps, decision: Decision | None) -> bool:
    return decision is not None and deps.decisions.cosignatures.is_missing(decision.id)


def _verdict_words(decision: Decision | None) -> str:
    """``Approved with 3 edits``."""
    if decision is not None and decision.verdict is Verdict.REDRAFT:
        return "Sent back for another draft"
    if decision is None or decision.verdict is not Verdict.APPROVE:
        return "Rejected" if decision is not None else ""
    if decision.edits is None:
        return "Approved"
    return (
        f"Approved with {decision.edits} edit{'' if decision.edits == 1 else 's'}"
        if decision.edits
        else ("Approved without edits")
    )


def _reason(deps: ReviewDeps, record: DraftRecord, decision: Decision | None) -> str | None:
    """In the words of today's list, else in those that came with the product, else its code."""
    if decision is None or decision.reason_code is None:
        return None
    code = decision.reason_code
    lists = (deps.reasons.get(record.workflow, {}), default_reasons().get(record.workflow, {}))
    return next((reasons[code] for reasons in lists if code in reasons), code.replace("_", " "))


def _posted(deps: ReviewDeps, reviewer: Reviewer, record: DraftRecord, decision: Decision | None) -> Posted | None:
    """The approved note, while it is kept; that it was shown is told to the trail."""
    if record.workflow != "session-note" or decision is None or decision.content_id is None:
        return None
    try:
        draft: Draft = DRAFT.validate_json(deps.contents.get(decision.content_id))
    except NotFound:
        return None
    actor = reviewer.acting_on(record)
    desk.audit(deps, record, Action.DRAFT_VIEWED, actor, version=record.version, what="approved_note")
    codes = tuple(f"{code.code} {code.label}" for code in draft.codes)
    return Posted(render_sections(draft, load_template(draft.format)), codes)


def _note_url(deps: ReviewDeps, record: DraftRecord) -> str | None:
    if not deps.ehr_note_url or record.ehr_note_id is None:
        return None
    return deps.ehr_note_url.format(
        note_id=quote(record.ehr_note_id, safe=""),
        client_id=quote(record.client_id, safe=""),
        appointment_id=quote(record.appointment_id, safe=""),
    )


async def _name_of(deps: ReviewDeps, user_id: str) -> str:
    try:
        return (await deps.users(user_id)).name
    except NotFound:
        return user_id
