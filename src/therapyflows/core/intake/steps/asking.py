"""What the rules did not find, asked of the practice's language model, of clients who consented to that alone."""

import asyncio

from therapyflows.core.chart import Client
from therapyflows.core.drafts.closed import name_in_row, require_open
from therapyflows.core.drafts.consent import client_of
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import NotFound, TherapyFlowsError
from therapyflows.core.intake import content_ids
from therapyflows.core.intake.asking import ask_for_missing
from therapyflows.core.intake.examining import ANOTHER_CLIENT, whose_form
from therapyflows.core.intake.fields import walk
from therapyflows.core.intake.model import INTAKE_FORM, IntakeForm, Method
from therapyflows.core.intake.page import PAGES
from therapyflows.core.intake.steps.practice import IntakePorts
from therapyflows.core.intake.steps.risk import flag_risk
from therapyflows.core.session_note.consent import consent_for
from therapyflows.governance.audit.model import Action

NO_MODEL = "no_model"


async def ask_model(ports: IntakePorts, draft_id: str) -> None:
    """Fill absent fields of free text with words that stand on the pages; people are told of risk in them at once.

    Whatever keeps the model from answering (off, not set up, no consent, somebody else's form, down, too slow) leaves
    the form as the rules read it, and the trail says so.  Raises Refused when the draft was closed.
    """
    record = ports.drafts.get(draft_id)
    asked_id = content_ids.completed_form_id(draft_id)
    if ports.model_for is None or record.draft_content_id is not None or record.transcript_id == asked_id:
        return
    require_open(record)
    outcome, form = await _asked(ports, record)
    if form is None:
        ports.record_once(Action.FORM_ASKED, f"draft/{draft_id}", client_id=record.client_id, outcome=outcome)
        return
    ports.contents.put(
        record.client_id,
        "intake_form",
        INTAKE_FORM.dump_json(form),
        content_id=asked_id,
        retain_until=ports.keep_until("intake_form"),
        draft_id=draft_id,
    )
    found = sum(field.method is Method.MODEL for _, field in walk(form))
    name_in_row(
        ports,
        record,
        tell=lambda: ports.record_once(
            Action.FORM_ASKED, f"draft/{draft_id}", client_id=record.client_id, values=found
        ),
        transcript_id=asked_id,
    )
    await flag_risk(ports, draft_id)


async def _asked(ports: IntakePorts, record: DraftRecord) -> tuple[str, IntakeForm | None]:
    """The form with the model's answers; or why there are none: a constant."""
    form = INTAKE_FORM.validate_json(ports.contents.get(record.transcript_id or ""))
    try:
        pages = PAGES.validate_json(ports.contents.get(content_ids.words_id(record.id)))
    except NotFound:
        return "no_pages", None
    client = await client_of(ports.ehr, record)
    if client is not None and whose_form(form, client):
        return ANOTHER_CLIENT.key, None  # the consent of one is none of the other
    refused = await _objection(ports, record, client)
    if refused is not None:
        return refused, None
    assert ports.model_for is not None
    try:
        asked = await ports.model_for(record, form)
        if asked is None:
            return NO_MODEL, None
        if asked.leaves_machine:
            refused = await _objection(ports, record, client, leaves_machine=True)
            if refused is not None:
                return refused, None
        answered = await asyncio.wait_for(ask_for_missing(form, pages, asked.model), ports.policy.model_patience_s)
    except TimeoutError:
        return "model_too_slow", None
    except TherapyFlowsError as error:
        return error.code, None
    return ("ok", answered) if answered != form else ("nothing_found", None)


async def _objection(
    ports: IntakePorts, record: DraftRecord, client: Client | None, *, leaves_machine: bool = False
) -> str | None:
    """Why no model may read this form; who stands in no chart yet has consented to nothing."""
    answer = await consent_for(
        ports.ehr,
        record,
        client,
        await ports.ehr.get_user(record.clinician_id),
        clock=ports.clock,
        leaves_machine=leaves_machine,
        by_model=True,
    )
    return None if answer.allowed else answer.reason
