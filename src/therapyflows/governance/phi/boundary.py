"""The PHI boundary of one conversation: what goes out is redacted and checked, what comes back is restored."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from datetime import date

from therapyflows.governance.phi.detectors import known_detectors, pattern_detectors
from therapyflows.governance.phi.detectors.placeholders import Placeholders
from therapyflows.governance.phi.introductions import said_relationship
from therapyflows.governance.phi.model import (
    ChartIdentifiers,
    Detection,
    Detector,
    IdentifierType,
    Redaction,
    Replaced,
)
from therapyflows.governance.phi.overlap import resolve
from therapyflows.governance.phi.restoring import restore, restore_all
from therapyflows.governance.phi.safe_harbor import may_stay
from therapyflows.governance.phi.survivors import survivors
from therapyflows.governance.phi.token_shapes import BRACKETS, MASK
from therapyflows.governance.phi.tokens import Given, TokenBook
from therapyflows.governance.phi.version import redaction_version

_NEIGHBOURHOOD = 120
"""Characters beside a detection that can read otherwise without it: more than the longest token, over line breaks."""


class PhiBoundary:
    """Redacts and restores for one client and one conversation; tokens stay the same from call to call.

    ``additional`` are detectors from outside (a named-entity recognizer).  ``anchor`` is the day of the session: dates
    become days before or after it, and ages are counted to it.
    """

    def __init__(
        self, identifiers: ChartIdentifiers, *, additional: Sequence[Detector] = (), anchor: date | None = None
    ) -> None:
        self._identifiers = identifiers
        self._known = known_detectors(identifiers)
        self._all = (*self._known, *pattern_detectors(), *additional)
        # Nobody plants tokens in words of ours: there they are what they say.
        self._ours = tuple(detector for detector in self._known if not isinstance(detector, Placeholders))
        self._version = "+".join((redaction_version(), *(type(detector).__name__ for detector in additional)))
        self._session_date = anchor
        self._book = TokenBook(identifiers, anchor)

    def another(self, given: Iterable[Given] = ()) -> "PhiBoundary":
        """A new conversation about the same client, or one that goes on with these tokens; shares the detectors."""
        other = copy(self)
        other._book = TokenBook(self._identifiers, self._session_date)
        other._book.take_back(given)
        return other

    def given(self, since: int = 0) -> tuple[Given, ...]:
        """The tokens of the conversation in the order they were given out, from that number on.  PHI."""
        return self._book.given(since)

    @property
    def version(self) -> str:
        """What redacts: a digest of the boundary's code and lists, and the detectors from outside."""
        return self._version

    def redact(self, text: str, *, ours: bool = False) -> Redaction:
        """The text with tokens for identifiers.

        ``ours`` marks text that we wrote (instructions): only what the chart knows is looked for there, because a
        recognizer that takes a word of ours for a name would blur the instruction.
        """
        known, detectors = (self._ours, self._ours) if ours else (self._known, self._all)
        found = resolve(self._leaving(text, (d for detector in detectors for d in detector.detect(text))))
        while uncovered := _uncovered(text, found, known):
            found = resolve((*found, *uncovered))
        self._introduce(text, found)
        spans = tuple(self._replaced(text, detection) for detection in found)
        counts = Counter(span.type.value for span in spans)
        return Redaction(_with_tokens(text, spans), self._book.token_map, dict(counts), spans)

    def restore(self, text: str) -> str:
        """The text with every token replaced by what it stands for.  Raises UnknownToken."""
        return restore(text, self._book.token_map)

    def restore_all(self, strings: Sequence[str]) -> list[str]:
        """The strings of one answer, in order; a token may be split over neighbours.  Raises UnknownToken."""
        return restore_all(strings, self._book.token_map)

    def survivors(self, text: str) -> frozenset[str]:
        """Types of chart identifiers that a second, independent search still finds in a redacted text."""
        return frozenset(type_.value for type_ in survivors(text, self._identifiers))

    def _leaving(self, text: str, found: Iterable[Detection]) -> Iterator[Detection]:
        """Without what the Safe Harbor rule lets stay."""
        for d in found:
            if d.type not in (IdentifierType.DATE, IdentifierType.AGE) or not may_stay(
                d.type, text[d.start : d.end], self._session_date
            ):
                yield d

    def _introduce(self, text: str, found: Sequence[Detection]) -> None:
        """Tell the book what the text says of people that the chart does not know."""
        for d in found:
            if d.type is IdentifierType.PERSON and not d.entity and (who := said_relationship(text, d.start, d.end)):
                self._book.introduce(text[d.start : d.end], who)

    def _replaced(self, text: str, found: Detection) -> Replaced:
        token = self._book.token_for(found.type, found.entity, text[found.start : found.end])
        return Replaced(found.start, found.end, found.type, token)


def _uncovered(text: str, found: Sequence[Detection], known: Sequence[Detector]) -> list[Detection]:
    """What the chart knows between the detections.

    A value that was part of a longer word ("617-555-0199Marlowe") stands alone once its neighbour is a token.  Only the
    lines where that can be are read again.
    """
    places = _lines_around(text, (d for d in found if _touches_a_word(text, d)))
    if not places:
        return []
    rest = _masked(text, found)
    return [
        replace(d, start=start + d.start, end=start + d.end)
        for start, end in places
        for detector in known
        for d in detector.detect(rest[start:end])
        if rest[start + d.start : start + d.end].strip(MASK)
    ]


def _lines_around(text: str, found: Iterable[Detection]) -> list[tuple[int, int]]:
    """Ranges of whole lines around the detections (which come in order), disjoint."""
    places: list[tuple[int, int]] = []
    for d in found:
        if places and d.end + _NEIGHBOURHOOD <= places[-1][1]:
            continue
        start = text.rfind("\n", 0, max(0, d.start - _NEIGHBOURHOOD)) + 1
        line_end = text.find("\n", d.end + _NEIGHBOURHOOD)
        end = line_end if line_end >= 0 else len(text)
        if places and start <= places[-1][1]:
            places[-1] = (places[-1][0], end)
        else:
            places.append((start, end))
    return places


def _touches_a_word(text: str, found: Detection) -> bool:
    """Whether taking the detection out could make its neighbours readable in another way."""
    beside = text[max(0, found.start - 1) : found.start] + text[found.end : found.end + 1]
    return any(c.isalnum() or c in BRACKETS for c in beside) or not BRACKETS.isdisjoint(text[found.start : found.end])


def _masked(text: str, found: Sequence[Detection]) -> str:
    pieces, position = [], 0
    for detection in found:
        pieces += [text[position : detection.start], MASK * (detection.end - detection.start)]
        position = detection.end
    return "".join((*pieces, text[position:]))


def _with_tokens(text: str, spans: Sequence[Replaced]) -> str:
    pieces, position = [], 0
    for span in spans:
        pieces += [text[position : span.start], span.token]
        position = span.end
    return "".join((*pieces, text[position:]))
