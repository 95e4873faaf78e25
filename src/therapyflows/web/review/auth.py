"""Sign in at the EHR (OpenID Connect), sign out, stay signed in while working."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.core.errors import Refused, Transient
from therapyflows.core.people import person_of
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.pages import Pages
from therapyflows.web.review.people import Deps, Reviewer
from therapyflows.web.review.security import PostedForm
from therapyflows.web.review.sessions import SIGN_IN_MINUTES, PendingSignIn, Session, Sessions, local_path

router = APIRouter()
log = structlog.get_logger()


@router.get("/login")
async def login(request: Request, next: str = "/") -> Response:
    if request.state.session is not None:
        return RedirectResponse(local_path(next), 303)
    return _pages(request).render(request, "login.html", next=local_path(next), title="Sign in")


@router.get("/login/start")
async def start(request: Request, deps: Deps, next: str = "/") -> Response:
    begun = await deps.sign_in.begin(_callback_uri(deps))
    pending = PendingSignIn(start=begun, next=local_path(next), issued_at=deps.clock())
    response = RedirectResponse(begun.url, 303)
    sessions = _sessions(request)
    response.set_cookie(
        sessions.pending_cookie,
        sessions.seal_pending(pending),
        max_age=SIGN_IN_MINUTES * 60,
        httponly=True,
        samesite="lax",
        secure=sessions.secure,
        path="/",
    )
    return response


@router.get("/auth/callback")
async def callback(
    request: Request,
    deps: Deps,
    code: Annotated[str | None, Query(max_length=4096)] = None,
    state: Annotated[str | None, Query(max_length=1024)] = None,
) -> Response:
    sessions = _sessions(request)
    pending = sessions.open_pending(request.cookies.get(sessions.pending_cookie), deps.clock())
    try:
        if pending is None or code is None or not pending.start.matches(state):
            raise Refused("sign_in_invalid", "This sign-in is not valid or took too long.")
        user_id = await deps.sign_in.finish(code=code, start=pending.start, redirect_uri=_callback_uri(deps))
        user = await deps.users(user_id)
        if not user.active:
            raise Refused("user_inactive", "This account is not active.")
    except (Refused, Transient) as error:
        await _audit(deps, Action.LOGIN_FAILED, Actor("service", "review"), outcome=error.code)
        return _forget_pending(sessions, _failed(request, error))
    if request.state.session is not None:
        sessions.end(request.state.session, deps.clock())
    request.state.session = sessions.begin(user_id, deps.clock())
    actor = Reviewer(request.state.session, user, person_of(user)).actor
    await _audit(deps, Action.LOGIN, actor)
    return _forget_pending(sessions, RedirectResponse(pending.next, 303))


@router.post("/logout")
async def logout(request: Request, deps: Deps, form: PostedForm) -> Response:
    session: Session = request.state.session
    _sessions(request).end(session, deps.clock())
    request.state.session = None
    await _audit(deps, Action.LOGOUT, Actor("person", session.user_id))
    return RedirectResponse("/signed-out", 303)


@router.get("/signed-out")
async def signed_out(request: Request, deps: Deps) -> Response:
    url = deps.sign_in.logout_url(f"{deps.base_url.rstrip('/')}/login")
    return _pages(request).render(request, "signed_out.html", title="Signed out", logout_url=url)


@router.post("/session/keepalive")
async def keepalive(request: Request, form: PostedForm) -> Response:
    """The page calls this while somebody types or reads; being called is what keeps the session."""
    return JSONResponse({"ok": True})


def _failed(request: Request, error: Refused | Transient) -> Response:
    busy = isinstance(error, Transient)
    message = "The EHR does not answer. Please try again in a minute." if busy else "Signing in did not work."
    return _pages(request).render(
        request, "login.html", status=503 if busy else 403, title="Sign in", next="/", problem=message
    )


def _forget_pending(sessions: Sessions, response: Response) -> Response:
    response.delete_cookie(sessions.pending_cookie, httponly=True, samesite="lax", secure=sessions.secure, path="/")
    return response


async def _audit(deps: ReviewDeps, action: Action, actor: Actor, *, outcome: str = "ok") -> None:
    entry = AuditEntry(action=action, actor=actor, resource="review/session", outcome=outcome)
    await asyncio.to_thread(deps.audit.append, entry)


def _callback_uri(deps: ReviewDeps) -> str:
    return f"{deps.base_url.rstrip('/')}/auth/callback"


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions
