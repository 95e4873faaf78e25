"""Tokens, logins, scopes and roles."""

import base64
import hashlib
import json
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from therapyflows.simulator.contract import Contract

from .conftest import REDIRECT, SERVICE, Ehr, Start, code_form, key, progress_note

EVERY_SCOPE = " ".join(sorted(Contract().scopes))


def ask(ehr: Ehr, form: dict[str, str], **more: Any) -> httpx.Response:
    return httpx.post(f"{ehr.url}/oauth/token", data=form, **more)


def test_a_wrong_secret_is_refused(ehr: Ehr) -> None:
    answer = ask(ehr, {"grant_type": "client_credentials"}, auth=(SERVICE[0], "wrong"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_token_can_be_narrower_but_never_wider_than_its_client(start: Start, tmp_path: Path) -> None:
    ehr = start(tmp_path, "--service-scope", "clients.read", "--service-scope", "notes.read")
    with ehr.client(ehr.token("clients.read")) as api:
        assert api.get("/clients").status_code == 200
        assert api.get("/notes").json()["code"] == "insufficient_scope"
    wider = ask(ehr, {"grant_type": "client_credentials", "scope": "clients.read claims.write"}, auth=SERVICE)
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("scope", ["notes.sign", "notes.write", "notes.*", "openid"])
def test_nothing_that_would_sign_or_impersonate_is_granted_to_the_service(ehr: Ehr, scope: str) -> None:
    answer = ask(ehr, {"grant_type": "client_credentials", "scope": scope}, auth=SERVICE)
    assert answer.json()["error"] == "invalid_scope"


def test_no_token_and_a_made_up_token_are_401(ehr: Ehr) -> None:
    for headers in ({}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic Zm9vOmJhcg=="}):
        answer = httpx.get(f"{ehr.url}/v1/clients", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_tokens_expire(start: Start, tmp_path: Path) -> None:
    ehr = start(tmp_path, "--token-lifetime", "1")
    with ehr.client() as api:
        assert api.get("/tasks").status_code == 200
        deadline = time.monotonic() + 10
        while api.get("/tasks").status_code == 200:
            assert time.monotonic() < deadline
        assert api.get("/tasks").json()["code"] == "invalid_token"


def assertion(private: ECKey, **changes: Any) -> dict[str, str]:
    now = int(time.time())
    claims = {
        "iss": "therapyflows",
        "sub": "therapyflows",
        "iat": now,
        "exp": now + 60,
        "jti": uuid.uuid4().hex,
        **changes,
    }
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES256", "kid": private.thumbprint()}, claims, private),
    }


def test_private_key_jwt_is_accepted_once_and_only_for_us(start: Start, tmp_path: Path) -> None:
    private = ECKey.generate_key("P-256", auto_kid=True)
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [private.as_dict(private=False)]}))
    ehr = start(tmp_path / "data", "--service-jwks", str(jwks))
    form = assertion(private, aud=f"{ehr.url}/oauth/token")
    assert ask(ehr, form).status_code == 200
    assert ask(ehr, form).status_code == 401, "the jti was used before"
    assert ask(ehr, assertion(private, aud="http://elsewhere.test")).status_code == 401
    assert ask(ehr, assertion(private, aud=ehr.url, exp=int(time.time()) - 5)).status_code == 401
    assert ask(ehr, assertion(private, aud=ehr.url, exp=int(time.time()) + 86400)).status_code == 401
    assert ask(ehr, assertion(ECKey.generate_key("P-256", auto_kid=True), aud=ehr.url)).status_code == 401


def test_a_person_logs_in_with_pkce_and_is_who_the_id_token_says(ehr: Ehr) -> None:
    granted = ehr.log_in("dana.reyes", "openid profile email clients.read", nonce="n-1")
    found = httpx.get(f"{ehr.url}/.well-known/openid-configuration").json()
    keys = KeySet.import_key_set(httpx.get(found["jwks_uri"]).json())
    claims = jwt.decode(granted["id_token"], keys, algorithms=["ES256"]).claims
    assert claims["iss"] == found["issuer"] == ehr.url
    assert claims["aud"] == "therapyflows-review"
    assert claims["sub"] == "us-0001"
    assert claims["nonce"] == "n-1"
    assert claims["roles"] == ["Clinician", "Supervisor"]
    person = httpx.get(
        found["userinfo_endpoint"], headers={"Authorization": f"Bearer {granted['access_token']}"}
    ).json()
    assert person["sub"] == "us-0001"
    assert "cl-0001" in person["caseload"]
    assert person["supervises"] == ["us-0004"]


def test_a_code_is_spent_after_one_use_and_needs_its_verifier(ehr: Ehr) -> None:
    granted = ehr.log_in("theo.marchetti", "openid")
    again = ask(ehr, code_form(granted["code"], granted["verifier"]))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert ask(ehr, code_form("made-up", granted["verifier"])).json()["error"] == "invalid_grant"


def test_a_wrong_verifier_spends_the_code(ehr: Ehr) -> None:
    with httpx.Client(base_url=ehr.url) as browser:
        code = login_code(browser)
    assert ask(ehr, code_form(code, "w" * 43)).json()["error"] == "invalid_grant"
    assert ask(ehr, code_form(code, "v" * 43)).json()["error"] == "invalid_grant"


