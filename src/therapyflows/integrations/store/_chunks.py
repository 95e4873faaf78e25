"""The file format of a recording: chunks, each authenticated with its place, the last one marked.

::

    file  = chunk 0 | chunk 1 | ... | last chunk
    chunk = AES-256-GCM ciphertext of 256 KiB of clear bytes (the last one: 0 to 256 KiB) + 16 bytes of tag

The nonce of a chunk is its number and a flag for the last one, as in the STREAM construction (Hoang, Reyhanitabar,
Rogaway, Vizár 2015); that is sound because every file has its own random key.  A chunk that is moved, repeated, left
out or cut off does not open.  Any chunk can be read without the others.
"""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from therapyflows.core.errors import Invalid
from therapyflows.integrations.store._cipher import TAG_BYTES

CHUNK_BYTES = 256 * 1024
STORED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES


def encrypt(source: BinaryIO, target: BinaryIO, key: bytes, bound_to: bytes) -> tuple[int, str]:
    """Encrypt the stream; returns its clear length and the digest of what was written."""
    cipher, digest, size, index = AESGCM(key), hashlib.sha256(), 0, 0
    chunk, following = _read_full(source), b""
    while True:
        following = _read_full(source) if len(chunk) == CHUNK_BYTES else b""
        sealed = cipher.encrypt(_nonce(index, last=not following), chunk, bound_to)
        target.write(sealed)
        digest.update(sealed)
        size, index = size + len(chunk), index + 1
        if not following:
            return size, f"sha256:{digest.hexdigest()}"
        chunk = following


def decrypt_range(stored: BinaryIO, key: bytes, bound_to: bytes, *, size: int, start: int, end: int) -> Iterator[bytes]:
    """Clear bytes [start, end) of a recording of ``size`` clear bytes, chunk by chunk."""
    last = max(size - 1, 0) // CHUNK_BYTES
    stored_size = stored.seek(0, 2)
    if stored_size != size + (last + 1) * TAG_BYTES:
        raise _tampered()
    cipher = AESGCM(key)
    for index in range(start // CHUNK_BYTES, (end - 1) // CHUNK_BYTES + 1 if end > start else 0):
        stored.seek(index * STORED_CHUNK_BYTES)
        clear = _open(cipher, stored.read(STORED_CHUNK_BYTES), _nonce(index, last=index == last), bound_to)
        offset = index * CHUNK_BYTES
        yield clear[max(start - offset, 0) : end - offset]


def _open(cipher: AESGCM, sealed: bytes, nonce: bytes, bound_to: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, bound_to)
    except (InvalidTag, ValueError):
        raise _tampered() from None


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _read_full(source: BinaryIO) -> bytes:
    """A whole chunk even from a stream that hands out less at a time."""
    parts, missing = [], CHUNK_BYTES
    while missing and (part := source.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _tampered() -> Invalid:
    return Invalid("content_tampered", "a stored recording is not what was stored")
