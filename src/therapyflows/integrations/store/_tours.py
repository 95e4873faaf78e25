"""Which tours of the review application a person has seen."""

from datetime import datetime

from sqlalchemy import delete, select

from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import TourSeenRow


class SqlTours:
    """The port ``Tours``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def seen_by(self, user_id: str) -> frozenset[str]:
        with self._db.read() as session:
            return frozenset(session.scalars(select(TourSeenRow.tour).where(TourSeenRow.user_id == user_id)))

    def mark(self, user_id: str, tour: str, *, at: datetime) -> None:
        """Twice, from two windows, is once."""
        with self._db.write() as session:
            session.merge(TourSeenRow(user_id=user_id, tour=tour, seen_at=at))

    def forget(self, user_id: str) -> None:
        with self._db.write() as session:
            session.execute(delete(TourSeenRow).where(TourSeenRow.user_id == user_id))
