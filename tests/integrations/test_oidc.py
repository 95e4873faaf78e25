"""Signing in with an issuer that answers on a mock transport, honest and otherwise."""

import base64
import hmac
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from therapyflows.core.errors import Refused, Transient
from therapyflows.core.ports import SignInStart
from therapyflows.integrations.oidc import OidcSettings, OidcSignIn

ISSUER = "https://ehr.example.test"
BACK = "http://127.0.0.1:4280/callback"
RSA = RSAKey.generate_key(2048, auto_kid=True, private=True)
NOW_S = int(time.time())
STRANGER = RSAKey.generate_key(2048, auto_kid=True, private=True)


class Issuer:
    """An issuer with a history; change its attributes to make it lie."""

    def __init__(self) -> None:
        self.history: list[httpx.Request] = []
        self.keys: list[RSAKey | ECKey] = [RSA]
        self.signing: Any = RSA
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.id_token: str | None = None
        self.token_status = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.history.append(request)
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json={**_metadata(), **self.metadata})
            case "/jwks":
                return httpx.Response(
                    200, json={"keys": [{"kty": "odd"}, *(k.as_dict(private=False) for k in self.keys)]}
                )
            case "/token":
                return httpx.Response(self.token_status, json={"id_token": self.id_token, "access_token": "x"})
        return httpx.Response(404)

    def count(self, path: str) -> int:
        return sum(request.url.path == path for request in self.history)

    def issue(self, start: SignInStart, **changes: Any) -> None:
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": "u-1", "aud": "review", "iat": now, "exp": now + 600, "nonce": start.nonce}
        claims = {k: v for k, v in {**claims, **changes}.items() if v is not None}
        header = {"alg": self.algorithm, "kid": self.signing.kid}
        self.id_token = jwt.encode(header, claims, self.signing, algorithms=[self.algorithm])


def _metadata() -> dict[str, Any]:
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "jwks_uri": f"{ISSUER}/jwks",
        "end_session_endpoint": f"{ISSUER}/logout",
    }


def sign_in(issuer: Issuer, **changes: Any) -> OidcSignIn:
    settings = OidcSettings(**{"issuer": ISSUER, "client_id": "review", **changes})
    return OidcSignIn(settings, transport=httpx.MockTransport(issuer))


async def finish(issuer: Issuer, **claims: Any) -> str:
    desk = sign_in(issuer)
    start = await desk.begin(BACK)
    issuer.issue(start, **claims)
    return await desk.finish(code="c0de", start=start, redirect_uri=BACK)


async def test_the_browser_is_sent_away_with_state_nonce_and_challenge() -> None:
    start = await sign_in(Issuer()).begin(BACK)
    query = {name: values[0] for name, values in parse_qs(urlsplit(start.url).query).items()}
    assert query["code_challenge"] == create_s256_code_challenge(start.code_verifier)
    assert (query["code_challenge_method"], query["response_type"]) == ("S256", "code")
    assert (query["state"], query["nonce"], query["redirect_uri"]) == (start.state, start.nonce, BACK)
    assert start.code_verifier not in start.url
    assert start.matches(start.state)
    assert not start.matches("another")
    assert not start.matches(None)


async def test_asking_for_the_password_again_says_so_in_both_ways_there_are() -> None:
    start = await sign_in(Issuer()).begin(BACK, fresh=True)
    query = parse_qs(urlsplit(start.url).query)
    assert (query["prompt"], query["max_age"]) == (["login"], ["0"])
    assert "prompt" not in (await sign_in(Issuer()).begin(BACK)).url


@pytest.mark.parametrize("auth_time", [None, "yesterday", True, 0, -600, -61])
async def test_a_password_from_before_confirms_nothing(auth_time: Any) -> None:
    issuer = Issuer()
    desk = OidcSignIn(
        OidcSettings(issuer=ISSUER, client_id="review"), transport=httpx.MockTransport(issuer), now=lambda: NOW_S
    )
    start = await desk.begin(BACK, fresh=True)
    old = NOW_S + auth_time if isinstance(auth_time, int) and auth_time < 0 else auth_time
    issuer.issue(start, auth_time=old, iat=NOW_S, exp=NOW_S + 600)
    with pytest.raises(Refused, match="id_token_not_fresh"):
        await desk.finish(code="c0de", start=start, redirect_uri=BACK)


async def test_a_password_entered_since_confirms() -> None:
    issuer = Issuer()
    desk = sign_in(issuer)
    start = await desk.begin(BACK, fresh=True)
    issuer.issue(start, auth_time=int(time.time()))
    assert await desk.finish(code="c0de", start=start, redirect_uri=BACK) == "u-1"


async def test_no_two_sign_ins_share_a_secret() -> None:
    desk = sign_in(Issuer())
    first, second = await desk.begin(BACK), await desk.begin(BACK)
    assert not {first.state, first.nonce, first.code_verifier} & {second.state, second.nonce, second.code_verifier}


async def test_a_valid_answer_names_the_user_and_proves_the_verifier() -> None:
    issuer = Issuer()
    assert await finish(issuer) == "u-1"
    form = parse_qs(issuer.history[-2].content.decode())
    assert form["grant_type"] == ["authorization_code"]
    assert len(form["code_verifier"][0]) >= 43
    assert form["client_id"] == ["review"]


