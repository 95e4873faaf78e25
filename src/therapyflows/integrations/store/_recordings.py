"""Recordings: encrypted files beside the database, one row each.

Every recording has its own key, which stands in the row, wrapped by the client's data key: wiping the row makes the
file unreadable wherever a copy of it may lie.
"""

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select

from therapyflows.core.errors import Conflict, Invalid, NotFound
from therapyflows.integrations.store import _chunks, _cipher
from therapyflows.integrations.store._database import Database
from therapyflows.integrations.store._keys import Keys
from therapyflows.integrations.store._tables import RecordingRow

_FILE_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,100}")


class FileRecordings:
    """The port ``Recordings``."""

    def __init__(self, db: Database, keys: Keys, folder: Path, now: Callable[[], datetime]) -> None:
        self._db, self._keys, self._folder, self._now = db, keys, folder, now
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def save(
        self, client_id: str, recording_id: str, source: BinaryIO, content_type: str, *, retain_until: datetime
    ) -> int:
        """Encrypt to a temporary file, fsync, rename, then the row.  A crash leaves at most an orphan file."""
        file_key = _cipher.new_key()
        name = self._write_file(recording_id, source, file_key)
        try:
            replaced = self._write_row(client_id, recording_id, content_type, retain_until, file_key, name)
        except BaseException:
            self._remove(name[0])
            raise
        if replaced:
            self._remove(replaced)
        return name[1]

    def size(self, recording_id: str) -> int:
        return self._row(recording_id).size_bytes

    def content_type(self, recording_id: str) -> str:
        return self._row(recording_id).content_type

    def read(self, recording_id: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Errors are raised by this call, before the first byte; a broken chunk when it is reached."""
        row = self._row(recording_id)
        file_key = self._file_key(row)
        stop = row.size_bytes if end is None else min(end, row.size_bytes)
        if start < 0:
            raise Invalid("range_unusable", "a range starts at 0 or later", start=start)
        file = self._folder / row.file_name
        if not file.exists():
            raise _deleted(recording_id)
        return _stream(file, file_key, _bound_to_file(recording_id), size=row.size_bytes, start=start, end=stop)

    def delete(self, recording_id: str) -> str | None:
        """Remove the file and wipe its key.  Until ``deletion_recorded``, deleting again returns the same digest."""
        with self._db.read() as session:
            row = session.get(RecordingRow, recording_id)
        if row is None or row.proof_recorded_at is not None:
            return None
        self._remove(row.file_name)
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
                raise NotFound("recording_unknown", "there is no such recording", recording_id=recording_id)
            if row.wrapped_file_key is None:
                row.proof_recorded_at = self._now()

    def due_for_deletion(self, now: datetime) -> list[tuple[str, str]]:
        query = (
            select(RecordingRow.recording_id, RecordingRow.client_id)
            .where(RecordingRow.retain_until <= now, RecordingRow.proof_recorded_at.is_(None))
            .order_by(RecordingRow.retain_until, RecordingRow.recording_id)
        )
        with self._db.read() as session:
            return [row.tuple() for row in session.execute(query)]

    def sweep_orphans(self, *, older_than: timedelta = timedelta(days=1)) -> int:
        """Remove files that no row names: what a crash between file and row left.  Returns how many."""
        with self._db.read() as session:
            known = set(
                session.scalars(select(RecordingRow.file_name).where(RecordingRow.wrapped_file_key.is_not(None)))
            )
        limit = time.time() - older_than.total_seconds()
        orphans = [f for f in self._folder.iterdir() if f.name not in known and f.stat().st_mtime < limit]
        for file in orphans:
            file.unlink(missing_ok=True)
        return len(orphans)

    # --- inside ---

    def _write_file(self, recording_id: str, source: BinaryIO, key: bytes) -> tuple[str, int, str]:
        """(file name, clear size, digest)"""
        if not _FILE_SAFE.fullmatch(recording_id):
            raise Invalid("recording_id_unusable", "an id of letters, digits, - and _ is needed")
        name = f"{recording_id}.{secrets.token_hex(8)}.enc"
        temporary = self._folder / f"{name}.part"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as target:
                size, digest = _chunks.encrypt(source, target, key, _bound_to_file(recording_id))
                target.flush()
                os.fsync(target.fileno())
            temporary.rename(self._folder / name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self._sync_folder()
        return name, size, digest

    def _write_row(
        self,
        client_id: str,
        recording_id: str,
        content_type: str,
        retain_until: datetime,
        file_key: bytes,
        file: tuple[str, int, str],
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
                "wrapped_file_key": _cipher.seal(key, file_key, _bound_to_row(recording_id, client_id, key_id)),
                "file_name": file[0],
                "content_type": content_type,
                "size_bytes": file[1],
                "digest": file[2],
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
            raise NotFound("recording_unknown", "there is no such recording", recording_id=recording_id)
        if row.wrapped_file_key is None:
            raise _deleted(recording_id)
        return row

    def _file_key(self, row: RecordingRow) -> bytes:
        assert row.wrapped_file_key is not None
        with self._db.read() as session:
            key = self._keys.for_reading(session, row.key_id)
        bound_to = _bound_to_row(row.recording_id, row.client_id, row.key_id)
        return _cipher.open_sealed(key, row.wrapped_file_key, bound_to)

    def _remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)
        self._sync_folder()

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _stream(file: Path, key: bytes, bound_to: bytes, *, size: int, start: int, end: int) -> Iterator[bytes]:
    with file.open("rb") as stored:
        yield from _chunks.decrypt_range(stored, key, bound_to, size=size, start=start, end=end)


def _bound_to_file(recording_id: str) -> bytes:
    return _cipher.place("recording", recording_id)


def _bound_to_row(recording_id: str, client_id: str, key_id: str) -> bytes:
    return _cipher.place("recording_key", recording_id, client_id, key_id)


def _deleted(recording_id: str) -> NotFound:
    return NotFound("content_deleted", "the recording was deleted", recording_id=recording_id)
