"""Sign in at the EHR (OpenID Connect), confirm by the password, sign out, stay signed in while working."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.core.chart import User
from therapyflows.core.errors import NotFound, Refused, Transient
from therapyflows.core.people import person_of
from therapyflows.governance.audit.model import Action, Actor, AuditEntry
from therapyflows.web.review.deps import ReviewDeps
from therapyflows.web.review.pages import Pages
from therapyflows.web.review.people import CurrentReviewer, Deps, Reviewer
from therapyflows.web.review.security import PostedForm
from therapyflows.web.review.sessions import (
    DEVICE_DAYS,
    SIGN_IN_MINUTES,
    PendingSignIn,
    Session,
    Sessions,
    local_path,
)
from therapyflows.web.review.watch import Watch, address_of, too_many

router = APIRouter()
log = structlog.get_logger()


@router.get("/login")
async def login(request: Request, next: str = "/") -> Response:
    if request.state.session is not None:
        return RedirectResponse(local_path(next), 303)
    return _pages(request).render(request, "login.html", next=local_path(next), title="Sign in")


@router.get("/login/start")
async def start(request: Request, deps: Deps, next: str = "/") -> Response:
    wait = _watch(request).locked("sign_in", _browser(request))
    if wait is not None:
        raise too_many(wait)
    return await _begin(request, deps, next)


@router.get("/confirm")
async def confirm(request: Request, reviewer: CurrentReviewer, next: str = "/") -> Response:
    """Say why the password is asked for again."""
    return _pages(request).render(
        request, "confirm.html", reviewer=reviewer, next=local_path(next), title="Confirm that it is you"
    )


@router.get("/confirm/start")
async def start_confirming(request: Request, deps: Deps, reviewer: CurrentReviewer, next: str = "/") -> Response:
    return await _begin(request, deps, next, confirms=reviewer.user.id)


@router.get("/auth/callback")
async def callback(
    request: Request,
    deps: Deps,
    code: Annotated[str | None, Query(max_length=4096)] = None,
    state: Annotated[str | None, Query(max_length=1024)] = None,
) -> Response:
    sessions = _sessions(request)
    pending = sessions.open_pending(request.cookies.get(sessions.pending_cookie), deps.clock())
    if pending is None or not pending.start.matches(state):
        return await _not_begun_here(request, deps)
    wait = _watch(request).locked("sign_in", _browser(request))
    if wait is not None:
        raise too_many(wait)
    try:
        user = await _identified(deps, pending, code)
    except (Refused, Transient) as error:
        if isinstance(error, Refused):
            await _watch(request).failed("sign_in", _browser(request))
        await _audit(deps, Action.LOGIN_FAILED, Actor("service", "review"), outcome=error.code)
        return _forget_pending(sessions, _failed(request, error))
    return await _signed_in(request, deps, pending, user)


async def _begin(request: Request, deps: ReviewDeps, next: str, *, confirms: str | None = None) -> Response:
    begun = await deps.sign_in.begin(_callback_uri(deps), fresh=confirms is not None)
    pending = PendingSignIn(start=begun, next=local_path(next), issued_at=deps.clock(), confirms=confirms)
    response = RedirectResponse(begun.url, 303)
    sessions = _sessions(request)
    _set_cookie(sessions, response, sessions.pending_cookie, sessions.seal_pending(pending), SIGN_IN_MINUTES * 60)
    return response


async def _not_begun_here(request: Request, deps: ReviewDeps) -> Response:
    """An answer without a question: another site, or a page that stood open for too long."""
    wait = await _watch(request).failed("callback", address_of(request))
    if wait is not None:
        raise too_many(wait)
    error = Refused("sign_in_invalid", "This sign-in is not valid or took too long.")
    await _audit(deps, Action.LOGIN_FAILED, Actor("service", "review"), outcome=error.code)
    return _forget_pending(_sessions(request), _failed(request, error))


async def _identified(deps: ReviewDeps, pending: PendingSignIn, code: str | None) -> User:
    """Who the EHR says it is.  Raises Refused, Transient."""
    if code is None:
        raise Refused("sign_in_invalid", "This sign-in is not valid or took too long.")
    user_id = await deps.sign_in.finish(code=code, start=pending.start, redirect_uri=_callback_uri(deps))
    if pending.confirms not in (None, user_id):
        raise Refused("confirmed_by_another", "Somebody else has signed in.")
    try:
        user = await deps.users(user_id)
    except NotFound:
        raise Refused("user_unknown", "This account is not known.") from None
    if not user.active:
        raise Refused("user_inactive", "This account is not active.")
    return user


async def _signed_in(request: Request, deps: ReviewDeps, pending: PendingSignIn, user: User) -> Response:
    sessions, before, now = _sessions(request), request.state.session, deps.clock()
    confirmed = pending.confirms is not None
    if before is not None:
        await asyncio.to_thread(lambda: sessions.end(before, now, code="signed_in_again"))
    request.state.session = await asyncio.to_thread(lambda: sessions.begin(user.id, now, confirmed=confirmed))
    request.state.session_trouble = None
    reviewer = Reviewer(request.state.session, user, person_of(user), _watch(request))
    await _audit(deps, Action.LOGIN_CONFIRMED if confirmed else Action.LOGIN, reviewer.actor)
    _watch(request).forgive("sign_in", _browser(request))
    response = _forget_pending(sessions, RedirectResponse(pending.next, 303))
    if sessions.device_of(request.cookies.get(sessions.device_cookie)) is None:
        _set_cookie(sessions, response, sessions.device_cookie, sessions.new_device(), DEVICE_DAYS * 86400)
    return response


@router.post("/logout")
async def logout(request: Request, deps: Deps, form: PostedForm) -> Response:
    session: Session = request.state.session
    await asyncio.to_thread(lambda: _sessions(request).end(session, deps.clock(), code="logged_out"))
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


def _set_cookie(sessions: Sessions, response: Response, name: str, value: str, max_age_s: int) -> None:
    response.set_cookie(name, value, max_age=max_age_s, httponly=True, samesite="lax", secure=sessions.secure, path="/")


def _browser(request: Request) -> str:
    """By what refused sign-ins are counted: the browser once somebody signed in with it, else the network address."""
    sessions = _sessions(request)
    return sessions.device_of(request.cookies.get(sessions.device_cookie)) or address_of(request)


def _watch(request: Request) -> Watch:
    watch: Watch = request.app.state.watch
    return watch


def _callback_uri(deps: ReviewDeps) -> str:
    return f"{deps.base_url.rstrip('/')}/auth/callback"


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions
