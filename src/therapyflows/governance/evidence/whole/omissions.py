"""What the source holds and the note leaves out: risk, safety steps, medication, diagnosis, homework, allergies.

A sentence of the source counts as told when a statement cites it, or when a statement carries its weighty words.  What
the note omits is shown with its place in the source, so that the clinician can add it with one click.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from therapyflows.governance.evidence.lexicon import drugs
from therapyflows.governance.evidence.model import Span, Speaker, overlaps
from therapyflows.governance.evidence.whole.model import NoteFinding, Severity, WholeNote
from therapyflows.governance.evidence.whole.phrases import load
from therapyflows.governance.evidence.words import FRAME_WORDS, content_stems, stem

RISK_MESSAGE = "The source speaks of harm to self or others here; the note does not."
ENOUGH_WORDS, ENOUGH_SHARE = 2, 0.3
"""A statement carries a spoken sentence with so many of its weighty words, and this share of them."""
MEDICATION = "omitted_medication"
MOST_PER_KIND = 6
LONGEST, BEFORE, AFTER = 40, 6, 14
"""Words: of a longer stretch of speech only those around the place count and are shown."""
_WORD = re.compile(r"\S+")
_NAME = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Kind:
    key: str
    title: str
    by: frozenset[Speaker]
    cue: re.Pattern[str]


def check(note: WholeNote) -> Iterator[NoteFinding]:
    """A finding per omitted sentence, at most six of a kind; risk first."""
    told = _Told(note)
    for span in note.disclosed:
        if not told.carries(span):
            yield NoteFinding("omitted_risk", RISK_MESSAGE, Severity.WARNING, (), (span,))
    for name, span in _drugs_left_out(note):
        if not told.carries(span):
            message = f"The source speaks of {name} here; the note does not."
            yield NoteFinding(MEDICATION, message, Severity.WARNING, (), (span,))
    for kind in kinds():
        left_out = [span for span in _said(note, kind) if not told.carries(span)]
        if kind.key == "medication":
            left_out = [span for span in left_out if not _drugs_in(span.quote)]
        for span in left_out[:MOST_PER_KIND]:
            message = f"The source speaks of {kind.title} here; the note does not."
            yield NoteFinding(f"omitted_{kind.key}", message, Severity.WARNING, (), (span,))


@lru_cache(maxsize=1)
def kinds() -> tuple[Kind, ...]:
    """The kinds of ``important.yaml``, most urgent first."""
    return tuple(
        Kind(
            key,
            kind["title"],
            frozenset(map(Speaker, kind["by"])),
            re.compile("|".join(f"(?:{cue})" for cue in kind["cue"]), re.IGNORECASE),
        )
        for key, kind in load("important")["kinds"].items()
    )


def _drugs_left_out(note: WholeNote) -> Iterator[tuple[str, Span]]:
    """Every drug that somebody names, outside of questions, and no statement does under any of its names."""
    told = {generic for line in note.lines for generic, _, _ in _drugs_in(line.text)}
    for span in note.sentences():
        if span.quote.rstrip().endswith("?") or _allergy().search(span.quote):
            continue  # what somebody is allergic to is an allergy, and its kind reports it
        for generic, start, end in _drugs_in(span.quote):
            before = span.quote[max(start - 40, 0) : start].replace("’", "'")
            if generic in told or _denies().search(before):
                continue
            told.add(generic)
            first, last = _around(span.quote, start, end)
            yield span.quote[start:end], replace(span, quote=span.quote[first:last].strip())


def _drugs_in(text: str) -> list[tuple[str, int, int]]:
    """Generic name and place of every drug that the text names."""
    known = drugs()
    found = [(known.get(match[0].lower()), *match.span()) for match in _NAME.finditer(text)]
    return [(generic, start, end) for generic, start, end in found if generic is not None]


def _said(note: WholeNote, kind: Kind) -> Iterator[Span]:
    speakers = {segment.id: segment.speaker for segment in note.segments}
    for span in note.sentences():
        if speakers[span.segment_id] in kind.by and not span.quote.rstrip().endswith("?"):
            yield from _places(span, kind)


def _places(span: Span, kind: Kind) -> Iterator[Span]:
    """The sentence, or in long speech without marks the words around each place that says it."""
    plain, end = span.quote.replace("’", "'"), 0
    for found in kind.cue.finditer(plain):
        if found.start() < end or _denies().search(plain[max(found.start() - 40, 0) : found.start()]):
            continue
        start, end = _around(span.quote, found.start(), found.end())
        yield replace(span, quote=span.quote[start:end].strip())


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    words = [match.span() for match in _WORD.finditer(text)]
    if len(words) <= LONGEST:
        return 0, len(text)
    first = next(at for at, (_, ends) in enumerate(words) if ends > start)
    last = max(at for at, (begins, _) in enumerate(words) if begins < end)
    return words[max(first - BEFORE, 0)][0], words[min(last + AFTER, len(words) - 1)][1]


@lru_cache(maxsize=1)
def _allergy() -> re.Pattern[str]:
    return next(kind.cue for kind in kinds() if kind.key == "allergy")


@lru_cache(maxsize=1)
def _denies() -> re.Pattern[str]:
    return re.compile(load("important")["denied"], re.IGNORECASE)


@lru_cache(maxsize=1)
def _chatter() -> frozenset[str]:
    return frozenset(stem(word) for word in (*load("important")["chatter"].split(), *FRAME_WORDS))


class _Told:
    """What the note tells, statement by statement."""

    def __init__(self, note: WholeNote) -> None:
        self._cited = [span for line in note.lines for span in line.cited]
        self._stems = [frozenset(content_stems(line.text)) for line in note.lines]

    def carries(self, span: Span) -> bool:
        if any(overlaps(span, other) for other in self._cited):
            return True
        wanted = frozenset(content_stems(span.quote)) - _chatter()
        need = min(ENOUGH_WORDS, len(wanted))
        return any(
            len(shared := wanted & stems) >= need and len(shared) >= ENOUGH_SHARE * len(wanted) for stems in self._stems
        )
