"""What we wrote to the chart ourselves."""

from collections.abc import Callable
from datetime import datetime

from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._tables import OwnWriteRow


class SqlOwnWrites:
    """The port ``OwnWrites``."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now

    def add(self, resource: str, object_id: str) -> None:
        values = {"resource": resource, "object_id": object_id, "written_at": self._now()}
        with self._db.write() as session:
            session.execute(self._db.insert_or_ignore(OwnWriteRow).values(**values))

    def contains(self, resource: str, object_id: str) -> bool:
        with self._db.read() as session:
            return session.get(OwnWriteRow, (resource, object_id)) is not None
