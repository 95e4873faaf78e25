"""The store: SQLAlchemy on SQLite or PostgreSQL, encrypted content, encrypted recordings, the audit trail.

::

    store = open_store("sqlite:////var/lib/therapyflows/store.sqlite", practice_key=..., signing_key=..., ...)
    store.contents.put(client_id, "transcript", value, content_id=...)
    store.close()

Everything may be used from many threads and many processes at once.  Raises Transient (``store_unavailable``) when the
database is busy or away, and what the ports say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from therapyflows.core.errors import Invalid
from therapyflows.governance.audit.checkpoint import Signer
from therapyflows.integrations.store._attention import SqlAttentionBook
from therapyflows.integrations.store._audit import SqlAuditTrail
from therapyflows.integrations.store._checkpoint_book import CheckpointBook
from therapyflows.integrations.store._contents import SqlContents
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._decisions import SqlDecisions
from therapyflows.integrations.store._draft_history import SqlDraftHistory
from therapyflows.integrations.store._drafts import SqlDrafts
from therapyflows.integrations.store._emergency import SqlEmergencyAccesses
from therapyflows.integrations.store._figures import SqlFigures
from therapyflows.integrations.store._inbox import SqlInbox
from therapyflows.integrations.store._keys import Keys
from therapyflows.integrations.store._migrate import check_schema, migrate
from therapyflows.integrations.store._own_writes import SqlOwnWrites
from therapyflows.integrations.store._queue import SqlReviewQueue
from therapyflows.integrations.store._recording_files import RecordingFiles
from therapyflows.integrations.store._recordings import FileRecordings
from therapyflows.integrations.store._review_sessions import SqlReviewSessions
from therapyflows.integrations.store._tours import SqlTours
from therapyflows.integrations.store._training import SqlTrainingBook

__all__ = ["SqlAuditTrail", "Store", "migrate", "open_store"]


@dataclass(frozen=True, slots=True)
class Store:
    contents: SqlContents
    recordings: FileRecordings
    drafts: SqlDrafts
    history: SqlDraftHistory
    decisions: SqlDecisions
    queue: SqlReviewQueue
    inbox: SqlInbox
    own_writes: SqlOwnWrites
    review_sessions: SqlReviewSessions
    emergencies: SqlEmergencyAccesses
    figures: SqlFigures
    attention: SqlAttentionBook
    training: SqlTrainingBook
    tours: SqlTours
    audit: SqlAuditTrail
    keys: Keys
    database: Database

    def close(self) -> None:
        self.database.close()


def _now() -> datetime:
    return datetime.now(UTC)


def open_store(
    url: str,
    *,
    practice_key: bytes,
    signing_key: bytes,
    recordings_dir: Path,
    checkpoint_dir: Path,
    checkpoint_every: int = 500,
    checkpoint_copies: Sequence[Path] = (),
    checkpoint_command: Sequence[str] = (),
    now: Callable[[], datetime] = _now,
) -> Store:
    """Open the store of this process; cheap, keep one per process.

    Signed checkpoints go to ``checkpoint_dir``, to each folder of ``checkpoint_copies``, and to the standard input of
    ``checkpoint_command``, a line each.

    ``practice_key`` and ``signing_key`` are 32 bytes each.  A SQLite file is created and migrated as needed.  Raises
    Invalid: ``practice_key_wrong``, ``practice_key_unusable``, ``signing_key_unusable``, ``store_schema_outdated``,
    ``store_schema_newer``, ``store_url_unusable``.
    """
    if len(signing_key) != 32:
        raise Invalid("signing_key_unusable", "the audit signing key must be 32 bytes", length=len(signing_key))
    db = Database(url)
    try:
        check_schema(db, url)
        keys = Keys(db, practice_key, now)
    except BaseException:
        db.close()
        raise
    book = CheckpointBook(checkpoint_dir, checkpoint_copies, checkpoint_command)
    audit = SqlAuditTrail(db, Signer(signing_key), book, checkpoint_every, now)
    return Store(
        contents=SqlContents(db, keys, now),
        recordings=FileRecordings(db, keys, RecordingFiles(recordings_dir), now),
        drafts=SqlDrafts(db, now),
        history=SqlDraftHistory(db, now),
        decisions=SqlDecisions(db, now),
        queue=SqlReviewQueue(db),
        inbox=SqlInbox(db, audit, now),
        own_writes=SqlOwnWrites(db, now),
        review_sessions=SqlReviewSessions(db),
        emergencies=SqlEmergencyAccesses(db),
        figures=SqlFigures(db),
        attention=SqlAttentionBook(db),
        training=SqlTrainingBook(db),
        tours=SqlTours(db),
        audit=audit,
        keys=keys,
        database=db,
    )
