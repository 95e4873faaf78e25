"""The note beside the client's previous one: what is new, what was reworded, what was carried over, what is gone.

A note must describe this session.  Carried-over text is not wrong in itself ("Continue weekly therapy."), and it is
what audits of cloned documentation look for, so it is shown for a look.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz, process

from therapyflows.core.chart import Note
from therapyflows.core.note_check.plain_note import sentences_of
from therapyflows.core.session_note.model import Draft, Statement
from therapyflows.core.session_note.word_diff import Piece, word_diff
from therapyflows.governance.evidence.words import words

ALIKE_FROM = 60.0
"""Per cent of the letters; below, two sentences are taken for two."""


class Origin(StrEnum):
    NEW = "new"
    REWORDED = "reworded"
    CARRIED_OVER = "carried_over"


@dataclass(frozen=True, slots=True)
class Compared:
    """A statement, and what the previous note said in its place."""

    statement: Statement
    origin: Origin
    pieces: tuple[Piece, ...] = ()
    """From the earlier sentence to this one; empty for what is new."""


@dataclass(frozen=True, slots=True)
class Comparison:
    lines: tuple[Compared, ...]
    gone: tuple[str, ...]
    """Sentences of the previous note that nothing here continues."""

    @property
    def counts(self) -> dict[Origin, int]:
        return dict(Counter(line.origin for line in self.lines))


def sentences_of_note(note: Note) -> Iterator[str]:
    for section in note.draft_content:
        for line in section.text.splitlines():
            yield from sentences_of(line)


def compare(draft: Draft, previous: Note) -> Comparison:
    """Each statement against the sentences that are most like its own; carried over means: word for word."""
    earlier = list(dict.fromkeys(sentences_of_note(previous)))
    continued: set[str] = set()
    lines = []
    for statement in draft.statements:
        line, like = _compared(statement, earlier)
        lines.append(line)
        continued |= like
    return Comparison(tuple(lines), tuple(sentence for sentence in earlier if sentence not in continued))


def _compared(statement: Statement, earlier: list[str]) -> tuple[Compared, set[str]]:
    """The statement, and which earlier sentences it continues; it may be made of several sentences."""
    parts = sentences_of(statement.text)
    best = [process.extractOne(part, earlier, scorer=fuzz.ratio, score_cutoff=ALIKE_FROM) for part in parts]
    found = [match for match in best if match is not None]
    if not found:
        return Compared(statement, Origin.NEW), set()
    like = [match[0] for match in found]
    carried = len(found) == len(parts) and all(words(a) == words(b) for a, b in zip(parts, like, strict=True))
    origin = Origin.CARRIED_OVER if carried else Origin.REWORDED
    return Compared(statement, origin, word_diff(" ".join(like), statement.text)), set(like)
