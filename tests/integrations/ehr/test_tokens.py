"""Access tokens and who may be trusted with them."""

import asyncio
import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from pydantic import ValidationError
from tests.integrations.ehr.fakes import (
    BASE_URL,
    AuditFake,
    ScriptedEhr,
    adapter,
    client_json,
    json_answer,
    settings,
)

from therapyflows.core.errors import Invalid, Refused, Transient
from therapyflows.integrations.ehr.therapynotes import TherapyNotesSettings
from therapyflows.integrations.ehr.therapynotes._tokens import TokenCache, Tokens

CLIENT = "GET /v1/clients/c-1"
TOKEN = "POST /oauth/token"


def ehr() -> ScriptedEhr:
    return ScriptedEhr().on(CLIENT, json_answer(200, client_json()))


async def form_sent(**changes: Any) -> tuple[dict[str, str], httpx.Headers]:
    server = ehr()
    async with adapter(server, **changes) as chart:
        await chart.get_client("c-1")
    request = server.asked(TOKEN)[0]
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}, request.headers


async def test_a_secret_goes_as_basic_authentication_form_encoded() -> None:
    form, headers = await form_sent(client_id="svc:1", client_secret="a+b/c d")
    assert base64.b64decode(headers["authorization"].split()[1]) == b"svc%3A1:a%2Bb%2Fc+d"
    assert form["grant_type"] == "client_credentials"
    assert "notes.write.draft" in form["scope"].split()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSAKey.generate_key(2048, private=True), "RS384"), (ECKey.generate_key("P-384", private=True), "ES384")],
    ids=["rsa", "ec"],
)
async def test_a_private_key_signs_a_fresh_assertion(key: RSAKey | ECKey, algorithm: str) -> None:
    pem = key.as_pem(private=True).decode()
    seen = set()
    for _ in range(2):
        form, headers = await form_sent(client_secret=None, private_key=pem, private_key_id="k1")
        token = jwt.decode(form["client_assertion"], key, algorithms=[algorithm])
        assert (token.claims["iss"], token.claims["sub"]) == ("svc", "svc")
        assert token.claims["aud"] == f"{BASE_URL}/oauth/token"
        assert (token.header["alg"], token.header["kid"]) == (algorithm, "k1")
        assert "authorization" not in headers
        seen.add(token.claims["jti"])
    assert len(seen) == 2


async def test_a_key_may_be_a_jwk() -> None:
    key = ECKey.generate_key("P-384", private=True)
    form, _ = await form_sent(client_secret=None, private_key=json.dumps(key.as_dict(private=True)))
    assert jwt.decode(form["client_assertion"], key, algorithms=["ES384"]).claims["sub"] == "svc"


