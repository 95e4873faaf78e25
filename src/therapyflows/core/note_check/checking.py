"""Grade every line of a note against the transcript.  Pure; the same note gives the same answer."""

from collections.abc import Sequence

from therapyflows.core.note_check.model import NoteCheck, NoteLine
from therapyflows.core.session_note.checks import ASKS_CLINICIAN, speaker_claim
from therapyflows.core.session_note.model import Transcript
from therapyflows.core.session_note.not_assessed import disclosures
from therapyflows.core.session_note.unasked import AskedSource
from therapyflows.governance.evidence.checker import grade
from therapyflows.governance.evidence.model import Grade, GradedStatement, Span
from therapyflows.governance.evidence.prepared import PreparedSource, prepare
from therapyflows.governance.evidence.whole import check_whole
from therapyflows.governance.evidence.whole.model import Line, People, WholeNote


def check_note(
    lines: Sequence[NoteLine],
    transcript: Transcript,
    *,
    previous: Sequence[str] = (),
    people: People | None = None,
) -> NoteCheck:
    """Every line with its grade, why, and the words of the source that fit it best.

    A line that asks the clinician ("not assessed") claims nothing.  One on risk or mental status without question and
    answer in the source is never supported, whatever else its words match.  ``previous`` are the sentences of the
    previous note, ``people`` what the chart knows.
    """
    source, asked = prepare(transcript.segments), AskedSource(transcript)
    whole = WholeNote(
        lines=tuple(_whole_line(line, source) for line in lines),
        segments=transcript.segments,
        previous=tuple(previous),
        people=people,
        disclosed=() if asked.clinicians_words else tuple(disclosures(transcript)),
    )
    return NoteCheck(tuple(lines), tuple(_checked(line, source, asked) for line in lines), check_whole(whole))


def _whole_line(line: NoteLine, source: PreparedSource) -> Line:
    cited = tuple(span for span in line.cited if _stands(span, source))
    return Line(line.id, line.text, line.section, cited, copied=bool(ASKS_CLINICIAN.search(line.text)))


def _checked(line: NoteLine, source: PreparedSource, asked: AskedSource) -> GradedStatement:
    if ASKS_CLINICIAN.search(line.text):
        return GradedStatement(line.id, Grade.NOT_ASSESSED, (), 0.0, None)
    cited = tuple(span for span in line.cited if _stands(span, source))
    # Without citations only "reports", "denies" and the like say who spoke: "The patient had surgery" is anybody's.
    speaker = speaker_claim(line.text) if cited and not asked.clinicians_words else None
    return asked.judge(line.text, line.section).applied_to(grade(line.id, line.text, source, cited, speaker))


def _stands(span: Span, source: PreparedSource) -> bool:
    return any(s.id == span.segment_id and bool(span.quote) and span.quote in s.text for s in source.segments)