async def test_a_confidential_client_authenticates() -> None:
    issuer = Issuer()
    desk = sign_in(issuer, client_secret="s3cret not real")
    start = await desk.begin(BACK)
    issuer.issue(start)
    await desk.finish(code="c0de", start=start, redirect_uri=BACK)
    assert issuer.history[-2].headers["authorization"].startswith("Basic ")


async def test_an_elliptic_key_works_too() -> None:
    issuer = Issuer()
    key = ECKey.generate_key("P-256", auto_kid=True, private=True)
    issuer.keys, issuer.signing, issuer.algorithm = [key], key, "ES256"
    assert await finish(issuer) == "u-1"


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"}, {"nonce": None}, {"iss": "https://evil.example.test"}, {"iss": None},
        {"aud": "another-app"}, {"aud": None}, {"exp": int(time.time()) - 3600}, {"exp": None}, {"iat": None},
        {"iat": int(time.time()) + 3600}, {"sub": None}, {"sub": ""}, {"sub": 7}, {"aud": ["review", "other"]},
        {"azp": "another-app"}, {"nbf": int(time.time()) + 3600}, {"exp": "never"},
    ],
    ids="-".join,  # the claim alone: an id with a time in it would differ between the processes of one run
)  # fmt: skip
async def test_a_claim_that_is_not_for_this_sign_in_is_refused(lie: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        await finish(Issuer(), **lie)


async def test_a_strangers_signature_is_refused() -> None:
    issuer = Issuer()
    issuer.signing = STRANGER
    with pytest.raises(Refused, match="id_token_signature"):
        await finish(issuer)


async def test_the_public_key_is_no_shared_secret() -> None:
    issuer = Issuer()
    desk = sign_in(issuer)
    start = await desk.begin(BACK)
    issuer.issue(start)
    body = (issuer.id_token or "").split(".")[1]
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": RSA.kid}).encode()).rstrip(b"=").decode()
    mac = hmac.digest(RSA.as_pem(private=False), f"{head}.{body}".encode(), "sha256")
    issuer.id_token = f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    with pytest.raises(Refused, match="id_token_signature"):
        await desk.finish(code="c0de", start=start, redirect_uri=BACK)


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTEifQ.", None, "x" * 100_000])
async def test_what_is_no_token_is_refused(token: str | None) -> None:
    issuer = Issuer()
    desk = sign_in(issuer)
    start = await desk.begin(BACK)
    issuer.id_token = token
    with pytest.raises(Refused):
        await desk.finish(code="c0de", start=start, redirect_uri=BACK)


async def test_a_tampered_token_is_refused() -> None:
    issuer = Issuer()
    desk = sign_in(issuer)
    start = await desk.begin(BACK)
    issuer.issue(start, sub="u-1")
    head, _, tail = (issuer.id_token or "").split(".")
    issuer.issue(start, sub="u-2")
    issuer.id_token = ".".join([head, (issuer.id_token or "").split(".")[1], tail])
    with pytest.raises(Refused, match="id_token_signature"):
        await desk.finish(code="c0de", start=start, redirect_uri=BACK)


async def test_keys_are_kept_until_one_is_unknown() -> None:
    issuer = Issuer()
    desk = sign_in(issuer)
    for expected, key in ((1, RSA), (1, RSA), (2, STRANGER)):
        issuer.keys, issuer.signing = [key], key
        start = await desk.begin(BACK)
        issuer.issue(start)
        assert await desk.finish(code="c0de", start=start, redirect_uri=BACK) == "u-1"
        assert issuer.count("/jwks") == expected
    assert issuer.count("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize(
    ("status", "error"), [(400, Refused), (401, Refused), (302, Refused), (429, Transient), (503, Transient)]
)
async def test_a_refused_code_is_refused_and_trouble_is_transient(status: int, error: type[Exception]) -> None:
    issuer = Issuer()
    issuer.token_status = status
    with pytest.raises(error):
        await finish(issuer)
    assert issuer.count("/token") == 1


@pytest.mark.parametrize(
    "lie",
    [{"issuer": "https://evil.example.test"}, {"token_endpoint": "http://evil.example.test/token"}, {"jwks_uri": None},
     {"authorization_endpoint": "javascript:alert(1)"}],
    ids=str,
)  # fmt: skip
async def test_unsafe_metadata_is_refused(lie: dict[str, Any]) -> None:
    issuer = Issuer()
    issuer.metadata = lie
    with pytest.raises(Refused):
        await sign_in(issuer).begin(BACK)


async def test_an_unreachable_issuer_is_transient() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route to Zelda Quartz")

    with pytest.raises(Transient) as caught:
        await OidcSignIn(OidcSettings(issuer=ISSUER, client_id="r"), transport=httpx.MockTransport(down)).begin(BACK)
    assert "Zelda" not in str(caught.value)


async def test_the_logout_address_is_known_after_discovery() -> None:
    desk = sign_in(Issuer())
    assert desk.logout_url() is None
    await desk.begin(BACK)
    assert desk.logout_url("http://127.0.0.1:4280/") == (
        f"{ISSUER}/logout?client_id=review&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A4280%2F"
    )


@pytest.mark.parametrize("issuer", ["http://ehr.example.test", "ftp://x", "https://u:p@x", "https://x?y=1", "x"])
def test_an_unsafe_issuer_is_no_setting(issuer: str) -> None:
    with pytest.raises(ValueError, match=r"address|https"):
        OidcSettings(issuer=issuer, client_id="r")
