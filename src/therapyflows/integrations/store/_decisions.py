"""Decisions of people: one per draft, never changed."""

from dataclasses import asdict

from sqlalchemy import select

from therapyflows.core.errors import Conflict
from therapyflows.core.session_note.model import Decision, Verdict
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import DecisionRow, columns_of


class SqlDecisions:
    """The port ``Decisions``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def record(self, decision: Decision) -> Decision:
        """Returns what stands: for the same id the decision as it was first recorded."""
        values = asdict(decision) | {"verdict": decision.verdict.value}
        with self._db.write() as session:
            session.execute(self._db.insert_or_ignore(DecisionRow).values(**values))
            row = session.scalars(select(DecisionRow).where(DecisionRow.draft_id == decision.draft_id)).one_or_none()
        if row is None or row.id != decision.id:
            raise Conflict("draft_already_decided", draft_id=decision.draft_id)
        return _decision(row)

    def for_draft(self, draft_id: str) -> Decision | None:
        with self._db.read() as session:
            row = session.scalars(select(DecisionRow).where(DecisionRow.draft_id == draft_id)).one_or_none()
        return _decision(row) if row is not None else None


def _decision(row: DecisionRow) -> Decision:
    values = columns_of(row)
    return Decision(**values | {"verdict": Verdict(values["verdict"])})
