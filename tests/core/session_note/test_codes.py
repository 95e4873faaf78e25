"""CPT from recorded minutes, ICD-10 from the chart and from named conditions."""

from datetime import date

import pytest

from therapyflows.core.session_note.codes import is_billable, label_of, propose_cpt, propose_icd10
from therapyflows.core.session_note.codes.icd10_table import exclude_each_other, normalized, release, table
from therapyflows.core.session_note.model import SourceKind


@pytest.mark.parametrize(
    ("kind", "minutes", "codes"),
    [
        ("individual", 0, []),
        ("individual", 15, []),
        ("individual", 16, ["90832"]),
        ("individual", 37, ["90832"]),
        ("individual", 38, ["90834"]),
        ("individual", 52, ["90834"]),
        ("individual", 53, ["90837"]),
        ("individual", 120, ["90837"]),
        ("intake", 15, []),
        ("intake", 60, ["90791"]),
        ("family", 25, []),
        ("family", 26, ["90847"]),
        ("group", 15, []),
        ("group", 60, ["90853"]),
        ("crisis", 15, []),
        ("crisis", 29, ["90832"]),
        ("crisis", 30, ["90839"]),
        ("crisis", 74, ["90839"]),
        ("crisis", 75, ["90839", "90840"]),
        ("crisis", 104, ["90839", "90840"]),
        ("crisis", 105, ["90839", "90840", "90840"]),
        ("crisis", 134, ["90839", "90840", "90840"]),
        ("crisis", 135, ["90839", "90840", "90840", "90840"]),
        ("crisis", 300, ["90839", "90840", "90840", "90840"]),
    ],
)
def test_minutes_decide_the_cpt_code(appointment, kind: str, minutes: int, codes: list[str]) -> None:
    proposals, notices = propose_cpt(appointment(minutes, kind))
    assert [p.code for p in proposals] == codes
    if not codes:
        assert [n.code for n in notices] == ["cpt_too_short"]
    for proposal in proposals:
        assert str(minutes) in proposal.reason


def test_missing_minutes_are_never_guessed(appointment) -> None:
    proposals, notices = propose_cpt(appointment(None))
    assert proposals == ()
    assert [n.code for n in notices] == ["cpt_minutes_missing"]


def test_without_an_appointment_nothing_is_said() -> None:
    assert propose_cpt(None) == ((), ())


def test_codes_that_need_more_words_say_so(appointment) -> None:
    assert [n.code for n in propose_cpt(appointment(55))[1]] == ["cpt_document_length"]
    assert [n.code for n in propose_cpt(appointment(55, "family"))[1]] == ["cpt_family_presence"]
    assert [n.code for n in propose_cpt(appointment(55, "crisis"))[1]] == ["cpt_document_crisis"]


def codes_for(transcript, context=None) -> list[str]:
    return [proposal.code for proposal in propose_icd10(transcript, context)[0]]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("C: I have social anxiety and I avoid parties.", "F40.10"),
        ("C: I keep having panic attacks at work.", "F41.0"),
        ("C: My doctor says I have bipolar disorder.", "F31.9"),
        ("C: I've been drinking every night.", "F10.90"),
        ("C: I smoke a pack a day.", "Z72.0"),
        ("C: I lost my job in March.", "Z56.0"),
        ("C: My mother died in May.", "Z63.4"),
        ("C: I get suicidal thoughts.", "R45.851"),
        ("T: You told us about the panic attacks that you have been having.", "F41.0"),
    ],
)
def test_named_conditions_are_proposed_with_their_words(talk, line: str, code: str) -> None:
    transcript = talk("T: How are you?", line)
    proposals, _ = propose_icd10(transcript, None)
    assert [p.code for p in proposals] == [code]
    assert proposals[0].reason.startswith("consider")
    assert proposals[0].label == label_of(code)
    for span in proposals[0].evidence:
        assert span.quote in transcript.segment(span.segment_id).text


@pytest.mark.parametrize(
    "line",
    [
        "C: I'm anxious and sad.",
        "C: I don't have panic attacks.",
        "C: I never had social anxiety.",
        "C: If I had panic attacks, I would tell you.",
        "C: My brother has bipolar disorder.",
        "C: I have alcoholism in my family.",
        "C: He has been drinking every night.",
        "C: People say I'm bipolar sometimes, like a joke, but they have panic attacks.",
        "T: Do you have panic attacks?",
        "T: Some people have panic attacks.",
        "T: I had social anxiety myself.",
        "C: I used to smoke a pack a day.",
        "C: Do I have PTSD?",
    ],
)
def test_what_is_denied_supposed_or_somebody_elses_leads_to_nothing(talk, line: str) -> None:
    assert codes_for(talk("T: How are you?", line, "C: Okay then.")) == []


