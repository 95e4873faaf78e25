"""Properties over any transcript at all: nothing crashes, nothing is cited that is not there."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.codes import propose_icd10
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.model import SourceKind, StatementKind, Transcript
from therapyflows.core.session_note.templates import load_template, template_keys
from therapyflows.governance.evidence.model import Grade, Segment, Speaker

PIECES = [
    "I feel really sad about my job", "um", "you know", "- I-I", "it's, like,", "Yeah.", "No.", "drinking every night",
    "I want to die", "Any thoughts of suicide?", "Do you sleep well?", "I don't", "[unintelligible 00:01:02]",
    "[laughter]", "“quo”", '"', "--", "—", "…", ",", "?", "!", "I'll call my doctor next week", "Ｆｕｌｌ", "é́", "🙂",
    "<script>alert(1)</script>", "It sounds like you're tired of fighting with your wife", "because", "I'm", "4",
    "my mother's sister", "$5.50", "a's'b", "’", "\u200b", "\x00", "İstanbul", "ß", "then when if that", "kind of",
    "I mean", "scale of 1 to 10",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=12).map(" ".join)
SEGMENTS = st.lists(st.tuples(st.sampled_from(Speaker), TEXT, st.floats(0, 100), st.floats(0, 50)), max_size=10)


def transcript_from(rows: list[tuple[Speaker, str, float, float]], source: SourceKind) -> Transcript:
    segments = tuple(
        Segment(f"s{n}", speaker, start, start + length, text)
        for n, (speaker, text, start, length) in enumerate(rows, 1)
    )
    return Transcript(source, 200.0, segments)


@settings(max_examples=150, deadline=None)
@given(SEGMENTS, st.sampled_from(SourceKind), st.sampled_from(template_keys()))
def test_any_transcript_gives_a_draft_that_cites_only_what_is_there(rows, source, key) -> None:
    transcript = transcript_from(rows, source)
    template = load_template(key)
    draft = check_draft(draft_from_evidence(transcript, None, template), transcript, None)
    sections = {section.key for section in template.sections}
    assert {statement.section for statement in draft.statements} == sections
    assert len({statement.id for statement in draft.statements}) == len(draft.statements)
    for statement in draft.statements:
        assert statement.text.strip()
        assert (statement.kind is StatementKind.NOT_ASSESSED) == (statement.grade is Grade.NOT_ASSESSED)
        assert statement.evidence or statement.kind is StatementKind.NOT_ASSESSED
        for span in statement.evidence:
            segment = transcript.segment(span.segment_id)
            assert segment is not None
            assert span.quote
            assert span.quote in segment.text
            assert segment.start_s - 0.001 <= span.start_s <= span.end_s <= segment.end_s + 0.001
        for quote in re.findall(r'"([^"]+)"', statement.text):
            assert any(quote in (transcript.segment(s.segment_id).text) for s in statement.evidence), statement.text


@settings(max_examples=60, deadline=None)
@given(SEGMENTS)
def test_any_transcript_gives_codes_with_words_that_are_there(rows) -> None:
    transcript = transcript_from(rows, SourceKind.RECORDING)
    for proposal in propose_icd10(transcript, None)[0]:
        assert proposal.evidence
        for span in proposal.evidence:
            assert span.quote in transcript.segment(span.segment_id).text


@settings(max_examples=40, deadline=None)
@given(SEGMENTS)
def test_nothing_is_the_clients_when_no_client_speaks(rows) -> None:
    transcript = transcript_from([(Speaker.THERAPIST, *row[1:]) for row in rows], SourceKind.RECORDING)
    draft = draft_from_evidence(transcript, None, load_template("soap"))
    assert not any(statement.text.startswith(("Client", "Asked")) for statement in draft.statements)
