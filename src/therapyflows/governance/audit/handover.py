"""Changing the signing key: a statement, signed by the old and by the new key, of where one ends and the other begins.

It stands among the checkpoints.  An auditor who holds either key alone can follow it to the other, and each key vouches
for its own stretch of the trail only: a retired key that is stolen later signs nothing that counts.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from therapyflows.governance.audit.chain import canonical, format_time, parse_time
from therapyflows.governance.audit.checkpoint import Signer, key_id, signature_holds

KIND = "therapyflows-audit-handover"


@dataclass(frozen=True, slots=True)
class Handover:
    seq: int
    """The last entry that the old key vouches for, and the first that the new one may."""
    hash: str
    at: datetime
    old_key: bytes
    new_key: bytes
    """Raw Ed25519 public keys, 32 bytes each."""
    old_signature: str
    new_signature: str
    """Base64, each over the canonical text of the other fields."""

    @property
    def is_signed_by_both(self) -> bool:
        text = canonical(_facts(self.seq, self.hash, self.at, self.old_key, self.new_key))
        old = signature_holds(self.old_signature, text, self.old_key)
        return old and signature_holds(self.new_signature, text, self.new_key) and self.old_key != self.new_key


def hand_over(old: Signer, new: Signer, seq: int, last_hash: str, at: datetime) -> Handover:
    """The statement that from entry ``seq`` on the new key signs."""
    text = canonical(_facts(seq, last_hash, at, old.public_key, new.public_key))
    return Handover(seq, last_hash, at, old.public_key, new.public_key, old.sign(text), new.sign(text))


@dataclass(slots=True)
class Stretch:
    """Where in the trail a key may vouch for entries."""

    public_key: bytes
    since: int = 0
    until: int | None = None

    def covers(self, seq: int) -> bool:
        return self.since <= seq and (self.until is None or seq <= self.until)


def trusted_keys(public_key: bytes, handovers: Iterable[Handover]) -> dict[str, Stretch]:
    """By key id: the given key and all that hand-overs lead to from it, in both directions.

    A key that was handed over more than once keeps its shortest stretch; the caller reports the fork.
    """
    sound = [handover for handover in handovers if handover.is_signed_by_both]
    found = {key_id(public_key): Stretch(public_key)}
    while reached := [h for h in sound if (key_id(h.old_key) in found) != (key_id(h.new_key) in found)]:
        for handover in reached:
            for key in (handover.old_key, handover.new_key):
                found.setdefault(key_id(key), Stretch(key))
    for handover in sound:
        old, new = found.get(key_id(handover.old_key)), found.get(key_id(handover.new_key))
        if old and new:
            old.until = handover.seq if old.until is None else min(old.until, handover.seq)
            new.since = max(new.since, handover.seq)
    return found


def _facts(seq: int, last_hash: str, at: datetime, old_key: bytes, new_key: bytes) -> dict[str, Any]:
    return {
        "kind": KIND,
        "version": 1,
        "seq": seq,
        "hash": last_hash,
        "at": format_time(at),
        "old_key": base64.b64encode(old_key).decode(),
        "new_key": base64.b64encode(new_key).decode(),
    }


def to_line(handover: Handover) -> bytes:
    """One line of a checkpoint file, without the line break."""
    facts = _facts(handover.seq, handover.hash, handover.at, handover.old_key, handover.new_key)
    return canonical(facts | {"old_signature": handover.old_signature, "new_signature": handover.new_signature})


def from_line(line: bytes) -> Handover:
    """Raises ValueError unless the line is exactly what ``to_line`` writes."""
    try:
        found = json.loads(line)
        old_key, new_key = (base64.b64decode(found[name], validate=True) for name in ("old_key", "new_key"))
        signatures = found["old_signature"], found["new_signature"]
        handover = Handover(found["seq"], found["hash"], parse_time(found["at"]), old_key, new_key, *signatures)
        typed = isinstance(handover.seq, int) and all(isinstance(text, str) for text in (*signatures, handover.hash))
        exact = typed and to_line(handover) == line
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a hand-over") from error
    if not exact:
        raise ValueError("not written in the canonical way")
    return handover