def test_dictation_names_conditions_of_the_client(talk) -> None:
    transcript = talk("T: Client continues to have panic attacks weekly.", source=SourceKind.DICTATION)
    assert codes_for(transcript) == ["F41.0"]
    assert codes_for(talk("T: Client denies panic attacks.", source=SourceKind.DICTATION)) == []


def test_the_charts_diagnosis_comes_first_and_wins(talk, chart) -> None:
    transcript = talk("T: How are you?", "C: I have depression and panic attacks.")
    context = chart(plan_codes=("F33.1",), note_codes=("F41.1",))
    proposals, _ = propose_icd10(transcript, context)
    assert [p.code for p in proposals] == ["F33.1", "F41.0"]
    assert proposals[0].reason == "diagnosis on the treatment plan"
    assert codes_for(transcript, chart(note_codes=("F41.1",)))[0] == "F41.1"


def test_codes_that_exclude_each_other_are_not_proposed_together(talk) -> None:
    transcript = talk("T: How are you?", "C: I have bipolar disorder and I have depression.")
    proposals, notices = propose_icd10(transcript, None)
    assert [p.code for p in proposals] == ["F31.9"]
    assert [n.code for n in notices] == ["icd10_excludes1"]


def test_an_unspecified_code_beside_a_specific_one_is_dropped(talk, chart) -> None:
    transcript = talk("T: How are you?", "C: I have an anxiety disorder.")
    assert codes_for(transcript, chart(plan_codes=("F41.1",))) == ["F41.1"]


def test_a_header_in_the_chart_is_reported_and_not_proposed(talk, chart) -> None:
    proposals, notices = propose_icd10(talk("C: I slept badly."), chart(plan_codes=("F32",)))
    assert proposals == ()
    assert "icd10_not_billable" in [n.code for n in notices]


def test_an_outdated_release_is_said(talk, chart) -> None:
    context = chart(plan_codes=("F41.1",))
    later = context.appointment.model_copy(update={"start": context.appointment.start.replace(year=2027)})
    moved = type(context)(later, context.client, context.clinician, context.previous_note, context.plan)
    assert "icd10_release_outdated" in [n.code for n in propose_icd10(talk("C: Hi."), moved)[1]]
    assert release().covers(date(2026, 3, 2))


@pytest.mark.parametrize(
    "code", ["F32.A", "f32.9", "F331", " F41.1 ", "F43.10", "F10.20", "Z13.31", "Z91.51", "G47.00", "T14.91XA"]
)
def test_leaves_are_billable(code: str) -> None:
    assert is_billable(code)


@pytest.mark.parametrize("code", ["F32", "F43.1", "F50.01", "T14.91", "", "X", "F99.99", "banana"])
def test_headers_and_nonsense_are_not(code: str) -> None:
    assert not is_billable(code)


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        ("F32.1", "F31.9", True),
        ("F32.1", "F33.1", True),
        ("F32.A", "F33.0", True),
        ("F10.20", "F10.10", True),
        ("F11.20", "F11.10", True),
        ("F20.9", "F25.9", True),
        ("F31.9", "F30.9", True),
        ("R45.851", "T14.91XA", True),
        ("F41.1", "F33.1", False),
        ("F41.1", "F43.22", False),
        ("F90.2", "F41.1", False),
        ("R45.851", "F32.2", False),
        ("F84.0", "F90.2", False),
        ("Z63.0", "F33.1", False),
        ("Z91.51", "R45.851", False),
    ],
)
def test_excludes1_in_both_directions(one: str, other: str, conflict: bool) -> None:
    assert exclude_each_other(one, other) is conflict
    assert exclude_each_other(other, one) is conflict


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the package, at import
def test_every_code_of_the_table_is_a_leaf_of_the_release() -> None:
    import simple_icd_10_cm as icd  # slow to import (2 s), so only here

    assert len(table()) > 1000
    for code, entry in table().items():
        assert icd.is_leaf(code), code
        assert not icd.is_chapter_or_block(code), code
        assert icd.get_description(code) == entry.label
        assert normalized(code.replace(".", "").lower()) == code


def test_every_code_that_a_phrase_can_lead_to_is_billable() -> None:
    from therapyflows.core.session_note.codes.assertion import phrase_rules

    assert all(is_billable(rule["code"]) for rule in phrase_rules()["phrases"])
