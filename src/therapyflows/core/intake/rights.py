"""Who may have what an intake says written: asked of a reviewer, and again of the EHR before anything is written."""

from therapyflows.core.chart import Client
from therapyflows.core.drafts.model import Decision, DraftRecord
from therapyflows.core.errors import NotFound
from therapyflows.core.intake.draft import IntakeDraft
from therapyflows.core.intake.handing_in import WORKFLOW
from therapyflows.core.people import person_of
from therapyflows.core.ports import Ehr
from therapyflows.governance.access.policy import AccessDecision, Deed, Person, decide, decide_for_client


def access_to_known(person: Person, deed: Deed, client: Client) -> AccessDecision:
    """Whether the person may do this with the record of a client whom somebody without a chart turns out to be.

    Those who are responsible for that client decide; who reviews the form has no right to the record by that alone.
    """
    return decide_for_client(
        person, deed, client_id=client.id, clinician_ids=client.assigned_clinicians, workflow=WORKFLOW
    )


async def may_still(ehr: Ehr, record: DraftRecord, decision: Decision) -> bool:
    """Whether who approved has the right to it now."""
    person = await _who_approved(ehr, decision)
    return person is not None and _may_approve(person, record)


async def may_take_on(ehr: Ehr, record: DraftRecord, decision: Decision, draft: IntakeDraft) -> bool:
    """The same for somebody without a chart, and for the client whom the approver says that person is."""
    person = await _who_approved(ehr, decision)
    if person is None or not _may_approve(person, record):
        return False
    if draft.same_person_as is None:
        return True
    return access_to_known(person, "approve", await ehr.get_client(draft.same_person_as)).allowed


async def _who_approved(ehr: Ehr, decision: Decision) -> Person | None:
    try:
        return person_of(await ehr.get_user(decision.decided_by))
    except NotFound:
        return None


def _may_approve(person: Person, record: DraftRecord) -> bool:
    return decide(
        person, "approve", workflow=WORKFLOW, client_id=record.client_id, clinician_id=record.clinician_id
    ).allowed
