"""Files of recordings on the disk: written whole or not at all, removed, swept."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from therapyflows.core.errors import Invalid
from therapyflows.integrations.store import _cipher
from therapyflows.integrations.store._chunks import DecryptingReader, EncryptingWriter

_FILE_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,100}")


@dataclass(slots=True)
class NewFile:
    """A file that is being written; ``size`` and ``digest`` are known when it is complete."""

    name: str
    stream: EncryptingWriter
    size: int = 0
    digest: str = ""


class RecordingFiles:
    """One folder; a file is named by its recording's id and a random part, so that replacing never overwrites."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextmanager
    def create(self, recording_id: str, key: bytes) -> Iterator[NewFile]:
        """Write to a temporary file; at the end of the block fsync it and give it its name.

        An exception, or a crash, leaves no file under a final name.
        """
        if not _FILE_SAFE.fullmatch(recording_id):
            raise Invalid("recording_id_unusable", "an id of letters, digits, - and _ is needed")
        name = f"{recording_id}.{secrets.token_hex(8)}.enc"
        temporary = self._folder / f"{name}.part"
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                new = NewFile(name, EncryptingWriter(target, key, _bound_to(recording_id)))
                yield new
                new.size, new.digest = new.stream.size, new.stream.finish()
                target.flush()
                os.fsync(target.fileno())
            temporary.rename(self._folder / name)
            self._sync_folder()
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def open(self, name: str, recording_id: str, key: bytes, *, size: int) -> DecryptingReader | None:
        """None when the file is gone."""
        try:
            stored = (self._folder / name).open("rb")
        except FileNotFoundError:
            return None
        try:
            return DecryptingReader(stored, key, _bound_to(recording_id), size=size)
        except BaseException:
            stored.close()
            raise

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)
        self._sync_folder()

    def sweep(self, known: set[str], older_than: timedelta) -> int:
        """Remove files that are not ``known``; the age keeps files that are being written out of it."""
        limit = time.time() - older_than.total_seconds()
        orphans = [f for f in self._folder.iterdir() if f.name not in known and f.stat().st_mtime < limit]
        for file in orphans:
            file.unlink(missing_ok=True)
        return len(orphans)

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _bound_to(recording_id: str) -> bytes:
    return _cipher.place("recording", recording_id)
