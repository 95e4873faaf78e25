"""The audit trail for those who may see it: search, verify, export.  That somebody looked is an entry too."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from therapyflows.core.disclosure.accounting import accounting_of
from therapyflows.core.errors import Invalid, Refused
from therapyflows.governance.access.policy import PRACTICE, Deed, decide
from therapyflows.governance.audit.model import Action, AuditEntry, ChainedEntry
from therapyflows.governance.disclosure.policy import purposes, years_before
from therapyflows.web.review.confirming import confirm
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.people import CLIENT_ID, ClientId, CurrentReviewer, Deps, Reviewer, deny, permitted_client
from therapyflows.web.review.security import PostedForm
from therapyflows.web.review.trail_check import TrailCheck

router = APIRouter()

PAGE = 100
ACTIONS = tuple(sorted(action.value for action in Action))


@dataclass(frozen=True, slots=True)
class Asked:
    """The search form as it was filled in; empty: anything."""

    client: str = ""
    person: str = ""
    run: str = ""
    draft: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    before: int = 0
    """Only entries before this number: the next page."""

    def filled(self) -> dict[str, str]:
        names = ("client", "person", "run", "draft", "action", "since", "until")
        return {name: value for name in names if (value := getattr(self, name).strip())}

    def older_than(self, seq: int) -> str:
        """The address of the page behind this one."""
        return "/audit?" + urlencode(self.filled() | {"before": str(seq)})


@router.get("/audit")
async def search(request: Request, deps: Deps, reviewer: CurrentReviewer) -> Response:
    await _require(deps, reviewer, "view_audit")
    asked = _asked_of(request.query_params)
    found = await asyncio.to_thread(_find, deps, asked)
    await asyncio.to_thread(deps.audit.append, _looked(reviewer, asked, len(found)))
    check: TrailCheck = request.app.state.trail_check
    return _page(
        request,
        "audit.html",
        reviewer=reviewer,
        title="Audit trail",
        asked=asked,
        actions=ACTIONS,
        entries=found[:PAGE],
        older=asked.older_than(found[PAGE - 1].seq) if len(found) > PAGE else None,
        check=check.last,
        about_client=_client_of(asked),
        prefect_url=deps.prefect_ui_url.rstrip("/") if deps.prefect_ui_url else None,
        may_verify=_may(reviewer, "verify_audit"),
        may_export=_may(reviewer, "export_audit"),
    )


@router.post("/audit/verification")
async def verify(request: Request, deps: Deps, reviewer: CurrentReviewer, form: PostedForm) -> Response:
    await _require(deps, reviewer, "verify_audit")
    request.app.state.trail_check.start(reviewer.actor)
    return RedirectResponse("/audit/verification/state", 303)


@router.get("/audit/verification/state")
async def verification(request: Request, deps: Deps, reviewer: CurrentReviewer) -> Response:
    await _require(deps, reviewer, "verify_audit")
    check = request.app.state.trail_check.last
    if check is None:
        return RedirectResponse("/audit", 303)
    return _page(request, "audit_check.html", reviewer=reviewer, title="Verification of the audit trail", check=check)


@router.post("/audit/export")
async def export(request: Request, deps: Deps, reviewer: CurrentReviewer, form: PostedForm) -> Response:
    """The whole trail as a file, for who entered the password lately; the entry about it is the last one in it."""
    await _require(deps, reviewer, "export_audit")
    confirm(request, reviewer, back="/audit")
    await asyncio.to_thread(deps.audit.append, AuditEntry(Action.TRAIL_EXPORTED, reviewer.actor, "trail"))
    lines: Iterator[bytes] = deps.audit.export_lines()
    first = await asyncio.to_thread(next, lines)  # what can go wrong goes wrong before the answer begins
    name = f"audit-{deps.clock():%Y-%m-%d}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_from(first, lines), media_type="application/jsonl", headers=headers)


@router.get("/clients/{client_id}/disclosures")
async def disclosures(request: Request, deps: Deps, reviewer: CurrentReviewer, client_id: ClientId) -> Response:
    """The client's accounting of disclosures, six years back."""
    await permitted_client(deps, reviewer, "view_disclosures", client_id)
    until = deps.clock()
    found = await asyncio.to_thread(
        partial(
            accounting_of,
            deps.audit,
            deps.contents,
            client_id,
            since=years_before(until),
            until=until + timedelta(seconds=1),
            viewer=reviewer.actor,
        )
    )
    return _page(
        request,
        "disclosures.html",
        reviewer=reviewer,
        title="Accounting of disclosures",
        found=found,
        purposes=purposes(),
    )


# --- inside ---


def _asked_of(params: Mapping[str, str]) -> Asked:
    """Raises Invalid for a form that no page of ours sends."""
    known = {name: str(params[name])[:201] for name in Asked.__dataclass_fields__ if name in params}
    before = known.pop("before", "") or "0"
    if not before.isdigit() or len(before) > 15 or any(len(value) > 200 for value in known.values()):
        raise Invalid("search_unreadable", "This search cannot be read. Go back and try again.")
    asked = Asked(**known, before=int(before))
    if asked.action and asked.action not in ACTIONS:
        raise Invalid("action_unknown", "There is no such action. Choose one from the list.")
    return asked


def _find(deps: ReviewDeps, asked: Asked) -> list[ChainedEntry]:
    """One more than a page holds, newest first."""
    return deps.audit.search(
        client_id=asked.client.strip() or None,
        actor_id=asked.person.strip() or None,
        flow_run_id=asked.run.strip() or None,
        resource=f"draft/{asked.draft.strip()}" if asked.draft.strip() else None,
        action=Action(asked.action) if asked.action else None,
        since=_midnight(asked.since),
        until=_midnight(asked.until, days=1),
        before_seq=asked.before or None,
        newest_first=True,
        limit=PAGE + 1,
    )


def _client_of(asked: Asked) -> str | None:
    """The client that was searched for, when it can have pages of its own."""
    client = asked.client.strip()
    return client if re.fullmatch(CLIENT_ID, client) else None


def _midnight(day: str, *, days: int = 0) -> datetime | None:
    """The beginning of the day, in the practice's time zone; ``days`` later for an end that is included."""
    if not day.strip():
        return None
    try:
        return (datetime.combine(date.fromisoformat(day.strip()), time()) + timedelta(days=days)).astimezone()
    except (ValueError, OverflowError):
        raise Invalid("day_unreadable", "Write a day as year-month-day, e.g. 2026-11-23.") from None


def _looked(reviewer: Reviewer, asked: Asked, found: int) -> AuditEntry:
    return AuditEntry(
        action=Action.TRAIL_SEARCHED,
        actor=reviewer.actor,
        resource="trail",
        client_id=asked.client.strip() or None,
        details={"by": ",".join(asked.filled()), "found": min(found, PAGE), "before": asked.before},
    )


def _from(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _may(reviewer: Reviewer, deed: Deed) -> bool:
    return decide(reviewer.person, deed, workflow=PRACTICE, client_id=None, clinician_id=None).allowed


async def _require(deps: ReviewDeps, reviewer: Reviewer, deed: Deed) -> None:
    access = decide(reviewer.person, deed, workflow=PRACTICE, client_id=None, clinician_id=None)
    if not access.allowed:
        await deny(deps, reviewer, resource="trail", reason=access.reason, deed=deed)
        raise Refused(access.reason, "Your role in the EHR does not see the audit trail.")


def _page(request: Request, template: str, **values: object) -> Response:
    response: Response = request.app.state.pages.render(request, template, **values)
    return response
