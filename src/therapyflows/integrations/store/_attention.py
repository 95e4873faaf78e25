"""What a page measured while a draft was read: seconds and ids of statements."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from therapyflows.core.ports import Attention
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import AttentionRow

MOST_AT_ONCE_S: Final = 60
"""A page tells more often than this; what it claims beyond is not believed."""
MOST_IDS: Final = 2000


class SqlAttentionBook:
    """The port ``AttentionBook``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, draft_id: str, user_id: str, *, active_s: int, seen: Collection[str], at: datetime) -> None:
        with self._db.write() as session:
            nothing = {"draft_id": draft_id, "user_id": user_id, "active_s": 0, "seen": "", "last_at": at}
            new = session.execute(
                self._db.insert_or_ignore(AttentionRow).values(**nothing).returning(AttentionRow.draft_id)
            ).one_or_none()
            row = _locked(session, draft_id, user_id)
            most = MOST_AT_ONCE_S if new is not None else int((at - row.last_at).total_seconds())
            row.active_s += max(min(active_s, most, MOST_AT_ONCE_S), 0)
            row.seen = " ".join(sorted({*row.seen.split(), *seen})[:MOST_IDS])
            row.last_at = max(row.last_at, at)

    def get(self, draft_id: str, user_id: str) -> Attention | None:
        with self._db.read() as session:
            row = session.get(AttentionRow, (draft_id, user_id))
        return Attention(row.active_s, frozenset(row.seen.split())) if row is not None else None


def _locked(session: Session, draft_id: str, user_id: str) -> AttentionRow:
    return session.get_one(AttentionRow, (draft_id, user_id), with_for_update=True)
