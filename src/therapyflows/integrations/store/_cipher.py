"""AES-256-GCM with every ciphertext bound to its place.

The associated data names what the bytes are (client, id, kind, key): a ciphertext that is moved to another row, or
given to another client, does not open.  Nonces of single pieces are random (96 bits).
"""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from therapyflows.core.errors import Invalid

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def place(*parts: str) -> bytes:
    """Associated data for a place in the store; ids hold no control characters."""
    return "\x1f".join(("therapyflows", *parts)).encode()


def seal(key: bytes, clear: bytes, bound_to: bytes) -> bytes:
    """nonce + ciphertext + tag."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, bound_to)


def open_sealed(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Raises Invalid (``content_tampered``) when a bit, the place or the key is another."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise Invalid("content_tampered", "stored content is not what was stored, or its key is another") from None


def digest_of(ciphertext: bytes) -> str:
    return f"sha256:{hashlib.sha256(ciphertext).hexdigest()}"
