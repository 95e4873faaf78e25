"""What people say into a dictation device and do not want in the note."""

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.model import SourceKind, StatementKind
from therapyflows.core.session_note.templates import load_template


def dictated(talk, *sentences: str):
    transcript = talk(*(f"U: {sentence}" for sentence in sentences), source=SourceKind.DICTATION)
    return check_draft(draft_from_evidence(transcript, None, load_template("soap")), transcript, None).statements


def test_spoken_punctuation_and_the_header_are_left_out(talk) -> None:
    found = dictated(
        talk,
        "Okay so this is a progress note for Testa Example.",
        "New paragraph.",
        "Comma she sleeps five hours a night.",
    )
    said = [s.text for s in found if s.kind is not StatementKind.NOT_ASSESSED]
    assert said == ["She sleeps five hours a night."]


def test_the_clinicians_intention_is_the_plan(talk) -> None:
    found = dictated(talk, "I'll see her next Monday at ten.")
    assert ("plan", "Clinician will see her next Monday at ten.") in [(s.section, s.text) for s in found]


def test_the_clinicians_denial_is_not_put_into_the_clients_mouth(talk) -> None:
    found = dictated(talk, "She denies suicidal ideation, intent or plan.")
    texts = [s.text for s in found]
    assert "She denies suicidal ideation, intent or plan." in texts
    assert not any(text.startswith("Client said") for text in texts)
    assert not any(text.startswith("Risk:") for text in texts)


def test_a_correction_is_shown_as_spoken(talk) -> None:
    assert any(
        '"scratch that, no group for now"' in s.text for s in dictated(talk, "Oh, scratch that, no group for now.")
    )
