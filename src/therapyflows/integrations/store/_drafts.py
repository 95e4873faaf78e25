"""Rows of drafts on their way.  Every change is one statement that names what it expects to find."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from therapyflows.core.drafts.model import DraftRecord, DraftState
from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import DraftRow, columns_of

_FIXED = {"id", "workflow", "appointment_id", "source_ref", "state", "version", "created_at", "updated_at"}
CHANGEABLE = {f.name for f in fields(DraftRecord)} - _FIXED
"""What ``update`` and ``move`` may change; the state moves by ``move`` alone."""


class SqlDrafts:
    """The port ``Drafts``."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now

    def claim(self, record: DraftRecord) -> DraftRecord:
        same_work = select(DraftRow).where(
            DraftRow.workflow == record.workflow,
            DraftRow.appointment_id == record.appointment_id,
            DraftRow.source_ref == record.source_ref,
        )
        with self._db.write() as session:
            values = asdict(record) | {"state": record.state.value}
            session.execute(self._db.insert_or_ignore(DraftRow).values(**values))
            row = session.scalars(same_work).one_or_none()
        if row is None:
            raise Conflict("draft_id_taken", "the id belongs to a draft of something else", draft_id=record.id)
        return record_of(row)

    def get(self, draft_id: str) -> DraftRecord:
        with self._db.read() as session:
            row = session.get(DraftRow, draft_id)
        if row is None:
            raise _unknown(draft_id)
        return record_of(row)

    def update(self, draft_id: str, *, version: int | None = None, **changes: object) -> DraftRecord:
        expected: list[ColumnElement[bool]] = [DraftRow.version == version] if version is not None else []
        return self._change(draft_id, expected, changes, "draft_changed_meanwhile")

    def move(self, draft_id: str, *, expected: Sequence[DraftState], to: DraftState, **changes: object) -> DraftRecord:
        from_states = DraftRow.state.in_([state.value for state in expected])
        return self._change(draft_id, [from_states], changes, "draft_in_another_state", state=to.value)

    def for_appointment(self, appointment_id: str) -> list[DraftRecord]:
        return self._list(DraftRow.appointment_id == appointment_id)

    def for_client(self, client_id: str) -> list[DraftRecord]:
        return self._list(DraftRow.client_id == client_id)

    def in_state(self, states: Sequence[DraftState], *, updated_before: datetime | None = None) -> list[DraftRecord]:
        where: list[ColumnElement[bool]] = [DraftRow.state.in_([state.value for state in states])]
        if updated_before is not None:
            where.append(DraftRow.updated_at < updated_before)
        return self._list(*where)

    def _list(self, *where: ColumnElement[bool]) -> list[DraftRecord]:
        query = select(DraftRow).where(*where).order_by(DraftRow.created_at, DraftRow.id)
        with self._db.read() as session:
            return [record_of(row) for row in session.scalars(query)]

    def _change(
        self, draft_id: str, expected: list[ColumnElement[bool]], changes: dict[str, object], code: str, **fixed: str
    ) -> DraftRecord:
        if unknown := set(changes) - CHANGEABLE:
            raise Invalid("draft_change_unknown", "no such column may be changed", column=min(unknown))
        values: dict[str, Any] = changes | fixed | {"updated_at": self._now()}
        statement = update(DraftRow).where(DraftRow.id == draft_id, *expected)
        with self._db.write() as session:
            changed = session.scalars(
                statement.values(version=DraftRow.version + 1, **values).returning(DraftRow)
            ).one_or_none()
            found = changed or session.get(DraftRow, draft_id)
        if found is None:
            raise _unknown(draft_id)
        if changed is None:
            raise Conflict(code, draft_id=draft_id, state=found.state, version=found.version)
        return record_of(changed)


def record_of(row: DraftRow) -> DraftRecord:
    """The row as a value."""
    values = columns_of(row)
    return DraftRecord(**values | {"state": DraftState(values["state"])})


def _unknown(draft_id: str) -> NotFound:
    return NotFound("draft_unknown", "there is no such draft", draft_id=draft_id)
