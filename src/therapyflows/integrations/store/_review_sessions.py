"""Which sign-ins to the review application still count, for every process and across restarts."""

from datetime import datetime

from sqlalchemy import delete, update

from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import ReviewSessionRow


class SqlReviewSessions:
    """The port ``ReviewSessions``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, session_id: str, user_id: str, *, at: datetime, ends_at: datetime) -> None:
        """Rows whose time is over are removed on the way: an ended one matters no longer than it could have lived."""
        with self._db.write() as session:
            session.execute(delete(ReviewSessionRow).where(ReviewSessionRow.ends_at < at))
            session.add(ReviewSessionRow(id=session_id, user_id=user_id, begun_at=at, ends_at=ends_at))

    def is_open(self, session_id: str) -> bool:
        with self._db.read() as session:
            row = session.get(ReviewSessionRow, session_id)
            return row is not None and row.ended_at is None

    def end(self, session_id: str, *, at: datetime, code: str) -> bool:
        return self._end(ReviewSessionRow.id == session_id, at, code) > 0

    def end_all(self, user_id: str, *, at: datetime, code: str) -> int:
        return self._end(ReviewSessionRow.user_id == user_id, at, code)

    def _end(self, which: object, at: datetime, code: str) -> int:
        still_open = ReviewSessionRow.ended_at.is_(None)
        with self._db.write() as session:
            ended = session.scalars(
                update(ReviewSessionRow)
                .where(which, still_open)  # type: ignore[arg-type]
                .values(ended_at=at, end_code=code)
                .returning(ReviewSessionRow.id)
            )
            return len(ended.all())
