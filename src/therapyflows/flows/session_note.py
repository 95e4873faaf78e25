"""U1, the session note: from the end of a session to an unlocked Draft note in the chart.

A recording (or dictation, transcript, session fields) lands in the chart; the run claims the session, checks consent,
drafts a note in which every statement cites its source, and goes to sleep.  Hours or days later the clinician approves
the corrected draft; the run wakes, checks again that this person may decide, files the note and reads it back.
Somebody who lost the right to decide meanwhile has decided nothing, and a note that contradicts the chart is not
filed: the draft waits for the next decision.

::

    open_draft ▸ fetch_recording ▸ transcribe ▸ draft_note ▸ submit_for_review ▸ ⏸ ▸ post_note ▸ verify_note
         │ no consent, no permission: a task in the chart, end        │ rejected, expired: end
         └ done or in work elsewhere: end                             ├ woken without a decision that counts: back to ⏸
                                                                      └ sent back with guidance: redraft_note, back to ⏸

Ids travel, content does not: the transcript and the draft lie encrypted in the store.
"""

import asyncio

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.concurrency.asyncio import concurrency
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from therapyflows.app.wiring import session_note_ports
from therapyflows.core.drafts.giving_up import give_up as give_draft_up
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Invalid, NotFound, Refused, TherapyFlowsError, Transient, UnusableSource
from therapyflows.core.session_note import steps
from therapyflows.core.session_note.finishing import finding_counts, grade_counts
from therapyflows.core.session_note.model import DRAFT
from therapyflows.flows.steps.guard import step
from therapyflows.flows.steps.heartbeat import heartbeat
from therapyflows.flows.steps.trail import shows_its_entries
from therapyflows.flows.steps.visible import Progress, announce, show_summary, stopwatch
from therapyflows.flows.steps.waiting import read_state, wait_for_approval


@flow(
    name="session-note",
    flow_run_name="session-note-{appointment_id}",
    description="Draft the progress note of one session, wait for the clinician's decision, file it, read it back.",
    persist_result=True,
)
@shows_its_entries
async def session_note(appointment_id: str, document_id: str | None = None, event_id: str | None = None) -> State[str]:
    """Ids of the EHR only; ``event_id`` is the webhook that started the run, for tracing."""
    try:
        return await _note_of_session(appointment_id, document_id)
    except UnusableSource as error:
        return Failed(name="UnusableSource", message=str(error))
    except Refused as error:
        return Completed(name="Refused", message=str(error))
    except Transient:
        raise
    except TherapyFlowsError as error:
        return Failed(message=str(error))


async def _note_of_session(appointment_id: str, document_id: str | None) -> State[str]:
    draft_id = await open_draft(appointment_id, document_id)
    if draft_id is None:
        return Completed(name="NothingToDo", message="The session is drafted already, or by another run.")
    try:
        return await _from_source_to_chart(draft_id)
    except (Invalid, NotFound) as error:
        await give_up(draft_id, error.code)
        raise


async def _from_source_to_chart(draft_id: str) -> State[str]:
    async with heartbeat(draft_id):
        await fetch_recording(draft_id)
        await transcribe(draft_id)
        await draft_note(draft_id)
        await submit_for_review(draft_id)
    while (decision_id := await wait_for_approval(draft_id)) is not None:
        async with heartbeat(draft_id):
            if (await read_state(draft_id))[0] == DraftState.PREPARING:
                await redraft_note(draft_id, decision_id)
                continue
            if await post_note(draft_id, decision_id) is None:
                continue  # the approver lost the right to decide, or the chart says something else: back to review
            if not await verify_note(draft_id):
                return Failed(name="IncidentOpened", message=f"The chart differs from the approval [{draft_id}]")
        return Completed(message="The note stands in the chart as an unlocked Draft.")
    return Completed(name="NotApproved", message="The draft was rejected, expired or superseded.")


@step("open draft")
async def open_draft(appointment_id: str, document_id: str | None) -> str | None:
    """Claim the session and check consent and role; None when there is nothing to do."""
    async with session_note_ports(flow_run.id) as ports:
        record = await steps.open_draft(ports, appointment_id, document_id)
        return record.id if record else None


@step("fetch recording")
async def fetch_recording(draft_id: str) -> str | None:
    """Copy the recording into the encrypted store."""
    async with session_note_ports(flow_run.id) as ports:
        return await steps.fetch_recording(ports, draft_id)


@step("transcribe")
async def transcribe(draft_id: str) -> str:
    """Recognize speech and speakers, or read the uploaded transcript."""
    progress = Progress()
    await progress.begin("Transcribing the recording")
    async with session_note_ports(flow_run.id) as ports, concurrency("therapyflows-speech"):
        working = asyncio.create_task(steps.transcribe(ports, draft_id, progress.report))
        while not (await asyncio.wait({working}, timeout=1.0))[0]:
            await progress.show()
        transcript_id = await working
    await progress.finish()
    return transcript_id


@step("draft note")
async def draft_note(draft_id: str) -> str:
    """Draft and check the statements, propose codes."""
    took = stopwatch()
    async with session_note_ports(flow_run.id) as ports:
        content_id = await steps.draft_note(ports, draft_id)
        draft = DRAFT.validate_json(ports.contents.get(content_id))
        await show_summary(
            "Session note draft",
            {
                "draft": draft_id,
                "drafter": draft.drafter,
                "fallback from": draft.fallback_from or "-",
                "prompt version": draft.prompt_version or "-",
                "statements": len(draft.statements),
                **{f"grade {grade}": count for grade, count in grade_counts(draft).items()},
                "proposed codes": len(draft.codes),
                "findings on the whole note": sum(finding_counts(draft).values()),
                "notices": ", ".join(sorted({n.code for n in draft.warnings})) or "-",
                "seconds to draft": took(),
                "review": ports.policy.review_url(draft_id),
                "audit": f"therapyflows audit show --run {flow_run.id}",
            },
            key="session-note-summary",
        )
        return content_id


@step("submit for review")
async def submit_for_review(draft_id: str) -> None:
    """Put the draft into its reviewer's queue."""
    async with session_note_ports(flow_run.id) as ports:
        await steps.submit_for_review(ports, draft_id)
    announce("draft.waiting", draft_id)


@step("redraft note")
async def redraft_note(draft_id: str, decision_id: str) -> str | None:
    """Draft anew with the reviewer's guidance.  Each wish is a step of its own."""
    async with session_note_ports(flow_run.id) as ports:
        content_id = await steps.redraft_note(ports, draft_id)
    announce("draft.waiting", draft_id)
    return content_id


@step("post note")
async def post_note(draft_id: str, decision_id: str) -> str | None:
    """File the approved note as an unlocked Draft, once.  Each decision is a step of its own: one may not count."""
    async with session_note_ports(flow_run.id) as ports:
        note_id = await steps.post_note(ports, draft_id)
    if note_id is None:
        announce("draft.waiting", draft_id)
    return note_id


@step("verify note")
async def verify_note(draft_id: str) -> bool:
    """Read the note back and compare it with the approval."""
    async with session_note_ports(flow_run.id) as ports:
        verified = await steps.verify_note(ports, draft_id)
    announce("note.posted" if verified else "note.mismatch", draft_id)
    return verified


@step("give up")
async def give_up(draft_id: str, code: str) -> None:
    """Fail the draft and tell the clinician; nothing happens when that was done already."""
    async with session_note_ports(flow_run.id) as ports:
        await give_draft_up(ports, draft_id, code)
