"""Uses of emergency access: added, judged once, never removed."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.governance.access.emergency import EmergencyAccess, Verdict
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import EmergencyAccessRow, columns_of

CHANGEABLE = {"expires_at", "notified_at", "reminders_sent"}


class SqlEmergencyAccesses:
    """The port ``EmergencyAccesses``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def open(self, access: EmergencyAccess) -> EmergencyAccess:
        with self._db.write() as session:
            session.add(EmergencyAccessRow(**asdict(access)))
        return access

    def get(self, access_id: str) -> EmergencyAccess:
        with self._db.read() as session:
            row = session.get(EmergencyAccessRow, access_id)
        if row is None:
            raise _unknown(access_id)
        return _access(row)

    def open_for(self, user_id: str, now: datetime) -> list[EmergencyAccess]:
        return self._list(EmergencyAccessRow.user_id == user_id, EmergencyAccessRow.expires_at > now)

    def unreviewed(self) -> list[EmergencyAccess]:
        return self._list(EmergencyAccessRow.reviewed_at.is_(None))

    def reviewed(self, limit: int = 50) -> list[EmergencyAccess]:
        latest = EmergencyAccessRow.reviewed_at.desc()
        return self._list(EmergencyAccessRow.reviewed_at.is_not(None), order=latest, limit=limit)

    def update(self, access_id: str, **changes: object) -> EmergencyAccess:
        if unknown := set(changes) - CHANGEABLE:
            raise Invalid("emergency_change_unknown", "no such column may be changed", column=min(unknown))
        changed = self._change(EmergencyAccessRow.id == access_id, values=changes)
        if changed is None:
            raise _unknown(access_id)
        return changed

    def review(
        self, access_id: str, *, by: str, at: datetime, verdict: Verdict, comment_content_id: str
    ) -> EmergencyAccess:
        values = {
            "reviewed_by": by,
            "reviewed_at": at,
            "verdict": verdict.value,
            "comment_content_id": comment_content_id,
        }
        not_yet = EmergencyAccessRow.reviewed_at.is_(None)
        changed = self._change(EmergencyAccessRow.id == access_id, not_yet, values=values)
        if changed is None:
            self.get(access_id)
            raise Conflict("emergency_reviewed_already", "Somebody else has judged this meanwhile.", access=access_id)
        return changed

    def _change(self, *which: ColumnElement[bool], values: dict[str, Any]) -> EmergencyAccess | None:
        statement = update(EmergencyAccessRow).where(*which).values(**values).returning(EmergencyAccessRow)
        with self._db.write() as session:
            row = session.scalars(statement).one_or_none()
        return _access(row) if row is not None else None

    def _list(
        self, *which: ColumnElement[bool], order: ColumnElement[Any] | None = None, limit: int | None = None
    ) -> list[EmergencyAccess]:
        by = order if order is not None else EmergencyAccessRow.opened_at
        query = select(EmergencyAccessRow).where(*which).order_by(by, EmergencyAccessRow.id).limit(limit)
        with self._db.read() as session:
            return [_access(row) for row in session.scalars(query)]


def _access(row: EmergencyAccessRow) -> EmergencyAccess:
    values = columns_of(row)
    return EmergencyAccess(**values | {"verdict": Verdict(values["verdict"]) if values["verdict"] else None})


def _unknown(access_id: str) -> NotFound:
    return NotFound("emergency_access_unknown", "There is no such emergency access for you.", access=access_id)
