"""Claims on risk and mental status, topic by topic, against what was asked and answered."""

import pytest

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.model import Draft, SourceKind, Statement, StatementKind
from therapyflows.core.session_note.unasked import AskedSource
from therapyflows.governance.evidence.model import Grade, GradedStatement, Span

QUIET = ("T: How was work?", "C: Busy, and I slept badly.")
SUPPORTED = GradedStatement("n1", Grade.SUPPORTED, (), 0.0, None)


@pytest.mark.parametrize(
    "text",
    [
        "Denies SI/HI.",
        "Denies suicidal or homicidal ideation.",
        "No safety concerns.",
        "Low risk at this time.",
        "A&O x4",
        "AOx3.",
        "Patient is alert and oriented x3.",
        "Mood euthymic, affect congruent.",
        "Mood: stable",
        "Insight good, judgment intact.",
        "Thought process linear.",
        "No AVH.",
        "Eye contact appropriate; speech normal.",
        "Well-groomed.",
        "Memory intact.",
        "No access to firearms.",
    ],
)
def test_what_nobody_asked_about_is_flagged_whatever_else_supports_it(talk, text: str) -> None:
    judged = AskedSource(talk(*QUIET)).judge(text).applied_to(SUPPORTED)
    assert judged.grade is Grade.UNSUPPORTED
    assert judged.score > 0.9
    assert judged.reasons[0].startswith("not assessed: no question and answer in the source about")


@pytest.mark.parametrize(
    "text",
    [
        "Denies chest pain, shortness of breath and fever.",
        "Denies depression and anxiety.",
        "Low-risk stress test in 2019.",
        "At low risk for stroke.",
        "The risk of falls is high.",
        "Goal-oriented work continues.",
        "Client reports mood swings.",
        "The joint is stable.",
        'Client said, "I am not suicidal".',
    ],
)
def test_ordinary_statements_are_left_alone(talk, text: str) -> None:
    assert AskedSource(talk(*QUIET)).judge(text).grade is None


def test_a_question_about_suicide_covers_no_harm_to_others(talk) -> None:
    source = AskedSource(talk("T: Any thoughts of suicide?", "C: No, never."))
    judged = source.judge("Denies SI/HI.")
    assert judged.grade is Grade.UNSUPPORTED
    assert judged.reason.endswith("about harm to others")
    both = talk("T: Any thoughts of suicide?", "C: No.", "T: Or of hurting anybody else?", "C: No, never.")
    assert AskedSource(both).judge("Denies SI/HI.").grade is Grade.SUPPORTED


def test_a_denial_that_was_asked_and_answered_is_supported_by_the_answer(talk) -> None:
    judged = AskedSource(talk("T: Any thoughts of suicide?", "C: No, never.")).judge("Denies SI.")
    assert (judged.grade, judged.span.quote) == (Grade.SUPPORTED, "No, never.")


@pytest.mark.parametrize(
    ("answer", "text", "grade"),
    [
        ("Yes, sometimes at night.", "Denies SI.", Grade.CONTRADICTED),
        ("No, never.", "Client endorses SI.", Grade.CONTRADICTED),
        ("Yes, at night.", "Client endorses SI.", Grade.SUPPORTED),
        ("It depends.", "Denies SI.", None),
        ("No.", "Denies SI and takes sertraline.", None),
    ],
)
def test_the_answer_decides(talk, answer: str, text: str, grade: Grade | None) -> None:
    assert AskedSource(talk("T: Any thoughts of suicide?", f"C: {answer}")).judge(text).grade is grade


def test_what_is_seen_no_question_covers_and_spoken_aloud_is_partly(talk) -> None:
    asked = talk("T: How is your mood?", "C: Good.")
    assert AskedSource(asked).judge("Mood good.").grade is None
    assert AskedSource(asked).judge("Affect congruent.").grade is Grade.UNSUPPORTED
    aloud = talk("T: You are alert and oriented today.", "C: Good.")
    judged = AskedSource(aloud).judge("Alert and oriented.")
    assert (judged.grade, judged.span.segment_id) == (Grade.PARTLY, "s1")


def test_a_line_below_the_heading_risk_is_one_of_risk(talk) -> None:
    assert AskedSource(talk(*QUIET)).judge("None reported.", "risk").grade is Grade.UNSUPPORTED
    assert AskedSource(talk("T: Any thoughts of suicide?", "C: No.")).judge("None reported.", "risk").grade is None


def test_an_unasked_disclosure_may_be_reported_but_not_denied(talk) -> None:
    source = AskedSource(talk("C: I want to die.", "T: I am glad that you say so."))
    assert source.judge("Client endorses passive SI.").grade is None
    assert source.judge("Denies SI.").grade is Grade.UNSUPPORTED


def test_the_clinicians_own_dictation_states_what_they_assessed(talk) -> None:
    dictation = talk("T: Affect was congruent.", source=SourceKind.DICTATION)
    assert AskedSource(dictation).judge("Affect congruent.").grade is None


def test_a_drafted_line_that_cites_one_question_claims_no_other_topic(talk) -> None:
    transcript = talk("T: Any thoughts of suicide?", "C: No, never.")
    cited = (Span("s1", 0, 1, "Any thoughts of suicide?"), Span("s2", 0, 1, "No, never."))
    line = Statement("st1", "subjective", "Client denies SI/HI.", StatementKind.RISK, cited)
    found = check_draft(Draft("soap", "scripted:model", (line,)), transcript, None).statements[0]
    assert found.grade is Grade.UNSUPPORTED
    assert "harm to others" in found.reasons[0]
