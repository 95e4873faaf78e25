"""The life of one kind of consent: what the client said, in order, and where that leaves it.

The table is the whole machine.  Words are said by people (``offer`` by the practice, the others by the client);
``expire`` happens by itself.  A cell that is None is no word that counts in that state, and the state stays.

::

    unknown ──offer──▸ offered ──grant──▸ granted ──expire──▸ expired
                          │                  │  ▴
                       decline       withdraw,  grant
                          ▾         decline  ▾  │
                       declined          withdrawn, declined
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Status(StrEnum):
    """Where a consent stands."""

    UNKNOWN = "unknown"
    """Nobody has asked the client, as far as the chart knows."""
    OFFERED = "offered"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Word(StrEnum):
    """What moves it."""

    OFFER = "offer"
    GRANT = "grant"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


# An offer takes nothing back: after a refusal it is again the client's turn to speak, until then the refusal stands.
# A refusal counts in every state, even of what was never offered: in doubt no.
# fmt: off
_WORDS = tuple(Word)
_ROWS: Mapping[Status, tuple[Status | None, ...]] = {
    #                  offer           grant           decline          withdraw          expire
    Status.UNKNOWN:   (Status.OFFERED, Status.GRANTED, Status.DECLINED, Status.WITHDRAWN, None),
    Status.OFFERED:   (None,           Status.GRANTED, Status.DECLINED, Status.WITHDRAWN, None),
    Status.GRANTED:   (None,           Status.GRANTED, Status.DECLINED, Status.WITHDRAWN, Status.EXPIRED),
    Status.DECLINED:  (None,           Status.GRANTED, Status.DECLINED, None,             None),
    Status.WITHDRAWN: (None,           Status.GRANTED, Status.DECLINED, Status.WITHDRAWN, None),
    Status.EXPIRED:   (Status.OFFERED, Status.GRANTED, Status.DECLINED, Status.WITHDRAWN, None),
}
# fmt: on
TRANSITIONS: Mapping[Status, Mapping[Word, Status | None]] = {
    status: dict(zip(_WORDS, row, strict=True)) for status, row in _ROWS.items()
}


def after(status: Status, word: Word) -> Status:
    """The next status; the same when the word does not count there."""
    return TRANSITIONS[status][word] or status


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One statement about a consent, as the chart holds it.  Times are aware."""

    kind: str
    status: str
    """One of :class:`Status`; anything else counts as a refusal."""
    granted_at: datetime | None = None
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None
    offered_at: datetime | None = None
    purposes: frozenset[str] | None = None
    """What for; None: as the kind of consent says."""
    recipients: frozenset[str] | None = None
    """To whom; None: as the kind of consent says."""

    @property
    def word(self) -> Word:
        """What was said with it.  A grant that carries a withdrawal is one."""
        if self.status == Status.OFFERED:
            return Word.OFFER
        if self.status in (Status.GRANTED, Status.EXPIRED) and self.withdrawn_at is None:
            return Word.GRANT
        return Word.DECLINE if self.status == Status.DECLINED else Word.WITHDRAW

    @property
    def said_at(self) -> datetime:
        """When.  A refusal without a date counts as the last word, a grant or an offer without one as the first."""
        if self.word is Word.OFFER:
            return self.offered_at or _FIRST
        if self.word is Word.GRANT:
            return self.granted_at or _FIRST
        if self.word is Word.DECLINE:
            return self.withdrawn_at or self.granted_at or _LAST
        return self.withdrawn_at or _LAST

    def counts_at(self, now: datetime) -> bool:
        """A grant or an offer of the future does not count yet; a refusal always counts."""
        return self.word not in (Word.GRANT, Word.OFFER) or self.said_at <= now

    def has_ended(self, now: datetime) -> bool:
        """Whether the time that it was given for is over."""
        return self.status == Status.EXPIRED or (self.expires_at is not None and self.expires_at <= now)


_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
# Of what was said at the same moment a refusal is taken for the last word; of two grants the one that ends sooner or
# has the narrower scope.
_STRENGTH = {Word.OFFER: 0, Word.GRANT: 1, Word.DECLINE: 2, Word.WITHDRAW: 3}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one kind of consent stands, and the record that put it there."""

    status: Status
    record: ConsentRecord | None = None
    """None: nothing was said, or nothing that counts yet."""


def standing(records: Iterable[ConsentRecord], now: datetime) -> Standing:
    """Where a consent stands at ``now`` after everything that was said about it, in whatever order it is given."""
    found = Standing(Status.UNKNOWN)
    for record in sorted((r for r in records if r.counts_at(now)), key=_order):
        following = TRANSITIONS[found.status][record.word]
        if following is not None:
            found = Standing(following, record)
        # An older grant may have run out before the next word was said.
        if found.status is Status.GRANTED and found.record is not None and found.record.has_ended(now):
            found = Standing(after(found.status, Word.EXPIRE), found.record)
    return found


def _order(record: ConsentRecord) -> tuple[datetime, int, float, int, int, str]:
    """The time decides, then what is stricter; the rest only makes the order the same whatever it was before."""
    ends = record.expires_at.timestamp() if record.expires_at else float("inf")
    if record.status == Status.EXPIRED:
        ends = float("-inf")
    scopes = [None if scope is None else sorted(scope) for scope in (record.purposes, record.recipients)]
    rest = repr(
        (scopes, str(record.status), record.granted_at, record.expires_at, record.withdrawn_at, record.offered_at)
    )
    return record.said_at, _STRENGTH[record.word], -ends, -_width(record.purposes), -_width(record.recipients), rest


def _width(scope: frozenset[str] | None) -> int:
    """How much a scope covers; None covers what the kind of consent says, more than any list."""
    return 1_000 if scope is None else len(scope)
