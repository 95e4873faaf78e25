"""The session of a signed-in person: an encrypted, signed cookie, and a row in the store that says whether it counts.

The cookie holds who, since when and the token for forms; the row holds nothing but the end.  So a log-out, or a person
who is no longer active in the EHR, ends every copy of the cookie in every process, also after a restart.
"""

import base64
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import TypeAdapter, ValidationError

from therapyflows.core.ports import ReviewSessions, SignInStart

SIGN_IN_MINUTES = 10
DEVICE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    user_id: str
    issued_at: datetime
    last_seen: datetime
    csrf: str
    confirmed_at: datetime | None = None
    """When the person last entered the password for this application, for deeds that ask for it."""


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """Between "sign in" and the EHR's answer."""

    start: SignInStart
    next: str
    issued_at: datetime
    confirms: str | None = None
    """The user id that has to come back, when somebody signed in confirms who they are."""


_SESSION = TypeAdapter(Session)
_PENDING = TypeAdapter(PendingSignIn)


class ForgedCookie(Exception):
    """The cookie was not made by us, or with another key."""


class Sessions:
    """Issues, seals, opens and ends sessions.  ``register`` is asked in a thread: its methods read the store."""

    def __init__(
        self, key: bytes, register: ReviewSessions, *, idle: timedelta, lifetime: timedelta, secure: bool
    ) -> None:
        self.idle, self.lifetime, self.secure = idle, lifetime, secure
        prefix = "__Host-" if secure else ""
        self.cookie = f"{prefix}therapyflows_review"
        self.pending_cookie = f"{prefix}therapyflows_signin"
        self.device_cookie = f"{prefix}therapyflows_device"
        self._register = register
        self._seal = _fernet(key, b"review session")
        self._pending = _fernet(key, b"review sign-in")
        self._device = _fernet(key, b"review device")

    def begin(self, user_id: str, now: datetime, *, confirmed: bool = False) -> Session:
        """A new session with a new id; whatever cookie the browser had before is worth nothing afterwards."""
        session = Session(
            secrets.token_urlsafe(16), user_id, now, now, secrets.token_urlsafe(32), now if confirmed else None
        )
        self._register.begin(session.id, user_id, at=now, ends_at=now + self.lifetime)
        return session

    def seal(self, session: Session) -> str:
        return self._seal.encrypt(_SESSION.dump_json(session)).decode()

    def open(self, cookie: str, now: datetime) -> Session | None:
        """The session of this cookie; None when it ended, was idle for too long or is too old.

        Raises ForgedCookie, and Transient when the store does not answer: then nobody is signed in.
        """
        try:
            session = _SESSION.validate_json(self._seal.decrypt(cookie.encode()))
        except (InvalidToken, ValidationError, UnicodeEncodeError):
            raise ForgedCookie from None
        if now - session.last_seen > self.idle or now - session.issued_at > self.lifetime:
            return None
        return session if self._register.is_open(session.id) else None

    def touch(self, session: Session, now: datetime) -> Session:
        return replace(session, last_seen=now)

    def end(self, session: Session, now: datetime, *, code: str) -> bool:
        return self._register.end(session.id, at=now, code=code)

    def end_all(self, user_id: str, now: datetime, *, code: str) -> int:
        return self._register.end_all(user_id, at=now, code=code)

    def seal_pending(self, pending: PendingSignIn) -> str:
        return self._pending.encrypt(_PENDING.dump_json(pending)).decode()

    def open_pending(self, cookie: str | None, now: datetime) -> PendingSignIn | None:
        if not cookie:
            return None
        try:
            pending = _PENDING.validate_json(self._pending.decrypt(cookie.encode()))
        except (InvalidToken, ValidationError, UnicodeEncodeError):
            return None
        return pending if now - pending.issued_at <= timedelta(minutes=SIGN_IN_MINUTES) else None

    def new_device(self) -> str:
        """A mark for a browser in which somebody signed in: its failures are its own from then on."""
        return self._device.encrypt(secrets.token_bytes(16)).decode()

    def device_of(self, cookie: str | None) -> str | None:
        """The browser's mark; None when it has none of ours."""
        try:
            return self._device.decrypt((cookie or "").encode(), ttl=DEVICE_DAYS * 86400).hex()
        except (InvalidToken, UnicodeEncodeError):
            return None


def local_path(path: str | None) -> str:
    """``path`` when it leads to a page of this application, else the queue: no open redirect."""
    ordinary = path is not None and path.startswith("/") and not path.startswith("//")
    if path is None or not ordinary or any(c in path for c in "\\\r\n\t:@") or not path.isprintable():
        return "/"
    return path


def _fernet(key: bytes, purpose: bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)
    return Fernet(base64.urlsafe_b64encode(derived))
