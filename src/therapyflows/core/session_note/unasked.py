"""What a line says on risk or mental status, topic by topic, against the questions and answers of the source.

For any note: a line of ours that cites its exchange, and "Denies SI/HI, A&O x4" of a note that cites nothing.  A
question about suicide does not cover harm to others, one about mood does not cover orientation, and what is seen
(affect, insight, appearance) no question covers.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from therapyflows.core.session_note.evidence_drafter.dictated import is_clinicians, is_monologue
from therapyflows.core.session_note.model import Transcript
from therapyflows.core.session_note.not_assessed import (
    AskedTopic,
    Exchange,
    answer_patterns,
    asked_lines,
    disclosures,
    exchanges,
    sentences,
)
from therapyflows.governance.evidence.model import Grade, GradedStatement, Segment, Span, Speaker
from therapyflows.governance.evidence.words import FRAME_WORDS, content_stems, stem

LINES = ("risk", "mental_status")
NO_EXCHANGE = "not assessed: no question and answer in the source about"
UNASKED_SCORE, STATED_SCORE, ANSWERED_SCORE = 0.95, 0.5, 0.05
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_ORDER = (Grade.NOT_ASSESSED, Grade.SUPPORTED, Grade.PARTLY, Grade.UNSUPPORTED, Grade.CONTRADICTED)
_AROUND = FRAME_WORDS | {"denies", "denied", "endorses", "current", "currently", "ideation"}
"""Words of a note around such a claim that claim nothing of their own."""


@dataclass(frozen=True, slots=True)
class AskedVerdict:
    """What the questions and answers say about a line; no grade when they have no say."""

    grade: Grade | None = None
    reason: str = ""
    score: float = 0.0
    span: Span | None = None

    def applied_to(self, found: GradedStatement) -> GradedStatement:
        """Support by an answer stands instead of the words' grade; otherwise the worse of the two counts."""
        if self.grade is None:
            return found
        if self.grade is Grade.SUPPORTED:
            return replace(found, grade=self.grade, reasons=(), score=self.score, best_span=self.span)
        worse = _ORDER.index(self.grade) > _ORDER.index(found.grade)
        return replace(
            found,
            grade=self.grade if worse else found.grade,
            reasons=(self.reason, *found.reasons),
            score=max(found.score, self.score),
            best_span=self.span or found.best_span,
        )


class AskedSource:
    """The questions and answers of one transcript, read once."""

    def __init__(self, transcript: Transcript) -> None:
        self.segments = transcript.segments
        self.clinicians_words = is_monologue(transcript) and is_clinicians(transcript)
        """A dictation or typed session fields: the clinician states what they assessed."""
        self._exchanges = {key: tuple(exchanges(transcript, key)) for key in LINES}
        self._disclosed = any(True for _ in disclosures(transcript))

    def judge(self, text: str, section: str | None = None) -> AskedVerdict:
        """``section`` ``risk`` or ``mental_status`` makes a line one of that kind, whatever its words."""
        if self.clinicians_words:
            return AskedVerdict()
        claims = _QUOTED.sub(" ", text)
        topics = [(key, topic) for key in LINES for topic in topics_of(claims, key)]
        if not topics:
            return self._of_section(section)
        missing = [topic for key, topic in topics if not self._is_covered(claims, key, topic)]
        return _unasked(missing, self._stated(missing)) if missing else self._against_answers(claims, topics)

    def _of_section(self, section: str | None) -> AskedVerdict:
        if section not in LINES or self._exchanges[section]:
            return AskedVerdict()
        return AskedVerdict(Grade.UNSUPPORTED, f"{NO_EXCHANGE} {asked_lines()[section].title.lower()}", UNASKED_SCORE)

    def _is_covered(self, claims: str, key: str, topic: AskedTopic) -> bool:
        """By its question, or by what the client disclosed unasked; a denial needs its question all the same."""
        if self._covering(key, topic):
            return True
        return key == "risk" and self._disclosed and not _is_denied(claims, topic)

    def _covering(self, key: str, topic: AskedTopic) -> tuple[Exchange, ...]:
        if topic.question is None:
            return ()
        return tuple(e for e in self._exchanges[key] if topic.question.search(e.question.text))

    def _stated(self, topics: Sequence[AskedTopic]) -> Span | None:
        """The clinician's own words that state every one of them, as an examination is often spoken aloud."""
        spans = [next(_spoken(self.segments, topic), None) for topic in topics]
        return spans[0] if all(spans) else None

    def _against_answers(self, claims: str, topics: Sequence[tuple[str, AskedTopic]]) -> AskedVerdict:
        """A denial where every answer was yes contradicts; where every answer agrees, the answers are the support."""
        agreeing: list[Segment] = []
        for key, topic in topics:
            answers = [exchange.answer for exchange in self._covering(key, topic)]
            denied, plain = _is_denied(claims, topic), _plain(answers)
            affirmed = not denied and key == "risk" and bool(answer_patterns()["affirms"].search(claims))
            if (denied and plain == "yes") or (affirmed and plain == "no"):
                return _contradicted("denies" if denied else "affirms", plain, answers[-1])
            if (denied and plain == "no") or (affirmed and plain == "yes"):
                agreeing.append(answers[-1])
        if len(agreeing) == len(topics) and not _says_more(claims, topics):
            return AskedVerdict(Grade.SUPPORTED, "", ANSWERED_SCORE, _whole(agreeing[0]))
        return AskedVerdict()


