"""The file of what tokens stand for: one line of JSON a token, readable by its owner alone.  It is PHI.

Lines are only ever added, before the text with their tokens is answered: a kill leaves no token that nobody can
restore.
"""

import fcntl
import json
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from therapyflows.core.errors import Conflict, Invalid
from therapyflows.governance.phi import Given, IdentifierType

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class TokenFile:
    """An open map.  ``given`` is what it held when it was opened."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.given = tuple(_read(stream))
        self.count = len(self.given)
        """Tokens in the file."""

    def keep(self, fresh: Sequence[Given]) -> None:
        """Add these, for good before this returns."""
        if not fresh:
            return
        lines = (
            json.dumps({"token": g.token, "type": g.type, "entity": g.entity, "spelling": g.spelling}) for g in fresh
        )
        self._stream.write("".join(f"{line}\n" for line in lines).encode())
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self.count += len(fresh)


@contextmanager
def open_token_file(path: Path, *, create: bool) -> Iterator[TokenFile]:
    """The map at ``path``, to this process alone.

    Raises Invalid (``map_unreadable``, ``map_readable_by_others``), Conflict (``map_in_use``), OSError.
    """
    flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT if create else 0)
    with os.fdopen(os.open(path, flags, 0o600), "rb+") as stream:
        if stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & _OTHERS:
            raise Invalid("map_readable_by_others", f"{path} holds PHI and others may read it; chmod 600 it")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("map_in_use", f"{path} is in use by another process") from None
        yield TokenFile(stream)


def _read(stream: BinaryIO) -> Iterable[Given]:
    for line in stream:
        if not line.endswith(b"\n"):  # a kill in the middle of a line: its text was never answered
            stream.truncate(stream.tell() - len(line))
            return
        try:
            entry = json.loads(line)
            yield Given(
                str(entry["token"]), IdentifierType(entry["type"]), str(entry["entity"]), str(entry["spelling"])
            )
        except (ValueError, KeyError, TypeError):
            raise Invalid("map_unreadable", "the map of tokens is not one that this command wrote") from None
