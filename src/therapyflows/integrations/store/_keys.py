"""Keys: one data key per client, wrapped by the practice key that lives outside of the store.

Deleting a client's data keys shreds everything of that client at once, wherever copies of the ciphertext may lie.
Rotating the practice key re-wraps the data keys and leaves the content alone.  Nothing is cached: what another process
shredded is unreadable here at once.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.ids import derived_id
from therapyflows.integrations.store import _cipher
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import DataKeyRow, PracticeKeyRow


class Keys:
    """The practice key of this process, and the data keys that it unwraps."""

    def __init__(self, db: Database, practice_key: bytes, now: Callable[[], datetime]) -> None:
        self._db = db
        self._practice_key = _checked(practice_key)
        self._now = now
        self._settle_practice_key()

    # --- for the store ---

    def for_writing(self, session: Session, client_id: str) -> tuple[str, bytes]:
        """Id and bytes of the client's current data key; made when there is none, or none any more."""
        row = self._current(session, client_id)
        if row is None:
            self._make(session, client_id)
            row = self._current(session, client_id)
            assert row is not None
        return row.key_id, self._unwrap(row)

    def for_reading(self, session: Session, key_id: str) -> bytes:
        """Raises NotFound (``content_deleted``) when the key was shredded."""
        row = session.get(DataKeyRow, key_id)
        if row is None or row.wrapped is None:
            raise NotFound("content_deleted", "the content was deleted", key_id=key_id)
        return self._unwrap(row)

    def destroy(self, session: Session, client_id: str) -> int:
        """Within a transaction of the store's."""
        held = select(DataKeyRow).where(DataKeyRow.client_id == client_id, DataKeyRow.wrapped.is_not(None))
        rows = session.scalars(held.with_for_update()).all()
        for row in rows:
            row.wrapped, row.shredded_at = None, self._now()
        return len(rows)

    # --- for operators ---

    def rotate(self, new_practice_key: bytes) -> int:
        """Wrap every data key with the new practice key; returns how many.

        Other processes must be restarted with the new key: until then they get Invalid (``practice_key_wrong``).
        """
        new = _checked(new_practice_key)
        with self._db.write() as session:
            session.execute(select(PracticeKeyRow).with_for_update()).scalar_one()
            rows = session.scalars(select(DataKeyRow).where(DataKeyRow.wrapped.is_not(None)).with_for_update()).all()
            for row in rows:
                key = self._unwrap(row)
                row.wrapped_by = _fingerprint(new)
                row.wrapped = _cipher.seal(new, key, _bound_to(row.key_id, row.client_id))
            practice = session.get_one(PracticeKeyRow, 1)
            practice.key_id, practice.set_at = _fingerprint(new), self._now()
        self._practice_key = new
        self._db.forget_old_pages()
        return len(rows)

    @property
    def practice_key_id(self) -> str:
        """Names the practice key in use; says nothing about it."""
        return _fingerprint(self._practice_key)

    def is_locked_with(self, practice_key: bytes) -> bool:
        """Whether this is the practice key in use."""
        return _fingerprint(practice_key) == self.practice_key_id

    def knows(self, client_id: str) -> bool:
        """Whether the client ever had a data key."""
        with self._db.read() as session:
            found = session.scalar(select(DataKeyRow.key_id).where(DataKeyRow.client_id == client_id).limit(1))
        return found is not None

    def shred(self, client_id: str) -> int:
        """Destroy the client's data keys; returns how many there were.

        On PostgreSQL the old row may stay in the write-ahead log and in backups, still wrapped by the practice key:
        rotate the practice key afterwards where that matters.
        """
        with self._db.write() as session:
            destroyed = self.destroy(session, client_id)
        self._db.forget_old_pages()
        return destroyed

    # --- inside ---

    def _current(self, session: Session, client_id: str) -> DataKeyRow | None:
        query = select(DataKeyRow).where(DataKeyRow.client_id == client_id, DataKeyRow.wrapped.is_not(None))
        return session.scalars(query.order_by(DataKeyRow.version.desc()).limit(1).with_for_update(read=True)).first()

    def _make(self, session: Session, client_id: str) -> None:
        practice = session.execute(select(PracticeKeyRow).with_for_update(read=True)).scalar_one()
        if practice.key_id != _fingerprint(self._practice_key):
            raise _wrong_practice_key()
        last = session.scalar(select(func.max(DataKeyRow.version)).where(DataKeyRow.client_id == client_id)) or 0
        key_id = derived_id("key", client_id, str(last + 1))
        row = {
            "key_id": key_id,
            "client_id": client_id,
            "version": last + 1,
            "wrapped": _cipher.seal(self._practice_key, _cipher.new_key(), _bound_to(key_id, client_id)),
            "wrapped_by": practice.key_id,
            "created_at": self._now(),
        }
        session.execute(self._db.insert_or_ignore(DataKeyRow).values(**row))

    def _unwrap(self, row: DataKeyRow) -> bytes:
        assert row.wrapped is not None
        if row.wrapped_by != _fingerprint(self._practice_key):
            raise _wrong_practice_key()
        return _cipher.open_sealed(self._practice_key, row.wrapped, _bound_to(row.key_id, row.client_id))

    def _settle_practice_key(self) -> None:
        """The first process ever writes down which practice key is in use; all others compare."""
        mine = _fingerprint(self._practice_key)
        with self._db.read() as session:
            known = session.scalar(select(PracticeKeyRow.key_id))
        if known is None:
            with self._db.write() as session:
                session.execute(self._db.insert_or_ignore(PracticeKeyRow).values(id=1, key_id=mine, set_at=self._now()))
                known = session.scalar(select(PracticeKeyRow.key_id))
        if known != mine:
            raise _wrong_practice_key()


def _checked(practice_key: bytes) -> bytes:
    if len(practice_key) != _cipher.KEY_BYTES:
        raise Invalid("practice_key_unusable", "the practice key must be 32 bytes", length=len(practice_key))
    return practice_key


def _fingerprint(practice_key: bytes) -> str:
    """Tells two practice keys apart and says nothing about them."""
    return hmac.new(practice_key, b"therapyflows practice key id", hashlib.sha256).hexdigest()[:16]


def _bound_to(key_id: str, client_id: str) -> bytes:
    return _cipher.place("data_key", key_id, client_id)


def _wrong_practice_key() -> Invalid:
    return Invalid("practice_key_wrong", "this store was locked with another practice key; set the one in use")
