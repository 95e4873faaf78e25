"""The queue in SQL: who sees what, where it lies, what comes first.  Two statements a look, no content."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    case,
    delete,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from therapyflows.core.drafts.cosignature import CosignState
from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.queue.model import (
    DUE_SOON,
    PAGE_ROWS,
    Asked,
    Facts,
    Group,
    Look,
    Place,
    Row,
    Urgency,
    reaches_of,
)
from therapyflows.governance.access.policy import PROSPECT, Person, Relation, load_policy, reach
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._drafts import record_of
from therapyflows.integrations.store._tables import CosignatureRow, DecisionRow, DraftRow, QueueFactsRow, SnoozeRow

_UNSIGNED = and_(
    DraftRow.state == DraftState.APPROVED.value,
    CosignatureRow.state == CosignState.WAITING.value,
    DecisionRow.held_until.is_(None),
)
WAITS = DraftRow.state == DraftState.IN_REVIEW.value
_ON_A_LIST = DraftRow.state.in_([DraftState.IN_REVIEW.value, DraftState.APPROVED.value])
_MADE_OF = (
    func.coalesce(DraftRow.edited_content_id, DraftRow.draft_content_id, "")
    + literal("/", String)
    + func.coalesce(DraftRow.transcript_id, "")
)
"""``made_of`` of core/queue/model.py, in SQL."""


class SqlReviewQueue:
    """The port ``ReviewQueue``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def look(self, asked: Asked) -> Look:
        seen = _seen(asked)
        with self._db.read() as session:
            groups = [_group(*row) for row in session.execute(_counted(seen))]
            rows = [_row(*row) for row in session.execute(_page(seen, asked))]
        return Look(tuple(rows), tuple(groups))

    def put_facts(self, facts: Facts) -> None:
        values = asdict(facts) | {"counts": json.dumps(dict(facts.counts), sort_keys=True)}
        with self._db.write() as session:
            session.execute(self._db.upsert(QueueFactsRow, values, key="draft_id"))

    def uncounted(self, limit: int) -> list[DraftRecord]:
        query = (
            select(DraftRow)
            .outerjoin(QueueFactsRow, QueueFactsRow.draft_id == DraftRow.id)
            .where(WAITS, or_(QueueFactsRow.made_of.is_(None), QueueFactsRow.made_of != _MADE_OF))
            .order_by(DraftRow.created_at, DraftRow.id)
            .limit(limit)
        )
        with self._db.read() as session:
            return [record_of(row) for row in session.scalars(query)]

    def forget_closed(self) -> int:
        closed = 0
        for table in (QueueFactsRow, SnoozeRow):
            waits = select(DraftRow.id).where(DraftRow.id == table.draft_id, _ON_A_LIST).exists()
            with self._db.read() as session:
                found = session.scalars(select(table.draft_id).where(~waits).limit(500)).all()
            if found:
                with self._db.write() as session:
                    session.execute(delete(table).where(table.draft_id.in_(found), ~waits))
            closed += len(found)
        return closed

    def snooze(self, draft_id: str, user_id: str, *, until: datetime) -> None:
        values = {"draft_id": draft_id, "user_id": user_id, "until": until}
        with self._db.write() as session:
            session.execute(self._db.upsert(SnoozeRow, values, key=("draft_id", "user_id")))

    def wake(self, draft_id: str, user_id: str) -> bool:
        mine = (SnoozeRow.draft_id == draft_id, SnoozeRow.user_id == user_id)
        with self._db.write() as session:
            gone = session.scalars(delete(SnoozeRow).where(*mine).returning(SnoozeRow.until)).all()
        return bool(gone)


