"""The session of a signed-in person: one encrypted, signed cookie and no server state.

The cookie survives a restart of the application, which a record in memory would not.  What memory does hold is the
list of sessions that were logged out, so that a copied cookie dies with the log-out (until a restart; then the idle
time-out bounds it).
"""

import base64
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import TypeAdapter, ValidationError

from therapyflows.core.ports import SignInStart

SIGN_IN_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    user_id: str
    issued_at: datetime
    last_seen: datetime
    csrf: str


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """Between "sign in" and the EHR's answer."""

    start: SignInStart
    next: str
    issued_at: datetime


_SESSION = TypeAdapter(Session)
_PENDING = TypeAdapter(PendingSignIn)


class Sessions:
    """Issues, seals, opens and ends sessions."""

    def __init__(self, key: bytes, *, idle: timedelta, lifetime: timedelta, secure: bool) -> None:
        self.idle, self.lifetime, self.secure = idle, lifetime, secure
        prefix = "__Host-" if secure else ""
        self.cookie = f"{prefix}therapyflows_review"
        self.pending_cookie = f"{prefix}therapyflows_signin"
        self._seal = _fernet(key, b"review session")
        self._pending = _fernet(key, b"review sign-in")
        self._ended: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def begin(self, user_id: str, now: datetime) -> Session:
        """A new session with a new id; whatever cookie the browser had before is worth nothing afterwards."""
        return Session(secrets.token_urlsafe(16), user_id, now, now, secrets.token_urlsafe(32))

    def seal(self, session: Session) -> str:
        return self._seal.encrypt(_SESSION.dump_json(session)).decode()

    def open(self, cookie: str | None, now: datetime) -> Session | None:
        """The session of this cookie; None when it is forged, ended, idle for too long or too old."""
        if not cookie:
            return None
        try:
            session = _SESSION.validate_json(self._seal.decrypt(cookie.encode()))
        except (InvalidToken, ValidationError, UnicodeEncodeError):
            return None
        if session.id in self._ended or now - session.last_seen > self.idle or now - session.issued_at > self.lifetime:
            return None
        return session

    def touch(self, session: Session, now: datetime) -> Session:
        return replace(session, last_seen=now)

    def end(self, session: Session, now: datetime) -> None:
        with self._lock:
            self._ended = {sid: at for sid, at in self._ended.items() if now - at <= self.lifetime}
            self._ended[session.id] = now

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


def local_path(path: str | None) -> str:
    """``path`` when it leads to a page of this application, else the queue: no open redirect."""
    ordinary = path is not None and path.startswith("/") and not path.startswith("//")
    if path is None or not ordinary or any(c in path for c in "\\\r\n\t:@") or not path.isprintable():
        return "/"
    return path


def _fernet(key: bytes, purpose: bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)
    return Fernet(base64.urlsafe_b64encode(derived))
