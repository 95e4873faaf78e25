"""From the form as read to a draft that a person can verify: data checks, duplicates, the welcome message."""

import asyncio
from functools import partial

from therapyflows.core.drafts.closed import name_in_row, require_open
from therapyflows.core.intake.draft import INTAKE_DRAFT, IntakeDraft
from therapyflows.core.intake.examining import examine, read_beside
from therapyflows.core.intake.model import INTAKE_FORM
from therapyflows.core.intake.quality import keep_row
from therapyflows.core.intake.steps.consent import require_consent
from therapyflows.core.intake.steps.practice import IntakePorts
from therapyflows.core.session_note import content_ids
from therapyflows.governance.audit.model import Action


async def check_form(ports: IntakePorts, draft_id: str) -> str:
    """Check the form, look for duplicates, draft the welcome message; store all of it and return its content id."""
    record = ports.drafts.get(draft_id)
    if record.draft_content_id is not None:
        return record.draft_content_id
    require_open(record)
    await require_consent(ports, record)
    form = INTAKE_FORM.validate_json(ports.contents.get(record.transcript_id or ""))
    beside = await read_beside(ports.ehr, record)
    found = await asyncio.to_thread(
        partial(examine, form, beside, check=ports.check, greeting=ports.policy.greeting, today=ports.clock().date())
    )
    draft = IntakeDraft(
        form=form,
        findings=found.findings,
        checks_version=found.checks_version,
        risks=found.risks,
        duplicates=found.duplicates,
        welcome=found.welcome,
        prospective=record.is_prospect,
    )
    failed = [finding.key for finding in found.findings]
    row = await asyncio.to_thread(ports.quality_row, form, ports.clock().date(), failed)
    keep_row(ports.contents, draft_id, row)
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
            checks_version=found.checks_version,
            failed_checks=len(draft.findings),
            blocking=sum(finding.blocks for finding in draft.findings),
            risk_flags=len(draft.risks),
            duplicates=len(draft.duplicates),
        ),
        draft_content_id=content_id,
    )
    return content_id
