"""Open emergency access, tell who has to know, judge it, remind of what nobody judged.  Knows ports, nothing else.

The trail hears of an access before it exists, and it exists before anybody is told: whatever dies in between, nobody
looked unrecorded, and ``watch_emergencies`` tells later.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog

from therapyflows.core.chart import NewTask, Role, User
from therapyflows.core.emergency.alerts import emergency_used, review_overdue
from therapyflows.core.errors import Conflict, Invalid, Refused, TherapyFlowsError
from therapyflows.core.ids import derived_id, new_id
from therapyflows.core.ports import AuditTrail, Contents, Ehr, EmergencyAccesses
from therapyflows.governance.access.emergency import EmergencyAccess, Verdict, reasons
from therapyflows.governance.audit.model import Action, Actor, AuditEntry

log = structlog.get_logger()

CONTENT_KIND: Literal["emergency_words"] = "emergency_words"
MAX_WORDS = 4000


@dataclass(frozen=True, slots=True)
class EmergencyPorts:
    """``ehr`` is needed to tell people, and not to open or to judge."""

    accesses: EmergencyAccesses
    contents: Contents
    audit: AuditTrail
    clock: Callable[[], datetime]
    lasts: timedelta = timedelta(hours=2)
    review_within: timedelta = timedelta(days=3)


def open_access(ports: EmergencyPorts, *, by: Actor, client_id: str, reason_code: str, words: str) -> EmergencyAccess:
    """Open it, or return the one that is open already.  Whether this person may was decided before.

    Raises Invalid without a reason of the list and words of the person's own.
    """
    now = ports.clock()
    stands = next((a for a in ports.accesses.open_for(by.id, now) if a.client_id == client_id), None)
    if stands is not None:
        return stands
    said = _words(words, "Please say in your own words why this is an emergency.")
    if reason_code not in reasons():
        raise Invalid("reason_missing", "Please choose the reason for the emergency access.")
    access_id = new_id("emg")
    content_id = _keep_words(ports, client_id, said, access_id, "reason")
    access = EmergencyAccess(
        id=access_id,
        user_id=by.id,
        role=by.role or "",
        client_id=client_id,
        reason_code=reason_code,
        words_content_id=content_id,
        opened_at=now,
        expires_at=now + ports.lasts,
    )
    _tell(
        ports, access, Action.BREAK_GLASS_OPENED, by, reason=reason_code, minutes=int(ports.lasts.total_seconds() // 60)
    )
    return ports.accesses.open(access)


def end_access(ports: EmergencyPorts, access: EmergencyAccess, *, by: Actor) -> None:
    """End it before its time."""
    if access.is_open(ports.clock()):
        ports.accesses.update(access.id, expires_at=ports.clock())
        _tell(ports, access, Action.BREAK_GLASS_ENDED, by)


def judge(ports: EmergencyPorts, access: EmergencyAccess, *, by: Actor, verdict: str, comment: str) -> None:
    """Judge it, once; an access that is still open ends with that.

    Raises Refused for one's own, Invalid without verdict and comment, Conflict when it was judged meanwhile.
    """
    if not access.may_be_reviewed_by(by.id):
        raise Refused("own_emergency_access", "Somebody else has to judge your own emergency access.")
    if verdict not in set(Verdict):
        raise Invalid("verdict_missing", "Please choose whether it was justified.")
    said = _words(comment, "Please say in a few words how you came to this.")
    end_access(ports, access, by=by)
    content_id = _keep_words(ports, access.client_id, said, access.id, f"review-{by.id}")
    try:
        ports.accesses.review(
            access.id, by=by.id, at=ports.clock(), verdict=Verdict(verdict), comment_content_id=content_id
        )
    except Conflict:
        if ports.accesses.get(access.id).comment_content_id != content_id:
            ports.contents.delete(content_id)
        raise
    _tell(ports, access, Action.BREAK_GLASS_REVIEWED, by, verdict=verdict)


async def tell(ports: EmergencyPorts, ehr: Ehr, access: EmergencyAccess) -> None:
    """Urgent tasks for the practice administrators and the responsible clinicians.  Repeated, nothing is doubled."""
    users = [user async for user in ehr.list_users() if user.active and user.id != access.user_id]
    concerned = _administrators(users) + [user.id for user in users if access.client_id in user.caseload]
    for assignee in dict.fromkeys(concerned):
        await _task(ports, ehr, access, emergency_used(access, assignee))
    ports.accesses.update(access.id, notified_at=ports.clock())


async def watch_emergencies(ports: EmergencyPorts, ehr: Ehr) -> AsyncIterator[str]:
    """Tell of what was not told yet and remind of what nobody judged; yields ids of accesses with something done."""
    for access in ports.accesses.unreviewed():
        try:
            if access.notified_at is None:
                await tell(ports, ehr, access)
            elif not await _remind(ports, ehr, access):
                continue
            yield access.id
        except TherapyFlowsError as error:
            log.warning("emergency_watch_failed", code=error.code)


async def _remind(ports: EmergencyPorts, ehr: Ehr, access: EmergencyAccess) -> bool:
    rounds = int((ports.clock() - access.opened_at) / ports.review_within)
    if rounds <= access.reminders_sent:
        return False
    users = [user async for user in ehr.list_users() if user.active and access.may_be_reviewed_by(user.id)]
    for assignee in _administrators(users):
        await _task(ports, ehr, access, review_overdue(access, assignee, rounds))
    ports.accesses.update(access.id, reminders_sent=rounds)
    return True


def _administrators(users: list[User]) -> list[str]:
    return [user.id for user in users if Role.PRACTICE_ADMINISTRATOR in user.roles]


async def _task(ports: EmergencyPorts, ehr: Ehr, access: EmergencyAccess, task: NewTask) -> None:
    await ehr.create_task(task)
    told = ports.audit.search(client_id=access.client_id, resource=f"emergency/{access.id}")
    if not any(found.entry.details.get("task") == task.external_id for found in told):
        _tell(ports, access, Action.TASK_CREATED, _SERVICE, task=task.external_id, assignee=task.assignee_id)


_SERVICE = Actor("service", "emergency-access")


def _words(text: str, complaint: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid("words_missing", complaint)
    return said[:MAX_WORDS]


def _keep_words(ports: EmergencyPorts, client_id: str, said: str, access_id: str, part: str) -> str:
    content_id = derived_id("cnt", access_id, part)
    return ports.contents.put(client_id, CONTENT_KIND, said.encode(), content_id=content_id)


def _tell(ports: EmergencyPorts, access: EmergencyAccess, action: Action, by: Actor, **details: str | int) -> None:
    ports.audit.append(
        AuditEntry(
            action=action,
            actor=by,
            resource=f"emergency/{access.id}",
            client_id=access.client_id,
            details=details,
        )
    )
