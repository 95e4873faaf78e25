"""Signed checkpoints: "at this time the trail had so many entries and this was the hash of the last one".

They are kept apart from the trail (another volume, another machine).  A trail that was cut off or rewritten as a whole,
with every hash computed anew, still contradicts the checkpoints.  Signatures are Ed25519.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from therapyflows.governance.audit.chain import canonical, format_time, parse_time

KIND = "therapyflows-audit-checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    seq: int
    hash: str
    at: datetime
    key_id: str
    signature: str
    """Base64 of the Ed25519 signature over the canonical text of the other fields."""


class Signer:
    """Signs checkpoints with the practice's audit key (32 bytes, the Ed25519 private key)."""

    def __init__(self, signing_key: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(signing_key)
        self.public_key = self._private.public_key().public_bytes_raw()
        """32 bytes: what an auditor needs besides the export and the checkpoints."""
        self.key_id = key_id(self.public_key)

    def checkpoint(self, seq: int, last_hash: str, at: datetime) -> Checkpoint:
        return Checkpoint(seq, last_hash, at, self.key_id, self.sign(_signed_text(seq, last_hash, at, self.key_id)))

    def sign(self, text: bytes) -> str:
        """Base64 of the signature over this text."""
        return base64.b64encode(self._private.sign(text)).decode()


def key_id(public_key: bytes) -> str:
    """Short name of a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def is_signed_by(checkpoint: Checkpoint, public_key: bytes) -> bool:
    """Whether the signature belongs to this text and this key."""
    text = _signed_text(checkpoint.seq, checkpoint.hash, checkpoint.at, checkpoint.key_id)
    return signature_holds(checkpoint.signature, text, public_key)


def signature_holds(signature: str, text: bytes, public_key: bytes) -> bool:
    """Whether this key signed this text; ``signature`` in base64."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(base64.b64decode(signature, validate=True), text)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _facts(seq: int, last_hash: str, at: datetime, key: str) -> dict[str, Any]:
    return {"kind": KIND, "version": 1, "seq": seq, "hash": last_hash, "at": format_time(at), "key_id": key}


def _signed_text(seq: int, last_hash: str, at: datetime, key: str) -> bytes:
    return canonical(_facts(seq, last_hash, at, key))


def to_line(checkpoint: Checkpoint) -> bytes:
    """One line of a checkpoint file, without the line break."""
    facts = _facts(checkpoint.seq, checkpoint.hash, checkpoint.at, checkpoint.key_id)
    return canonical(facts | {"signature": checkpoint.signature})


def from_line(line: bytes) -> Checkpoint:
    """Read a line of a checkpoint file.  Raises ValueError unless it is exactly what ``to_line`` writes."""
    try:
        found = json.loads(line)
        checkpoint = Checkpoint(
            found["seq"], found["hash"], parse_time(found["at"]), found["key_id"], found["signature"]
        )
        typed = isinstance(checkpoint.seq, int) and isinstance(checkpoint.signature, str)
        exact = typed and to_line(checkpoint) == line
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a checkpoint") from error
    if not exact:
        raise ValueError("not written in the canonical way")
    return checkpoint
