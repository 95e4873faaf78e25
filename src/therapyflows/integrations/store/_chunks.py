"""The file format of a recording: chunks, each authenticated with its place, the last one marked.

::

    file  = chunk 0 | chunk 1 | ... | last chunk
    chunk = AES-256-GCM ciphertext of 256 KiB of clear bytes (the last one: 0 to 256 KiB) + 16 bytes of tag

The nonce of a chunk is its number and a flag for the last one, as in the STREAM construction (Hoang, Reyhanitabar,
Rogaway, Vizár 2015); that is sound because every file has its own random key.  A chunk that is moved, repeated, left
out or cut off does not open.  Any chunk can be read without the others.
"""

import hashlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from therapyflows.core.errors import Invalid
from therapyflows.integrations.store._cipher import TAG_BYTES

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

CHUNK_BYTES = 256 * 1024
STORED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES


class EncryptingWriter(io.RawIOBase):
    """Takes clear bytes and writes chunks to ``target``; ``finish`` writes the last one.  ``target`` stays open."""

    def __init__(self, target: BinaryIO, key: bytes, bound_to: bytes) -> None:
        self._target, self._cipher, self._bound_to = target, AESGCM(key), bound_to
        self._pending = bytearray()
        self._hash = hashlib.sha256()
        self._index = 0
        self.size = 0
        """Clear bytes so far."""

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        self._pending += data
        while len(self._pending) > CHUNK_BYTES:  # a full chunk waits: it may turn out to be the last
            self._write_chunk(last=False)
        length = memoryview(data).nbytes
        self.size += length
        return length

    def finish(self) -> str:
        """Write the last chunk; returns the digest of the file."""
        self._write_chunk(last=True)
        return f"sha256:{self._hash.hexdigest()}"

    def _write_chunk(self, *, last: bool) -> None:
        clear = bytes(self._pending[:CHUNK_BYTES])
        del self._pending[:CHUNK_BYTES]
        sealed = self._cipher.encrypt(_nonce(self._index, last=last), clear, self._bound_to)
        self._target.write(sealed)
        self._hash.update(sealed)
        self._index += 1


class DecryptingReader(io.RawIOBase):
    """The clear bytes of a file of ``size`` clear bytes, seekable; closes ``stored`` with itself.

    Raises Invalid (``content_tampered``) here when the file has another length, and when a changed chunk is read.
    """

    def __init__(self, stored: BinaryIO, key: bytes, bound_to: bytes, *, size: int) -> None:
        self._stored, self._cipher, self._bound_to = stored, AESGCM(key), bound_to
        self.size = size
        """Clear bytes."""
        self._last = max(size - 1, 0) // CHUNK_BYTES
        self._at = 0
        if stored.seek(0, io.SEEK_END) != size + (self._last + 1) * TAG_BYTES:
            raise _tampered()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the start")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        target = memoryview(buffer).cast("B")
        if self._at >= self.size or not len(target):
            return 0
        index, offset = divmod(self._at, CHUNK_BYTES)
        part = self._chunk(index)[offset : offset + len(target)]
        target[: len(part)] = part
        self._at += len(part)
        return len(part)

    def ranges(self, start: int, end: int) -> Iterator[bytes]:
        """Clear bytes [start, end), a chunk at a time."""
        end = min(end, self.size)
        while start < end:
            index, offset = divmod(start, CHUNK_BYTES)
            part = self._chunk(index)[offset : offset + end - start]
            yield part
            start += len(part)

    def close(self) -> None:
        self._stored.close()
        super().close()

    def _chunk(self, index: int) -> bytes:
        self._stored.seek(index * STORED_CHUNK_BYTES)
        nonce = _nonce(index, last=index == self._last)
        try:
            return self._cipher.decrypt(nonce, self._stored.read(STORED_CHUNK_BYTES), self._bound_to)
        except (InvalidTag, ValueError):
            raise _tampered() from None


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _tampered() -> Invalid:
    return Invalid("content_tampered", "a stored recording is not what was stored")
