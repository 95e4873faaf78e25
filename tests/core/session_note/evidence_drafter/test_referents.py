"""A line must be understandable alone."""

import pytest

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.evidence_drafter.clauses import clauses_of
from therapyflows.core.session_note.evidence_drafter.referents import stands_alone
from therapyflows.core.session_note.evidence_drafter.speech import turns_of
from therapyflows.core.session_note.templates import load_template


@pytest.mark.parametrize(
    ("said", "alone"),
    [
        ("I tend to turn it down.", False),
        ("That makes me nervous at work.", False),
        ("She comes over on Wednesdays now.", False),
        ("I want to stop doing that.", False),
        ("In the moment it feels completely real.", False),
        ("I was on the train and it got crowded.", True),
        ("I think that my boss is angry.", True),
        ("It's hard to get up in the morning.", True),
        ("My sister said she will help.", True),
    ],
)
def test_a_word_that_points_back_needs_something_to_point_at(talk, said: str, alone: bool) -> None:
    (clause,) = clauses_of(turns_of(talk(f"C: {said}").segments))
    assert stands_alone(clause) is alone


def test_the_sentence_before_is_quoted_along_or_the_line_is_dropped(talk) -> None:
    transcript = talk(
        "T: Go on.",
        "C: My neighbor drinks every night. He yells at me and my children.",
        "T: I see.",
        "C: It makes me angry and tired every single day.",
    )
    draft = check_draft(draft_from_evidence(transcript, None, load_template("soap")), transcript, None)
    told = " ".join(s.text for s in draft.statements)
    assert "My neighbor drinks every night. He yells at me and my children" in told
    assert "makes" not in told
