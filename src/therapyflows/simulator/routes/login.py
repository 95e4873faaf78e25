"""Token endpoint, login page, discovery, log-out."""

import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from therapyflows.simulator import oauth, tokens
from therapyflows.simulator.api import Practice
from therapyflows.simulator.contract import Json
from therapyflows.simulator.pages import page
from therapyflows.simulator.problems import Problem
from therapyflows.simulator.records import Records

COOKIE = "ehr_session"
AUTHORIZE_FIELDS = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method"
)  # fmt: skip


def issuer_of(practice: Practice, request: Request) -> str:
    return practice.settings.public_url or str(request.base_url).rstrip("/")


class Login:
    """Handlers by operation id."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        with practice.db.writing() as connection:
            self.key = oauth.signing_key(connection)
        self.handlers: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "discover": self.discover,
            "getKeys": self.keys,
            "issueToken": self.token,
            "authorize": self.authorize,
            "endSession": self.end_session,
        }

    async def discover(self, request: Request) -> Response:
        return JSONResponse(oauth.discovery(issuer_of(self.practice, request), self.practice.contract))

    async def keys(self, request: Request) -> Response:
        return JSONResponse(oauth.public_jwks(self.key))

    async def token(self, request: Request) -> Response:
        media = request.headers.get("content-type", "").partition(";")[0]
        if media != "application/x-www-form-urlencoded":
            raise Problem(415, "form_required")
        async with request.form(max_files=0, max_fields=30) as fields:
            form = {k: v for k, v in fields.items() if isinstance(v, str)}
        try:
            answer = await run_in_threadpool(self._token, request, form)
        except oauth.OAuthRefusal as refusal:
            headers = {"WWW-Authenticate": "Basic"} if refusal.status == 401 else None
            return JSONResponse({"error": refusal.error}, refusal.status, headers=headers)
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def _token(self, request: Request, form: dict[str, str]) -> Json:
        practice, issuer = self.practice, issuer_of(self.practice, request)
        with practice.db.writing() as db:
            authorization = request.headers.get("authorization")
            audiences = {issuer, f"{issuer}/oauth/token"}
            client = oauth.authenticated_client(form, authorization, practice.settings, db, audiences)
        with practice.db.writing() as db:
            if form.get("grant_type") == "client_credentials":
                if client != practice.settings.service_client_id:
                    raise oauth.OAuthRefusal("unauthorized_client")
                allowed = oauth.service_scopes(practice.settings, practice.contract)
                scopes = oauth.granted_scopes(form.get("scope"), allowed)
                return self._bearer(
                    tokens.issue_token(db, "service", client, scopes, practice.settings.token_lifetime_s), scopes
                )
            if form.get("grant_type") == "authorization_code":
                grant = tokens.redeem_code(db, form.get("code", ""))
        if form.get("grant_type") != "authorization_code":
            raise oauth.OAuthRefusal("unsupported_grant_type")
        # The code is spent by now, whatever comes: the transaction above is committed.
        if (
            grant is None
            or grant["clientId"] != client
            or grant["redirectUri"] != form.get("redirect_uri")
            or not oauth.challenge_holds(form.get("code_verifier"), grant["challenge"])
        ):
            raise oauth.OAuthRefusal("invalid_grant")
        return self._person_token(issuer, client, grant)

    def _person_token(self, issuer: str, client: str, grant: Json) -> Json:
        scopes, settings = frozenset(grant["scopes"]), self.practice.settings
        with self.practice.db.writing() as db:
            user = Records(db, self.practice.db.stamp).get("users", grant["userId"])
            value = tokens.issue_token(db, "person", user["id"], scopes, settings.token_lifetime_s)
        answer = self._bearer(value, scopes)
        if "openid" in scopes:
            answer["id_token"] = oauth.id_token(self.key, issuer, client, grant, user)
        return answer

    def _bearer(self, value: str, scopes: frozenset[str]) -> Json:
        return {
            "access_token": value,
            "token_type": "Bearer",
            "expires_in": self.practice.settings.token_lifetime_s,
            "scope": " ".join(sorted(scopes)),
        }

    async def authorize(self, request: Request) -> Response:
        """Show the login page, or go straight back when this browser is logged in already."""
        query = dict(request.query_params)
        self._check_client(query)
        error = self._request_error(query)
        if error:
            return self._back(query, {"error": error})
        session = await run_in_threadpool(self._session, request.cookies.get(COOKIE))
        if session and query.get("prompt") != "login" and not _too_old(session, query.get("max_age")):
            return await run_in_threadpool(self._grant, query, session)
        if query.get("prompt") == "none":
            return self._back(query, {"error": "login_required"})
        return self._login_page(query)

    def _login_page(self, query: dict[str, str], *, failed: bool = False) -> Response:
        hidden = {name: query[name] for name in AUTHORIZE_FIELDS if name in query}
        return page(
            "login.html", 401 if failed else 200, hidden=hidden, failed=failed, login=query.get("login_hint", "")
        )

    async def submit(self, request: Request) -> Response:
        """The login form was sent."""
        async with request.form(max_files=0, max_fields=30) as fields:
            form = {k: v for k, v in fields.items() if isinstance(v, str)}
        self._check_client(form)
        if self._request_error(form):
            raise Problem(400, "invalid_request")
        cookie = await run_in_threadpool(self._log_in, form.get("login", ""), form.get("password", ""))
        if cookie is None:
            return self._login_page({**form, "login_hint": form.get("login", "")}, failed=True)
        session = await run_in_threadpool(self._session, cookie)
        assert session is not None  # it was opened a moment ago
        answer = await run_in_threadpool(self._grant, form, session)
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="lax", path="/")
        return answer

    def _check_client(self, query: dict[str, str]) -> None:
        """An unknown client or address is told to the person, never redirected to (RFC 6749 4.1.2.1)."""
        settings = self.practice.settings
        if query.get("client_id") != settings.review_client_id:
            raise Problem(400, "unknown_client")
        if not oauth.redirect_allowed(query.get("redirect_uri", ""), settings):
            raise Problem(400, "redirect_uri_not_registered")

    def _request_error(self, query: dict[str, str]) -> str | None:
        if query.get("response_type") != "code":
            return "unsupported_response_type"
        if not query.get("code_challenge") or query.get("code_challenge_method") != "S256":
            return "invalid_request"
        return "invalid_scope" if frozenset(query.get("scope", "").split()) - self.practice.contract.scopes else None

    def _session(self, cookie: str | None) -> tokens.BrowserSession | None:
        with self.practice.db.reading() as db:
            return tokens.find_session(db, cookie)

    def _log_in(self, login: str, password: str) -> str | None:
        with self.practice.db.writing() as db:
            user_id = tokens.check_password(db, login, password)
            return tokens.open_session(db, user_id) if user_id else None

    def _grant(self, query: dict[str, str], session: tokens.BrowserSession) -> Response:
        grant: dict[str, Any] = {
            "clientId": query["client_id"],
            "redirectUri": query["redirect_uri"],
            "challenge": query["code_challenge"],
            "nonce": query.get("nonce"),
            "scopes": sorted(frozenset(query.get("scope", "openid").split())),
            "userId": session.user_id,
            "authTime": session.auth_time,
        }
        with self.practice.db.writing() as db:
            code = tokens.issue_code(db, grant)
        return self._back(query, {"code": code})

    def _back(self, query: dict[str, str], answer: dict[str, str]) -> Response:
        if query.get("state"):
            answer["state"] = query["state"]
        joint = "&" if "?" in query["redirect_uri"] else "?"
        return RedirectResponse(f"{query['redirect_uri']}{joint}{urlencode(answer)}", 302)

    async def end_session(self, request: Request) -> Response:
        """Close the browser session; return to the application when its address is registered."""
        query = request.query_params
        await run_in_threadpool(self._log_out, request.cookies.get(COOKIE))
        target = query.get("post_logout_redirect_uri", "")
        if target and oauth.redirect_allowed(target, self.practice.settings):
            state = f"?{urlencode({'state': query['state']})}" if query.get("state") else ""
            answer: Response = RedirectResponse(target + state, 302)
        else:
            answer = page("logged_out.html")
        answer.delete_cookie(COOKIE, path="/")
        return answer

    def _log_out(self, cookie: str | None) -> None:
        with self.practice.db.writing() as db:
            tokens.close_session(db, cookie)


def _too_old(session: tokens.BrowserSession, max_age: str | None) -> bool:
    return max_age is not None and max_age.isdigit() and time.time() - session.auth_time >= int(max_age)
