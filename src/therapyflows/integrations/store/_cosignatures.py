"""Co-signatures: one row for each approval that needs one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from therapyflows.core.drafts.cosignature import Cosignature, CosignState, SentBack
from therapyflows.core.drafts.model import DraftState
from therapyflows.core.errors import Conflict
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import CosignatureRow, DecisionRow, DraftRow, columns_of


class SqlCosignatures:
    """The port ``Cosignatures``."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now

    def ask(self, decision_id: str, draft_id: str) -> Cosignature:
        values = columns_of(waiting_row(decision_id, draft_id, at=self._now()))
        with self._db.write() as session:
            session.execute(self._db.insert_or_ignore(CosignatureRow).values(**values))
            row = session.get_one(CosignatureRow, decision_id)
        return _cosignature(row)

    def of(self, decision_id: str) -> Cosignature | None:
        with self._db.read() as session:
            row = session.get(CosignatureRow, decision_id)
        return _cosignature(row) if row is not None else None

    def is_missing(self, decision_id: str) -> bool:
        found = self.of(decision_id)
        return found is not None and found.state is not CosignState.SIGNED

    def sign(self, decision_id: str, *, by: str, role: str | None) -> Cosignature:
        values = {"state": CosignState.SIGNED.value, "signed_by": by, "role": role, "signed_at": self._now()}
        row = self._change(decision_id, CosignState.WAITING, values)
        if row is None:
            raise _answered(decision_id)
        return _cosignature(row)

    def void(self, decision_id: str) -> None:
        nobody = {"state": CosignState.WAITING.value, "signed_by": None, "role": None, "signed_at": None}
        self._change(decision_id, CosignState.SIGNED, nobody | {"reminders_sent": 0})

    def waiting(self) -> list[Cosignature]:
        query = (
            select(CosignatureRow)
            .join(DecisionRow, DecisionRow.id == CosignatureRow.decision_id)
            .join(DraftRow, DraftRow.id == CosignatureRow.draft_id)
            .where(CosignatureRow.state == CosignState.WAITING.value, DraftRow.state == DraftState.APPROVED.value)
            .where(DecisionRow.held_until.is_(None))
            .order_by(CosignatureRow.asked_at, CosignatureRow.decision_id)
        )
        with self._db.read() as session:
            return [_cosignature(row) for row in session.scalars(query)]

    def signed(self, *, before: datetime) -> list[Cosignature]:
        query = (
            select(CosignatureRow)
            .join(DecisionRow, DecisionRow.id == CosignatureRow.decision_id)
            .join(DraftRow, DraftRow.id == CosignatureRow.draft_id)
            .where(CosignatureRow.state == CosignState.SIGNED.value, DraftRow.state == DraftState.APPROVED.value)
            .where(CosignatureRow.signed_at < before)
        )
        with self._db.read() as session:
            return [_cosignature(row) for row in session.scalars(query)]

    def reminded(self, decision_id: str, times: int) -> None:
        self._change(decision_id, CosignState.WAITING, {"reminders_sent": times})

    def sent_back(self, draft_id: str) -> Cosignature | None:
        query = (
            select(CosignatureRow)
            .where(CosignatureRow.draft_id == draft_id, CosignatureRow.state == CosignState.SENT_BACK.value)
            .order_by(CosignatureRow.signed_at.desc())
            .limit(1)
        )
        with self._db.read() as session:
            row = session.scalars(query).one_or_none()
        return _cosignature(row) if row is not None else None

    def _change(self, decision_id: str, expected: CosignState, values: dict[str, Any]) -> CosignatureRow | None:
        statement = (
            update(CosignatureRow)
            .where(CosignatureRow.decision_id == decision_id, CosignatureRow.state == expected.value)
            .values(**values)
            .returning(CosignatureRow)
        )
        with self._db.write() as session:
            return session.scalars(statement).one_or_none()


def waiting_row(decision_id: str, draft_id: str, *, at: datetime) -> CosignatureRow:
    """What says that the approval of this id waits."""
    return CosignatureRow(
        decision_id=decision_id, draft_id=draft_id, state=CosignState.WAITING.value, asked_at=at, reminders_sent=0
    )


def answer_in(session: Session, decision_id: str, sent_back: SentBack, *, at: datetime) -> None:
    """Send it back, in the transaction that takes the approval back.  Raises Conflict when it does not wait."""
    waits = (CosignatureRow.decision_id == decision_id, CosignatureRow.state == CosignState.WAITING.value)
    values = {
        "state": CosignState.SENT_BACK.value,
        "signed_by": sent_back.by,
        "role": sent_back.role,
        "signed_at": at,
        "comment_content_id": sent_back.comment_content_id,
    }
    statement = update(CosignatureRow).where(*waits).values(**values).returning(CosignatureRow.decision_id)
    if session.execute(statement).one_or_none() is None:
        raise _answered(decision_id)


def forget_waiting(session: Session, decision_id: str) -> None:
    """The approval is gone: nobody is asked for it any more.  What was signed or sent back stays as it is."""
    waits = (CosignatureRow.decision_id == decision_id, CosignatureRow.state == CosignState.WAITING.value)
    session.execute(delete(CosignatureRow).where(*waits))


def _answered(decision_id: str) -> Conflict:
    return Conflict("cosigned_already", "Somebody has signed this or sent it back meanwhile.", id=decision_id)


def _cosignature(row: CosignatureRow) -> Cosignature:
    values = columns_of(row)
    return Cosignature(**values | {"state": CosignState(values["state"])})
