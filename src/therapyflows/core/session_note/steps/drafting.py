"""From the transcript to a checked draft that waits for its reviewer."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from therapyflows.core.errors import Conflict
from therapyflows.core.run_ports import RunPorts
from therapyflows.core.session_note import content_ids
from therapyflows.core.session_note.finishing import finding_counts, finish_draft, grade_counts
from therapyflows.core.session_note.judging import with_second_opinion
from therapyflows.core.session_note.model import (
    DRAFT,
    TRANSCRIPT,
    Draft,
    DraftState,
    SessionContext,
    Transcript,
)
from therapyflows.core.session_note.steps.closed import name_in_row, require_open
from therapyflows.core.session_note.steps.consent import ending_without_consent, require_consent
from therapyflows.core.session_note.steps.context import load_context
from therapyflows.core.session_note.steps.practice import SessionNotePorts
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.audit.model import Action


async def draft_note(ports: SessionNotePorts, draft_id: str) -> str:
    """Draft and check the note; store it and return its content id."""
    record = ports.drafts.get(draft_id)
    if record.draft_content_id is not None:
        return record.draft_content_id
    require_open(record)
    await require_consent(ports, record)
    transcript = TRANSCRIPT.validate_json(ports.contents.get(record.transcript_id or ""))
    context = await load_context(ports.ehr, record)
    async with ending_without_consent(ports, record):
        draft = await compose_draft(ports, transcript, context, record.format)
    content_id = content_ids.machine_draft_id(draft_id)
    ports.contents.put(
        record.client_id,
        "draft",
        DRAFT.dump_json(draft),
        content_id=content_id,
        retain_until=ports.keep_until("draft"),
        draft_id=draft_id,
    )
    name_in_row(
        ports,
        record,
        tell=lambda: ports.record_once(
            Action.DRAFT_STORED,
            f"draft/{draft_id}",
            client_id=record.client_id,
            drafter=draft.drafter,
            fallback=draft.fallback_from or "",
            statements=len(draft.statements),
            grades=_listed(grade_counts(draft)),
            findings=_listed(finding_counts(draft)),
        ),
        draft_content_id=content_id,
    )
    return content_id


def _listed(counts: Mapping[str, int]) -> str:
    return " ".join(f"{name}={count}" for name, count in sorted(counts.items()))


async def compose_draft(
    ports: SessionNotePorts, transcript: Transcript, context: SessionContext, note_format: str
) -> Draft:
    """Draft, propose codes, check: the whole of what the machine says about one session.

    What is withheld stays here: neither the drafter nor the checks get it.
    """
    heard = transcript.on_record
    draft = await ports.drafter(heard, context, load_template(note_format))
    finished = await asyncio.to_thread(finish_draft, draft, heard, context)
    judge = await ports.judge_of(context) if ports.judge_of else None
    if judge is None:
        return finished
    return await with_second_opinion(finished, heard, judge, patience_s=ports.policy.judge_patience_s)


async def submit_for_review(ports: RunPorts, draft_id: str) -> None:
    """Put the draft into its reviewer's queue.  Called again, it changes nothing."""
    with suppress(Conflict):  # submitted by an earlier try, or closed meanwhile
        ports.drafts.move(
            draft_id,
            expected=[DraftState.PREPARING],
            to=DraftState.IN_REVIEW,
            deadline=ports.clock() + ports.policy.review_within,
            flow_run_id=ports.flow_run_id,
        )
    record = ports.drafts.get(draft_id)
    if record.deadline is not None:
        ports.record_once(
            Action.DRAFT_SUBMITTED,
            f"draft/{draft_id}",
            client_id=record.client_id,
            deadline=record.deadline.isoformat(),
        )
