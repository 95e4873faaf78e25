"""The PHI boundary of one conversation: what goes out is redacted and checked, what comes back is restored."""

from collections import Counter
from collections.abc import Sequence
from copy import copy

from therapyflows.governance.phi.detectors import known_detectors, pattern_detectors
from therapyflows.governance.phi.model import ChartIdentifiers, Detection, Detector, Redaction, Replaced
from therapyflows.governance.phi.overlap import resolve
from therapyflows.governance.phi.survivors import survivors
from therapyflows.governance.phi.tokens import TokenBook, restore

_MASK = "\N{NEGATIVE CIRCLED LATIN CAPITAL LETTER A}"
"""Stands in for what was found: no letter of a word, yet upper case, because lines with capitals are read otherwise."""


class PhiBoundary:
    """Redacts and restores for one client and one conversation; tokens stay the same from call to call.

    ``additional`` are detectors from outside (a named-entity recognizer).
    """

    def __init__(self, identifiers: ChartIdentifiers, *, additional: Sequence[Detector] = ()) -> None:
        self._identifiers = identifiers
        self._known = known_detectors(identifiers)
        self._all = (*self._known, *pattern_detectors(), *additional)
        self._book = TokenBook()

    def another(self) -> "PhiBoundary":
        """A new conversation about the same client: its tokens begin anew, the detectors are shared."""
        other = copy(self)
        other._book = TokenBook()
        return other

    def redact(self, text: str, *, ours: bool = False) -> Redaction:
        """The text with tokens for identifiers.

        ``ours`` marks text that we wrote (instructions): only what the chart knows is looked for there, because a
        recognizer that takes a word of ours for a name would blur the instruction.
        """
        detectors: Sequence[Detector] = self._known if ours else self._all
        found = resolve(detection for detector in detectors for detection in detector.detect(text))
        while uncovered := self._uncovered(text, found):
            found = resolve((*found, *uncovered))
        spans = tuple(self._replaced(text, detection) for detection in found)
        counts = Counter(span.type.value for span in spans)
        return Redaction(_with_tokens(text, spans), self._book.token_map, dict(counts), spans)

    def restore(self, text: str) -> str:
        """The text with every token replaced by what it stands for.  Raises UnknownToken."""
        return restore(text, self._book.token_map)

    def survivors(self, text: str) -> frozenset[str]:
        """Types of chart identifiers that a second, independent search still finds in a redacted text."""
        return frozenset(type_.value for type_ in survivors(text, self._identifiers))

    def _uncovered(self, text: str, found: Sequence[Detection]) -> list[Detection]:
        """What the chart knows between the detections.

        A value that was part of a longer word ("617-555-0199Marlowe") stands alone once its neighbour is a token.
        """
        if not found:
            return []
        masked = list(text)
        for detection in found:
            masked[detection.start : detection.end] = _MASK * (detection.end - detection.start)
        rest = "".join(masked)
        return [d for detector in self._known for d in detector.detect(rest) if rest[d.start : d.end].strip(_MASK)]

    def _replaced(self, text: str, found: Detection) -> Replaced:
        token = self._book.token_for(found.type, found.entity, text[found.start : found.end])
        return Replaced(found.start, found.end, found.type, token)


def _with_tokens(text: str, spans: Sequence[Replaced]) -> str:
    pieces, position = [], 0
    for span in spans:
        pieces += [text[position : span.start], span.token]
        position = span.end
    return "".join((*pieces, text[position:]))