CHALLENGE_OF_V = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).rstrip(b"=").decode()
ASKED = {
    "response_type": "code",
    "client_id": "therapyflows-review",
    "redirect_uri": REDIRECT,
    "scope": "openid",
    "state": "st-9",
    "code_challenge": CHALLENGE_OF_V,
    "code_challenge_method": "S256",
}


def login_code(browser: httpx.Client) -> str:
    back = browser.post("/oauth/login", data={**ASKED, "login": "dana.reyes", "password": "demo-dana"})
    assert back.status_code == 302
    assert back.headers["location"].startswith(REDIRECT)
    return httpx.URL(back.headers["location"]).params["code"]


def test_a_wrong_password_shows_the_form_again_and_sets_no_cookie(ehr: Ehr) -> None:
    answer = httpx.post(f"{ehr.url}/oauth/login", data={**ASKED, "login": "dana.reyes", "password": "guess"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "guess" not in answer.text


def test_a_logged_in_browser_goes_straight_back_until_end_session(ehr: Ehr) -> None:
    with httpx.Client(base_url=ehr.url) as browser:
        login_code(browser)
        assert "code=" in browser.get("/oauth/authorize", params=ASKED).headers["location"]
        back = browser.get(
            "/oauth/end_session", params={"post_logout_redirect_uri": "http://127.0.0.1:4280/", "state": "x"}
        )
        assert back.headers["location"] == "http://127.0.0.1:4280/?state=x"
        assert browser.get("/oauth/authorize", params=ASKED).status_code == 200
        silent = browser.get("/oauth/authorize", params={**ASKED, "prompt": "none"})
        assert "error=login_required" in silent.headers["location"]


def test_a_logged_in_browser_enters_the_password_again_when_that_is_asked(ehr: Ehr) -> None:
    with httpx.Client(base_url=ehr.url) as browser:
        login_code(browser)
        for asked in ({"prompt": "login"}, {"max_age": "0"}):
            assert browser.get("/oauth/authorize", params={**ASKED, **asked}).status_code == 200
        assert browser.get("/oauth/authorize", params={**ASKED, "max_age": "3600"}).status_code == 302


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "openid notes.sign"}, "invalid_scope"),
    ],
)
def test_a_bad_authorization_request_goes_back_with_an_error(ehr: Ehr, change: dict[str, str], error: str) -> None:
    answer = httpx.get(f"{ehr.url}/oauth/authorize", params={**ASKED, **change})
    assert answer.status_code == 302
    assert httpx.URL(answer.headers["location"]).params["error"] == error


@pytest.mark.parametrize("uri", ["https://evil.test/cb", "http://127.0.0.1.evil.test/cb", "javascript:alert(1)", ""])
def test_an_unregistered_address_is_never_redirected_to(ehr: Ehr, uri: str) -> None:
    for path in ("/oauth/authorize", "/oauth/end_session"):
        query = {**ASKED, "redirect_uri": uri, "post_logout_redirect_uri": uri}
        answer = httpx.get(f"{ehr.url}{path}", params=query)
        assert answer.status_code in (200, 400)
        assert "location" not in answer.headers


ROLE_MAY = [
    ("dana.reyes", "/notes?clientId=cl-0001", 200),
    ("dana.reyes", "/claims", 403),
    ("bianca.moss", "/claims", 200),
    ("bianca.moss", "/notes", 403),
    ("bianca.moss", "/documents", 403),
    ("owen.tran", "/appointments", 200),
    ("owen.tran", "/treatmentplans", 403),
    ("greta.lind", "/webhooks", 200),
    ("greta.lind", "/assessments", 403),
]


@pytest.mark.parametrize(("login", "path", "status"), ROLE_MAY)
def test_the_role_decides_even_when_the_scope_was_granted(ehr: Ehr, login: str, path: str, status: int) -> None:
    with ehr.client(ehr.person_token(login, EVERY_SCOPE)) as api:
        answer = api.get(path)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "role_forbids"


def test_the_scope_decides_even_when_the_role_would_allow(ehr: Ehr) -> None:
    with ehr.client(ehr.person_token("dana.reyes", "openid clients.read")) as api:
        assert api.get("/clients").status_code == 200
        assert api.get("/notes").json()["code"] == "insufficient_scope"


def test_a_clinician_sees_the_caseload_only_and_a_supervisor_the_interns_too(ehr: Ehr) -> None:
    sam, dana = (ehr.person_token(login, EVERY_SCOPE) for login in ("sam.okonkwo", "dana.reyes"))
    with ehr.client(sam) as api:
        interns = {client["id"] for client in api.get("/clients?limit=200").json()["items"]}
        assert api.get("/clients/cl-0001").json()["code"] == "not_your_client"
        assert api.get("/notes?clientId=cl-0001").status_code == 403
        assert {note["clientId"] for note in api.get("/notes?limit=200").json()["items"]} <= interns
        refused = api.post("/progressnotes", json=progress_note(), headers=key())
        assert refused.json()["code"] == "not_your_client"
    with ehr.client(dana) as api:
        seen = {client["id"] for client in api.get("/clients?limit=200").json()["items"]}
    assert interns
    assert interns < seen
    assert len(seen) < 60


def test_userinfo_is_for_people(ehr: Ehr, api: httpx.Client) -> None:
    assert api.get("/userinfo").status_code == 403
