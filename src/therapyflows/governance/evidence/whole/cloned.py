"""Text carried over from the previous note.

A note must describe this session; sentences that stand almost word for word in the previous note are shown with the
words they share, and a note that mostly consists of them is a warning (OIG audits of cloned documentation).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from therapyflows.governance.evidence.model import Span
from therapyflows.governance.evidence.whole.model import Line, NoteFinding, Severity, WholeNote
from therapyflows.governance.evidence.words import words

PREVIOUS = "previous"
"""Segment id of a span that quotes the previous note."""
SAME_FROM = 90.0
"""Per cent of the words' letters; below, the sentence was at least partly written anew."""
SHORTEST = 6
"""Words; shorter sentences ("Continue weekly therapy.") come back rightly."""
MOSTLY_FROM = 0.5
"""Share of the note's words in such sentences."""


@dataclass(frozen=True, slots=True)
class Clone:
    line: Line
    earlier: str
    share: float


def check(note: WholeNote) -> Iterator[NoteFinding]:
    """A notice per cloned sentence; one warning in front when they are most of the note."""
    found = list(clones(note))
    own = [line for line in note.lines if not line.copied]
    total = sum(len(words(line.text)) for line in own)
    cloned = sum(len(words(clone.line.text)) for clone in found)
    if found and total and cloned / total >= MOSTLY_FROM:
        yield NoteFinding(
            "cloned_note",
            f"{cloned / total:.0%} of this note stands word for word in the previous note.",
            Severity.WARNING,
            tuple(clone.line.id for clone in found),
        )
    for clone in found:
        message = f"{clone.share:.0f} % the same as in the previous note."
        quoted = (Span(PREVIOUS, 0.0, 0.0, clone.earlier),)
        yield NoteFinding("cloned_sentence", message, Severity.NOTICE, (clone.line.id,), quoted)


def clones(note: WholeNote) -> Iterator[Clone]:
    """The sentences that stand in the previous note."""
    earlier = {" ".join(words(sentence)): sentence for sentence in note.previous}
    if not earlier:
        return
    for line in note.lines:
        said = " ".join(words(line.text))
        if line.copied or len(said.split()) < SHORTEST:
            continue
        best = process.extractOne(said, earlier.keys(), scorer=fuzz.ratio, score_cutoff=SAME_FROM)
        if best is not None:
            yield Clone(line, earlier[best[0]], float(best[1]))
