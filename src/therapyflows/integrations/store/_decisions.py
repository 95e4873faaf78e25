"""Decisions of people: one per draft, never changed; undone while they are held, taken back when they may not be
carried out.  What happens to a decision begins with its row, so that of two at once the second finds it settled."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from therapyflows.core.drafts.cosignature import Cosignatures, CosignState, SentBack
from therapyflows.core.drafts.model import Decision, DraftRecord, DraftState, Verdict
from therapyflows.core.errors import Conflict, NotFound
from therapyflows.core.operations.model import ReviewFigures
from therapyflows.integrations.store._cosignatures import SqlCosignatures, answer_in, forget_waiting, waiting_row
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._drafts import record_of
from therapyflows.integrations.store._tables import (
    CosignatureRow,
    DecisionRow,
    DraftRow,
    ReviewFiguresRow,
    VoidDecisionRow,
    columns_of,
)


class SqlDecisions:
    """The port ``Decisions``."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now
        self.cosignatures: Cosignatures = SqlCosignatures(db, now)

    def record(
        self,
        decision: Decision,
        figures: ReviewFigures | None = None,
        *,
        version: int | None = None,
        cosignature: bool = False,
    ) -> Decision:
        """Returns what stands: for the same id the decision as it was first recorded."""
        values = asdict(decision) | {"verdict": decision.verdict.value}
        with self._db.write() as session:
            new = session.execute(
                self._db.insert_or_ignore(DecisionRow).values(**values).returning(DecisionRow.id)
            ).one_or_none()
            if new is not None:
                self._begin(session, decision, figures, version, cosignature=cosignature)
            row = session.scalars(select(DecisionRow).where(DecisionRow.draft_id == decision.draft_id)).one_or_none()
        if row is None or row.id != decision.id:
            raise Conflict("draft_already_decided", draft_id=decision.draft_id)
        return _decision(row)

    def for_draft(self, draft_id: str) -> Decision | None:
        with self._db.read() as session:
            row = session.scalars(select(DecisionRow).where(DecisionRow.draft_id == draft_id)).one_or_none()
        return _decision(row) if row is not None else None

    def approval_of(self, draft_id: str) -> Decision | None:
        stands = self.for_draft(draft_id)
        if stands is not None and stands.verdict is Verdict.APPROVE:
            return stands
        query = (
            select(VoidDecisionRow)
            .where(VoidDecisionRow.draft_id == draft_id, VoidDecisionRow.verdict == Verdict.APPROVE.value)
            .order_by(VoidDecisionRow.voided_at.desc())
            .limit(1)
        )
        with self._db.read() as session:
            row = session.scalars(query).one_or_none()
        return _decision(row) if row is not None else None

    def carry_out(self, decision: Decision, *, to: DraftState) -> None:
        with self._db.write() as session:
            stands = session.get(DecisionRow, decision.id, with_for_update=True) is not None
            if not (stands and self._move(session, decision, [DraftState.IN_REVIEW], to)):
                raise Conflict("draft_in_another_state", draft_id=decision.draft_id)

    def release_due(self, now: datetime) -> int:
        let_go = update(DecisionRow).where(DecisionRow.held_until <= now).values(held_until=None)
        with self._db.write() as session:
            return len(session.execute(let_go.returning(DecisionRow.id)).all())

    def unfinished(self, *, before: datetime) -> list[Decision]:
        query = (
            select(DecisionRow)
            .join(DraftRow, DraftRow.id == DecisionRow.draft_id)
            .where(DraftRow.state == DraftState.IN_REVIEW.value, DecisionRow.decided_at < before)
        )
        with self._db.read() as session:
            return [_decision(row) for row in session.scalars(query)]

    def to_wake(self) -> list[tuple[Decision, DraftRecord]]:
        query = (
            select(DecisionRow, DraftRow)
            .join(DraftRow, DraftRow.id == DecisionRow.draft_id)
            .outerjoin(CosignatureRow, CosignatureRow.decision_id == DecisionRow.id)
            .where(DecisionRow.run_over_at.is_(None), DecisionRow.held_until.is_(None))
            .where(or_(CosignatureRow.state.is_(None), CosignatureRow.state == CosignState.SIGNED.value))
            .order_by(DecisionRow.decided_at, DecisionRow.id)
        )
        with self._db.read() as session:
            return [(_decision(decision), record_of(draft)) for decision, draft in session.execute(query)]

    def runs_over(self, decision_ids: Collection[str], at: datetime) -> None:
        note = update(DecisionRow).where(DecisionRow.id.in_(decision_ids)).values(run_over_at=at)
        with self._db.write() as session:
            session.execute(note)

    def undo(self, decision: Decision, *, code: str) -> None:
        with self._db.write() as session:
            row = session.get(DecisionRow, decision.id, with_for_update=True)
            if row is None:
                if session.get(VoidDecisionRow, decision.id) is None:
                    raise NotFound("decision_unknown", draft_id=decision.draft_id)
                return
            if row.held_until is None:
                raise Conflict("too_late", draft_id=decision.draft_id)
            decided = [DraftState.IN_REVIEW, DraftState.APPROVED, DraftState.REJECTED]
            if not self._move(session, decision, decided, DraftState.IN_REVIEW):
                raise Conflict("draft_closed", draft_id=decision.draft_id)
            self._void(session, row, code, settled_at=None)

    def undone(self, *, before: datetime, code: str) -> list[Decision]:
        query = select(VoidDecisionRow).where(
            VoidDecisionRow.void_code == code,
            VoidDecisionRow.settled_at.is_(None),
            VoidDecisionRow.voided_at < before,
        )
        with self._db.read() as session:
            return [_decision(row) for row in session.scalars(query)]

    def undone_settled(self, decision_id: str) -> None:
        with self._db.write() as session:
            row = session.get(VoidDecisionRow, decision_id, with_for_update=True)
            if row is not None and row.settled_at is None:
                row.settled_at = self._now()

    def take_back(
        self, decision: Decision, *, code: str, deadline: datetime, sent_back: SentBack | None = None
    ) -> None:
        """One transaction: a sweep that looks in between must not find a decision without its state."""
        with self._db.write() as session:
            row = session.get(DecisionRow, decision.id, with_for_update=True)
            if row is None:
                return
            if sent_back is not None:
                answer_in(session, decision.id, sent_back, at=self._now())
            back = {"deadline": deadline, "reminders_sent": 0, "failure_code": code}
            if not self._move(session, decision, [DraftState.APPROVED], DraftState.IN_REVIEW, **back):
                raise Conflict("draft_in_another_state", draft_id=decision.draft_id)
            self._void(session, row, code, settled_at=self._now() if sent_back is None else None)

    def redrafted(self, decision: Decision, *, code: str, deadline: datetime, **columns: object) -> None:
        with self._db.write() as session:
            row = session.get(DecisionRow, decision.id, with_for_update=True)
            if row is None:
                return
            back = {"deadline": deadline, "reminders_sent": 0, "failure_code": code, **columns}
            if not self._move(session, decision, [DraftState.PREPARING], DraftState.IN_REVIEW, **back):
                raise Conflict("draft_in_another_state", draft_id=decision.draft_id)
            self._void(session, row, code, settled_at=self._now())

    def redrafts(self, draft_id: str) -> int:
        query = select(VoidDecisionRow.id).where(
            VoidDecisionRow.draft_id == draft_id, VoidDecisionRow.verdict == Verdict.REDRAFT.value
        )
        with self._db.read() as session:
            return len(session.scalars(query).all())

    def _begin(
        self,
        session: Session,
        decision: Decision,
        figures: ReviewFigures | None,
        version: int | None,
        *,
        cosignature: bool,
    ) -> None:
        """What stands with a new decision, or not at all."""
        if version is not None and _version(session, decision.draft_id) != version:
            raise Conflict("draft_changed", draft_id=decision.draft_id)
        if figures is not None:
            session.add(_figures_of(decision, figures))
        # Two that decide on one version name their decisions alike: only the one that stands says whether it waits.
        session.execute(delete(CosignatureRow).where(CosignatureRow.decision_id == decision.id))
        if cosignature:
            session.add(waiting_row(decision.id, decision.draft_id, at=self._now()))

    def _move(
        self, session: Session, decision: Decision, expected: Sequence[DraftState], to: DraftState, **changes: object
    ) -> bool:
        values: dict[str, Any] = {"state": to.value, "updated_at": self._now(), **changes}
        statement = (
            update(DraftRow)
            .where(DraftRow.id == decision.draft_id, DraftRow.state.in_([state.value for state in expected]))
            .values(version=DraftRow.version + 1, **values)
            .returning(DraftRow.id)
        )
        return session.execute(statement).one_or_none() is not None

    def _void(self, session: Session, row: DecisionRow, code: str, *, settled_at: datetime | None) -> None:
        kept = {name: value for name, value in columns_of(row).items() if name not in ("held_until", "run_over_at")}
        session.add(VoidDecisionRow(**kept, voided_at=self._now(), void_code=code, settled_at=settled_at))
        session.execute(delete(DecisionRow).where(DecisionRow.id == row.id))
        session.execute(delete(ReviewFiguresRow).where(ReviewFiguresRow.decision_id == row.id))
        forget_waiting(session, row.id)


def _version(session: Session, draft_id: str) -> int | None:
    """Nobody changes it before this transaction ends."""
    return session.scalar(select(DraftRow.version).where(DraftRow.id == draft_id).with_for_update())


def _figures_of(decision: Decision, figures: ReviewFigures) -> ReviewFiguresRow:
    return ReviewFiguresRow(
        decision_id=decision.id,
        verdict=decision.verdict.value,
        decided_by=decision.decided_by,
        decided_at=decision.decided_at,
        edits=decision.edits,
        **asdict(figures),
    )


def _decision(row: DecisionRow | VoidDecisionRow) -> Decision:
    known = {field.name for field in fields(Decision)}
    values = {name: value for name, value in columns_of(row).items() if name in known}
    return Decision(**values | {"verdict": Verdict(values["verdict"])})
