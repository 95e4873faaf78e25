"""The steps between the working copies of a draft: ids, codes and times, no content."""

from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select

from therapyflows.core.ports import DraftChange
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import DraftChangeRow

_IDS = ("before_id", "after_id", "before_transcript_id", "after_transcript_id")


class SqlDraftHistory:
    """The port ``DraftHistory``."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now

    def add(self, change: DraftChange) -> int:
        row = DraftChangeRow(**asdict(change), changed_at=self._now())
        with self._db.write() as session:
            session.add(row)
            session.flush()
            return row.id

    def withdraw(self, step: int) -> None:
        with self._db.write() as session:
            session.execute(delete(DraftChangeRow).where(DraftChangeRow.id == step))

    def leading_to(self, draft_id: str, after_id: str) -> DraftChange | None:
        return self._newest(DraftChangeRow.draft_id == draft_id, DraftChangeRow.after_id == after_id)

    def leading_from(self, draft_id: str, before_id: str) -> DraftChange | None:
        return self._newest(DraftChangeRow.draft_id == draft_id, DraftChangeRow.before_id == before_id)

    def forget_before(self, draft_id: str, keep: int) -> set[str]:
        oldest_first = select(DraftChangeRow).where(DraftChangeRow.draft_id == draft_id).order_by(DraftChangeRow.id)
        with self._db.write() as session:
            rows = list(session.scalars(oldest_first))
            old, kept = rows[: len(rows) - keep] if len(rows) > keep else [], rows[-keep:]
            for row in old:
                session.delete(row)
            return _named(old) - _named(kept)

    def _newest(self, *where: ColumnElement[bool]) -> DraftChange | None:
        query = select(DraftChangeRow).where(*where).order_by(DraftChangeRow.id.desc()).limit(1)
        with self._db.read() as session:
            row = session.scalars(query).first()
            return _change(row) if row is not None else None


def _named(rows: list[DraftChangeRow]) -> set[str]:
    return {value for row in rows for name in _IDS if (value := getattr(row, name)) is not None}


def _change(row: DraftChangeRow) -> DraftChange:
    return DraftChange(**{field.name: getattr(row, field.name) for field in fields(DraftChange)})
