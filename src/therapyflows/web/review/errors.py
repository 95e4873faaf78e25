"""Errors as plain pages (or as JSON for the page's own requests): what happened, what to do, no trace."""

from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from therapyflows.core.errors import Conflict, Invalid, NotFound, Refused, TherapyFlowsError, Transient
from therapyflows.web.review.confirming import ConfirmationNeeded
from therapyflows.web.review.pages import Pages
from therapyflows.web.review.people import SignInNeeded

log = structlog.get_logger()

_TITLES = {
    401: "Please sign in",
    403: "Not permitted",
    404: "Not found",
    405: "Not found",
    409: "Changed meanwhile",
    411: "Not understood",
    413: "Too large",
    429: "Too many attempts",
    422: "Something is missing",
    500: "Something went wrong",
    503: "Not reachable at the moment",
}
_MESSAGES = {
    403: "You may not do this.",
    404: "This page does not exist, or it is not meant for you.",
    405: "This page does not exist, or it is not meant for you.",
    422: "The request was not understood. Go back and try again.",
    500: "Nothing you decided is lost. Please try again; if it happens again, tell whoever runs this service.",
    503: "The EHR or another part of the system does not answer. Please try again in a minute.",
}


def install_error_pages(app: FastAPI) -> None:
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(ConfirmationNeeded, _confirm)
    app.add_exception_handler(TherapyFlowsError, _ours)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_middleware(PlainFailures)


def wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def answer(request: Request, status: int, message: str | None = None, *, code: str = "", **more: object) -> Response:
    """The error as a page, or as JSON when the page's script asks."""
    said = message or _MESSAGES.get(status) or "This did not work."
    if wants_json(request):
        return JSONResponse({"error": code or str(status), "message": said, **more}, status_code=status)
    pages: Pages = request.app.state.pages
    session = getattr(request.state, "session", None)
    more.setdefault("text", getattr(request.state, "typed", ""))
    return pages.render(
        request,
        "error.html",
        status=status,
        session=session,
        title=_TITLES.get(status, "Error"),
        message=said,
        refused=status == 403,
        **more,
    )


def status_of(error: TherapyFlowsError) -> int:
    for kind, status in ((NotFound, 404), (Refused, 403), (Conflict, 409), (Invalid, 422), (Transient, 503)):
        if isinstance(error, kind):
            return status
    return 500


async def _sign_in(request: Request, _: Exception) -> Response:
    if wants_json(request):
        return JSONResponse(
            {"error": "signed_out", "message": "You have been signed out. Sign in again in another window."}, 401
        )
    if request.method not in ("GET", "HEAD"):
        return answer(request, 401, "You have been signed out. Sign in and try again.")
    return RedirectResponse(f"/login?next={quote(request.url.path, safe='/')}", 303)


async def _confirm(request: Request, error: Exception) -> Response:
    assert isinstance(error, ConfirmationNeeded)
    where = f"/confirm?next={quote(error.back, safe='/')}"
    if request.method in ("GET", "HEAD") and not wants_json(request):
        return RedirectResponse(where, 303)
    return answer(request, 401, "This asks for your EHR password once more.", confirm=where)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, TherapyFlowsError)
    status = status_of(error)
    log.info("request_refused", status=status, code=error.code, path=request.url.path)
    message = None if status in (500, 503) else error.message
    return answer(request, status, message, code=error.code)


async def _unreadable(request: Request, _: Exception) -> Response:
    return answer(request, 422)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    own_words = error.status_code in (403, 411, 413, 429)
    response = answer(request, error.status_code, error.detail if own_words else None)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


class PlainFailures:
    """Turns anything unforeseen into a plain page, inside the other middleware; the server's log gets no trace."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def noticing(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noticing)
        except Exception as error:  # whatever it is, its text may hold content: only the type is logged
            request = Request(scope, receive)
            log.error("request_failed", error_type=type(error).__name__, path=request.url.path)
            if begun:
                raise ConnectionAbortedError("response_cut_off") from None
            await _plainest(request)(scope, receive, send)


def _plainest(request: Request) -> Response:
    """The page that says so, or bare words when even that cannot be made."""
    try:
        return answer(request, 500)
    except Exception as error:
        log.error("error_page_failed", error_type=type(error).__name__)
        return PlainTextResponse(_MESSAGES[500], 500)
