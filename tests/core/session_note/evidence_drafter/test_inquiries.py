"""What was asked about medication, sleep, substances ... stands in the note with its answer."""

from therapyflows.core.session_note.checks import check_draft
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.model import Draft
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.evidence.model import Grade

SOAP = load_template("soap")


def drafted(transcript) -> Draft:
    return check_draft(draft_from_evidence(transcript, None, SOAP), transcript, None)


def texts(draft: Draft, section: str) -> list[str]:
    return [s.text for s in draft.statements if s.section == section]


def test_a_short_answer_stands_with_its_question_and_both_are_cited(talk) -> None:
    draft = drafted(
        talk(
            "T: Okay. Are you still taking the fluoxetine?",
            "C: Yes, twenty milligrams at night. I missed one on Sunday.",
            "T: Any side effects?",
            "C: A dry mouth, nothing else.",
            "T: How has your appetite been?",
            "C: Fine, um, three meals a day.",
            "T: How about cannabis? Last time you mentioned gummies.",
            "C: None since New Year.",
        )
    )
    lines = {s.text: s for s in draft.statements if s.section == "subjective"}
    taking = (
        "Asked whether they are still taking the fluoxetine, client answered "
        '"Yes, twenty milligrams at night. I missed one on Sunday".'
    )
    assert [span.segment_id for span in lines[taking].evidence] == ["s1", "s2"]
    assert lines[taking].grade is Grade.SUPPORTED
    assert 'Asked about any side effects, client answered "A dry mouth, nothing else".' in lines
    assert 'Asked how their appetite has been, client answered "three meals a day".' in lines
    assert 'Asked about cannabis, client answered "None since New Year".' in lines


def test_where_an_amount_was_asked_only_an_amount_answers(talk) -> None:
    draft = drafted(
        talk(
            "T: How often do you see your father?",
            "C: It depends on the company.",
            "T: How many beers do you drink on a weekend?",
            "C: Six or seven.",
        )
    )
    subjective = " ".join(texts(draft, "subjective"))
    assert 'how many beers they drink on a weekend, client answered "Six or seven"' in subjective
    assert "father" not in subjective


def test_i_do_not_know_is_no_answer(talk) -> None:
    draft = drafted(talk("T: What helped you when you could not sleep?", "C: I don't know."))
    assert not any("helped" in text for text in texts(draft, "subjective"))


def test_questions_that_only_run_the_conversation_are_not_reported(talk) -> None:
    draft = drafted(
        talk(
            "T: Do you have a minute to talk about your medication?",
            "C: Yeah, just a couple of minutes.",
            "T: Do you have any other questions about the medication?",
            "C: No, that's it.",
        )
    )
    assert not any(text.startswith("Asked") for text in texts(draft, "subjective"))


def test_cognitive_work_and_the_belief_rating_are_one_line_of_the_objective(talk) -> None:
    draft = drafted(
        talk(
            "T: Let's look at the thought that everyone will laugh. What is the evidence for it, and against it?",
            "C: Nobody laughed on Thursday, and nobody laughed in June.",
            "T: So what might be a more balanced thought?",
            "C: Some people may smile, and I can go on talking.",
            "T: How much do you believe that right now?",
            "C: About sixty percent.",
        )
    )
    objective = texts(draft, "objective")
    assert any(
        text.startswith("Therapist asked, \"Let's look at the thought that everyone will laugh. What is the evidence")
        and '"Nobody laughed on Thursday, and nobody laughed in June"' in text
        for text in objective
    )
    assert any('"Some people may smile' in text and '"About sixty percent"' in text for text in objective)
    assert not any("sixty percent" in text for text in texts(draft, "subjective"))


def test_a_mood_rating_keeps_its_scale(talk) -> None:
    draft = drafted(
        talk("T: How is your mood? On a scale from one to ten.", "C: A six. Last week it was a three."),
    )
    assert (
        'Asked "How is your mood? On a scale from one to ten", client answered "A six. Last week it was a three".'
        in texts(draft, "objective")
    )


def test_a_courtesy_before_a_risk_question_is_not_part_of_it(talk) -> None:
    draft = drafted(
        talk("T: Thank you for telling me that and any thoughts of hurting somebody else?", "C: No, never."),
    )
    risk = [text for text in texts(draft, "subjective") if "hurting" in text]
    assert risk == ['Asked "and any thoughts of hurting somebody else?", client answered "No, never".']


def test_two_sentences_run_together_are_cut_at_the_question(talk) -> None:
    draft = drafted(talk("T: You should be how has your sleep been?", "C: Poor, I get four hours a night."))
    assert 'Asked how their sleep has been, client answered "Poor, I get four hours a night".' in texts(
        draft, "subjective"
    )
