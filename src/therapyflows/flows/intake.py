"""U2, intake: from a form in the chart to a verified client record.

A form lands in the chart: a web form, a fillable PDF, a scan; or it is handed in here, of somebody who stands in no
chart yet (``therapyflows intake FILE --register``).  The run claims it, reads it, and tells the people
responsible at once when it speaks of risk, before anything else.  Then it checks the values, looks for duplicates,
drafts a welcome message, and goes to sleep until the clinician has compared the values with the pages.  The record,
the measures and the message are written once, and the record is read back.

::

    open_intake ▸ read_form ▸ flag_risk ▸ ask_model ▸ check_form ▸ submit_for_review ▸ ⏸ ▸ post_record ▸ verify_record
         │ not permitted: a task, end     │ urgent task at once               │ rejected, expired: end
         └ done or in work: end                                               └ approver lost the right: back to ⏸

Ids travel, content does not: form, page images and values lie encrypted in the store.
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from therapyflows.app.intake import intake_ports
from therapyflows.core.drafts.giving_up import give_up as give_draft_up
from therapyflows.core.drafts.submitting import submit_for_review as submit
from therapyflows.core.errors import Invalid, NotFound, Refused, TherapyFlowsError, Transient, UnusableSource
from therapyflows.core.intake import steps
from therapyflows.core.intake.draft import INTAKE_DRAFT
from therapyflows.flows.steps.guard import step
from therapyflows.flows.steps.heartbeat import heartbeat
from therapyflows.flows.steps.trail import shows_its_entries
from therapyflows.flows.steps.visible import announce, show_summary, stopwatch
from therapyflows.flows.steps.waiting import wait_for_approval


@flow(
    name="intake",
    flow_run_name="intake-{document_id}",
    description="Read an intake form, tell people of risk at once, wait for its verification, write the record.",
    persist_result=True,
)
@shows_its_entries
async def intake(document_id: str, event_id: str | None = None) -> State[str]:
    """Ids only: of the document in the chart, or of the form that was handed in here (``tfupload_...``).

    ``event_id`` is the webhook that started the run, for tracing.
    """
    try:
        return await _intake_of_form(document_id)
    except UnusableSource as error:
        return Failed(name="UnusableSource", message=str(error))
    except Refused as error:
        return Completed(name="Refused", message=str(error))
    except Transient:
        raise
    except TherapyFlowsError as error:
        return Failed(message=str(error))


async def _intake_of_form(document_id: str) -> State[str]:
    draft_id = await open_intake(document_id)
    if draft_id is None:
        return Completed(name="NothingToDo", message="The form is processed already, or by another run.")
    try:
        return await _from_form_to_record(draft_id)
    except (Invalid, NotFound) as error:
        if not isinstance(error, UnusableSource):
            await give_up(draft_id, error.code)
        raise


async def _from_form_to_record(draft_id: str) -> State[str]:
    async with heartbeat(draft_id):
        await read_form(draft_id)
        await flag_risk(draft_id)
        await ask_model(draft_id)
        await check_form(draft_id)
        await submit_for_review(draft_id)
    while (decision_id := await wait_for_approval(draft_id)) is not None:
        async with heartbeat(draft_id):
            if not await post_record(draft_id, decision_id):
                continue  # the approver lost the right to decide: back to review
            if not await verify_record(draft_id):
                return Failed(name="IncidentOpened", message=f"The chart differs from the approval [{draft_id}]")
        return Completed(message="The client's record stands in the chart as verified.")
    return Completed(name="NotApproved", message="The form was rejected, expired or withdrawn.")


@step("open intake")
async def open_intake(document_id: str) -> str | None:
    """Claim the form and check who may; None when there is nothing to do."""
    async with intake_ports(flow_run.id) as ports:
        record = await steps.open_intake(ports, document_id)
        return record.id if record else None


@step("read form")
async def read_form(draft_id: str) -> str:
    """Read values and page images into the encrypted store."""
    async with intake_ports(flow_run.id) as ports:
        return await steps.read_form(ports, draft_id)


@step("flag risk")
async def flag_risk(draft_id: str) -> None:
    """Urgent tasks for the people responsible, when the form asks for them.  Prefect does not learn whether it did."""
    async with intake_ports(flow_run.id) as ports:
        await steps.flag_risk(ports, draft_id)


@step("ask model")
async def ask_model(draft_id: str) -> None:
    """What the rules did not find, where the practice has a language model asked and the client consented."""
    async with intake_ports(flow_run.id) as ports:
        await steps.ask_model(ports, draft_id)


@step("check form")
async def check_form(draft_id: str) -> str:
    """Data checks, duplicates, the welcome message."""
    took = stopwatch()
    async with intake_ports(flow_run.id) as ports:
        content_id = await steps.check_form(ports, draft_id)
        draft = INTAKE_DRAFT.validate_json(ports.contents.get(content_id))
        await show_summary(
            "Intake form checked",
            {
                "draft": draft_id,
                "source": draft.form.source.value,
                "pages": draft.form.page_count,
                "suite of": draft.checks_version,
                "possible duplicates": len(draft.duplicates),
                **{f"{'blocks' if f.blocks else 'warns'}: {f.key}": ", ".join(f.fields) or "-" for f in draft.findings},
                "seconds to check": took(),
                "review": ports.policy.review_url(draft_id),
                "audit": f"therapyflows audit show --run {flow_run.id}",
            },
            key="intake-checks",
        )
        return content_id


@step("submit for review")
async def submit_for_review(draft_id: str) -> None:
    """Put the form into its reviewer's queue."""
    async with intake_ports(flow_run.id) as ports:
        await submit(ports, draft_id)
    announce("draft.waiting", draft_id)


@step("post record")
async def post_record(draft_id: str, decision_id: str) -> bool:
    """Write record, measures and message, once.  Each decision is a step of its own: one may not count."""
    async with intake_ports(flow_run.id) as ports:
        posted = await steps.post_record(ports, draft_id)
    if not posted:
        announce("draft.waiting", draft_id)
    return posted


@step("verify record")
async def verify_record(draft_id: str) -> bool:
    """Read the record back and compare it with the approval."""
    async with intake_ports(flow_run.id) as ports:
        verified = await steps.verify_record(ports, draft_id)
    announce("intake.posted" if verified else "intake.mismatch", draft_id)
    return verified


@step("give up")
async def give_up(draft_id: str, code: str) -> None:
    """Fail the intake and tell the clinician; nothing happens when that was done already."""
    async with intake_ports(flow_run.id) as ports:
        await give_draft_up(ports, draft_id, code)