@pytest.mark.parametrize(
    "key",
    ["nonsense", "{", ECKey.generate_key("P-256", private=True).as_pem(private=True).decode(),
     RSAKey.generate_key(2048, private=True).as_pem(private=False).decode()],
    ids=["text", "json", "p256", "public"],
)  # fmt: skip
async def test_an_unusable_key_is_named_without_being_shown(key: str) -> None:
    with pytest.raises(Invalid, match="ehr_private_key_unusable") as caught:
        await form_sent(client_secret=None, private_key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("error", ["invalid_client", "invalid_scope"])
async def test_a_refused_client_is_refused_once(error: str) -> None:
    server = ehr().on(TOKEN, json_answer(401, {"error": error, "error_description": "Zelda Quartz"}))
    audit = AuditFake()
    async with adapter(server, audit) as chart:
        with pytest.raises(Refused, match=error) as caught:
            await chart.get_client("c-1")
    assert "Zelda" not in str(caught.value)
    assert len(server.history) == 1
    assert audit.outcomes("oauth/token") == ["ehr_client_refused"]


async def test_a_busy_token_endpoint_is_asked_again() -> None:
    good = json_answer(200, {"access_token": "t", "expires_in": 60})
    server = ehr().on(TOKEN, httpx.Response(429), httpx.Response(503), httpx.ReadTimeout("slow"), good)
    async with adapter(server) as chart:
        await chart.get_client("c-1")
    assert len(server.asked(TOKEN)) == 4


@pytest.mark.parametrize(
    "answer",
    [{}, {"access_token": ""}, {"access_token": "a\nb"}, {"access_token": "t", "expires_in": "soon"},
     {"access_token": "t", "expires_in": -1}, {"access_token": ["t"], "expires_in": 60}],
    ids=str,
)  # fmt: skip
async def test_an_unusable_token_is_not_used(answer: dict[str, object]) -> None:
    server = ehr().on(TOKEN, json_answer(200, answer))
    async with adapter(server, max_attempts=2) as chart:
        with pytest.raises(Transient, match="ehr_token_unusable"):
            await chart.get_client("c-1")
    assert server.asked(CLIENT) == []


async def test_a_token_of_a_century_is_renewed_within_the_hour() -> None:
    cache = TokenCache()
    tokens = Tokens(settings(), cache, lambda: 0.0, _answering({"access_token": "t", "expires_in": 10**9}))
    assert (await tokens.current()).renew_at <= 3600


def test_adapters_in_many_threads_share_one_token() -> None:
    cache, asked, barrier = TokenCache(), [], threading.Barrier(8)

    async def fetch(form: dict[str, str], basic: tuple[str, str] | None) -> dict[str, Any]:
        asked.append(form)
        await asyncio.sleep(0.05)
        return {"access_token": "t", "expires_in": 60}

    def worker() -> str:
        barrier.wait()
        tokens = Tokens(settings(), cache, lambda: 0.0, fetch)
        return asyncio.run(tokens.current()).value

    with ThreadPoolExecutor(8) as pool:
        assert {future.result() for future in [pool.submit(worker) for _ in range(8)]} == {"t"}
    assert len(asked) == 1


async def test_a_cancelled_fetch_does_not_block_the_next() -> None:
    cache, reached = TokenCache(), asyncio.Event()

    async def hangs(form: dict[str, str], basic: tuple[str, str] | None) -> dict[str, Any]:
        reached.set()
        await asyncio.Event().wait()
        return {}

    task = asyncio.ensure_future(Tokens(settings(), cache, lambda: 0.0, hangs).current())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    good = Tokens(settings(), cache, lambda: 0.0, _answering({"access_token": "t", "expires_in": 60}))
    assert (await good.current()).value == "t"


async def test_another_secret_never_gets_the_cached_token() -> None:
    cache = TokenCache()
    first = Tokens(settings(), cache, lambda: 0.0, _answering({"access_token": "one", "expires_in": 60}))
    second = Tokens(
        settings(client_secret="other"), cache, lambda: 0.0, _answering({"access_token": "two", "expires_in": 60})
    )
    assert ((await first.current()).value, (await second.current()).value) == ("one", "two")


def _answering(answer: dict[str, Any]) -> Any:
    async def fetch(form: dict[str, str], basic: tuple[str, str] | None) -> dict[str, Any]:
        return answer

    return fetch


@pytest.mark.parametrize(
    "url",
    ["http://ehr.example.test", "http://10.0.0.7", "http://localhost.evil.test", "ehr.example.test", "ftp://127.0.0.1",
     "https://user:pw@ehr.example.test", "https://ehr.example.test/?a=b", "", "http://127.0.0.1@evil.test"],
)  # fmt: skip
def test_a_chart_never_travels_in_the_clear(url: str) -> None:
    with pytest.raises(ValidationError):
        settings(base_url=url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://localhost:1/", "http://[::1]:1", "https://ehr.example.test/"]
)
def test_https_and_this_machine_are_fine(url: str) -> None:
    assert settings(base_url=url).base_url == url.rstrip("/")


def test_a_base_url_has_no_default_and_one_credential_is_needed() -> None:
    with pytest.raises(ValidationError):
        TherapyNotesSettings.model_validate({"client_id": "svc", "client_secret": "s"})
    with pytest.raises(ValidationError, match="either"):
        settings(client_secret=None)
    with pytest.raises(ValidationError, match="either"):
        settings(private_key="k")


def test_secrets_do_not_show() -> None:
    for wrong in ({"private_key": "k3y-not-real"}, {"base_url": "https://user:pw-not-real@ehr.example.test"}):
        with pytest.raises(ValidationError) as caught:
            settings(**wrong)
        assert "not-real" not in str(caught.value)
    assert "s3cret" not in repr(settings())
    assert "s3cret" not in str(settings().model_dump())
