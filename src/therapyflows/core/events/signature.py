"""Standard Webhooks 1.0 signatures: ``HMAC-SHA256(secret, id.timestamp.body)``.

The ``standardwebhooks`` package reads the system clock itself; here the clock is an argument, so that staleness can be
tested, and every malformed header is a refusal instead of an exception of another kind.  The package is the oracle
in the tests.  https://www.standardwebhooks.com
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from therapyflows.core.errors import Invalid, Refused

TOLERANCE: Final = timedelta(seconds=300)
_PREFIX: Final = "whsec_"
# No dot: "id.timestamp.body" must be readable in one way only.
_ID = re.compile(r"[A-Za-z0-9_:\-]{1,128}")
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_MAX_SIGNATURES: Final = 10


def decode_secret(secret: str) -> bytes:
    """The key behind ``whsec_<base64>``.  Raises Invalid: a practice that mistyped it should learn so at the start."""
    encoded = secret.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("webhook_secret_invalid", "a webhook secret must be base64, with or without whsec_") from None
    if len(key) < 16:
        raise Invalid("webhook_secret_too_short", "a webhook secret needs at least 16 bytes")
    return key


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> bytes:
    return hmac.new(key, b".".join((message_id.encode(), timestamp.encode(), body)), hashlib.sha256).digest()


def verify(keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The ``webhook-id`` of a genuine, fresh delivery; ``headers`` has lower-case names.

    ``keys`` are all that are valid at the moment: two while a secret is being rotated.  Raises Refused with code
    ``signature_missing``, ``signature_malformed``, ``signature_stale`` or ``signature_wrong``.
    """
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")
    if not (message_id and timestamp and signatures):
        raise Refused("signature_missing")
    if not (_ID.fullmatch(message_id) and _TIMESTAMP.fullmatch(timestamp)):
        raise Refused("signature_malformed")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise Refused("signature_stale")
    if not _any_matches(keys, message_id, timestamp, body, _decode_signatures(signatures)):
        raise Refused("signature_wrong")
    return message_id


def _decode_signatures(header: str) -> list[bytes]:
    decoded = []
    for part in header.split(" ")[:_MAX_SIGNATURES]:
        version, _, value = part.partition(",")
        if version != "v1":
            continue
        try:
            decoded.append(base64.b64decode(value, validate=True))
        except (binascii.Error, ValueError):
            continue
    return decoded


def _any_matches(
    keys: Sequence[bytes], message_id: str, timestamp: str, body: bytes, presented: Sequence[bytes]
) -> bool:
    """Every key is compared with every signature, whatever matched before: the time taken tells nothing."""
    found = False
    for key in keys:
        expected = sign(key, message_id, timestamp, body)
        for signature in presented:
            found |= hmac.compare_digest(expected, signature)
    return found
