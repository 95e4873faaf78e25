"""What a filed note teaches about its clinician's wording.  Nothing here may keep a note from being filed."""

import structlog

from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.errors import NotFound, TherapyFlowsError
from therapyflows.core.session_note.model import DRAFT
from therapyflows.core.session_note.steps.practice import SessionNotePorts
from therapyflows.core.session_note.styling import pairs_of
from therapyflows.core.style.keeping import keep_pairs
from therapyflows.core.style.model import PairSet
from therapyflows.core.style.relearning import relearn

log = structlog.get_logger()


def keep_differences(ports: SessionNotePorts, record: DraftRecord) -> None:
    """Store draft and approved lines side by side.  Material of a Part 2 program is not learned from."""
    decision = ports.decisions.for_draft(record.id)
    if decision is None or decision.content_id is None or record.part2:
        return
    try:
        pairs = _pairs(ports, record, decision, decision.content_id)
    except NotFound:  # retention or a withdrawal was faster: there is nothing to learn from
        return
    keep_pairs(ports.contents, pairs, retain_until=ports.keep_until("style_pairs"))


def _pairs(ports: SessionNotePorts, record: DraftRecord, decision: Decision, approved_id: str) -> PairSet:
    machine = DRAFT.validate_json(ports.contents.get(record.draft_content_id or ""))
    approved = DRAFT.validate_json(ports.contents.get(approved_id))
    return PairSet(
        record.id, record.client_id, decision.decided_by, machine.format, pairs_of(machine, approved), machine.style
    )


async def learn_from_approval(ports: SessionNotePorts, record: DraftRecord) -> None:
    """The approver's habits, learned anew."""
    decision = ports.decisions.for_draft(record.id)
    if decision is None:
        return
    try:
        await relearn(
            ports.ehr, ports.contents, ports.audit, decision.decided_by, actor=ports.actor, also=[record.client_id]
        )
    except TherapyFlowsError as error:  # the note is filed; the next one teaches the same
        log.warning("style_not_learned", draft_id=record.id, code=error.code)
