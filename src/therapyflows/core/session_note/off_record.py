"""Off-record words and psychotherapy notes in a transcript: held back at once, shown to the clinician alone.

The stored transcript keeps them, marked, behind a fold of the review page; ``Transcript.on_record`` is what a drafter,
a model, a check or an export gets.  The clinician may mark a turn or put one back.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from therapyflows.core.errors import NotFound, UnusableSource
from therapyflows.core.notices import Notice
from therapyflows.core.session_note.model import Draft, Transcript, Withheld
from therapyflows.core.session_note.not_assessed import disclosures, exchanges
from therapyflows.governance.consent.walls import Found, Stretch, Wall, find_stretches, record_facts
from therapyflows.governance.evidence.model import Segment, Span, Word

RISK_HELD_BACK = "risk_held_back"

_HELD_BACK = {
    Wall.OFF_RECORD: "off the record",
    Wall.PSYCHOTHERAPY_NOTE: "as a psychotherapy note",
}
_NOT_ENDED = {
    Wall.OFF_RECORD: "Nobody said “back on the record”, so what was held back ends after five minutes (20 turns). "
    "Check where it ends.",
    Wall.PSYCHOTHERAPY_NOTE: "Nobody ended the psychotherapy note, so everything behind its beginning was held back.",
}


def wall_off(transcript: Transcript) -> Transcript:
    """The transcript with what the rules find marked as withheld; turns are cut where a stretch begins or ends.

    Segments are numbered anew when one was cut.  Raises UnusableSource (``nothing_on_record``) when nothing is left.
    """
    found = find_stretches(transcript.segments)
    if not found.stretches:
        return transcript
    segments, withheld = _cut(transcript.segments, found.stretches)
    walled = replace(transcript, segments=segments, withheld=withheld)
    if not any(segment.text.strip() for segment in walled.on_record.segments):
        raise UnusableSource(
            "nothing_on_record",
            "Everything in this source is off the record or a psychotherapy note",
            remedy="Write the note by hand",
        )
    return replace(walled, warnings=(*transcript.warnings, *_notices(walled, found)))


def mark(transcript: Transcript, segment_id: str) -> Transcript:
    """The clinician takes one turn off the record.  Raises NotFound for a turn that is not there."""
    _require(transcript, segment_id)
    if segment_id in transcript.withheld_ids:
        return transcript
    return replace(transcript, withheld=(*transcript.withheld, Withheld(segment_id, Wall.OFF_RECORD, by="clinician")))


def unmark(transcript: Transcript, segment_id: str) -> Transcript:
    """The clinician puts one turn back on the record."""
    _require(transcript, segment_id)
    return replace(transcript, withheld=tuple(w for w in transcript.withheld if w.segment_id != segment_id))


def without_withheld(draft: Draft, transcript: Transcript) -> Draft:
    """The draft without statements and codes that rest, even in part, on something withheld, and without findings about
    them: a finding may quote what it is about.
    """
    ids = transcript.withheld_ids
    gone = {s.id for s in draft.statements if _rests_on(s.evidence, ids)}
    findings = tuple(f for f in draft.findings if not (_rests_on(f.spans, ids) or gone & set(f.statement_ids)))
    keys = {finding.key for finding in findings}
    return replace(
        draft,
        statements=tuple(s for s in draft.statements if s.id not in gone),
        codes=tuple(c for c in draft.codes if not _rests_on(c.evidence, ids)),
        findings=findings,
        excused=tuple(excuse for excuse in draft.excused if excuse.finding in keys),
    )


def _rests_on(evidence: Sequence[Span], ids: frozenset[str]) -> bool:
    return any(span.segment_id in ids for span in evidence)


def _require(transcript: Transcript, segment_id: str) -> None:
    if transcript.segment(segment_id) is None:
        raise NotFound("turn_unknown", "This turn is not in the transcript.")


def _notices(walled: Transcript, found: Found) -> Iterator[Notice]:
    held = [segment for segment in walled.segments if segment.id in walled.withheld_ids]
    for wall, count in sorted(Counter(w.wall for w in walled.withheld).items()):
        turns = "1 turn was" if count == 1 else f"{count} turns were"
        message = (
            f"{turns} held back {_HELD_BACK[wall]}: no draft and no model saw them. You find them in the transcript."
        )
        yield Notice(f"{wall.value}_held_back", message)
    for wall in sorted(found.not_ended):
        yield Notice(f"{wall.value}_not_ended", _NOT_ENDED[wall])
    aside = replace(walled, segments=tuple(held), withheld=())
    if any(disclosures(aside)) or any(exchanges(aside, "risk")):
        yield Notice(RISK_HELD_BACK, "What was held back may speak of a risk. Read it: nothing of it is in the draft.")
    notes = {w.segment_id for w in walled.withheld if w.wall is Wall.PSYCHOTHERAPY_NOTE}
    facts = record_facts(" ".join(segment.text for segment in held if segment.id in notes))
    if facts:
        message = f"The psychotherapy note may hold what belongs into the progress note: {', '.join(facts)}."
        yield Notice("psychotherapy_note_holds_record_facts", message)


def _cut(segments: Sequence[Segment], stretches: Sequence[Stretch]) -> tuple[tuple[Segment, ...], tuple[Withheld, ...]]:
    pieces: list[tuple[Segment, Wall | None]] = []
    for index, segment in enumerate(segments):
        pieces += _pieces(segment, [s for s in stretches if s.segment == index])
    numbered = len(pieces) > len(segments)
    named = [
        (replace(segment, id=f"s{number}") if numbered else segment, wall)
        for number, (segment, wall) in enumerate(pieces, 1)
    ]
    return tuple(segment for segment, _ in named), tuple(Withheld(s.id, wall) for s, wall in named if wall is not None)


def _pieces(segment: Segment, stretches: Sequence[Stretch]) -> Iterator[tuple[Segment, Wall | None]]:
    """The segment cut into what is held back and what is not, in order; whole when it is all one or the other."""
    edges: list[tuple[int, int, Wall | None]] = []
    at = 0
    for start, end, held in _runs(segment.text, stretches):
        edges += [(at, start, None), (start, end, held)]
        at = end
    edges.append((at, len(segment.text), None))
    parts = [edge for edge in edges if segment.text[edge[0] : edge[1]].strip()]
    if len(parts) <= 1:
        yield segment, parts[0][2] if parts else None
        return
    for start, end, wall in parts:
        yield _part(segment, start, end), wall


def _runs(text: str, stretches: Sequence[Stretch]) -> list[tuple[int, int, Wall]]:
    """Stretches of the same wall with nothing between them, as one."""
    runs: list[tuple[int, int, Wall]] = []
    for stretch in stretches:
        if runs and runs[-1][2] is stretch.wall and not text[runs[-1][1] : stretch.start].strip():
            runs[-1] = (runs[-1][0], stretch.end, stretch.wall)
        else:
            runs.append((stretch.start, stretch.end, stretch.wall))
    return runs


def _part(segment: Segment, start: int, end: int) -> Segment:
    """Characters [start, end) with the words and times that belong to them."""
    words = tuple(word for word, at in _placed(segment) if start <= at < end)
    if words:
        begins, ends = words[0].start_s, words[-1].end_s
    else:
        length, spoken = max(len(segment.text), 1), segment.end_s - segment.start_s
        begins, ends = segment.start_s + spoken * start / length, segment.start_s + spoken * end / length
    return replace(segment, start_s=begins, end_s=ends, text=segment.text[start:end].strip(), words=words)


def _placed(segment: Segment) -> Iterator[tuple[Word, int]]:
    """Each recognized word with its place in the text; one that is not found stands where the search was."""
    at = 0
    for word in segment.words:
        found = segment.text.find(word.text.strip(), at)
        at = found if found >= 0 else at
        yield word, at
