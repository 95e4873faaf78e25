"""Text in the note that is no clinical statement: a machine's talk, instructions, placeholders, markup, repetition."""

from collections.abc import Iterator

from therapyflows.governance.evidence.whole.model import Line, NoteFinding, Severity, WholeNote
from therapyflows.governance.evidence.whole.phrases import pattern
from therapyflows.governance.evidence.words import QUOTED, words

KINDS = {
    "machine_talk": "This is a machine speaking about itself or to the reader, not a statement about the session.",
    "instructions": "This reads like an instruction to a machine, not like a statement about the session.",
    "placeholders": "A placeholder was not filled in.",
    "markup": "Marks of a text format were left in the statement.",
}
REPEATED = "The note says this more than once."
_SHORTEST_REPEAT = 5
"""Words; shorter lines repeat rightly ("No change.")."""


def check(note: WholeNote) -> Iterator[NoteFinding]:
    """A finding per kind with the statements concerned; what somebody said, in quotation marks, is theirs."""
    for kind, message in KINDS.items():
        ids = tuple(line.id for line in note.lines if pattern("off_topic", kind).search(_looked_at(line.text, kind)))
        if ids:
            yield NoteFinding(f"off_topic_{kind}", message, Severity.WARNING, ids)
    repeated = tuple(_repeated(note.lines))
    if repeated:
        yield NoteFinding("repeated", REPEATED, Severity.NOTICE, repeated)


def _looked_at(text: str, kind: str) -> str:
    return text if kind == "markup" else QUOTED.sub(" ", text)


def _repeated(lines: tuple[Line, ...]) -> Iterator[str]:
    """Within a section; what the assessment takes up from the history comes back rightly."""
    seen: set[tuple[str | None, tuple[str, ...]]] = set()
    for line in lines:
        said = line.section, tuple(words(line.text))
        if said in seen and len(said[1]) >= _SHORTEST_REPEAT and not line.copied:
            yield line.id
        seen.add(said)
