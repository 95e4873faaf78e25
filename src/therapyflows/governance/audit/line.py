"""A line of an export, read as bytes: what verifying a trail needs of it, at the speed of a regular expression.

The canonical text of an entry has one form only, so a pattern can say of most lines that they have it, without parsing
and writing them again.  What the pattern does not know (escapes, long numbers) goes the long way through ``chain``.
"""

import hashlib
import re
from itertools import pairwise
from json.encoder import encode_basestring_ascii
from typing import NamedTuple

from therapyflows.governance.audit import chain
from therapyflows.governance.audit.model import Action


class Line(NamedTuple):
    """An entry as far as its place in the chain is concerned."""

    seq: int
    at: str
    """As written; such texts sort by time."""
    prev_hash: str
    hash: str
    is_right: bool
    """Whether the content is what ``hash`` says."""


def read_line(line: bytes) -> Line:
    """Read one line of an export, with its line break.  Raises ValueError unless it is exactly what we write."""
    found = _PLAIN.fullmatch(line)
    if found is None:
        return _read_unusual(line)
    head, action, at, day, details, digest, tail, prev_hash, seq = found.groups()
    if action not in _ACTIONS or not _is_day(day) or not _in_order(details):
        raise ValueError("not written in the canonical way")
    is_right = hashlib.sha256(head + tail).hexdigest() == (written := digest.decode())
    return Line(int(seq), at.decode(), prev_hash.decode(), written, is_right)


def _read_unusual(line: bytes) -> Line:
    if not line.endswith(b"\n"):
        raise ValueError("the line is cut off")
    found = chain.from_line(line[:-1])
    is_right = chain.hash_of(found.seq, found.at, found.entry, found.prev_hash) == found.hash
    return Line(found.seq, chain.format_time(found.at), found.prev_hash, found.hash, is_right)


def compose_line(
    seq: int,
    at: str,
    action: str,
    actor_kind: str,
    actor_id: str,
    actor_role: str | None,
    resource: str,
    client_id: str | None,
    flow_run_id: str | None,
    request_id: str | None,
    outcome: str,
    sent_digest: str | None,
    received_digest: str | None,
    details: str,
    prev_hash: str,
    digest: str,
) -> bytes:
    """The line of an entry from the columns of a database, which may hold anything: nothing is checked here.

    ``at`` as ``chain.format_time`` writes it, ``details`` the canonical JSON.
    """
    text = encode_basestring_ascii
    return (
        f'{{"action":{text(action)},"actor":{{"id":{text(actor_id)},"kind":{text(actor_kind)},'
        f'"role":{_optional(actor_role)}}},"at":{text(at)},"client_id":{_optional(client_id)},"details":{details},'
        f'"flow_run_id":{_optional(flow_run_id)},"hash":{text(digest)},"outcome":{text(outcome)},'
        f'"prev_hash":{text(prev_hash)},"received_digest":{_optional(received_digest)},'
        f'"request_id":{_optional(request_id)},"resource":{text(resource)},"sent_digest":{_optional(sent_digest)},'
        f'"seq":{seq}}}\n'
    ).encode("ascii")


def _optional(value: str | None) -> str:
    return "null" if value is None else encode_basestring_ascii(value)


def _is_day(day: bytes) -> bool:
    """Whether the calendar has this day.  A trail has few different ones."""
    if day not in _days:
        if len(_days) > _REMEMBERED:
            _days.clear()
        try:
            chain.parse_time(f"{day.decode()}T00:00:00.000000Z")
        except ValueError:
            return False
        _days.add(day)
    return True


def _in_order(details: bytes) -> bool:
    """Whether the keys stand in order, each once.  A trail has few different sets of keys."""
    keys = tuple(_KEYS.findall(details))
    if keys not in _key_sets:
        if len(_key_sets) > _REMEMBERED:
            _key_sets.clear()
        if len(keys) > chain.MAX_DETAILS or any(a >= b for a, b in pairwise(keys)):
            return False
        _key_sets.add(keys)
    return True


_ACTIONS = frozenset(str(action).encode() for action in Action)
_REMEMBERED = 10_000
_days: set[bytes] = set()
_key_sets: set[tuple[bytes, ...]] = set()

_TEXT = rb'"[ !#-\[\]-~]{0,%d}+"' % chain.MAX_TEXT  # printable ASCII that needs no escape
_OPTIONAL = rb"(?:null|" + _TEXT + rb")"
# A decimal of at most fifteen digits, without a trailing zero, is what Python writes for the nearest number.
_NUMBER = rb"(?:0|-?[1-9][0-9]{0,9}|-?(?:0|[1-9][0-9]{0,9})\.(?:0|[0-9]{0,3}[1-9]))(?=[,}])"
_PAIR = rb'"[a-z][a-z0-9_]{0,63}+":(?:' + _TEXT + rb"|true|false|" + _NUMBER + rb")"
_DETAILS = rb"\{(?:" + _PAIR + rb"(?:," + _PAIR + rb")*+)?+\}"
_DAY = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_HASH = rb"[0-9a-f]{64}"
_KEYS = re.compile(rb'"([a-z][a-z0-9_]*)":')  # a quotation mark inside a text is escaped, so only keys look like this
_PLAIN = re.compile(
    rb'(\{"action":"([a-z_.]++)","actor":\{"id":'
    + _TEXT
    + rb',"kind":"(?:person|service)","role":'
    + _OPTIONAL
    + rb'\},"at":"(('
    + _DAY
    + rb')T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z)","client_id":'
    + _OPTIONAL
    + rb',"details":('
    + _DETAILS
    + rb'),"flow_run_id":'
    + _OPTIONAL
    + rb'),"hash":"('
    + _HASH
    + rb')"(,"outcome":'
    + _TEXT
    + rb',"prev_hash":"('
    + _HASH
    + rb')","received_digest":'
    + _OPTIONAL
    + rb',"request_id":'
    + _OPTIONAL
    + rb',"resource":'
    + _TEXT
    + rb',"sent_digest":'
    + _OPTIONAL
    + rb',"seq":([1-9][0-9]{0,17})\})\n'
)
