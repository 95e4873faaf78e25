"""Signing a person in at the EHR: OpenID Connect, authorization code with PKCE (S256).

``begin`` sends the browser away with a state, a nonce and a code challenge; ``finish`` redeems the code and believes
the ID token only when its signature verifies against the issuer's published keys and issuer, audience, times and
nonce are those of this sign-in (OpenID Connect Core, 3.1.3.7).  What fails is Refused with a constant reason; trouble
in reaching the EHR is Transient.  A code works once, so nothing here is repeated: the person starts again.

No connection is kept, so one instance serves every event loop and thread.
"""

import hmac
import secrets
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote_plus, urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import from_json

from therapyflows.core.errors import Refused, TherapyFlowsError, Transient
from therapyflows.core.ports import SignInStart
from therapyflows.integrations.endpoints import is_loopback, safe_base_url

# Signatures only: with a shared-secret algorithm or `none` anybody could write a token.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_METADATA_LIFE_S = 3600.0
_MAX_ANSWER_BYTES = 512 * 1024


class OidcSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    issuer: str
    """Where the EHR's discovery document stands; https, or http on this machine."""
    client_id: str
    client_secret: SecretStr | None = None
    """None for a public client, which relies on PKCE."""
    scopes: tuple[str, ...] = ("openid",)
    timeout_s: float = Field(default=10.0, gt=0)
    clock_skew_s: int = Field(default=60, ge=0, le=300)
    verify_tls: bool = True
    ca_file: Path | None = None

    @field_validator("issuer")
    @classmethod
    def _address_is_safe(cls, url: str) -> str:
        return safe_base_url(url)


class _Metadata(BaseModel):
    """What we use of the discovery document.  Every address must be as safe as the issuer's."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    """As the issuer spells it, perhaps with a trailing slash; the ID token repeats it letter by letter."""
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None

    @field_validator("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")
    @classmethod
    def _address_is_safe(cls, url: str | None) -> str | None:
        return None if url is None else safe_base_url(url)


class OidcSignIn:
    """The ``SignIn`` port.  ``transport`` and ``now`` (seconds since 1970) are for tests."""

    def __init__(
        self,
        settings: OidcSettings,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._now = now
        self._metadata: tuple[float, _Metadata] | None = None
        self._keys: KeySet | None = None

    async def begin(self, redirect_uri: str, *, fresh: bool = False) -> SignInStart:
        async with self._client() as client:
            metadata = await self._discovered(client)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self._settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        if fresh:  # max_age also obliges the issuer to say when the password was entered (Core, 2 and 3.1.2.1)
            query |= {"prompt": "login", "max_age": "0"}
        url = f"{metadata.authorization_endpoint}?{urlencode(query)}"
        since = self._now() if fresh else None
        return SignInStart(url=url, state=state, nonce=nonce, code_verifier=verifier, fresh_since=since)

    async def finish(self, *, code: str, start: SignInStart, redirect_uri: str) -> str:
        async with self._client() as client:
            metadata = await self._discovered(client)
            answer = await self._redeem(client, metadata, code, start, redirect_uri)
            claims = await self._verified(client, metadata, answer.get("id_token"))
        return self._user_of(claims, metadata, start)

    def logout_url(self, post_logout_redirect_uri: str | None = None) -> str | None:
        """None also before the first ``begin`` or ``finish`` of this process: the address is not known yet."""
        if self._metadata is None or self._metadata[1].end_session_endpoint is None:
            return None
        query = {"client_id": self._settings.client_id}
        if post_logout_redirect_uri is not None:
            query["post_logout_redirect_uri"] = post_logout_redirect_uri
        return f"{self._metadata[1].end_session_endpoint}?{urlencode(query)}"

    # --- the issuer ------------------------------------------------------------------------------------------

    async def _discovered(self, client: httpx.AsyncClient) -> _Metadata:
        if self._metadata is not None and self._now() - self._metadata[0] < _METADATA_LIFE_S:
            return self._metadata[1]
        document = await _json(client.build_request("GET", _well_known(self._settings.issuer)), client)
        try:
            metadata = _Metadata.model_validate(document)
        except ValidationError:
            raise _refused("issuer_metadata_unusable") from None
        if metadata.issuer.rstrip("/") != self._settings.issuer:
            raise _refused("issuer_differs")
        self._metadata = (self._now(), metadata)
        return metadata

    async def _redeem(
        self, client: httpx.AsyncClient, metadata: _Metadata, code: str, start: SignInStart, redirect_uri: str
    ) -> dict[str, Any]:
        settings = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": start.code_verifier,
        }
        auth = None
        if settings.client_secret is None:
            form["client_id"] = settings.client_id
        else:
            secret = settings.client_secret.get_secret_value()
            auth = httpx.BasicAuth(quote_plus(settings.client_id), quote_plus(secret))
        return await _json(client.build_request("POST", metadata.token_endpoint, data=form), client, auth)

    # --- the ID token ----------------------------------------------------------------------------------------

    async def _verified(self, client: httpx.AsyncClient, metadata: _Metadata, id_token: object) -> dict[str, Any]:
        """The claims, once the signature is known to be the issuer's.  An unknown key is looked up once."""
        if not isinstance(id_token, str):
            raise _refused("id_token_missing")
        if self._keys is not None:
            try:
                return _decoded(id_token, self._keys)
            except (JoseError, ValueError):
                pass  # the issuer may have changed its keys
        self._keys = _key_set(await _json(client.build_request("GET", metadata.jwks_uri), client))
        try:
            return _decoded(id_token, self._keys)
        except (JoseError, ValueError):
            raise _refused("id_token_signature") from None

    def _user_of(self, claims: dict[str, Any], metadata: _Metadata, start: SignInStart) -> str:
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self._now()),
            leeway=self._settings.clock_skew_s,
            iss={"essential": True, "value": metadata.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True},
        )
        try:
            registry.validate(claims)
        except (JoseError, ValueError, TypeError):
            raise _refused("id_token_claims") from None
        audience, authorised = claims["aud"], claims.get("azp")
        if authorised not in (None, self._settings.client_id):
            raise _refused("id_token_claims")
        if isinstance(audience, list) and len(audience) > 1 and authorised is None:
            raise _refused("id_token_claims")
        if not hmac.compare_digest(str(claims["nonce"]).encode(), start.nonce.encode()):
            raise _refused("id_token_nonce")
        if start.fresh_since is not None and not self._is_fresh(claims.get("auth_time"), start.fresh_since):
            raise _refused("id_token_not_fresh")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise _refused("id_token_claims")
        return claims["sub"]

    def _is_fresh(self, auth_time: object, since: float) -> bool:
        known = isinstance(auth_time, int) and not isinstance(auth_time, bool)
        return known and cast(int, auth_time) >= since - self._settings.clock_skew_s

    def _client(self) -> httpx.AsyncClient:
        verify: ssl.SSLContext | bool = self._settings.verify_tls
        if verify and self._settings.ca_file is not None:
            verify = ssl.create_default_context(cafile=str(self._settings.ca_file))
        return httpx.AsyncClient(
            transport=self._transport,
            verify=verify,
            timeout=self._settings.timeout_s,
            follow_redirects=False,
            trust_env=not is_loopback(self._settings.issuer),
        )


