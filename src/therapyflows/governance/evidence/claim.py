"""What a signal looks at: one statement, and the source as far as it is cited and as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from therapyflows.governance.evidence.model import Segment, Span, Speaker
from therapyflows.governance.evidence.words import LABEL_WORDS, QUOTED, claim_stems, content_stems, coverage


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of a note, and who is said to have said it."""

    text: str
    speaker: Speaker | None
    """``client`` for "Client reports ...", ``therapist`` for what the clinician did, None when it says neither."""

    @property
    def stems(self) -> frozenset[str]:
        return claim_stems(self.text)

    @property
    def quotes(self) -> tuple[str, ...]:
        """The parts in quotation marks."""
        return tuple(first or second for first, second in QUOTED.findall(self.text))

    @property
    def assertion(self) -> str:
        """What the statement says in its own words: quotations are compared letter by letter, labels claim nothing."""
        if not self.quotes:
            return self.text
        return " ".join(word for word in self.unquoted.split() if word.lower().strip(".,:;()") not in LABEL_WORDS)

    @property
    def unquoted(self) -> str:
        return QUOTED.sub(" ", self.text)


@dataclass(frozen=True, slots=True)
class Source:
    """The segments, and the part of them that the statement cites."""

    segments: Sequence[Segment]
    cited: Sequence[Span]

    @property
    def cited_segments(self) -> tuple[Segment, ...]:
        wanted = {span.segment_id for span in self.cited}
        return tuple(segment for segment in self.segments if segment.id in wanted)

    @property
    def cited_text(self) -> str:
        return "\n".join(span.quote for span in self.cited)


@dataclass(frozen=True, slots=True)
class Window:
    """A segment, or two neighbours, with the share of the claim that it carries."""

    segments: tuple[Segment, ...]
    support: float

    @property
    def text(self) -> str:
        return "\n".join(segment.text for segment in self.segments)

    def span(self) -> Span:
        """The window's strongest segment as a span."""
        first = self.segments[0]
        return Span(segment_id=first.id, start_s=first.start_s, end_s=first.end_s, quote=first.text)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one signal found.  ``penalty`` 0..1, 1 means that the statement cannot stand as it is."""

    signal: str
    penalty: float
    reason: str | None = None
    contradicts: bool = False


def best_window(claim: Claim, segments: Sequence[Segment]) -> Window | None:
    """The segment (or pair of neighbours, when that carries clearly more) that supports the claim best."""
    best: Window | None = None
    for index, segment in enumerate(segments):
        support = coverage(claim.stems, content_stems(segment.text))
        if best is None or support > best.support:
            best = Window((segment,), support)
        if support == 0 or index + 1 >= len(segments):
            continue
        pair = (segment, segments[index + 1])
        both = coverage(claim.stems, content_stems(pair[0].text) + content_stems(pair[1].text))
        if both > best.support + 0.1:
            best = Window(pair, both)
    return best