def _seen(asked: Asked) -> Subquery:
    """Every waiting draft that this person sees, with where it lies and how urgent it is."""
    risk = func.coalesce(QueueFactsRow.urgent, false())
    due = DraftRow.deadline
    urgency = case(
        (risk, literal(int(Urgency.RISK), Integer)),
        (due <= asked.at, int(Urgency.OVERDUE)),
        (due <= asked.at + DUE_SOON, int(Urgency.DUE_SOON)),
        (DraftRow.failure_code.is_not(None), int(Urgency.SENT_BACK)),
        else_=int(Urgency.ORDINARY),
    )
    to_sign = and_(_UNSIGNED, _may_cosign(asked), DecisionRow.decided_by != asked.person.user_id)
    place = case(
        (to_sign, literal(Place.COSIGN.value, String)),
        (_UNSIGNED, Place.UNSIGNED.value),
        (DraftRow.held_by != asked.person.user_id, Place.HANDED_OVER.value),
        (and_(SnoozeRow.until > asked.at, ~risk, func.coalesce(due > asked.at, true())), Place.SNOOZED.value),
        else_=Place.WAITING.value,
    )
    first = case((and_(~risk, due <= asked.at + DUE_SOON), due), else_=DraftRow.created_at)
    holder = func.coalesce(DraftRow.held_by, DraftRow.clinician_id)
    return (
        select(
            DraftRow,
            QueueFactsRow.made_of,
            QueueFactsRow.urgent,
            QueueFactsRow.open_points,
            QueueFactsRow.counts,
            SnoozeRow.until.label("snoozed_until"),
            urgency.label("urgency"),
            place.label("place"),
            first.label("first"),
            holder.label("holder"),
        )
        .outerjoin(QueueFactsRow, QueueFactsRow.draft_id == DraftRow.id)
        .outerjoin(SnoozeRow, and_(SnoozeRow.draft_id == DraftRow.id, SnoozeRow.user_id == asked.person.user_id))
        .outerjoin(DecisionRow, DecisionRow.draft_id == DraftRow.id)
        .outerjoin(CosignatureRow, CosignatureRow.decision_id == DecisionRow.id)
        .where(_ON_A_LIST, or_(WAITS, _UNSIGNED), or_(_may_see(asked.person), to_sign))
        .subquery()
    )


def _may_see(person: Person) -> ColumnElement[bool]:
    """The access table as a condition: one branch for all workflows that ask for the same relations."""
    branches = [
        and_(DraftRow.workflow.in_(seen.workflows), _related(person, seen.relations)) for seen in reaches_of(person)
    ]
    return or_(false(), *branches)


def _may_cosign(asked: Asked) -> ColumnElement[bool]:
    """Approvals by people whom this person supervises, in workflows that the policy lets them answer for.

    Whose own approvals wait for a co-signature answers for nobody's.
    """
    person, known = asked.person, load_policy().workflows
    workflows = [name for name in known if Relation.SUPERVISED in reach(person, "cosign", name)]
    workflows = [name for name in workflows if name not in asked.needs_cosignature]
    return and_(DraftRow.workflow.in_(workflows), DecisionRow.decided_by.in_(sorted(person.supervises)))


def _related(person: Person, relations: frozenset[Relation]) -> ColumnElement[bool]:
    if Relation.NONE in relations:
        return true()
    ways: list[ColumnElement[bool]] = [false()]
    if Relation.OWN in relations:
        ways.append(DraftRow.client_id.in_(sorted(person.caseload)))
        ways.append(and_(DraftRow.client_id.startswith(PROSPECT), DraftRow.clinician_id == person.user_id))
    if Relation.SUPERVISED in relations:
        ways.append(DraftRow.clinician_id.in_(sorted(person.supervises)))
    return or_(*ways)


def _counted(seen: Subquery) -> Select[Any]:
    kinds = (seen.c.workflow, seen.c.place, seen.c.urgency, seen.c.holder)
    return select(*kinds, func.count()).group_by(*kinds).order_by(*kinds)


def _page(seen: Subquery, asked: Asked) -> Select[Any]:
    draft = aliased(DraftRow, seen)
    where: list[ColumnElement[bool]] = [seen.c.place == asked.place.value]
    if asked.workflow is not None:
        where.append(seen.c.workflow == asked.workflow)
    if asked.holder is not None:
        where.append(seen.c.holder == asked.holder)
    return (
        select(
            draft, seen.c.place, seen.c.urgency, seen.c.snoozed_until,
            seen.c.made_of, seen.c.urgent, seen.c.open_points, seen.c.counts,
        )
        .where(*where)
        .order_by(seen.c.urgency, seen.c.first, seen.c.id)
        .limit(PAGE_ROWS)
        .offset((asked.page - 1) * PAGE_ROWS)
    )  # fmt: skip


def _group(workflow: str, place: str, urgency: int, holder: str, number: int) -> Group:
    return Group(workflow, Place(place), Urgency(urgency), holder, number)


def _row(
    draft: DraftRow,
    place: str,
    urgency: int,
    snoozed_until: datetime | None,
    made_of: str | None,
    urgent: bool,
    open_points: int,
    counts: str,
) -> Row:
    facts = Facts(draft.id, made_of, bool(urgent), open_points, json.loads(counts)) if made_of is not None else None
    return Row(record_of(draft), Place(place), Urgency(urgency), facts, snoozed_until)