def topics_of(text: str, key: str) -> list[AskedTopic]:
    """The topics of this line that a text makes a claim about."""
    return [topic for topic in asked_lines()[key].topics if topic.claim.search(text)]


def _unasked(topics: Sequence[AskedTopic], stated: Span | None) -> AskedVerdict:
    named = ", ".join(dict.fromkeys(topic.title for topic in topics))
    if stated is not None:
        return AskedVerdict(Grade.PARTLY, f"{NO_EXCHANGE} {named}; the clinician says it aloud", STATED_SCORE, stated)
    return AskedVerdict(Grade.UNSUPPORTED, f"{NO_EXCHANGE} {named}", UNASKED_SCORE)


def _contradicted(how: str, answer: str, by: Segment) -> AskedVerdict:
    reason = f"the statement {how} what the client answered {answer} to"
    return AskedVerdict(Grade.CONTRADICTED, reason, 1.0, _whole(by))


def _whole(segment: Segment) -> Span:
    return Span(segment.id, segment.start_s, segment.end_s, segment.text)


def _plain(answers: Sequence[Segment]) -> str | None:
    """``yes`` or ``no`` when all the answers begin with it."""
    for word in ("yes", "no"):
        if answers and all(answer_patterns()[word].match(answer.text) for answer in answers):
            return word
    return None


def _is_denied(claims: str, topic: AskedTopic) -> bool:
    denies = answer_patterns()["denies"]
    if any(denies.search(claims[max(m.start() - 60, 0) : m.end()]) for m in topic.claim.finditer(claims)):
        return True
    return bool(re.search(r"\bdenied\W*$", claims))


def _says_more(claims: str, topics: Sequence[tuple[str, AskedTopic]]) -> bool:
    """Whether the line also claims something that these topics do not name."""
    rest = claims
    for _, topic in topics:
        rest = topic.claim.sub(" ", rest)
    return bool(set(content_stems(rest)) - {stem(word) for word in _AROUND})


def _spoken(segments: Sequence[Segment], topic: AskedTopic) -> Iterator[Span]:
    for segment in segments:
        if segment.speaker is not Speaker.THERAPIST:
            continue
        for start, end in sentences(segment.text):
            sentence = segment.text[start:end]
            if topic.claim.search(sentence) and not sentence.endswith("?"):
                yield Span(segment.id, segment.start_s, segment.end_s, sentence)
