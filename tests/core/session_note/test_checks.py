"""The lines that may not be made up, whoever drafted them."""

from dataclasses import replace

import pytest

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.model import Draft, SourceKind, Statement, StatementKind
from therapyflows.core.session_note.not_assessed import disclosures, exchanges, sentences
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.evidence.model import Grade, Span

SOAP = load_template("soap")
QUIET = ("T: How was work?", "C: Work was busy and I slept badly.")
ASKED = ("T: Have you had any thoughts of hurting yourself?", "C: No. Not since last year.")


def statement(text: str, kind: StatementKind, *evidence: Span, section: str = "subjective") -> Statement:
    return Statement("st1", section, text, kind, evidence)


def span(segment: str, quote: str) -> Span:
    return Span(segment, 0.0, 1.0, quote)


def checked(transcript, *statements: Statement, context=None) -> Draft:
    return check_draft(Draft("soap", "scripted:model", statements), transcript, context)


def risk_lines(draft: Draft) -> list[str]:
    return [s.text for s in draft.statements if s.kind is StatementKind.RISK or s.text.startswith("Risk")]


def test_asked_and_answered_is_written_with_both_words(talk) -> None:
    transcript = talk(*QUIET, *ASKED)
    draft = check_draft(draft_from_evidence(transcript, None, SOAP), transcript, None)
    assert risk_lines(draft) == [
        'Asked "Have you had any thoughts of hurting yourself?", client answered "No. Not since last year".'
    ]
    line = next(s for s in draft.statements if s.kind is StatementKind.RISK)
    assert [s.segment_id for s in line.evidence] == ["s3", "s4"]
    assert line.grade is Grade.SUPPORTED
    assert "risk_disclosed" not in [notice.code for notice in draft.warnings]


def test_never_asked_is_not_assessed(talk) -> None:
    transcript = talk(*QUIET)
    draft = check_draft(draft_from_evidence(transcript, None, SOAP), transcript, None)
    assert risk_lines(draft) == ["Risk: not assessed in the source. Clinician to complete."]


def test_asked_without_an_answer_is_not_assessed(talk) -> None:
    transcript = talk("C: I slept badly.", "T: Any thoughts of suicide?")
    draft = check_draft(draft_from_evidence(transcript, None, SOAP), transcript, None)
    assert risk_lines(draft) == ["Risk: not assessed in the source. Clinician to complete."]


def test_a_disclosure_stands_first_in_the_clients_words_and_is_flagged(talk) -> None:
    transcript = talk(*QUIET, "C: And sometimes I just want to die.")
    draft = check_draft(draft_from_evidence(transcript, None, SOAP), transcript, None)
    assert draft.statements[0].text == 'Client said, "sometimes I just want to die".'
    assert draft.statements[0].kind is StatementKind.RISK
    assert draft.warnings[0].code == "risk_disclosed"
    assert any("Clinician to assess" in text for text in risk_lines(draft))


def test_a_disclosure_that_a_model_left_out_is_put_in(talk) -> None:
    transcript = talk(*QUIET, "C: I keep cutting myself at night.")
    draft = checked(
        transcript, statement("Client reports that work was busy.", StatementKind.REPORTED, span("s2", "Work was busy"))
    )
    assert draft.statements[0].text == 'Client said, "I keep cutting myself at night".'
    assert draft.warnings[0].code == "risk_disclosed"


@pytest.mark.parametrize(
    ("said", "is_one"),
    [
        ("I thought about killing myself.", True),
        ("I don't want to be here anymore.", True),
        ("I’m not suicidal.", True),
        ("I want to kill him.", True),
        ("I might fall and hurt myself.", False),
        ("That exam killed me.", False),
        ("I'm not planning on spending my life in debt.", False),
        ("My grandfather died.", False),
    ],
)
def test_what_counts_as_a_disclosure(talk, said: str, is_one: bool) -> None:
    assert bool(list(disclosures(talk("C: " + said)))) is is_one


@pytest.mark.parametrize("kind", [StatementKind.RISK, StatementKind.MENTAL_STATUS])
def test_a_made_up_risk_or_mental_status_line_is_replaced(talk, kind: StatementKind) -> None:
    transcript = talk(*QUIET)
    draft = checked(transcript, statement("Client denies SI and HI.", kind, span("s2", "I slept badly")))
    assert "denies" not in " ".join(s.text for s in draft.statements)
    assert {s.kind for s in draft.statements} == {StatementKind.NOT_ASSESSED}


@pytest.mark.parametrize(
    "text",
    [
        "Client denies suicidal ideation.",
        "No SI/HI reported.",
        "Affect was congruent and client was oriented.",
        "Client has no past psychiatric history.",
        "Client gave informed consent to recording.",
    ],
)
def test_such_a_line_under_another_kind_is_unsupported(talk, text: str) -> None:
    draft = checked(talk(*QUIET), statement(text, StatementKind.REPORTED, span("s2", "I slept badly")))
    assert draft.statements[0].text == text
    assert draft.statements[0].grade is Grade.UNSUPPORTED
    assert draft.statements[0].reasons


