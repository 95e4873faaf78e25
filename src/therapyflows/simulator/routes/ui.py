"""The EHR's own pages, where a person logs in, reads a chart and signs."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Cookie, Form
from starlette.responses import RedirectResponse, Response

from therapyflows.simulator import tokens
from therapyflows.simulator.access import caseload_of, may_sign
from therapyflows.simulator.api import Practice
from therapyflows.simulator.contract import Json
from therapyflows.simulator.pages import page
from therapyflows.simulator.problems import Problem
from therapyflows.simulator.records import Records
from therapyflows.simulator.routes.login import COOKIE

Session = Annotated[str, Cookie(alias=COOKIE)]


def ui_router(practice: Practice) -> APIRouter:
    router = APIRouter(prefix="/ui", include_in_schema=False)

    def reader(cookie: str, records: Records) -> Json:
        """The person behind the browser.  Raises a 303 to the login page."""
        session = tokens.find_session(records.connection, cookie)
        if session is None:
            raise Problem(303, "login_required", headers={"Location": "/ui/login"})
        return records.get("users", session.user_id)

    def must_treat(user: Json, client_id: str, records: Records) -> None:
        if client_id not in caseload_of(user, records):
            raise Problem(403, "not_your_client")

    def form_token(cookie: str) -> str:
        return tokens.digest(f"form:{cookie}")[:32]

    @router.get("/login")
    def show_login() -> Response:
        return page("login.html", hidden=None, failed=False, login="")

    @router.post("/login")
    def log_in(login: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "") -> Response:
        with practice.db.writing() as db:
            user_id = tokens.check_password(db, login, password)
            cookie = tokens.open_session(db, user_id) if user_id else None
        if cookie is None:
            return page("login.html", 401, hidden=None, failed=True, login=login)
        answer = RedirectResponse("/ui/clients", 303)
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="lax", path="/")
        return answer

    @router.get("/clients")
    def clients(cookie: Session = "") -> Response:
        with practice.records() as records:
            user = reader(cookie, records)
            own = caseload_of(user, records)
            listed = sorted(
                (c for c in records.all("clients") if c["id"] in own), key=lambda c: (c["lastName"], c["id"])
            )
            drafts = [n for n in records.all("notes") if n["status"] == "Draft" and n["clientId"] in own]
        return page("clients.html", user=user, clients=listed, drafts=drafts)

    @router.get("/clients/{client_id}")
    def client(client_id: str, cookie: Session = "") -> Response:
        with practice.records() as records:
            user = reader(cookie, records)
            must_treat(user, client_id, records)
            chart = {name: records.all(name, client_id=client_id) for name in ("notes", "appointments", "documents")}
            found = records.get("clients", client_id)
        chart["appointments"].sort(key=lambda a: a["start"], reverse=True)
        chart["notes"].sort(key=lambda n: n["createdAt"], reverse=True)
        return page("client.html", user=user, client=found, chart=chart)

    @router.get("/notes/{note_id}")
    def note(note_id: str, cookie: Session = "") -> Response:
        with practice.records() as records:
            user, found = reader(cookie, records), records.get("notes", note_id)
            must_treat(user, found["clientId"], records)
            signable = found["status"] == "Draft" and may_sign(user, found, records)
            client = records.get("clients", found["clientId"])
        return page("note.html", user=user, note=found, client=client, signable=signable, token=form_token(cookie))

    @router.post("/notes/{note_id}/sign")
    def sign(note_id: str, token: Annotated[str, Form()] = "", cookie: Session = "") -> Response:
        """The one place where a note is signed: a logged-in person presses the button."""
        with practice.chart() as chart:
            user = reader(cookie, chart.records)
            if not secrets.compare_digest(token.encode(), form_token(cookie).encode()):
                raise Problem(403, "form_token_wrong")
            chart.sign(note_id, user["id"])
        return RedirectResponse(f"/ui/notes/{note_id}", 303)

    @router.get("/logout")
    def log_out(cookie: Session = "") -> Response:
        with practice.db.writing() as db:
            tokens.close_session(db, cookie)
        return RedirectResponse("/ui/login", 303)

    return router
