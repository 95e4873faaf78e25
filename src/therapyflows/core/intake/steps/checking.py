"""From the form as read to a draft that a person can verify: data checks, duplicates, the welcome message."""

import asyncio

from therapyflows.core.chart import Client
from therapyflows.core.intake.draft import INTAKE_DRAFT, IntakeDraft, QualityFinding
from therapyflows.core.intake.duplicates import compare, find_duplicates
from therapyflows.core.intake.model import INTAKE_FORM, IntakeForm
from therapyflows.core.intake.record import identity_of_client, identity_of_form
from therapyflows.core.intake.risk import risk_flags
from therapyflows.core.intake.steps.practice import IntakePorts
from therapyflows.core.intake.welcome import welcome_message
from therapyflows.core.session_note import content_ids
from therapyflows.core.session_note.steps.closed import name_in_row, require_open
from therapyflows.governance.audit.model import Action

ANOTHER_CLIENT = QualityFinding(
    key="another_clients_form",
    blocks=True,
    message="The person on the form is not the client in whose chart it was filed: compare name and birth date, "
    "and move the form if it belongs to somebody else.",
    fields=("demographics.first_name", "demographics.last_name", "demographics.birth_date"),
)


async def check_form(ports: IntakePorts, draft_id: str) -> str:
    """Check the form, look for duplicates, draft the welcome message; store all of it and return its content id."""
    record = ports.drafts.get(draft_id)
    if record.draft_content_id is not None:
        return record.draft_content_id
    require_open(record)
    form = INTAKE_FORM.validate_json(ports.contents.get(record.transcript_id or ""))
    client = await ports.ehr.get_client(record.client_id)
    clinician = await ports.ehr.get_user(record.clinician_id)
    others = [identity_of_client(other) async for other in ports.ehr.list_clients()]
    today = ports.clock().date()
    version, findings = await asyncio.to_thread(ports.check, form, today)
    draft = IntakeDraft(
        form=form,
        findings=(*whose_form(form, client), *findings),
        checks_version=version,
        risks=risk_flags(form, today),
        duplicates=tuple(find_duplicates(identity_of_form(form, client.id), others)),
        welcome=welcome_message(
            ports.policy.welcome, form, clinician=clinician.name, practice=ports.policy.practice_name
        ),
    )
    content_id = content_ids.machine_draft_id(draft_id)
    ports.contents.put(
        record.client_id,
        "draft",
        INTAKE_DRAFT.dump_json(draft),
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
            checks_version=version,
            failed_checks=len(draft.findings),
            blocking=sum(finding.blocks for finding in draft.findings),
            risk_flags=len(draft.risks),
            duplicates=len(draft.duplicates),
        ),
        draft_content_id=content_id,
    )
    return content_id


def whose_form(form: IntakeForm, client: Client) -> tuple[QualityFinding, ...]:
    """A finding when name and birth date speak against the client in whose chart the form stands.

    A record that knows too little of the client says nothing either way.
    """
    compared = compare(identity_of_form(form, ""), identity_of_client(client))
    naming = {"first_name", "last_name", "birth_date"}
    against = naming & set(compared.differs)
    return (ANOTHER_CLIENT,) if len(against) >= 2 or "birth_date" in against else ()
