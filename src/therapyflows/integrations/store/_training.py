"""Attempts at training exercises."""

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import select

from therapyflows.core.errors import NotFound
from therapyflows.core.training.exercise import Attempt
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import TrainingAttemptRow, columns_of


class SqlTrainingBook:
    """The port ``TrainingBook``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, attempt: Attempt) -> None:
        with self._db.write() as session:
            session.add(TrainingAttemptRow(**asdict(attempt) | {"marked": " ".join(attempt.marked)}))

    def get(self, attempt_id: str) -> Attempt:
        with self._db.read() as session:
            row = session.get(TrainingAttemptRow, attempt_id)
        if row is None:
            raise NotFound("training_unknown")
        return _attempt(row)

    def finish(self, attempt: Attempt) -> Attempt:
        with self._db.write() as session:
            row = session.get(TrainingAttemptRow, attempt.id, with_for_update=True)
            if row is None:
                raise NotFound("training_unknown")
            if row.finished_at is None:
                row.finished_at, row.marked = attempt.finished_at, " ".join(attempt.marked)
                row.errors, row.found, row.false_alarms = attempt.errors, attempt.found, attempt.false_alarms
            return _attempt(row)

    def of(self, user_ids: Collection[str] | None, *, limit: int = 200) -> list[Attempt]:
        query = select(TrainingAttemptRow).order_by(TrainingAttemptRow.begun_at.desc(), TrainingAttemptRow.id)
        if user_ids is not None:
            query = query.where(TrainingAttemptRow.user_id.in_(user_ids))
        with self._db.read() as session:
            return [_attempt(row) for row in session.scalars(query.limit(limit))]


def _attempt(row: TrainingAttemptRow) -> Attempt:
    values = columns_of(row)
    return Attempt(**values | {"marked": tuple(values["marked"].split())})
