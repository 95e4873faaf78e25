"""Every HTTP call into the audit trail: announced first when it writes, reported when it is over.

Fail-closed: a write that cannot be announced does not leave, and a call that cannot be reported counts as failed (a
write then has an unknown outcome and is looked up when the trail is back).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from therapyflows.core.errors import TherapyFlowsError, Transient, UnknownOutcome
from therapyflows.core.ids import new_id
from therapyflows.core.ports import AuditTrail
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.integrations.ehr.therapynotes._call import Call, digest

log = structlog.get_logger()


@dataclass(slots=True)
class CallRecord:
    """What is known about one call while it runs."""

    call: Call
    request_id: str = field(default_factory=lambda: new_id("req"))
    status: int | None = None
    outcome: str = "ok"
    client_id: str | None = None
    received_digest: str | None = None
    bytes_received: int = 0
    server_request_id: str | None = None
    announced: bool = False


class CallTrail:
    def __init__(self, audit: AuditTrail, actor: Actor, flow_run_id: str | None, clock: Callable[[], float]) -> None:
        self._audit = audit
        self._actor = actor
        self._flow_run_id = flow_run_id
        self._clock = clock

    @asynccontextmanager
    async def recorded(self, call: Call) -> AsyncIterator[CallRecord]:
        """Wrap one HTTP call.  The outcome is the code of the error that leaves the block, else ``ok``."""
        record = CallRecord(call, client_id=call.client_id)
        if call.writes:
            await self._append(record, "started", None)
            record.announced = True
        started = self._clock()
        try:
            yield record
        except TherapyFlowsError as error:
            record.outcome = error.code
            raise
        except BaseException as error:
            record.outcome = "cancelled" if isinstance(error, asyncio.CancelledError) else "adapter_error"
            raise
        finally:
            await self._append(record, record.outcome, self._clock() - started)

    async def _append(self, record: CallRecord, outcome: str, duration_s: float | None) -> None:
        entry = self._entry(record, outcome, duration_s)
        try:
            await asyncio.to_thread(self._audit.append, entry)
        except Exception:
            # The text of a database error can hold what was being stored: it goes nowhere.
            log.error("ehr_call_not_audited", request_id=record.request_id, resource=record.call.resource)
            failure = UnknownOutcome if record.announced else Transient
            raise failure("audit_unavailable", "the audit trail takes no entry", request_id=record.request_id) from None

    def _entry(self, record: CallRecord, outcome: str, duration_s: float | None) -> AuditEntry:
        call = record.call
        return AuditEntry(
            action=Action.EHR_WRITE if call.writes else Action.EHR_READ,
            actor=self._actor,
            resource=call.resource,
            client_id=record.client_id,
            flow_run_id=self._flow_run_id,
            request_id=record.request_id,
            outcome=outcome,
            sent_digest=digest(call.body) if call.body is not None else None,
            received_digest=record.received_digest,
            details=_details(record, duration_s),
        )


def _details(record: CallRecord, duration_s: float | None) -> dict[str, str | int | float | bool]:
    details: dict[str, str | int | float | bool] = {"method": record.call.method}
    if record.call.query:
        details["filters"] = ",".join(sorted(record.call.query))
    if record.call.body is not None:
        details["bytes_sent"] = len(record.call.body)
    if duration_s is not None:
        details["duration_ms"] = round(duration_s * 1000)
        details["bytes_received"] = record.bytes_received
    if record.status is not None:
        details["status"] = record.status
    if record.server_request_id is not None:
        details["server_request_id"] = record.server_request_id
    return details
