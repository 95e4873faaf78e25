"""The gateway: takes webhooks of the EHR, keeps them durably, answers.  What they start is the dispatcher's business.

::

    POST /webhooks/ehr   verify raw bytes ▸ parse ids ▸ store with audit entry (group commit) ▸ 202
    GET  /healthz        the process answers
    GET  /readyz         the store answers
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from therapyflows.core.errors import Invalid
from therapyflows.core.events.signature import decode_secret
from therapyflows.core.ports import AuditTrail, Inbox
from therapyflows.web.gateway.background import run_in_background
from therapyflows.web.gateway.endpoints import Receiver, router
from therapyflows.web.gateway.inbox_writer import InboxWriter
from therapyflows.web.gateway.problems import problem
from therapyflows.web.gateway.refusals import RefusalTally

Background = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class GatewayDeps:
    """``secrets`` are the webhook secrets that are valid now, ``whsec_...``: two during a rotation."""

    inbox: Inbox
    audit: AuditTrail
    secrets: Sequence[str] = field(repr=False)
    clock: Callable[[], datetime] = utc_now
    background: Sequence[Background] = ()
    """What runs beside the requests, e.g. the dispatcher; each is started again when it fails."""
    wake: asyncio.Event | None = None
    """Set after events were stored; the dispatcher waits for it."""


def create_gateway(deps: GatewayDeps) -> FastAPI:
    """Raises Invalid when there is no webhook secret, or one is not base64."""
    if not deps.secrets:
        raise Invalid("webhook_secret_missing", "the gateway needs the secret of the EHR's webhook subscription")
    receiver = Receiver(
        keys=tuple(decode_secret(secret) for secret in deps.secrets),
        writer=InboxWriter(deps.inbox, on_stored=deps.wake.set if deps.wake else lambda: None),
        inbox=deps.inbox,
        audit=deps.audit,
        clock=deps.clock,
        tally=RefusalTally(),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with receiver.writer, run_in_background([*deps.background, receiver.report_refusals]):
            yield
        await receiver.flush_refusals()

    app = FastAPI(title="TherapyFlows gateway", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.receiver = receiver
    app.include_router(router)
    app.add_exception_handler(HTTPException, _http_problem)
    return app


async def _http_problem(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem(status, "no_such_resource" if status == 404 else "not_possible")
