"""Access tokens: asked for once, shared by all adapters of this process, renewed before they end."""

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from therapyflows.core.errors import Invalid, Transient
from therapyflows.core.ids import new_id
from therapyflows.integrations.ehr.therapynotes._patience import Clock
from therapyflows.integrations.ehr.therapynotes._settings import TherapyNotesSettings

_ASSERTION_LIFE_S = 120
_POLL_S = 0.01
_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Token:
    value: str
    renew_at: float
    """Monotonic time after which it is not used any more: 60 s or a fifth of its life before its end."""


class TokenCache:
    """One token per endpoint and credential; safe across threads and event loops."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._fetching: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def peek(self, key: str, now: float) -> Token | None:
        with self._guard:
            token = self._tokens.get(key)
        return token if token is not None and now < token.renew_at else None

    def put(self, key: str, token: Token) -> None:
        with self._guard:
            self._tokens[key] = token

    def forget(self, key: str, token: Token) -> None:
        """Drop this token, unless somebody has renewed it already."""
        with self._guard:
            if self._tokens.get(key) == token:
                del self._tokens[key]

    def single_flight(self, key: str) -> threading.Lock:
        with self._guard:
            return self._fetching.setdefault(key, threading.Lock())


SHARED = TokenCache()


class Tokens:
    """The tokens of one adapter.  ``fetch`` posts a form with headers to the token endpoint."""

    def __init__(
        self,
        settings: TherapyNotesSettings,
        cache: TokenCache,
        clock: Clock,
        fetch: Callable[[dict[str, str], tuple[str, str] | None], Awaitable[dict[str, Any]]],
    ) -> None:
        self._settings = settings
        self._cache = cache
        self._clock = clock
        self._fetch = fetch
        self._key = _cache_key(settings)

    async def current(self) -> Token:
        """A token that is good for now; of many callers at once, one asks and the others wait for it."""
        lock = self._cache.single_flight(self._key)
        while True:
            if token := self._cache.peek(self._key, self._clock()):
                return token
            # Polled: the holder may live in another thread's event loop, and a cancelled wait leaves nothing behind.
            if lock.acquire(blocking=False):
                break
            await asyncio.sleep(_POLL_S)
        try:
            token = self._cache.peek(self._key, self._clock()) or await self._renew()
        finally:
            lock.release()
        return token

    def forget(self, token: Token) -> None:
        self._cache.forget(self._key, token)

    async def _renew(self) -> Token:
        asked_at = self._clock()
        form = {"grant_type": "client_credentials"}
        if self._settings.scopes:
            form["scope"] = " ".join(self._settings.scopes)
        answer = await self._fetch(*self._authenticated(form))
        token = _token_of(answer, asked_at)
        self._cache.put(self._key, token)
        return token

    def _authenticated(self, form: dict[str, str]) -> tuple[dict[str, str], tuple[str, str] | None]:
        settings = self._settings
        if settings.client_secret is not None:
            return form, (settings.client_id, settings.client_secret.get_secret_value())
        return {**form, "client_assertion_type": _JWT_BEARER, "client_assertion": _assertion(settings)}, None


def _token_of(answer: dict[str, Any], asked_at: float) -> Token:
    value, life_s = answer.get("access_token"), answer.get("expires_in", 300)
    usable = isinstance(value, str) and value.isascii() and value.isprintable() and 0 < len(value) < 16384
    if not usable or isinstance(life_s, bool) or not isinstance(life_s, int | float) or life_s <= 0:
        raise Transient("ehr_token_unusable", "the token endpoint's answer holds no usable token")
    life_s = min(float(life_s), 3600.0)
    return Token(str(value), asked_at + life_s - min(60.0, life_s / 5))


def _assertion(settings: TherapyNotesSettings) -> str:
    """A signed statement of who we are (RFC 7523): RS384 or ES384, a fresh ``jti`` each time."""
    key = _signing_key(settings)
    header = {"alg": "RS384" if isinstance(key, RSAKey) else "ES384"}
    if settings.private_key_id:
        header["kid"] = settings.private_key_id
    now = int(time.time())
    claims = {
        "iss": settings.client_id,
        "sub": settings.client_id,
        "aud": settings.token_url,
        "jti": new_id("jti"),
        "iat": now,
        "exp": now + _ASSERTION_LIFE_S,
    }
    return jwt.encode(header, claims, key, algorithms=["RS384", "ES384"])


def _signing_key(settings: TherapyNotesSettings) -> RSAKey | ECKey:
    text = settings.private_key.get_secret_value() if settings.private_key else ""
    for kind in (RSAKey, ECKey):
        try:
            key = kind.import_key(_jwk_or_pem(text))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if key.is_private and (isinstance(key, RSAKey) or key.curve_name == "P-384"):
            return key
    raise Invalid("ehr_private_key_unusable", "give an RSA or EC P-384 private key as PEM or JWK")


def _jwk_or_pem(text: str) -> Any:
    return json.loads(text) if text.lstrip().startswith("{") else text


def _cache_key(settings: TherapyNotesSettings) -> str:
    """Everything that decides which token comes back, as a digest: the cache holds no secret in its keys."""
    secret = settings.client_secret or settings.private_key
    parts = (
        settings.token_url,
        settings.client_id,
        " ".join(settings.scopes),
        secret.get_secret_value() if secret else "",
        str(settings.verify_tls),
        str(settings.ca_file),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