def test_a_history_line_needs_its_question(talk) -> None:
    transcript = talk("T: Have you ever been in treatment before?", "C: No, never.")
    text = 'Asked "Have you ever been in treatment before?", client answered "No, never".'
    cited = (span("s1", "Have you ever been in treatment before?"), span("s2", "No, never"))
    assert checked(transcript, statement(text, StatementKind.HISTORY, *cited)).statements[0].grade is Grade.SUPPORTED
    alone = checked(transcript, statement("Client was never in treatment.", StatementKind.HISTORY, cited[1]))
    assert alone.statements[0].grade is Grade.UNSUPPORTED


def test_a_consent_line_that_differs_from_the_record_is_unsupported(talk, chart) -> None:
    context = chart()
    transcript = talk(*QUIET)
    record = context.client.consents[0].statement
    same = checked(transcript, statement(record, StatementKind.CONSENT), context=context)
    other = checked(transcript, statement(record + " Forever.", StatementKind.CONSENT), context=context)
    assert same.statements[0].grade is Grade.SUPPORTED
    assert other.statements[0].grade is Grade.UNSUPPORTED
    assert checked(transcript, statement(record, StatementKind.CONSENT)).statements[0].grade is Grade.UNSUPPORTED


def test_missing_required_lines_are_added_in_their_sections(talk) -> None:
    transcript = talk(*QUIET)
    draft = checked(
        transcript, statement("Client reports that work was busy.", StatementKind.REPORTED, span("s2", "Work was busy"))
    )
    asks = [(s.section, s.text.split(":")[0]) for s in draft.statements if s.kind is StatementKind.NOT_ASSESSED]
    assert ("subjective", "Risk") in asks
    assert ("objective", "Mental status") in asks


def test_a_claim_under_the_kind_not_assessed_is_graded_like_any_other(talk) -> None:
    draft = checked(talk(*QUIET), statement("Client is doing great.", StatementKind.NOT_ASSESSED))
    assert draft.statements[0].grade is Grade.UNSUPPORTED


def test_a_citation_that_is_not_in_the_source_is_dropped(talk) -> None:
    draft = checked(talk(*QUIET), statement("Client slept badly.", StatementKind.REPORTED, span("s9", "slept badly")))
    assert draft.statements[0].evidence == ()
    assert draft.statements[0].grade is Grade.UNSUPPORTED
    assert "a citation does not occur in the source" in draft.statements[0].reasons


def test_the_therapists_words_as_the_clients_are_unsupported(talk) -> None:
    transcript = talk("T: I drink six beers every night.", "C: Okay.")
    draft = checked(
        transcript,
        statement(
            "Client drinks six beers every night.", StatementKind.REPORTED, span("s1", "I drink six beers every night.")
        ),
    )
    assert draft.statements[0].grade is Grade.UNSUPPORTED


def test_checking_twice_changes_nothing(talk, chart) -> None:
    context = chart()
    transcript = talk(*QUIET, *ASKED, "C: I feel hopeless and I want to die.")
    once = check_draft(draft_from_evidence(transcript, context, SOAP), transcript, context)
    assert check_draft(once, transcript, context) == once


def test_dictated_risk_stands_as_dictated(talk) -> None:
    transcript = talk("T: Client denied suicidal ideation.", source=SourceKind.DICTATION)
    draft = check_draft(draft_from_evidence(transcript, None, SOAP), transcript, None)
    assert any(s.text == "Client denied suicidal ideation." and s.grade is Grade.SUPPORTED for s in draft.statements)


def test_the_clinicians_own_rewriting_is_not_replaced(talk) -> None:
    draft = checked(talk(*QUIET), statement("Client denies SI.", StatementKind.CLINICIAN))
    assert draft.statements[0].text == "Client denies SI."


def test_the_answer_may_come_after_a_word_of_the_therapist(talk) -> None:
    transcript = talk("T: Any thoughts of suicide?", "T: Take your time.", "C: No, none.")
    assert [e.answer.id for e in exchanges(transcript, "risk")] == ["s3"]


def test_sentences_have_their_offsets() -> None:
    text = "  One. Two?  Three"
    assert [text[a:b] for a, b in sentences(text)] == ["One.", "Two?", "Three"]


def test_warnings_of_the_draft_are_kept(talk) -> None:
    transcript = talk(*QUIET)
    draft = replace(draft_from_evidence(transcript, None, SOAP), fallback_from="x:y")
    assert check_draft(draft, transcript, None).fallback_from == "x:y"


def test_a_later_check_without_the_chart_keeps_what_was_copied(talk, chart) -> None:
    context = chart()
    transcript = talk(*QUIET)
    draft = check_draft(draft_from_evidence(transcript, context, SOAP), transcript, context)
    assert check_draft(draft, transcript, None) == draft


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ("Any thoughts of hurting yourself", True),
        ("Have you been thinking about suicide?", True),
        ("You told me on the phone that you wanted to die.", True),
        ("So you don't want to hurt yourself.", False),
        ("Did you hurt yourself in this fall?", False),
        ("So you didn't hurt anybody.", False),
        ("What would make you feel safe?", False),
    ],
)
def test_what_counts_as_asking_about_risk(talk, said: str, counts: bool) -> None:
    assert bool(exchanges(talk("T: " + said, "C: No."), "risk")) is counts
