"""OAuth 2.0 decisions: who is this client, what may it get, what goes into an ID token.  No HTTP here."""

import base64
import binascii
import hashlib
import secrets
import sqlite3
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from therapyflows.simulator import tokens
from therapyflows.simulator.access import IDENTITY_SCOPES
from therapyflows.simulator.contract import Contract, Json
from therapyflows.simulator.settings import LOOPBACK_REDIRECTS, SimulatorSettings

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ["RS256", "RS384", "ES256", "ES384"]
MAX_ASSERTION_LIFETIME_S = 300
ID_TOKEN_LIFETIME_S = 600


class OAuthRefusal(Exception):
    """RFC 6749 error answer."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


def signing_key(db: sqlite3.Connection) -> ECKey:
    """The practice's ID token key (ES256), made on first use and kept in the database."""
    row = db.execute("SELECT value FROM facts WHERE name = 'signing_key'").fetchone()
    if row:
        return ECKey.import_key(row["value"])
    key = ECKey.generate_key("P-256", private=True, auto_kid=True)
    db.execute("INSERT INTO facts VALUES ('signing_key', ?)", (key.as_pem(private=True).decode(),))
    return key


def public_jwks(key: ECKey) -> Json:
    return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": "ES256"}]}


def id_token(key: ECKey, issuer: str, audience: str, grant: Json, user: Json) -> str:
    now = int(time.time())
    claims = {
        "iss": issuer,
        "sub": user["id"],
        "aud": audience,
        "iat": now,
        "exp": now + ID_TOKEN_LIFETIME_S,
        "auth_time": int(grant["authTime"]),
        "name": user["name"],
        "email": user.get("email"),
        "roles": user["roles"],
    }
    if grant.get("nonce"):
        claims["nonce"] = grant["nonce"]
    return jwt.encode({"alg": "ES256", "kid": key.thumbprint()}, claims, key)


def service_scopes(settings: SimulatorSettings, contract: Contract) -> frozenset[str]:
    return frozenset(settings.service_scopes) or contract.scopes - IDENTITY_SCOPES


def granted_scopes(requested: str | None, allowed: frozenset[str]) -> frozenset[str]:
    """Raises ``invalid_scope`` when more than allowed is asked for."""
    wanted = frozenset((requested or "").split())
    if wanted - allowed:
        raise OAuthRefusal("invalid_scope")
    return wanted or allowed


def authenticated_client(
    form: Mapping[str, str],
    authorization: str | None,
    settings: SimulatorSettings,
    db: sqlite3.Connection,
    audiences: set[str],
) -> str:
    """The client id after client_secret_basic, client_secret_post, private_key_jwt or, for a public client, none.

    Raises ``invalid_client`` (401).
    """
    if form.get("client_assertion"):
        return client_of_assertion(form, settings, db, audiences)
    client_id, secret = form.get("client_id", ""), form.get("client_secret")
    if authorization:
        client_id, secret = basic_credentials(authorization)
    expected = {
        settings.service_client_id: settings.service_client_secret,
        settings.review_client_id: settings.review_client_secret,
    }
    if client_id not in expected:
        raise OAuthRefusal("invalid_client", 401)
    if not secrets.compare_digest((expected[client_id] or "").encode(), (secret or "").encode()):
        raise OAuthRefusal("invalid_client", 401)
    return client_id


def basic_credentials(authorization: str) -> tuple[str, str]:
    kind, _, encoded = authorization.partition(" ")
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthRefusal("invalid_client", 401) from None
    if kind.lower() != "basic":
        raise OAuthRefusal("invalid_client", 401)
    return unquote_plus(user), unquote_plus(password)


def client_of_assertion(
    form: Mapping[str, str], settings: SimulatorSettings, db: sqlite3.Connection, audiences: set[str]
) -> str:
    """``private_key_jwt``: signed by the service's key, for us, short-lived, and each ``jti`` once."""
    if form.get("client_assertion_type") != ASSERTION_TYPE or settings.service_jwks is None:
        raise OAuthRefusal("invalid_client", 401)
    try:
        keys = KeySet.import_key_set(settings.service_jwks)  # type: ignore[arg-type]
        claims: Json = dict(jwt.decode(form["client_assertion"], keys, algorithms=ASSERTION_ALGORITHMS).claims)
    except (JoseError, ValueError, KeyError):
        raise OAuthRefusal("invalid_client", 401) from None
    audience = claims.get("aud")
    named = {audience} if isinstance(audience, str) else set(audience or ())
    now, expires = time.time(), claims.get("exp", 0)
    if (
        {claims.get("iss"), claims.get("sub")} != {settings.service_client_id}
        or not named & audiences
        or not isinstance(expires, int | float)
        or not now < expires <= now + MAX_ASSERTION_LIFETIME_S
        or not claims.get("jti")
        or not tokens.use_assertion(db, str(claims["jti"]), expires)
    ):
        raise OAuthRefusal("invalid_client", 401)
    return settings.service_client_id


def redirect_allowed(uri: str, settings: SimulatorSettings) -> bool:
    """Registered exactly, or any address on this machine where the registration says so (RFC 8252)."""
    if uri in settings.review_redirect_uris:
        return True
    parts = urlsplit(uri)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    return local and LOOPBACK_REDIRECTS in settings.review_redirect_uris


def challenge_holds(verifier: str | None, challenge: str) -> bool:
    """RFC 7636, S256."""
    digest = hashlib.sha256((verifier or "").encode()).digest()
    return secrets.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


def discovery(issuer: str, contract: Contract) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "jwks_uri": f"{issuer}/oauth/jwks.json",
        "userinfo_endpoint": f"{issuer}/v1/userinfo",
        "end_session_endpoint": f"{issuer}/oauth/end_session",
        "scopes_supported": sorted(contract.scopes),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none",
        ],
        "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "claims_supported": ["sub", "name", "email", "roles", "auth_time", "nonce"],
    }
