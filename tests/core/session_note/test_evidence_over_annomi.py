"""What must hold of every statement, over 89 real dialogues.

"The words that a statement rests on" are the content words of its quotations and of what it retells, without the note's
own reporting words; each must stand, by its stem, in the words that the statement cites.
"""

import re
from collections.abc import Iterator

import pytest

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.model import Draft, Statement, StatementKind, Transcript
from therapyflows.core.session_note.templates import load_template, template_keys
from therapyflows.governance.evidence.model import Grade, Speaker
from therapyflows.governance.evidence.words import claim_stems, content_stems

QUOTED = re.compile(r'"([^"]+)"')
DISFLUENT = re.compile(r"\b(?:um|uh|er|erm|mm-hmm|uh-huh|you know|i mean|kinda|gonna|wanna)\b|--|—|\b(\w+) \1\b", re.I)
FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'll|i'd|me|my|mine|myself|we|us|our|you|your)\b", re.I)
DOUBLED_ON_PURPOSE = {
    "had had",
    "very very",
    "that that",
    "her her",
    "far far",
    "so so",
    "no no",
    "really really",
    "long long",
}
CLIENTS_WORDS = (
    "Client",
    "In favor of change, client",
    "Against change, client",
    "On what has changed, client",
    "Recurring",
)
LONGEST = 60


@pytest.fixture(scope="module")
def drafts(annomi: dict[str, Transcript]) -> dict[str, tuple[Transcript, Draft]]:
    soap = load_template("soap")
    return {key: (t, check_draft(draft_from_evidence(t, None, soap), t, None)) for key, t in annomi.items()}


def cited(drafts: dict[str, tuple[Transcript, Draft]]) -> Iterator[tuple[str, Transcript, Statement]]:
    for key, (transcript, draft) in drafts.items():
        for statement in draft.statements:
            if statement.kind is not StatementKind.NOT_ASSESSED:
                yield key, transcript, statement


def outside_quotes(text: str) -> str:
    return QUOTED.sub('""', text)


def test_every_quote_of_the_evidence_stands_in_its_segment_within_its_seconds(drafts) -> None:
    for key, transcript, statement in cited(drafts):
        assert statement.evidence, (key, statement.text)
        for span in statement.evidence:
            segment = transcript.segment(span.segment_id)
            assert segment is not None
            assert span.quote in segment.text, (key, statement.text)
            assert segment.start_s <= span.start_s <= span.end_s <= segment.end_s


def test_the_cited_words_carry_every_content_word_of_the_statement(drafts) -> None:
    for key, _, statement in cited(drafts):
        there = content_stems(" ".join(span.quote for span in statement.evidence))
        missing = claim_stems(statement.text) - set(there)
        assert not missing, (key, statement.text, missing)


def test_every_quotation_is_verbatim_in_a_cited_segment(drafts) -> None:
    for key, transcript, statement in cited(drafts):
        texts = [transcript.segment(span.segment_id).text for span in statement.evidence]
        for quote in QUOTED.findall(statement.text):
            assert any(quote in text for text in texts), (key, statement.text)


def test_what_the_client_reports_was_said_by_the_client(drafts) -> None:
    for key, transcript, statement in cited(drafts):
        speakers = {transcript.segment(span.segment_id).speaker for span in statement.evidence}
        if statement.text.startswith(CLIENTS_WORDS):
            assert speakers == {Speaker.CLIENT}, (key, statement.text)
        elif statement.text.startswith("Asked"):
            assert speakers == {Speaker.THERAPIST, Speaker.CLIENT}, (key, statement.text)
        else:
            assert statement.text.startswith("Therapist"), (key, statement.text)
            assert Speaker.THERAPIST in speakers, (key, statement.text)


def test_no_statement_says_again_what_another_says(drafts) -> None:
    for key, (_, draft) in drafts.items():
        texts = [s for s in draft.statements if s.kind not in (StatementKind.NOT_ASSESSED, StatementKind.RISK)]
        assert len({s.text for s in texts}) == len(texts)
        told = [(s.text, claim_stems(s.text)) for s in texts if s.kind is StatementKind.REPORTED]
        for index, (text, stems) in enumerate(told):
            for other, others in told[index + 1 :]:
                shared = len(stems & others) / max(len(stems | others), 1)
                assert shared < 0.8, (key, text, other)


def test_statements_read_like_a_note(drafts) -> None:
    for key, _, statement in cited(drafts):
        text = statement.text
        bare = outside_quotes(text).replace("’", "'")
        assert text[0].isupper(), (key, text)
        assert text.endswith("."), (key, text)
        assert 4 <= len(text.split()) <= LONGEST, (key, text)
        assert not FIRST_PERSON.search(bare), (key, text)
        found = [m.group().lower() for m in DISFLUENT.finditer(bare)]
        assert not set(found) - DOUBLED_ON_PURPOSE, (key, text)
        assert "  " not in text
        assert " ," not in text


def test_nearly_all_statements_are_graded_supported(drafts) -> None:
    grades = [statement.grade for _, _, statement in cited(drafts)]
    assert grades.count(Grade.SUPPORTED) / len(grades) > 0.99


def test_risk_is_not_assessed_unless_somebody_asked_or_told(drafts) -> None:
    for key, (_, draft) in drafts.items():
        text = " ".join(statement.text for statement in draft.statements)
        assert "denies" not in outside_quotes(text), key
        risk = [s for s in draft.statements if s.kind is StatementKind.RISK or s.text.startswith("Risk:")]
        assert risk, key


def test_drafts_are_short(drafts) -> None:
    for key, (transcript, draft) in drafts.items():
        spoken = sum(len(segment.text.split()) for segment in transcript.segments)
        lines = [s for s in draft.statements if s.kind is not StatementKind.NOT_ASSESSED]
        assert len(lines) <= (20 if spoken < 1500 else 32), (key, spoken, len(lines))


def test_most_dialogues_yield_something_worth_reading(drafts) -> None:
    rich = [
        key
        for key, (transcript, draft) in drafts.items()
        if len(transcript.segments) >= 30 and sum(s.kind is StatementKind.REPORTED for s in draft.statements) >= 3
    ]
    long = [key for key, (transcript, _) in drafts.items() if len(transcript.segments) >= 30]
    assert len(rich) / len(long) > 0.9


@pytest.mark.parametrize("key", ["soap", "dap", "birp", "girp"])
def test_every_format_files_into_its_own_sections(key: str, annomi: dict[str, Transcript]) -> None:
    template = load_template(key)
    assert key in template_keys()
    for transcript in list(annomi.values())[:12]:
        draft = check_draft(draft_from_evidence(transcript, None, template), transcript, None)
        sections = [statement.section for statement in draft.statements]
        assert set(sections) == {section.key for section in template.sections}
        order = [section.key for section in template.sections]
        assert sections == sorted(sections, key=order.index)
