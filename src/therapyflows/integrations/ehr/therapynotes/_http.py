"""One call over HTTP: authorised, limited, audited, and translated into a value or a typed error."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import quote_plus

import httpx

from therapyflows.core.errors import Invalid, Refused, TherapyFlowsError, Transient, UnknownOutcome
from therapyflows.integrations.ehr.therapynotes._call import (
    Answer,
    Call,
    TokenRefused,
    failure_of,
    is_id,
    parse_object,
    problem_code,
)
from therapyflows.integrations.ehr.therapynotes._patience import Clock
from therapyflows.integrations.ehr.therapynotes._settings import TherapyNotesSettings
from therapyflows.integrations.ehr.therapynotes._tokens import Token, TokenCache, Tokens
from therapyflows.integrations.ehr.therapynotes._trail import CallRecord, CallTrail
from therapyflows.integrations.endpoints import is_loopback

# Nothing has left in these cases, so even a write may be sent again.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_TOKEN_CALL = Call("POST", ("oauth", "token"))
_MAX_PROBLEM_BYTES = 64 * 1024


def new_client(settings: TherapyNotesSettings, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    """A keep-alive client for the running loop.  Redirects are never followed: they would take the token along."""
    verify: ssl.SSLContext | bool = settings.verify_tls
    if settings.verify_tls and settings.ca_file is not None:
        verify = ssl.create_default_context(cafile=str(settings.ca_file))
    # One more than calls at once: a token is asked for beside them.
    most = settings.max_concurrency + 1
    limits = httpx.Limits(max_connections=most, max_keepalive_connections=most)
    return httpx.AsyncClient(
        transport=transport,
        verify=verify,
        limits=limits,
        timeout=httpx.Timeout(settings.timeout_s, connect=settings.connect_timeout_s),
        follow_redirects=False,
        # A proxy from the environment must not see what is meant for this machine.
        trust_env=not is_loopback(settings.base_url),
    )


class Http:
    def __init__(
        self,
        settings: TherapyNotesSettings,
        client: httpx.AsyncClient,
        trail: CallTrail,
        cache: TokenCache,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._client = client
        self._trail = trail
        self._limit = asyncio.Semaphore(settings.max_concurrency)
        self._tokens = Tokens(settings, cache, clock, self._fetch_token)

    async def json(self, call: Call) -> Answer:
        """One answer.  After a 401 (so nothing was done) the token is renewed once and the call sent again."""
        token = await self._tokens.current()
        try:
            return await self._json(call, token)
        except TokenRefused:
            self._tokens.forget(token)
        return await self._json(call, await self._tokens.current())

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncIterator[tuple[httpx.Response, CallRecord]]:
        """The open answer (2xx) of a read; the caller reports digest and length in the record."""
        token = await self._tokens.current()
        try:
            async with self._opened(call, token, stream=True) as opened:
                yield opened
                return
        except TokenRefused:
            self._tokens.forget(token)
        async with self._opened(call, await self._tokens.current(), stream=True) as opened:
            yield opened

    @asynccontextmanager
    async def _opened(
        self, call: Call, token: Token, *, stream: bool = False
    ) -> AsyncIterator[tuple[httpx.Response, CallRecord]]:
        request = self._request(call, token)
        async with self._limit, self._trail.recorded(call) as record:
            request.headers["X-Request-Id"] = record.request_id
            with translated(record):
                async with asyncio.timeout(self._settings.timeout_s) as limit:
                    response = await self._client.send(request, stream=True)
                    try:
                        await self._check(response, record)
                        if stream:
                            limit.reschedule(None)  # from here on only silence is limited, not the whole
                        yield response, record
                    finally:
                        await response.aclose()

    async def _json(self, call: Call, token: Token) -> Answer:
        async with self._opened(call, token) as (response, record):
            body = await self._body(response, record, self._settings.max_json_bytes)
            payload = parse_object(body, call, record.request_id) if response.status_code != 204 else {}
            record.client_id = record.client_id or _client_of(call, payload)
            return Answer(payload, response.headers.get("etag"))

    async def _check(self, response: httpx.Response, record: CallRecord) -> None:
        record.status = response.status_code
        echoed = response.headers.get("x-request-id")
        if echoed != record.request_id and is_id(echoed):
            record.server_request_id = echoed
        if not response.is_success:
            body = await self._body(response, record, _MAX_PROBLEM_BYTES)
            raise failure_of(record.call, response, body, record.request_id)

    async def _body(self, response: httpx.Response, record: CallRecord, limit: int) -> bytes:
        """The whole body.  Of an error only the beginning counts; of a good answer too much is too much."""
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > limit:
                break
        record.bytes_received = len(body)
        record.received_digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        if len(body) > limit and response.is_success:
            failure = UnknownOutcome if record.call.writes else Invalid
            raise failure("ehr_answer_too_large", "the EHR's answer is too large", request_id=record.request_id)
        return bytes(body)

    def _request(self, call: Call, token: Token) -> httpx.Request:
        headers = {"Accept": "application/json", **call.headers, "Authorization": f"Bearer {token.value}"}
        if call.body is not None:
            headers.setdefault("Content-Type", "application/json")
        return self._client.build_request(
            call.method, call.url(self._settings.base_url), params=dict(call.query), content=call.body, headers=headers
        )

    async def _fetch_token(self, form: dict[str, str], basic: tuple[str, str] | None) -> dict[str, Any]:
        """Ask the token endpoint.  Audited without digests: both sides of this exchange are secrets."""
        call = _TOKEN_CALL
        request = self._client.build_request("POST", self._settings.token_url, data=form)
        # RFC 6749, 2.3.1: both halves are form-encoded first.
        auth = httpx.BasicAuth(quote_plus(basic[0]), quote_plus(basic[1])) if basic else None
        async with self._trail.recorded(call) as record:
            with translated(record):
                async with asyncio.timeout(self._settings.timeout_s):
                    response = await self._client.send(request, auth=auth, stream=True)
                    try:
                        record.status = response.status_code
                        body = await self._body(response, record, _MAX_PROBLEM_BYTES)
                    finally:
                        await response.aclose()
            record.received_digest = None
            if response.status_code in (400, 401, 403):
                raise _refused_client(response, body, record)
            if not response.is_success:
                raise failure_of(call, response, body, record.request_id)
            return parse_object(body, call, record.request_id)


@contextmanager
def translated(record: CallRecord) -> Iterator[None]:
    """httpx's errors as ours; their texts, which may hold addresses with filters, go nowhere."""
    request_id = record.request_id
    unfinished = UnknownOutcome if record.call.writes else Transient
    try:
        yield
    except _NEVER_SENT as error:
        raise _unreachable(error, request_id) from None
    except (httpx.TimeoutException, TimeoutError):
        raise unfinished("ehr_timeout", "the EHR did not answer in time", request_id=request_id) from None
    except (httpx.TransportError, httpx.DecodingError):
        raise unfinished("ehr_connection_lost", "the connection to the EHR broke", request_id=request_id) from None


def _unreachable(error: BaseException, request_id: str) -> TherapyFlowsError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Refused("ehr_certificate_untrusted", "the EHR's certificate is not trusted", request_id=request_id)
        cause = cause.__cause__ or cause.__context__
    return Transient("ehr_unreachable", "the EHR cannot be reached", request_id=request_id)


def _refused_client(response: httpx.Response, body: bytes, record: CallRecord) -> Refused:
    return Refused(
        "ehr_client_refused",
        "the EHR's token endpoint refuses our client, its secret or its scopes",
        status=response.status_code,
        problem=problem_code(body),
        request_id=record.request_id,
    )


def _client_of(call: Call, payload: dict[str, Any]) -> str | None:
    """The client an answer is about, when it says so."""
    found = payload.get("id") if call.path[0] == "clients" else payload.get("clientId")
    return found if is_id(found) else None
