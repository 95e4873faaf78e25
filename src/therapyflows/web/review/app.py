"""The review application: sign in, see what waits, read a draft beside its transcript, correct it, decide.

::

    GET  /login, /login/start, /auth/callback, /signed-out      POST /logout, /session/keepalive
    GET  /confirm, /confirm/start           the password again, for what asks for it
    GET  /, /queues/{workflow}              what waits for this person; .../state: the same for the page to follow
    POST /queues/{workflow}/approve         several at once, where the policy allows it
    POST /drafts/{id}/snooze, /wake         put it aside for a while, take it up again
    GET, POST /drafts/{id}/cosign[/send-back]   a supervisor answers for an associate's approval
    GET, POST /drafts/{id}/hand-over        give it to a colleague who may decide
    GET  /drafts/{id}                       one draft (or what became of it)
    GET  /drafts/{id}/state                 its state, for the page to follow
    GET  /drafts/{id}/recording             the recording, with ranges; /drafts/{id}/waveform: how loud it is
    POST /drafts/{id}/statements...         edit, keep, remove, restore, add
    GET  /drafts/{id}/company               who else has it open, and whether it changed
    GET, POST /drafts/{id}/words            what this person is typing and has not put into the note yet
    GET  /snippets, POST /snippets/own, /practice      pieces of text; /drafts/{id}/snippets: to insert into this draft
    GET  /drafts/{id}/made, /made/{call}    what made it, what was redacted; the text of a call as it was sent
    GET  /drafts/{id}/previous              the note beside the client's previous one
    GET  /drafts/{id}/note                  the note pane as it is now
    POST /drafts/{id}/findings/...          add what was left out, file a contradiction anyway
    POST /drafts/{id}/history/undo, /redo   take one's own last change back, make it again
    POST /drafts/{id}/codes                 tick codes
    POST /drafts/{id}/speakers[/correction] swap speakers, correct who said some turns
    POST /drafts/{id}/turns/{id}/off-record, /on-record
    GET, POST /drafts/{id}/rewrite/{what}   ask for other words; /drafts/{id}/proposals/{id}[/use]: see them, use them
    POST /drafts/{id}/approve, /reject, /redraft      decide; /undo: until the run is let go
    GET  /clients/{id}                      what was done for this client, to read with them and to print
    GET  /emergency, POST /emergency        ask for emergency access to a client; /emergency/{id}[/end]: use it, end it
    GET  /emergency-reviews, POST .../{id}  judge how it was used
    GET  /intakes/{id}, /intakes/{id}/pages/{n}      an intake form beside the images of its pages
    POST /intakes/{id}/fields, /findings, /duplicate, /welcome, /approve, /reject
    GET, POST /intake-forms                 hand in the form of somebody who is no client yet
    GET  /sessions, /clients/{id}/prep      appointments of today and tomorrow; the page before a session
    POST /tours/{name}, /tours/again        the person has seen the tour of a page, or wants it again
    GET  /help                              what this does and never does, opting out, keys
    GET  /attention                         whether drafts are read before they are approved
    GET  /training, POST /training          exercises with errors to be found; /training/{id}: one of them
    GET  /operations                        how drafts and runs fare; POST /operations/drafts/{id}/retry
    GET  /quality                           how the latest intake forms are doing
    GET  /style, POST /style/...            how this person words notes
    GET  /audit                             search the audit trail; POST /audit/verification, /audit/export
    GET  /clients/{id}/disclosures          what was given to whom outside of the practice
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from therapyflows.web.review import (
    attention,
    auth,
    batch,
    clients,
    company,
    cosigning,
    deciding,
    draft,
    editing,
    emergency,
    handing_in,
    help,
    intake,
    made,
    operations,
    previous,
    putting_aside,
    quality,
    queue,
    recording,
    rewrite_limits,
    rewriting,
    session_prep,
    snippets,
    speakers,
    style,
    tour,
    trail,
    training,
    turns,
    waveform,
    words,
)
from therapyflows.web.review.compression import Compression
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.errors import install_error_pages
from therapyflows.web.review.pages import Pages
from therapyflows.web.review.security import SecurityHeaders, SessionCookie, origin_of
from therapyflows.web.review.sessions import Sessions
from therapyflows.web.review.throttle import Throttle
from therapyflows.web.review.trail_check import TrailCheck
from therapyflows.web.review.waking import Waking
from therapyflows.web.review.watch import Watch

_HERE = Path(__file__).parent


PARTS = (
    auth,
    queue,
    putting_aside,
    batch,
    cosigning,
    draft,
    company,
    editing,
    words,
    previous,
    made,
    speakers,
    turns,
    deciding,
    recording,
    waveform,
    clients,
    session_prep,
    intake,
    handing_in,
    emergency,
    attention,
    training,
    operations,
    quality,
    snippets,
    rewriting,
    style,
    trail,
    help,
    tour,
)
"""The modules whose routes make the application."""


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
    app.state.waking = Waking(deps)
    app.state.trail_check = TrailCheck(deps)
    app.state.lookups = queue.Lookups(deps)
    app.state.company = company.Company()
    app.state.waveforms = waveform.Waveforms()
    app.state.asking = rewrite_limits.Asking()
    app.state.heard = recording.Heard()
    for part in PARTS:
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    app.add_api_route("/healthz", lambda: {"ok": True}, include_in_schema=False)
    install_error_pages(app)
    app.add_middleware(SessionCookie, sessions=sessions, clock=deps.clock, watch=app.state.watch)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[urlsplit(deps.base_url).hostname or "127.0.0.1"])
    app.add_middleware(Compression)
    app.add_middleware(SecurityHeaders, https=https)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    waking: Waking = app.state.waking
    working = [asyncio.create_task(waking.sweep()), asyncio.create_task(queue.keep_counting(app.state.deps))]
    try:
        yield
    finally:
        waking.stop()
        for task in working:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        app.state.waveforms.close()
