"""The plan: what was proposed, restated or intended, with the client's own answer."""

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.evidence.model import Grade

BEFORE = ("T: How was the week?", "C: Long, with a lot of work.", "T: I see.", "C: Yes, quite long.")


def plan(transcript) -> list[str]:
    draft = check_draft(draft_from_evidence(transcript, None, load_template("soap")), transcript, None)
    lines = [s for s in draft.statements if s.section == "plan"]
    assert all(s.grade in (Grade.SUPPORTED, Grade.NOT_ASSESSED) for s in lines)
    return [s.text for s in lines]


def test_homework_and_the_next_appointment_come_with_the_clients_answer(talk) -> None:
    lines = plan(
        talk(
            *BEFORE,
            "T: For next week, I'd like you to take the elevator twice. Would you be willing to try that?",
            "C: Okay. I can do that. Twice, then.",
            "T: And please keep writing down each headache in the diary.",
            "C: Sure, I will.",
            "T: Shall we meet again next Tuesday at the same time?",
            "C: Yes, that works for me. Thank you.",
        )
    )
    assert any("take the elevator twice" in line and 'client agreed, "Okay' in line for line in lines)
    assert any("writing down each headache" in line and 'client agreed, "Sure' in line for line in lines)
    assert any(
        line.endswith('next Tuesday at the same time"; client agreed, "Yes, that works for me".') for line in lines
    )


def test_what_the_client_turns_down_is_no_plan(talk) -> None:
    lines = plan(talk(*BEFORE, "T: You could try a support group for parents.", "C: I don't like groups."))
    assert not any("support group" in line for line in lines)


def test_what_the_therapist_restates_and_the_client_confirms_is_a_plan(talk) -> None:
    lines = plan(talk(*BEFORE, "T: So you're going to call the clinic on Monday morning.", "C: Yeah."))
    assert lines == [
        'Therapist summarized that they are going to call the clinic on Monday morning; client agreed, "Yeah".'
    ]


def test_a_promise_that_points_back_stands_with_what_it_answers(talk) -> None:
    lines = plan(talk(*BEFORE, "T: The nurse has a leaflet about sleep for you.", "C: I'll definitely read it."))
    assert lines == [
        'Therapist said, "The nurse has a leaflet about sleep for you"; client answered, "I\'ll definitely read it".'
    ]


def test_a_suggestion_without_agreement_is_no_plan(talk) -> None:
    lines = plan(
        talk(*BEFORE, "T: You could try a warm bath in the evening.", "C: The water costs too much money here.")
    )
    assert not any("warm bath" in line for line in lines)
