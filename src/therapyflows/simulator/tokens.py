"""Tokens, codes, assertions and browser sessions: random strings, of which only digests are stored."""

import hashlib
import json
import secrets
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

CODE_LIFETIME_S = 120
SESSION_LIFETIME_S = 8 * 3600


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


@dataclass(frozen=True)
class Token:
    kind: str
    """``service`` or ``person``."""
    subject: str
    scopes: frozenset[str]
    expires_at: float


def issue_token(db: sqlite3.Connection, kind: str, subject: str, scopes: frozenset[str], lifetime_s: int) -> str:
    value = secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO tokens VALUES (?, ?, ?, ?, ?)",
        (digest(value), kind, subject, " ".join(sorted(scopes)), time.time() + lifetime_s),
    )
    return value


def find_token(db: sqlite3.Connection, value: str) -> Token | None:
    """The live token, None when unknown or expired."""
    row = db.execute(
        "SELECT * FROM tokens WHERE digest = ? AND expires_at > ?", (digest(value), time.time())
    ).fetchone()
    return Token(row["kind"], row["subject"], frozenset(row["scopes"].split()), row["expires_at"]) if row else None


def expire_all_tokens(db: sqlite3.Connection) -> int:
    return db.execute("UPDATE tokens SET expires_at = 0 WHERE expires_at > 0").rowcount


def issue_code(db: sqlite3.Connection, grant: dict[str, Any]) -> str:
    value = secrets.token_urlsafe(32)
    db.execute("INSERT INTO codes VALUES (?, ?, ?)", (digest(value), json.dumps(grant), time.time() + CODE_LIFETIME_S))
    return value


def redeem_code(db: sqlite3.Connection, value: str) -> dict[str, Any] | None:
    """The grant, once."""
    row = db.execute("DELETE FROM codes WHERE digest = ? RETURNING grant_json, expires_at", (digest(value),)).fetchone()
    if row is None or row["expires_at"] < time.time():
        return None
    grant: dict[str, Any] = json.loads(row["grant_json"])
    return grant


def use_assertion(db: sqlite3.Connection, jti: str, expires_at: float) -> bool:
    """False when this assertion was used before."""
    db.execute("DELETE FROM used_assertions WHERE expires_at < ?", (time.time(),))
    return db.execute("INSERT OR IGNORE INTO used_assertions VALUES (?, ?)", (jti, expires_at)).rowcount == 1


@dataclass(frozen=True)
class BrowserSession:
    user_id: str
    auth_time: float


def open_session(db: sqlite3.Connection, user_id: str) -> str:
    value = secrets.token_urlsafe(32)
    now = time.time()
    db.execute(
        "INSERT INTO browser_sessions VALUES (?, ?, ?, ?)", (digest(value), user_id, now, now + SESSION_LIFETIME_S)
    )
    return value


def find_session(db: sqlite3.Connection, value: str | None) -> BrowserSession | None:
    row = db.execute(
        "SELECT * FROM browser_sessions WHERE digest = ? AND expires_at > ?", (digest(value or ""), time.time())
    ).fetchone()
    return BrowserSession(row["user_id"], row["auth_time"]) if row else None


def close_session(db: sqlite3.Connection, value: str | None) -> None:
    db.execute("DELETE FROM browser_sessions WHERE digest = ?", (digest(value or ""),))


def store_password(db: sqlite3.Connection, login: str, user_id: str, password: str) -> None:
    salt = secrets.token_bytes(16)
    db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?)", (login, user_id, salt, stretched(password, salt)))


def check_password(db: sqlite3.Connection, login: str, password: str) -> str | None:
    """The user id, None when login or password is wrong."""
    row = db.execute("SELECT * FROM accounts WHERE login = ?", (login.strip().lower(),)).fetchone()
    if row is None or not secrets.compare_digest(row["hash"], stretched(password, row["salt"])):
        return None
    user_id: str = row["user_id"]
    return user_id


def stretched(password: str, salt: bytes) -> bytes:
    # Cheap parameters: demo passwords that are printed at start.
    return hashlib.scrypt(password.encode(), salt=salt, n=2**10, r=8, p=1)
