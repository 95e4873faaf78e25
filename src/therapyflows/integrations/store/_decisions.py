"""Decisions of people: one per draft, never changed; taken back only when they may not be carried out."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, select, update

from therapyflows.core.errors import Conflict
from therapyflows.core.session_note.model import Decision, DraftState, Verdict
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import DecisionRow, DraftRow, VoidDecisionRow, columns_of


class SqlDecisions:
    """The port ``Decisions``."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now

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

    def take_back(self, decision: Decision, *, code: str, deadline: datetime) -> None:
        """One transaction: a sweep that looks in between must not find a decision without its state."""
        with self._db.write() as session:
            row = session.get(DecisionRow, decision.id)
            if row is None:
                return
            changed = session.execute(
                update(DraftRow)
                .where(DraftRow.id == decision.draft_id, DraftRow.state == DraftState.APPROVED.value)
                .values(
                    state=DraftState.IN_REVIEW.value,
                    version=DraftRow.version + 1,
                    updated_at=self._now(),
                    deadline=deadline,
                    reminders_sent=0,
                    failure_code=code,
                )
                .returning(DraftRow.id)
            ).one_or_none()
            if changed is None:
                raise Conflict("draft_in_another_state", draft_id=decision.draft_id)
            session.add(VoidDecisionRow(**columns_of(row), voided_at=self._now(), void_code=code))
            session.execute(delete(DecisionRow).where(DecisionRow.id == decision.id))


def _decision(row: DecisionRow) -> Decision:
    values = columns_of(row)
    return Decision(**values | {"verdict": Verdict(values["verdict"])})
