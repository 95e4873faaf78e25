"""What stands around every request: response headers, the session cookie, and the check of every POST."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, NoReturn
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import FormData, MutableHeaders
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from therapyflows.core.errors import Transient
from therapyflows.web.review.sessions import ForgedCookie, Session, Sessions
from therapyflows.web.review.watch import Watch, address_of, too_many

MAX_FORM_BYTES = 64 * 1024
MAX_FILE_BYTES = 50_000_000 + MAX_FORM_BYTES
PASSIVE_SUFFIXES = ("/state", "/attention", "/company", "/waveform")
"""Requests that the page makes by itself; they do not count as activity of the person."""
RENEW_AFTER = timedelta(seconds=20)

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


class SecurityHeaders:
    """Adds the headers to every response; pages are never cached, static files briefly."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        static = str(scope["path"]).startswith("/static/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["Cache-Control"] = "no-cache" if static else "no-store"
                if self.https:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self.app(scope, receive, with_headers)


class SessionCookie:
    """Opens the cookie before the request and writes what became of the session after it.

    Endpoints change the session by assigning ``request.state.session``.
    """

    def __init__(self, app: ASGIApp, *, sessions: Sessions, clock: Callable[[], datetime], watch: Watch) -> None:
        self.app = app
        self.watch = watch
        self.sessions = sessions
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state: dict[str, Any] = scope.setdefault("state", {})
        state["session"] = None
        if scope["type"] != "http" or str(scope["path"]).startswith("/static/"):
            await self.app(scope, receive, send)
            return
        cookie = HTTPConnection(scope).cookies.get(self.sessions.cookie)
        found, refusal = await self._open(scope, cookie, state)
        state["session"] = found
        unread = state.get("session_trouble") is not None

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                had_cookie = cookie is not None and not unread
                header = self._set_cookie(found, state["session"], had_cookie, str(scope["path"]))
                if header is not None:
                    MutableHeaders(scope=message).append("set-cookie", header)
            await send(message)

        await (refusal or self.app)(scope, receive, with_cookie)

    async def _open(
        self, scope: Scope, cookie: str | None, state: dict[str, Any]
    ) -> tuple[Session | None, Response | None]:
        """The session, and what to answer at once instead of going on: only who guesses cookies meets that."""
        if not cookie:
            return None, None
        try:
            return await asyncio.to_thread(self.sessions.open, cookie, self.clock()), None
        except Transient as error:
            state["session_trouble"] = error
            return None, None
        except ForgedCookie:
            wait = await self.watch.failed("cookie", address_of(HTTPConnection(scope)))
        if wait is None:
            return None, None
        return None, PlainTextResponse("Too many attempts.", 429, headers={"Retry-After": str(wait)})

    def _set_cookie(self, before: Session | None, after: Session | None, had_cookie: bool, path: str) -> str | None:
        response = Response()
        now = self.clock()
        if after is None:
            if not had_cookie:
                return None
            response.delete_cookie(self.sessions.cookie, secure=self.sessions.secure, httponly=True, samesite="lax")
        else:
            fresh = after is not before
            if not fresh and (path.endswith(PASSIVE_SUFFIXES) or now - after.last_seen < RENEW_AFTER):
                return None
            sealed = self.sessions.seal(after if fresh else self.sessions.touch(after, now))
            response.set_cookie(
                self.sessions.cookie, sealed, secure=self.sessions.secure, httponly=True, samesite="lax", path="/"
            )
        return response.headers["set-cookie"]


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def same_origin(request: Request, own_origin: str) -> bool:
    """Whether a POST comes from a page of ours.

    Because of ``Referrer-Policy: no-referrer`` browsers send ``Origin: null`` with our own forms (Fetch standard,
    "append a request Origin header"); then ``Sec-Fetch-Site``, which a page cannot forge, has to say so.
    """
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if origin == own_origin:
        return site in (None, "same-origin")
    if origin in (None, "null"):
        return site == "same-origin"
    return False


_TYPED: Final = ("subject", "text", "value", "words", "reason", "body", "comment", "instruction")
"""Fields into which a person writes: whatever goes wrong, an error page hands their words back."""


async def checked_form(request: Request) -> FormData:
    """The posted form, after origin and CSRF token were checked: the only way a POST endpoint gets its input."""
    return await _checked(request, MAX_FORM_BYTES, _fields)


async def checked_file(request: Request) -> FormData:
    """The same for a form with one file in it, which is never written to disk."""
    return await _checked(request, MAX_FILE_BYTES, _fields_and_a_file)


async def _fields(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=200)


async def _fields_and_a_file(request: Request) -> FormData:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        _refuse_large(request, MAX_FORM_BYTES)
        return await _fields(request)
    parser = MultiPartParser(request.headers, request.stream(), max_files=1, max_fields=10)
    parser.spool_max_size = MAX_FILE_BYTES  # what is larger was refused: nothing rolls over to an unencrypted file
    try:
        return await parser.parse()
    except MultiPartException:
        raise HTTPException(422) from None


async def _checked(request: Request, at_most: int, read: Callable[[Request], Awaitable[FormData]]) -> FormData:
    _refuse_large(request, at_most)
    if not same_origin(request, request.app.state.origin):
        # From a page of somebody else: it counts against where it came from, never against the session it abuses.
        await refuse(request, address_of(request), "This request did not come from a page of this application.")
    form = await read(request)
    request.state.typed = "\n\n".join(words for name in _TYPED if (words := field(form, name)))
    session: Session | None = request.state.session
    trouble: Transient | None = getattr(request.state, "session_trouble", None)
    if trouble is not None:
        raise trouble
    sent = request.headers.get("x-csrf-token") or form.get("csrf")
    expected = session.csrf if session else ""
    if not expected or not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), expected.encode()):
        subject = session.id if session else address_of(request)
        await refuse(request, subject, "This page is out of date. Go back, reload it and try again.")
    return form


async def refuse(request: Request, subject: str, message: str) -> NoReturn:
    """403 for a form that is not ours; 429 once it is one of many."""
    watch: Watch = request.app.state.watch
    wait = await watch.failed("form", subject)
    if wait is not None:
        raise too_many(wait)
    raise HTTPException(403, message)


PostedForm = Annotated[FormData, Depends(checked_form)]
PostedFile = Annotated[FormData, Depends(checked_file)]


def field(form: FormData, name: str, default: str = "") -> str:
    """One text field of the form."""
    value = form.get(name, default)
    return value if isinstance(value, str) else default


def _refuse_large(request: Request, at_most: int) -> None:
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise HTTPException(411, "The length of the request is missing.")
    if int(length) > at_most:
        raise HTTPException(413, "The request is too large.")
