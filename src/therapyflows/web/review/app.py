"""The review application: sign in, see what waits, read a draft beside its transcript, correct it, decide.

::

    GET  /login, /login/start, /auth/callback, /signed-out      POST /logout, /session/keepalive
    GET  /confirm, /confirm/start           the password again, for what asks for it
    GET  /                                  what waits for this person
    GET  /drafts/{id}                       one draft (or what became of it)
    GET  /drafts/{id}/state                 its state, for the page to follow
    GET  /drafts/{id}/recording             the recording, with ranges
    POST /drafts/{id}/statements...         edit, keep, remove, restore, add
    POST /drafts/{id}/findings/...          add what was left out, file a contradiction anyway
    POST /drafts/{id}/codes, /speakers      tick codes, swap speakers
    POST /drafts/{id}/turns/{id}/off-record, /on-record
    POST /drafts/{id}/approve, /reject      decide
    GET  /clients/{id}                      what was done for this client, to read with them and to print
    GET  /emergency, POST /emergency        ask for emergency access to a client; /emergency/{id}[/end]: use it, end it
    GET  /emergency-reviews, POST .../{id}  judge how it was used
    GET  /intakes/{id}, /intakes/{id}/pages/{n}      an intake form beside the images of its pages
    POST /intakes/{id}/fields, /findings, /duplicate, /welcome, /approve, /reject
    GET  /audit                             search the audit trail; POST /audit/verification, /audit/export
    GET  /clients/{id}/disclosures          what was given to whom outside of the practice
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from therapyflows.core.session_note.deciding import settle_decided
from therapyflows.core.session_note.wake import wake_decided
from therapyflows.web.review import (
    auth,
    clients,
    deciding,
    draft,
    editing,
    emergency,
    intake,
    queue,
    recording,
    trail,
    turns,
)
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.errors import install_error_pages
from therapyflows.web.review.pages import Pages
from therapyflows.web.review.security import SecurityHeaders, SessionCookie, origin_of
from therapyflows.web.review.sessions import Sessions
from therapyflows.web.review.throttle import Throttle
from therapyflows.web.review.trail_check import TrailCheck
from therapyflows.web.review.watch import Watch

log = structlog.get_logger()
_HERE = Path(__file__).parent


def create_review_app(deps: ReviewDeps) -> FastAPI:
    """The application over these ports; it also wakes the runs of decided drafts while it is up."""
    app = FastAPI(title="TherapyFlows review", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)
    https = deps.base_url.startswith("https://")
    sessions = Sessions(
        deps.session_key, deps.review_sessions, idle=deps.idle_timeout, lifetime=deps.session_lifetime, secure=https
    )
    throttle = Throttle(deps.clock, free=deps.lockout_after, longest=deps.lockout_at_most)
    app.state.deps = deps
    app.state.sessions = sessions
    app.state.watch = Watch(throttle, deps.audit)
    app.state.origin = origin_of(deps.base_url)
    app.state.pages = Pages(deps)
    app.state.trail_check = TrailCheck(deps)
    for part in (auth, queue, draft, editing, turns, deciding, recording, clients, intake, emergency, trail):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    app.add_api_route("/healthz", lambda: {"ok": True}, include_in_schema=False)
    install_error_pages(app)
    app.add_middleware(SessionCookie, sessions=sessions, clock=deps.clock, watch=app.state.watch)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[urlsplit(deps.base_url).hostname or "127.0.0.1"])
    app.add_middleware(SecurityHeaders, https=https)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    sweeper = asyncio.create_task(_sweep(app.state.deps))
    try:
        yield
    finally:
        sweeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeper


async def _sweep(deps: ReviewDeps) -> None:
    """Finish and wake what a crash or an unreachable orchestrator left behind, at start and every few seconds."""
    settled: set[str] = set()
    while True:
        try:
            await asyncio.to_thread(settle_decided, deps.drafts, deps.decisions, deps.audit, clock=deps.clock)
            woken = await wake_decided(deps.drafts, deps.decisions, deps.runs, settled=settled)
            if woken:
                log.info("runs_woken", count=woken)
        except Exception as error:  # the sweep must outlive whatever one round meets
            log.error("wake_sweep_failed", error_type=type(error).__name__)
        await asyncio.sleep(deps.sweep_every.total_seconds())
