"""How the practice's intake forms are doing, for who runs the practice: counts and shares, nobody's values."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from therapyflows.core.errors import Refused
from therapyflows.core.intake.quality import latest_report
from therapyflows.governance.access.policy import PRACTICE, decide
from therapyflows.governance.audit.model import Action, AuditEntry
from therapyflows.web.review.people import CurrentReviewer, Deps, deny

router = APIRouter()

COLUMN_WORDS = {
    "ok": "rule",
    "phq9": "PHQ-9",
    "gad7": "GAD-7",
    "npi": "NPI",
    "zip": "ZIP",
}


@router.get("/quality")
async def quality(request: Request, deps: Deps, reviewer: CurrentReviewer) -> Response:
    access = decide(reviewer.person, "view_quality", workflow=PRACTICE, client_id=None, clinician_id=None)
    if not access.allowed:
        await deny(deps, reviewer, resource="intake-quality", reason=access.reason, deed="view_quality")
        raise Refused(access.reason, "Your role in the EHR does not see the practice's statistics.")
    report = await asyncio.to_thread(latest_report, deps.contents)
    looked = AuditEntry(Action.QUALITY_VIEWED, reviewer.actor, "intake-quality")
    await asyncio.to_thread(deps.audit.append, looked)
    response: Response = request.app.state.pages.render(
        request,
        "quality.html",
        reviewer=reviewer,
        title="Quality of intake forms",
        report=report,
        drift=[(in_words(drift.column), drift) for drift in report.drift] if report else [],
    )
    return response


def in_words(column: str) -> str:
    """``member_id_shape_ok`` as a person reads it."""
    said = " ".join(COLUMN_WORDS.get(part, part) for part in column.split("_"))
    return said[:1].upper() + said[1:]
