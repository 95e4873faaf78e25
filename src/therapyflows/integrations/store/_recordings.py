"""Recordings: encrypted files beside the database, one row each.

Every recording has its own key, which stands in the row, wrapped by the client's data key: wiping the row makes the
file unreadable wherever a copy of it may lie.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import BinaryIO, cast

from sqlalchemy import select

from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.core.ports import StoredItem
from therapyflows.integrations.store import _cipher
from therapyflows.integrations.store._chunks import CHUNK_BYTES, DecryptingReader
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._keys import Keys
from therapyflows.integrations.store._recording_files import NewFile, RecordingFiles
from therapyflows.integrations.store._tables import RecordingRow


class FileRecordings:
    """The port ``Recordings``."""

    def __init__(self, db: Database, keys: Keys, files: RecordingFiles, now: Callable[[], datetime]) -> None:
        self._db, self._keys, self._files, self._now = db, keys, files, now

    @contextmanager
    def writer(
        self, client_id: str, recording_id: str, content_type: str, *, retain_until: datetime
    ) -> Iterator[BinaryIO]:
        """First the file, whole and on disk, then the row: a crash leaves at most an orphan that nobody can read."""
        file_key = _cipher.new_key()
        with self._files.create(recording_id, file_key) as new:
            yield cast("BinaryIO", new.stream)
        try:
            replaced = self._write_row(client_id, recording_id, content_type, retain_until, file_key, new)
        except BaseException:
            self._files.remove(new.name)
            raise
        if replaced:
            self._files.remove(replaced)

    @contextmanager
    def open(self, recording_id: str) -> Iterator[BinaryIO]:
        with self._reader(recording_id) as raw, io.BufferedReader(raw, CHUNK_BYTES) as stream:
            yield stream

    def size(self, recording_id: str) -> int:
        return self._row(recording_id).size_bytes

    def content_type(self, recording_id: str) -> str:
        return self._row(recording_id).content_type

    def read(self, recording_id: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """What is missing or deleted is raised by this call; a changed chunk when it is reached."""
        if start < 0:
            raise Invalid("range_unusable", "a range starts at 0 or later", start=start)
        reader = self._reader(recording_id)
        reader.close()
        return self._read(recording_id, start, end)

    def delete(self, recording_id: str) -> str | None:
        """Remove the file and wipe its key.  Until ``deletion_recorded``, deleting again returns the same digest."""
        with self._db.read() as session:
            row = session.get(RecordingRow, recording_id)
        if row is None or row.proof_recorded_at is not None:
            return None
        self._files.remove(row.file_name)
        with self._db.write() as session:
            row = session.get_one(RecordingRow, recording_id, with_for_update=True)
            if row.wrapped_file_key is not None:
                row.wrapped_file_key, row.deleted_at = None, self._now()
            return row.digest

    def deletion_recorded(self, recording_id: str) -> None:
        """The proof stands in the audit trail; the recording is not listed as due any more."""
        with self._db.write() as session:
            row = session.get(RecordingRow, recording_id, with_for_update=True)
            if row is None:
                raise _unknown(recording_id)
            if row.wrapped_file_key is None:
                row.proof_recorded_at = self._now()
        self._db.forget_log()

    def of_client(self, client_id: str) -> list[StoredItem]:
        query = select(RecordingRow).where(RecordingRow.client_id == client_id)
        with self._db.read() as session:
            rows = session.scalars(query.order_by(RecordingRow.stored_at, RecordingRow.recording_id)).all()
        return [
            StoredItem(
                id=row.recording_id,
                client_id=row.client_id,
                kind="recording",
                draft_id=None,
                digest=row.digest,
                stored_at=row.stored_at,
                retain_until=row.retain_until,
                deleted_at=row.deleted_at,
                proof_recorded_at=row.proof_recorded_at,
            )
            for row in rows
        ]

    def due_for_deletion(self, now: datetime) -> list[tuple[str, str]]:
        query = (
            select(RecordingRow.recording_id, RecordingRow.client_id)
            .where(RecordingRow.retain_until <= now, RecordingRow.proof_recorded_at.is_(None))
            .order_by(RecordingRow.retain_until, RecordingRow.recording_id)
        )
        with self._db.read() as session:
            return [(recording_id, client_id) for recording_id, client_id in session.execute(query)]

    def sweep_orphans(self, *, older_than: timedelta = timedelta(days=1)) -> int:
        """Remove files that no row names: what a crash between file and row left.  Returns how many."""
        named = select(RecordingRow.file_name).where(RecordingRow.wrapped_file_key.is_not(None))
        with self._db.read() as session:
            known = set(session.scalars(named))
        return self._files.sweep(known, older_than)

    # --- inside ---

    def _write_row(
        self,
        client_id: str,
        recording_id: str,
        content_type: str,
        retain_until: datetime,
        file_key: bytes,
        file: NewFile,
    ) -> str | None:
        """Insert or replace the row; returns the name of the file that it no longer names."""
        with self._db.write() as session:
            old = session.get(RecordingRow, recording_id, with_for_update=True)
            if old is not None and old.client_id != client_id:
                raise Conflict("recording_of_another_client", recording_id=recording_id)
            replaced = old.file_name if old is not None else None
            key_id, key = self._keys.for_writing(session, client_id)
            values = {
                "recording_id": recording_id,
                "client_id": client_id,
                "key_id": key_id,
                "wrapped_file_key": _cipher.seal(key, file_key, _bound_to(recording_id, client_id, key_id)),
                "file_name": file.name,
                "content_type": content_type,
                "size_bytes": file.size,
                "digest": file.digest,
                "stored_at": self._now(),
                "retain_until": retain_until,
                "deleted_at": None,
                "proof_recorded_at": None,
            }
            session.execute(self._db.upsert(RecordingRow, values, key="recording_id"))
        return replaced

    def _row(self, recording_id: str) -> RecordingRow:
        with self._db.read() as session:
            row = session.get(RecordingRow, recording_id)
        if row is None:
            raise _unknown(recording_id)
        if row.wrapped_file_key is None:
            raise _deleted(recording_id)
        return row

    def _reader(self, recording_id: str) -> DecryptingReader:
        row = self._row(recording_id)
        assert row.wrapped_file_key is not None
        with self._db.read() as session:
            key = self._keys.for_reading(session, row.key_id)
        bound_to = _bound_to(recording_id, row.client_id, row.key_id)
        file_key = _cipher.open_sealed(key, row.wrapped_file_key, bound_to)
        reader = self._files.open(row.file_name, recording_id, file_key, size=row.size_bytes)
        if reader is None:
            raise _deleted(recording_id)
        return reader

    def _read(self, recording_id: str, start: int, end: int | None) -> Iterator[bytes]:
        with self._reader(recording_id) as reader:
            yield from reader.ranges(start, reader.size if end is None else end)


def _bound_to(recording_id: str, client_id: str, key_id: str) -> bytes:
    return _cipher.place("recording_key", recording_id, client_id, key_id)


def _unknown(recording_id: str) -> NotFound:
    return NotFound("recording_unknown", "there is no such recording", recording_id=recording_id)


def _deleted(recording_id: str) -> NotFound:
    return NotFound("content_deleted", "the recording was deleted", recording_id=recording_id)
