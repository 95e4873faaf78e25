"""Counts of drafts and decisions: added up by the database, over indexes, so that 100,000 drafts make no slow page."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from therapyflows.core.attention.model import Reviewing
from therapyflows.core.attention.rules import Thresholds
from therapyflows.core.drafts.model import DraftRecord, DraftState, Verdict
from therapyflows.core.operations.model import AGES, Day, Waiting
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._drafts import record_of
from therapyflows.integrations.store._tables import DraftRow, ReviewFiguresRow

_FAILED = (DraftState.FAILED.value, DraftState.INCIDENT.value)
_AT_WORK = (DraftState.PREPARING.value, DraftState.APPROVED.value)


class SqlFigures:
    """The port ``Figures``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def by_day(self, *, since: datetime, of: Collection[str] | None, utc_offset: timedelta) -> list[Day]:
        made_on = self._day_of(DraftRow.created_at, utc_offset)
        made = select(made_on, func.count()).where(DraftRow.created_at >= since, *_of(DraftRow.clinician_id, of))
        with self._db.read() as session:
            drafted = {_date(on): int(number) for on, number in session.execute(made.group_by(made_on))}
            decided = {_date(row[0]): row[1:] for row in session.execute(self._decided(since, of, utc_offset))}
        return [
            Day(on, drafted.get(on, 0), *_counts(decided.get(on))) for on in sorted(drafted.keys() | decided.keys())
        ]

    def states(self, *, of: Collection[str] | None) -> Mapping[DraftState, int]:
        query = select(DraftRow.state, func.count()).where(*_of(DraftRow.clinician_id, of)).group_by(DraftRow.state)
        with self._db.read() as session:
            return {DraftState(state): number for state, number in session.execute(query)}

    def waiting(self, *, of: Collection[str] | None, now: datetime, review_within: timedelta) -> Waiting:
        query = select(DraftRow.deadline, DraftRow.created_at).where(
            DraftRow.state == DraftState.IN_REVIEW.value, *_of(DraftRow.clinician_id, of)
        )
        with self._db.read() as session:
            since = [deadline - review_within if deadline else made for deadline, made in session.execute(query)]
        ages = dict.fromkeys(AGES, 0)
        for at in since:
            hours = (now - at) / timedelta(hours=1)
            ages[next(key for key, (_, below) in AGES.items() if hours < below)] += 1
        return Waiting(ages, min(since, default=None))

    def reviewing(self, *, now: datetime, of: Collection[str] | None, rules: Thresholds) -> list[Reviewing]:
        begin = now - rules.period
        row = ReviewFiguresRow
        measured = row.active_s.is_not(None) & row.unseen.is_not(None)
        fast = row.active_s * rules.fast_words_per_minute < row.words * 60
        sums = (
            func.count(),
            _number_of(measured),
            _number_of(measured & fast),
            _number_of(measured & (row.unseen > row.statements * rules.unread_share)),
            *(_sum_of(measured, column) for column in (row.statements, row.unseen, row.words, row.active_s)),
            _number_of(row.edits > 0),
            func.count(row.edits),
        )
        of_whom = _of(row.decided_by, of)
        approvals = select(row.decided_by, *sums).where(row.verdict == Verdict.APPROVE.value, *of_whom)
        edits = select(row.decided_by, _number_of(row.edits > 0), func.count(row.edits)).where(
            row.verdict == Verdict.APPROVE.value, *of_whom
        )
        before = (row.decided_at >= begin - rules.compared_with, row.decided_at < begin)
        with self._db.read() as session:
            found = session.execute(approvals.where(row.decided_at >= begin).group_by(row.decided_by)).all()
            earlier = {who: counts for who, *counts in session.execute(edits.where(*before).group_by(row.decided_by))}
        return [Reviewing(who, *map(int, counts), *map(int, earlier.get(who, (0, 0)))) for who, *counts in found]

    def failures(self, *, since: datetime, of: Collection[str] | None, limit: int) -> list[DraftRecord]:
        query = select(DraftRow).where(
            DraftRow.state.in_(_FAILED), DraftRow.updated_at >= since, *_of(DraftRow.clinician_id, of)
        )
        return self._drafts(query.order_by(DraftRow.updated_at.desc(), DraftRow.id).limit(limit))

    def silent(self, *, before: datetime, of: Collection[str] | None, limit: int) -> list[DraftRecord]:
        query = select(DraftRow).where(
            DraftRow.state.in_(_AT_WORK), DraftRow.updated_at < before, *_of(DraftRow.clinician_id, of)
        )
        return self._drafts(query.order_by(DraftRow.updated_at, DraftRow.id).limit(limit))

    def _drafts(self, query: Select[DraftRow]) -> list[DraftRecord]:
        with self._db.read() as session:
            return [record_of(row) for row in session.scalars(query)]

    def _decided(self, since: datetime, of: Collection[str] | None, utc_offset: timedelta) -> Select[Any]:
        row, on = ReviewFiguresRow, self._day_of(ReviewFiguresRow.decided_at, utc_offset)
        approved = row.verdict == Verdict.APPROVE.value
        return (
            select(
                on,
                _number_of(approved),
                _number_of(row.verdict == Verdict.REJECT.value),
                _number_of(approved & (row.edits > 0)),
                func.coalesce(func.sum(row.edits), 0),
                _number_of(approved & row.edits.is_not(None)),
                func.avg(row.waited_s),
            )
            .where(row.decided_at >= since, *_of(row.clinician_id, of))
            .group_by(on)
        )

    def _day_of(self, column: InstrumentedAttribute[datetime], utc_offset: timedelta) -> ColumnElement[Any]:
        if self._db.is_sqlite:
            return func.date(column, f"{utc_offset.total_seconds():+.0f} seconds")
        return func.date(func.timezone("UTC", column) + utc_offset)


def _of(column: InstrumentedAttribute[str], of: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    return () if of is None else (column.in_(of),)


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def _sum_of(condition: ColumnElement[bool], column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, column), else_=0)), 0)


def _date(value: object) -> date:
    return date.fromisoformat(str(value))


def _counts(row: Any) -> tuple[Any, ...]:
    if row is None:
        return ()
    *counts, waited = row
    return (*(int(count) for count in counts), float(waited))
