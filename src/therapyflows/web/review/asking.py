"""A co-signature is asked for, and what came of it is shown to whoever asked."""

import asyncio

import structlog

from therapyflows.core.drafts.cosign_back import comment_of
from therapyflows.core.drafts.cosigning import ask_cosigners, cosigners
from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.errors import TherapyFlowsError
from therapyflows.core.notices import Notice
from therapyflows.governance.audit.model import Actor
from therapyflows.web.review.deps import ReviewDeps

log = structlog.get_logger()


async def ask_now(deps: ReviewDeps, record: DraftRecord, decision: Decision) -> None:
    """A task for the supervisors at once; what fails here ``review-watch`` makes up for."""
    found = await asyncio.to_thread(deps.decisions.cosignatures.of, decision.id)
    if found is None or found.reminders_sent:
        return
    try:
        assignees = cosigners(await deps.colleagues(), record, decision, deps.cosign)
        by = Actor("service", "review")
        await ask_cosigners(record, decision, assignees, create_task=deps.create_task, audit=deps.audit, by=by)
        await asyncio.to_thread(deps.decisions.cosignatures.reminded, decision.id, 1)
    except TherapyFlowsError as error:
        log.warning("cosigners_not_asked_yet", code=error.code, draft_id=record.id)


def sent_back_notice(deps: ReviewDeps, record: DraftRecord) -> tuple[Notice, ...]:
    """What the supervisor wants changed, in their words."""
    comment = comment_of(record, decisions=deps.decisions, contents=deps.contents)
    return (Notice("cosign_sent_back", f"Your supervisor sent this back: {comment}"),) if comment else ()
