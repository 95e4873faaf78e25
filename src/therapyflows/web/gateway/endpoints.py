"""The edge in one file: verify the raw bytes, keep the event once, answer 202."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.requests import ClientDisconnect

from therapyflows.core.errors import Invalid, Refused, Transient
from therapyflows.core.events.payload import WebhookPayload, parse_event
from therapyflows.core.events.signature import verify
from therapyflows.core.ports import AuditTrail, Inbox, InboxEvent
from therapyflows.governance.audit.model import Action, AuditEntry
from therapyflows.web.gateway.background import pause
from therapyflows.web.gateway.inbox_writer import InboxWriter
from therapyflows.web.gateway.problems import problem
from therapyflows.web.gateway.refusals import ACTOR, RefusalTally

log = structlog.get_logger()

MAX_BODY_BYTES: Final = 20_000
_BODY_SECONDS: Final = 10.0
_STORE_SECONDS: Final = 10.0
_REPORT_SECONDS: Final = 15.0

router = APIRouter()


@dataclass
class Receiver:
    """What the endpoints need; lives in ``app.state``."""

    keys: Sequence[bytes] = field(repr=False)
    writer: InboxWriter
    inbox: Inbox
    audit: AuditTrail
    clock: Callable[[], datetime]
    tally: RefusalTally

    async def refuse(self, status: int, reason: str) -> JSONResponse:
        entry = self.tally.note(reason, self.clock())
        if entry is not None:
            await self._append([entry])
        return problem(status, reason)

    async def report_refusals(self, stop: asyncio.Event) -> None:
        """Background loop: writes the counts of the minutes that have ended."""
        while not stop.is_set():
            await self._append(self.tally.due(self.clock()))
            await pause(stop, _REPORT_SECONDS)

    async def flush_refusals(self) -> None:
        await self._append(self.tally.due(self.clock(), everything=True))

    async def _append(self, entries: Sequence[AuditEntry]) -> None:
        for entry in entries:
            log.warning("webhooks_refused", reason=entry.outcome, **entry.details)
            await asyncio.to_thread(self.audit.append, entry)


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "code"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "code": {"type": "string"},
                },
            }
        }
    }
    return {status: {"description": "Refused; nothing was stored", "content": content} for status in statuses}


_HEADERS = [
    {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
]


@router.post(
    "/webhooks/ehr",
    status_code=202,
    responses={202: {"description": "The event is stored, now or earlier"}, **_problems(400, 401, 408, 413, 503)},
    openapi_extra={
        "parameters": _HEADERS,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": WebhookPayload.model_json_schema(by_alias=True)}},
        },
    },
)
async def receive_event(request: Request) -> Response:
    """Standard Webhooks 1.0: signed over id, timestamp and body; at most 20 kB; repeats are welcome."""
    receiver: Receiver = request.app.state.receiver
    body = await _read_body(request)
    if isinstance(body, int):
        return await receiver.refuse(body, "body_too_large" if body == 413 else "body_too_slow")
    now = receiver.clock()
    try:
        event_id = verify(receiver.keys, request.headers, body, now)
        event = parse_event(body, event_id=event_id, received_at=now)
    except Refused as refusal:
        return await receiver.refuse(401, refusal.code)
    except Invalid as invalid:
        return await receiver.refuse(400, invalid.code)
    return await _keep(receiver, event)


async def _keep(receiver: Receiver, event: InboxEvent) -> Response:
    try:
        async with asyncio.timeout(_STORE_SECONDS):
            new = await receiver.writer.store(event, _received(event))
    except (Transient, TimeoutError):
        return problem(503, "inbox_unavailable", retry_after_s=5)
    if not new:
        log.info("event_repeated", event_id=event.id)
    return Response(status_code=202)


async def _read_body(request: Request) -> bytes | int:
    """The raw body, or the status to refuse it with."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:12]) > MAX_BODY_BYTES:
        return 413
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    return 413
    except (TimeoutError, ClientDisconnect):
        return 408
    return bytes(body)


def _received(event: InboxEvent) -> AuditEntry:
    return AuditEntry(
        action=Action.EVENT_RECEIVED,
        actor=ACTOR,
        resource=f"events/{event.id}",
        client_id=event.client_id,
        details={"type": event.type, "object_id": event.object_id, "origin": event.origin},
    )


@router.get("/healthz", response_class=JSONResponse)
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", response_class=JSONResponse, responses=_problems(503))
async def ready(request: Request) -> Response:
    """The store answers: webhooks can be kept."""
    receiver: Receiver = request.app.state.receiver
    try:
        async with asyncio.timeout(5):
            counts = await asyncio.to_thread(receiver.inbox.counts)
    except (Transient, TimeoutError):
        return problem(503, "store_unavailable", retry_after_s=5)
    return JSONResponse({"status": "ok", "waiting": counts.get("new", 0)})
