"""Off-record words and psychotherapy notes: found by rules, cut out of the turn, handed on to nobody."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.session_note.conftest import transcript_of

from therapyflows.core.errors import NotFound, UnusableSource
from therapyflows.core.session_note.evidence_drafter import draft_from_evidence
from therapyflows.core.session_note.finishing import finish_draft
from therapyflows.core.session_note.model import (
    TRANSCRIPT,
    CodeProposal,
    Draft,
    Excuse,
    Statement,
    StatementKind,
    Transcript,
)
from therapyflows.core.session_note.off_record import mark, unmark, wall_off, without_withheld
from therapyflows.core.session_note.templates import load_template
from therapyflows.governance.evidence.model import Segment, Span, Speaker, Word
from therapyflows.governance.evidence.whole.model import NoteFinding


def held(transcript: Transcript) -> list[str]:
    return [s.text for s in transcript.segments if s.id in transcript.withheld_ids]


def heard(transcript: Transcript) -> list[str]:
    return [s.text for s in transcript.on_record.segments]


def codes(transcript: Transcript) -> list[str]:
    return [notice.code for notice in transcript.warnings]


def test_a_turn_is_cut_where_the_off_record_part_begins_and_ends() -> None:
    walled = wall_off(
        transcript_of(
            "C: I slept well. Can we go off the record? My brother took the money.",
            "T: Sure.",
            "C: That was it. Okay, back on the record, I walked every day.",
            "T: Good.",
        )
    )
    assert heard(walled) == ["I slept well.", "I walked every day.", "Good."]
    assert held(walled) == [
        "Can we go off the record? My brother took the money.",
        "Sure.",
        "That was it. Okay, back on the record,",
    ]
    assert [segment.id for segment in walled.segments] == ["s1", "s2", "s3", "s4", "s5", "s6"]
    assert codes(walled) == ["off_record_held_back"]


def test_nothing_to_hold_back_changes_nothing() -> None:
    talk = transcript_of("T: How are you?", "C: This is not off the record: fine.")
    assert wall_off(talk) == talk
    assert talk.on_record is talk


def test_words_and_their_times_stay_with_their_part() -> None:
    text = "I slept well. Off the record I drank. Back on the record. I walked."
    words = tuple(Word(f" {word}", float(i), i + 0.9) for i, word in enumerate(text.split()))
    talk = replace(transcript_of("C: x"), segments=(Segment("s1", Speaker.CLIENT, 0.0, 14.0, text, words),))
    walled = wall_off(talk)
    assert [s.text for s in walled.segments] == [
        "I slept well.",
        "Off the record I drank. Back on the record.",
        "I walked.",
    ]
    assert [(s.start_s, s.end_s) for s in walled.segments] == [(0.0, 2.9), (3.0, 11.9), (12.0, 13.9)]
    assert "".join(w.text for s in walled.segments for w in s.words).split() == text.split()


def test_what_nobody_ends_is_bounded_and_the_clinician_is_told() -> None:
    lines = ["C: Off the record, I did it."] + ["T: Mm." for _ in range(90)]
    walled = wall_off(transcript_of(*lines))
    last = [s for s in walled.segments if s.id in walled.withheld_ids][-1]
    assert 280 < last.start_s <= 305
    assert codes(walled) == ["off_record_held_back", "off_record_not_ended"]


def test_a_source_without_times_is_bounded_by_turns() -> None:
    timeless = transcript_of("C: Off the record, I did it.", *["T: Mm." for _ in range(40)])
    timeless = replace(timeless, segments=tuple(replace(s, start_s=0.0, end_s=0.0) for s in timeless.segments))
    assert len(wall_off(timeless).withheld) == 21


def test_a_psychotherapy_note_that_nobody_ends_is_held_back_to_the_end() -> None:
    walled = wall_off(
        transcript_of("T: Plan is weekly.", "T: Process note: irritated.", *["T: More." for _ in range(90)])
    )
    assert heard(walled) == ["Plan is weekly."]
    assert codes(walled) == ["psychotherapy_note_held_back", "psychotherapy_note_not_ended"]


def test_a_psychotherapy_note_that_holds_what_the_record_needs_says_so_without_quoting_it() -> None:
    walled = wall_off(
        transcript_of("T: x y z.", "T: Psychotherapy note: raised sertraline to 50 mg. End psychotherapy note.")
    )
    [notice] = [n for n in walled.warnings if n.code == "psychotherapy_note_holds_record_facts"]
    assert "medication prescription and monitoring" in notice.message
    assert "sertraline" not in notice.message


@pytest.mark.parametrize(
    "lines",
    [
        ("C: Off the record: I want to die.", "T: Back on the record."),
        ("C: Off the record.", "T: Have you thought about killing yourself?", "C: Yes.", "T: Back on the record."),
    ],
)
def test_a_risk_in_what_was_held_back_is_told_without_its_words(lines: tuple[str, ...]) -> None:
    walled = wall_off(transcript_of("T: Hello.", *lines))
    [notice] = [n for n in walled.warnings if n.code == "risk_held_back"]
    assert "die" not in notice.message
    assert "kill" not in notice.message


def test_a_source_of_nothing_else_cannot_be_drafted() -> None:
    with pytest.raises(UnusableSource, match="nothing_on_record"):
        wall_off(transcript_of("T: Psychotherapy note:", "T: She reminds me of somebody."))


CANARY = "the violet lighthouse hums"


def test_drafter_codes_and_checks_get_none_of_it() -> None:
    walled = wall_off(
        transcript_of(
            "T: How was the week?",
            f"C: I slept four hours a night. Off the record, {CANARY} and I have panic disorder.",
            "T: Back on the record. Please keep the log.",
            "C: I will keep the log.",
        )
    )
    assert CANARY in TRANSCRIPT.dump_json(walled).decode(), "the clinician still has it"
    template, talk = load_template("soap"), walled.on_record
    draft = finish_draft(draft_from_evidence(talk, None, template), talk, None)
    assert "lighthouse" not in repr(draft)
    assert "panic" not in repr(draft)


def draft_of(*evidence: tuple[str, ...]) -> Draft:
    statements = tuple(
        Statement(f"st{n}", "subjective", "Client said so.", StatementKind.REPORTED,
                  tuple(Span(segment, 0.0, 1.0, "so") for segment in segments))
        for n, segments in enumerate(evidence, 1)
    )  # fmt: skip
    code = CodeProposal("icd10", "F41.0", "Panic disorder", "said", (Span("s2", 0.0, 1.0, "so"),))
    return Draft("soap", "evidence", statements, (code,))


def test_statements_and_codes_that_rest_on_a_withheld_turn_even_in_part_are_removed() -> None:
    talk = mark(transcript_of("T: so", "C: so", "C: so"), "s2")
    left = without_withheld(draft_of(("s1",), ("s2",), ("s1", "s2"), ("s3",), ()), talk)
    assert [s.id for s in left.statements] == ["st1", "st4", "st5"]
    assert left.codes == ()


def test_findings_that_speak_of_what_was_removed_go_with_it_and_so_do_their_excuses() -> None:
    talk = mark(transcript_of("T: so", "C: so", "C: so"), "s2")
    about_it = NoteFinding("omission", "The client said so.", spans=(Span("s2", 0.0, 1.0, "so"),))
    about_its_statement = NoteFinding("chart_differs", "The note says so.", statement_ids=("st2",))
    about_another = NoteFinding("chart_differs", "The note says other.", statement_ids=("st1",))
    draft = replace(
        draft_of(("s1",), ("s2",)),
        findings=(about_it, about_its_statement, about_another),
        excused=(Excuse(about_its_statement.key, "so it is"), Excuse(about_another.key, "so it is")),
    )
    left = without_withheld(draft, talk)
    assert left.findings == (about_another,)
    assert [excuse.finding for excuse in left.excused] == [about_another.key]


def test_the_clinician_marks_a_turn_and_puts_it_back() -> None:
    talk = transcript_of("T: a", "C: b")
    marked = mark(talk, "s2")
    assert held(marked) == ["b"]
    assert mark(marked, "s2") == marked
    assert unmark(marked, "s2") == talk
    assert [w.by for w in marked.withheld] == ["clinician"]
    with pytest.raises(NotFound):
        mark(talk, "s9")


SAID = st.sampled_from(
    ["Off the record.", "Back on the record.", "Please leave that out.", "Please leave this out.", "Process note:",
     "End process note.", "I slept well.", "not off the record", "She said leave that out", "okay", "", "\u2026!?"]
)  # fmt: skip


@given(st.lists(st.lists(SAID, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=8))
def test_every_word_is_either_held_back_or_handed_on_and_none_is_lost(turns: list[str]) -> None:
    talk = transcript_of(*(f"{'TC'[n % 2]}: {turn}" for n, turn in enumerate(turns)))
    try:
        walled = wall_off(talk)
    except UnusableSource:
        return
    assert " ".join(s.text for s in walled.segments).split() == " ".join(turns).split()
    assert sorted([*held(walled), *heard(walled)]) == sorted(s.text for s in walled.segments)
    assert json.loads(TRANSCRIPT.dump_json(walled)) == json.loads(
        TRANSCRIPT.dump_json(TRANSCRIPT.validate_json(TRANSCRIPT.dump_json(walled)))
    )
    assert walled.on_record.withheld_ids == frozenset()
