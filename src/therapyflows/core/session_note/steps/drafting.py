"""From the transcript to a checked draft that waits for its reviewer."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from therapyflows.core.drafts.closed import name_in_row, require_open
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.ids import derived_id
from therapyflows.core.notices import Notice
from therapyflows.core.session_note import content_ids
from therapyflows.core.session_note.finishing import finding_counts, finish_draft, grade_counts
from therapyflows.core.session_note.judging import with_second_opinion
from therapyflows.core.session_note.model import DRAFT, TRANSCRIPT, Draft, SessionContext, Transcript
from therapyflows.core.session_note.steps.consent import ending_without_consent, require_consent
from therapyflows.core.session_note.steps.context import load_context
from therapyflows.core.session_note.steps.practice import SessionNotePorts
from therapyflows.core.session_note.styling import left_out, with_style
from therapyflows.core.session_note.templates import load_template
from therapyflows.core.style.keeping import profile_of
from therapyflows.core.style.model import Profile
from therapyflows.governance.audit.model import Action


async def draft_note(ports: SessionNotePorts, draft_id: str) -> str:
    """Draft and check the note; store it and return its content id."""
    record = ports.drafts.get(draft_id)
    if record.draft_content_id is not None:
        return record.draft_content_id
    require_open(record)
    await require_consent(ports, record)
    transcript = TRANSCRIPT.validate_json(ports.contents.get(record.transcript_id or ""))
    style = profile_of(ports.contents, record.clinician_id)
    context = replace(await load_context(ports.ehr, record), style=style)
    async with ending_without_consent(ports, record):
        draft = await compose_draft(ports, transcript, context, record.format)
    draft, columns = _shown_without(ports, record, draft, style)
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
            style=draft.style or "",
        ),
        draft_content_id=content_id,
        **columns,
    )
    return content_id


def _shown_without(
    ports: SessionNotePorts, record: DraftRecord, draft: Draft, style: Profile
) -> tuple[Draft, dict[str, str]]:
    """A first working copy without the lines that the clinician asked to leave out; none when there are no such."""
    count = len(draft.statements) - len(left_out(draft, style).statements)
    if not count:
        return draft, {}
    said = f"{count} line{'s' if count > 1 else ''} of a form that you asked to leave out can be put back below."
    draft = replace(draft, warnings=(*draft.warnings, Notice("left_out_by_style", said)))
    working = left_out(draft, style)
    content_id = derived_id("cnt", record.id, "edited", style.reference)
    ports.contents.put(
        record.client_id,
        "edited_draft",
        DRAFT.dump_json(working),
        content_id=content_id,
        retain_until=ports.keep_until("edited_draft"),
        draft_id=record.id,
    )
    return draft, {"edited_content_id": content_id}


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
    if judge is not None:
        finished = await with_second_opinion(finished, heard, judge, patience_s=ports.policy.judge_patience_s)
    return await asyncio.to_thread(with_style, finished, heard, context, context.style)
