"""Which sentences are requests to leave something out, and which only sound like one."""

from importlib.resources import files

import pytest
import yaml

from therapyflows.core.chart import DocumentKind
from therapyflows.governance.consent.walls import Wall, find_stretches, is_walled_off, record_facts
from therapyflows.governance.evidence.model import Segment, Speaker

WHO = {"T": Speaker.THERAPIST, "C": Speaker.CLIENT, "U": Speaker.UNKNOWN}


def talk(*lines: str) -> list[Segment]:
    return [Segment(f"s{n}", WHO[line[0]], 0.0, 0.0, line[3:]) for n, line in enumerate(lines, 1)]


def turns_held(*lines: str) -> list[int]:
    return sorted({stretch.segment + 1 for stretch in find_stretches(talk(*lines)).stretches})


REQUESTS = [
    "Off the record, I drank.",
    "can we go off-the-record for a second",
    "I would like this to be off the record.",
    "Is this off the record?",
    "Please leave this out.",
    "Could we leave this part out?",
    "Please leave that out of my notes.",
    "I'd rather you didn't write that down.",
    "could you please not write this down",
    "Would you mind not writing this down?",
    "Please don't put that in my file.",
    "I do not want that in my chart.",
    "I don’t want this in the record.",
    "Strike that from the record, please.",
    "Can you delete that?",
    "This stays between us.",
    "just between you and me I drank",
    "Can you turn off the recorder?",
    "please do not include what I just said",
    "I'd prefer that not be recorded.",
    "I said off the record, I drank.",
]
NOT_REQUESTS = [
    "This is not off the record.",
    "Nothing here is off the record.",
    "We don't have to go off the record.",
    "You don't have to leave that out.",
    "I'm not asking you to leave this out.",
    "My boss told me off the record that I am fired.",
    "He said leave that out of it.",
    "She asked me to keep it between us.",
    "My mother always said it stays between us.",
    "We went off the record last week.",
    "It was an off-the-record chat with my boss.",
    "He fell off the record shelf.",
    "I don't write that down in my diary.",
    "They never write that down.",
    "Don't put it off any longer.",
    "Don't mention it.",
    "I could not stop writing.",
    "You can write that down.",
]


@pytest.mark.parametrize("said", REQUESTS)
def test_a_request_is_honoured(said: str) -> None:
    assert turns_held("T: Tell me.", f"C: {said}") == [2]


@pytest.mark.parametrize("said", NOT_REQUESTS)
def test_what_only_sounds_like_one_holds_nothing_back(said: str) -> None:
    assert turns_held("T: Tell me.", f"C: {said}") == []


@pytest.mark.parametrize(
    "said",
    [
        "Back on the record.",
        "okay let's go back on the record",
        "You can write this down again.",
        "We're back on record",
        "I can start taking notes again",
        "turn the recorder back on",
    ],
)
def test_it_ends_when_somebody_says_so(said: str) -> None:
    assert turns_held("C: Off the record.", "T: Sure.", "C: I drank.", f"T: {said}", "C: I walk.") == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "said",
    ["We are not back on the record yet.", "Before we go back on the record, tell me.", "When we're back on record"],
)
def test_it_does_not_end_when_somebody_only_speaks_of_the_end(said: str) -> None:
    assert turns_held("C: Off the record.", f"T: {said}", "C: I drank.") == [1, 2, 3]


def test_a_request_for_what_was_said_reaches_back_to_the_speakers_last_turn_and_no_further_on() -> None:
    said = (
        "C: First.",
        "T: Yes?",
        "C: I hit him.",
        "T: I see.",
        "C: Please don't write that down.",
        "T: Fine.",
        "C: Next.",
    )
    assert turns_held(*said) == [3, 4, 5]


def test_the_clinicians_promise_reaches_back_to_what_the_client_said() -> None:
    assert turns_held("C: First.", "T: Yes?", "C: I hit him.", "T: I won't put that in the note.", "C: Thanks.") == [
        3,
        4,
    ]


def test_a_request_about_this_covers_the_turn_that_it_ends() -> None:
    [first, *_] = find_stretches(talk("C: My brother took it. Please leave this out. He is in jail.")).stretches
    assert first.start == 0


def test_asked_again_the_bound_counts_from_there() -> None:
    lines = ["C: Off the record.", *["T: Mm."] * 15, "C: This is still off the record.", *["T: Mm."] * 30]
    assert turns_held(*lines)[-1] == 17 + 20


@pytest.mark.parametrize(
    ("said", "is_one"),
    [
        ("Process note: she reminds me of somebody.", True),
        ("Psychotherapy note", True),
        ("Okay, begin psychotherapy note.", True),
        ("This is a process note.", True),
        ("This is not a process note.", False),
        ("I wrote a psychotherapy note yesterday.", False),
        ("We process notes of the choir together.", False),
        ("Progress note: weekly.", False),
    ],
)
def test_a_psychotherapy_note_begins_with_its_name(said: str, is_one: bool) -> None:
    found = find_stretches(talk("T: Weekly.", f"T: {said}", "T: More."))
    assert {s.wall for s in found.stretches} == ({Wall.PSYCHOTHERAPY_NOTE} if is_one else set())
    assert {s.segment for s in found.stretches} == ({1, 2} if is_one else set())


@pytest.mark.parametrize(
    "end",
    ["End process note.", "end of the psychotherapy note", "Now the progress note.", "Back to the progress note."],
)
def test_and_ends_when_it_is_ended(end: str) -> None:
    ended = end != "Now the progress note."
    assert turns_held("T: Process note: x.", f"T: {end}", "T: Weekly.") == ([1, 2] if ended else [1, 2, 3])


@pytest.mark.parametrize("chart_type", ["psychotherapy_note", "Psychotherapy Note", "process-note", "PROCESS NOTES"])
def test_a_psychotherapy_note_of_the_chart_is_known_by_any_spelling(chart_type: str) -> None:
    assert is_walled_off(chart_type)


def test_of_the_charts_own_documents_only_psychotherapy_notes_are_walled_off() -> None:
    assert [kind for kind in DocumentKind if is_walled_off(kind)] == [DocumentKind.PSYCHOTHERAPY_NOTE]
    assert not is_walled_off("progress_note")


def test_all_ten_exclusions_of_164_501_are_data() -> None:
    rules = yaml.safe_load((files("therapyflows.governance.consent") / "walls.yaml").read_text())
    assert len(rules["excluded_from_psychotherapy_notes"]) == 10
    assert record_facts("The diagnosis is stable, symptoms less.") == ("summary of diagnosis", "summary of symptoms")
    assert record_facts("She reminds me of my aunt.") == ()


@pytest.mark.parametrize("size", [40_000])
def test_a_turn_of_any_size_and_shape_is_read_in_one_go(size: int) -> None:
    for text in (
        "a" * size,
        "off the " * (size // 8),
        "don't " * (size // 6),
        "\n" * size,
        "not " * (size // 4) + "off the record",
    ):
        find_stretches([Segment("s1", Speaker.CLIENT, 0.0, 0.0, text)])