def _well_known(issuer: str) -> str:
    return f"{issuer}/.well-known/openid-configuration"


def _decoded(id_token: str, keys: KeySet) -> dict[str, Any]:
    return dict(jwt.decode(id_token, keys, algorithms=_ALGORITHMS).claims)


def _key_set(document: dict[str, Any]) -> KeySet:
    """The issuer's keys; those of a kind that we do not know are left out."""
    keys = []
    for key in document.get("keys") or ():
        try:
            keys += KeySet.import_key_set({"keys": [key]}).keys
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
    if not keys:
        raise _refused("issuer_keys_unusable")
    return KeySet(keys)


async def _json(
    request: httpx.Request, client: httpx.AsyncClient, auth: httpx.BasicAuth | None = None
) -> dict[str, Any]:
    """The answer of one call.  Errors carry the status and nothing of the answer."""
    try:
        response = await client.send(request, auth=auth, stream=True)
        try:
            body = await _body(response)
        finally:
            await response.aclose()
    except httpx.HTTPError:
        raise Transient("sign_in_unreachable", "the EHR's sign-in cannot be reached") from None
    if response.status_code >= 500 or response.status_code in (408, 429):
        raise Transient("sign_in_failing", "the EHR's sign-in is out of order", status=response.status_code)
    if not response.is_success:
        raise Refused("sign_in_refused", "the EHR refuses this sign-in", status=response.status_code)
    try:
        document = from_json(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Transient("sign_in_failing", "the EHR's sign-in gives no usable answer")
    return document


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_ANSWER_BYTES:
            raise _refused("answer_too_large")
    return bytes(body)


def _refused(reason: str) -> TherapyFlowsError:
    return Refused("sign_in_refused", "the EHR's answer is not valid for this sign-in", reason=reason)
