"""Tell the people responsible about risk on a form, before and independent of everything else."""

from therapyflows.core.chart import Role
from therapyflows.core.drafts.model import DraftRecord
from therapyflows.core.errors import Invalid, NotFound, Refused
from therapyflows.core.intake.alerts import risk_message, risk_on_form
from therapyflows.core.intake.draft import RiskFlag
from therapyflows.core.intake.model import INTAKE_FORM
from therapyflows.core.intake.risk import is_urgent, risk_flags
from therapyflows.core.intake.steps.practice import IntakePorts
from therapyflows.governance.audit.model import Action


async def flag_risk(ports: IntakePorts, draft_id: str) -> tuple[RiskFlag, ...]:
    """Urgent tasks for the clinician and the supervisors, and a message to the clinician, when the form speaks of a
    current risk; returns the flags.

    Called again it tells nobody twice (external ids).
    """
    record = ports.drafts.get(draft_id)
    form = INTAKE_FORM.validate_json(ports.contents.get(record.transcript_id or ""))
    flags = risk_flags(form, ports.clock().date())
    if is_urgent(flags):
        for assignee in await _responsible(ports, record):
            await ports.ehr.create_task(risk_on_form(record, assignee, ports.policy.review_url(record.id)))
        ports.record_once(
            Action.RISK_FLAGGED,
            f"draft/{record.id}",
            client_id=record.client_id,
            flags=len(flags),  # what they are about is for those who may read the form
            message=await _write_to_clinician(ports, record),
        )
    return flags


async def _write_to_clinician(ports: IntakePorts, record: DraftRecord) -> str:
    """``sent``, or why not: an EHR without messages for staff has the tasks, which come first."""
    try:
        await ports.ehr.create_staff_message(risk_message(record, ports.policy.review_url(record.id)))
    except (NotFound, Refused, Invalid) as error:
        return error.code
    return "sent"


async def _responsible(ports: IntakePorts, record: DraftRecord) -> list[str]:
    """The clinician and whoever supervises them."""
    users = [user async for user in ports.ehr.list_users() if user.active]
    supervisors = [u.id for u in users if Role.SUPERVISOR in u.roles and record.clinician_id in u.supervises]
    return list(dict.fromkeys([record.clinician_id, *supervisors]))
