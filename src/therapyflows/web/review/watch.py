"""Failures of one kind from one place: counted, told in the audit trail when a lock begins, refused while it lasts."""

import asyncio
import math

import structlog
from fastapi import HTTPException
from starlette.requests import HTTPConnection

from therapyflows.core.ports import AuditTrail
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.web.review.throttle import Kind, Lock, Throttle, network_address

log = structlog.get_logger()


class Watch:
    """The throttle, and the trail that hears of it."""

    def __init__(self, throttle: Throttle, audit: AuditTrail) -> None:
        self._throttle, self._audit = throttle, audit

    def locked(self, kind: Kind, subject: str) -> int | None:
        """Whole seconds until something of this kind from there is looked at again; None at once."""
        left = self._throttle.locked_for(kind, subject)
        return math.ceil(left.total_seconds()) if left is not None else None

    async def failed(self, kind: Kind, subject: str, *, person: str | None = None) -> int | None:
        """Count it.  Returns the seconds to wait when this one is to be refused unread, because a lock was on."""
        wait = self.locked(kind, subject)
        if wait is not None:
            return wait
        lock = self._throttle.fail(kind, subject)
        if lock is not None:
            await asyncio.to_thread(self._audit.append, _entry(lock, person))
            log.warning("access_throttled", reason=kind, count=lock.failures)
        return None

    def forgive(self, kind: Kind, subject: str) -> None:
        self._throttle.forgive(kind, subject)


def too_many(wait_s: int) -> HTTPException:
    return HTTPException(429, "Too many attempts. Please try again a little later.", {"Retry-After": str(wait_s)})


def address_of(request: HTTPConnection) -> str:
    """Where it came from, by the network (the proxy before us tells; see docs/operators.md)."""
    return network_address(request.client.host if request.client else None)


def _entry(lock: Lock, person: str | None) -> AuditEntry:
    """A session's id is not told: who knew it could look for its cookie."""
    known = {"from": lock.subject} if lock.kind in ("callback", "cookie") else {}
    return AuditEntry(
        action=Action.ACCESS_THROTTLED,
        actor=Actor("person", person) if person else Actor("service", "review"),
        resource="review/session",
        outcome=lock.kind,
        details={"failures": lock.failures, "seconds": int(lock.length.total_seconds()), **known},
    )
