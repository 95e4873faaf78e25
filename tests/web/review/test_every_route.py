"""Every address of the application, found by asking it: forged, foreign and reflected requests get nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from tests.web.review.furnished import Practice, furnished
from tests.web.review.practice import CLINICIAN, MANAGER
from tests.web.review.routes import Route, routes_of

from therapyflows.core.chart import Role, User
from therapyflows.governance.audit.model import Action

SOURCES = Path(__file__).parents[3] / "src/therapyflows/web/review"
NOBODY_MORE = User(id="u-none", name="Ash Withoutright", roles=())
OTHER = User(id="u-other", name="Fern Elsewhere", roles=(Role.CLINICIAN,), caseload=("c-9",))
ELSEWHERE = ("//evil.example/a", "https://evil.example/a", "/\\evil.example", "javascript:alert(1)")

ODD = ("%00", "a" * 3000, "%ED%A0%80..%2f..%2f%E2%80%AE", "-1")
"""No id, no number, no day: a null, something long, half a character and a way up, a number below all others."""

OWN_SESSION = {"POST /logout", "POST /session/keepalive"}
"""Forms that concern nothing but the session of whoever sends them."""
OWN_TOUR = {"POST /tours/again", "POST /tours/{name}"}
"""Forms that concern nothing but which tour their sender has seen."""
FOR_ANYBODY = {
    "/login", "/login/start", "/auth/callback", "/signed-out", "/confirm", "/confirm/start", "/healthz", "/help",
}  # fmt: skip
"""Pages that hold nothing of a client or of the practice."""


@pytest.fixture(scope="module")
def practice() -> Iterator[Practice]:
    with furnished() as made:
        made.world.users.update({user.id: user for user in (NOBODY_MORE, OTHER)})
        yield made


@pytest.fixture(scope="module")
def stranger(practice: Practice) -> httpx.Client:
    """Somebody of the practice, without a role and without clients, who has just entered the password."""
    return practice.signed_in(NOBODY_MORE.id)


def at(practice: Practice, route: Route) -> str:
    """The address of something real that belongs to somebody else."""
    real = {
        "draft_id": practice.things["intake" if route.path.startswith("/intakes") else "note"],
        "access_id": practice.things["access"],
        "client_id": "c-1",
        "statement_id": "st1",
        "segment_id": "s1",
        "key": "omitted_risk-0123456789ab",
        "number": "1",
        "workflow": "session-note",
        "queue": "intake",
        "attempt_id": practice.things["exercise"],
        "call_id": practice.things["call"],
        "proposal_id": practice.things["proposal"],
        "what": "st1",
        "whose": "practice",
        "step": "undo",
    }
    path = route.path
    for name in route.placeholders:
        deed = "off-record" if "/turns/" in path else "accept" if "/fields/" in path else "add"
        path = re.sub(rf"\{{{name}(:\w+)?\}}", real.get(name) or (deed if name == "deed" else "x-1"), path)
    return path


def field_names() -> set[str]:
    """Every field that some form is read for."""
    return set(re.findall(r'field\(form, "(\w+)"', "\n".join(f.read_text("utf-8") for f in SOURCES.glob("*.py"))))


def denials(practice: Practice) -> int:
    return len(practice.world.actions(Action.ACCESS_DENIED))


def test_every_form_is_refused_without_its_token_and_from_elsewhere(practice: Practice) -> None:
    before = practice.world.record()
    for headers in ({"X-CSRF-Token": "guess"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        clinician = practice.world.signed_in(CLINICIAN.id)
        clinician.headers.update(headers)
        for route in routes_of(practice.world, "POST"):
            answer = clinician.post(at(practice, route), data={"version": "2"}, follow_redirects=False)
            assert answer.status_code in (401, 403), (str(route), headers, answer.status_code)
    assert practice.world.record() == before


def test_no_other_method_changes_anything(practice: Practice) -> None:
    methods = {route.method for outer in ("PUT", "PATCH", "DELETE") for route in routes_of(practice.world, outer)}
    assert methods == set()


def test_who_has_no_right_is_refused_by_every_form_and_that_is_told(practice: Practice, stranger) -> None:
    fields = dict.fromkeys(field_names(), "x") | {"version": str(practice.world.record().version)}
    for route in routes_of(practice.world, "POST"):
        if str(route) in OWN_SESSION | OWN_TOUR:
            continue
        before = denials(practice)
        answer = stranger.post(at(practice, route), data=fields, follow_redirects=False)
        assert answer.status_code in (403, 404), (str(route), answer.status_code)
        assert denials(practice) > before, str(route)


def test_who_has_no_right_sees_no_page_and_that_is_told(practice: Practice, stranger) -> None:
    for route in routes_of(practice.world, "GET"):
        if route.path in FOR_ANYBODY:
            continue
        before = denials(practice)
        answer = stranger.get(at(practice, route), follow_redirects=False)
        assert answer.status_code in (403, 404), (str(route), answer.status_code)
        assert denials(practice) > before, str(route)
        assert not re.search("Fernweh|Quillfeather|Tamarack", answer.text), str(route)


def test_nobody_who_is_not_signed_in_sees_anything(practice: Practice) -> None:
    for route in routes_of(practice.world, "GET"):
        if route.path in FOR_ANYBODY - {"/confirm", "/confirm/start", "/help"}:
            continue
        answer = httpx.get(practice.world.base_url + at(practice, route))
        assert (answer.status_code, answer.headers.get("location", "")[:12]) == (303, "/login?next="), str(route)


def test_what_is_somebody_elses_looks_like_what_does_not_exist(practice: Practice) -> None:
    """A clinician of other clients: 404 for real ids as for invented ones, in the same words."""
    other = practice.signed_in(OTHER.id)
    for route in routes_of(practice.world, "GET"):
        if not {"draft_id", "client_id", "access_id", "attempt_id"} & set(route.placeholders):
            continue
        real = at(practice, route)
        invented = re.sub(r"(?<=_)[0-9a-f]{32}|c-1", lambda m: m[0][:-1] + ("0" if m[0][-1] != "0" else "1"), real)
        assert invented != real, str(route)
        answers = [other.get(path, follow_redirects=False) for path in (real, invented)]
        assert [a.status_code for a in answers] == [404, 404], str(route)
        assert answers[0].text.replace(real, "") == answers[1].text.replace(invented, ""), str(route)


@pytest.mark.parametrize("user", [CLINICIAN.id, MANAGER.id, None])
def test_no_parameter_leads_to_another_site(practice: Practice, user: str | None) -> None:
    client = practice.world.signed_in(user) if user else httpx.Client(base_url=practice.world.base_url)
    for route in routes_of(practice.world, "GET"):
        names = {*route.query, "next", "back", "url", "to", "redirect"}
        for evil in ELSEWHERE:
            answer = client.get(at(practice, route), params=dict.fromkeys(names, evil), follow_redirects=False)
            assert_stays(practice, answer, str(route))


def assert_stays(practice: Practice, answer: httpx.Response, route: str) -> None:
    """Neither the answer nor anything on it leads away, but for the code of a sign-in, which goes back to us."""
    location = answer.headers.get("location", "/")
    assert location.startswith(f"{practice.world.base_url}/auth/callback?") or re.match(r"/(?![/\\])", location), route
    assert "evil.example" not in location.split("?")[0], route
    leads = re.findall(
        r'(?:href|action|formaction|src)="([^"]*)"', answer.text if "text" in content_type(answer) else ""
    )
    away = [to for to in leads if re.match(r"(//|/\\|\\|javascript:|https?://evil)", to)]
    assert away == [], (route, away)


def content_type(answer: httpx.Response) -> str:
    return answer.headers.get("content-type", "")


def test_no_field_of_a_form_leads_to_another_site(practice: Practice) -> None:
    clinician = practice.world.signed_in(CLINICIAN.id)
    for evil in ELSEWHERE[:2]:
        fields = dict.fromkeys(field_names(), evil) | {"version": "1"}
        for route in routes_of(practice.world, "POST"):
            if str(route) not in OWN_SESSION:
                assert_stays(
                    practice, clinician.post(at(practice, route), data=fields, follow_redirects=False), str(route)
                )


@pytest.mark.parametrize("odd", ODD, ids=["null", "long", "half", "minus"])
def test_no_odd_request_is_a_failure_of_ours(practice: Practice, odd: str) -> None:
    people = [practice.world.signed_in(user) for user in (CLINICIAN.id, MANAGER.id)]
    for route in routes_of(practice.world, "GET"):
        names = (*route.query, "client", "since", "page")
        for path in (re.sub(r"\{\w+(:\w+)?\}", odd, route.path), at(practice, route)):
            for client in people:
                asked = f"{path}?{'&'.join(f'{name}={odd}' for name in names)}"
                assert client.get(asked, follow_redirects=False).status_code < 500, (str(route), asked[:80])
    fields = dict.fromkeys(field_names(), unquote(odd, errors="replace"))
    for route in routes_of(practice.world, "POST"):
        if str(route) not in OWN_SESSION:
            answer = people[0].post(at(practice, route), data=fields, follow_redirects=False)
            assert answer.status_code < 500, str(route)


def test_every_answer_may_not_be_framed_sniffed_or_kept(practice: Practice, stranger) -> None:
    people = [stranger, practice.signed_in(CLINICIAN.id), practice.signed_in(MANAGER.id)]
    for route in routes_of(practice.world, "GET"):
        for client in people:
            headers = client.get(at(practice, route), follow_redirects=False).headers
            assert headers["x-frame-options"] == "DENY", str(route)
            assert "frame-ancestors 'none'" in headers["content-security-policy"], str(route)
            assert "unsafe" not in headers["content-security-policy"], str(route)
            assert headers["x-content-type-options"] == "nosniff", str(route)
            assert headers["cache-control"] == "no-store", str(route)


def test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites(practice: Practice) -> None:
    with httpx.Client(base_url=practice.world.base_url) as client:
        begun = client.get("/login/start", follow_redirects=False)
        done = client.get(begun.headers["location"], follow_redirects=False)
    cookies = [cookie.lower() for answer in (begun, done) for cookie in answer.headers.get_list("set-cookie")]
    assert len(cookies) >= 3
    assert all("httponly" in cookie and "samesite=lax" in cookie for cookie in cookies), cookies
