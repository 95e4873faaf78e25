"""Who is the therapist: decided by what is said."""

import csv
import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapyflows.core.session_note.model import SourceKind, Transcript
from therapyflows.core.session_note.speakers import assign_roles, swap_speakers
from therapyflows.governance.evidence.model import Segment, Speaker

T, C, U = Speaker.THERAPIST, Speaker.CLIENT, Speaker.UNKNOWN
DATA = Path(os.environ.get("THERAPYFLOWS_DATA", Path(__file__).parents[4] / "shared" / "data"))

ASKING = ["How have you been since our last session?", "It sounds like that was hard.", "What would help you?"]
TELLING = ["I don't know, I just feel tired.", "My job is too much and I can't sleep.", "I guess I need a break."]


@pytest.mark.parametrize("first", [0, 1])
def test_the_one_who_asks_is_the_therapist_whoever_speaks_first(first: int) -> None:
    roles = assign_roles([ASKING, TELLING], first=first)
    assert roles.speakers == (T, C)
    assert roles.certain


def test_the_order_of_the_voices_does_not_matter() -> None:
    assert assign_roles([TELLING, ASKING], first=1).speakers == (C, T)


def test_a_channel_that_is_usually_the_therapists_does_not_decide() -> None:
    assert assign_roles([TELLING, ASKING], prior=0.3).speakers == (C, T)


def test_two_voices_that_speak_alike_are_uncertain() -> None:
    assert not assign_roles([["Yes.", "Okay."], ["Okay.", "Yes."]]).certain


def test_one_voice_alone_is_unknown() -> None:
    roles = assign_roles([ASKING])
    assert roles.speakers == (U,)
    assert not roles.certain


def test_of_three_voices_one_is_the_therapist() -> None:
    assert assign_roles([TELLING, ASKING, ["My wife and I argue, I was angry."]]).speakers == (C, T, C)


TEXT = st.lists(st.text(max_size=40), max_size=5)


@given(st.lists(TEXT, min_size=2, max_size=4), st.integers(0, 3), st.floats(-3, 3))
def test_any_voices_get_exactly_one_therapist(voices: list[list[str]], first: int, prior: float) -> None:
    roles = assign_roles(voices, first=first, prior=prior)
    assert roles.speakers.count(T) == 1
    assert roles.speakers.count(C) == len(voices) - 1
    assert 0.5 <= roles.confidence <= 1


@given(st.lists(st.sampled_from([T, C, U]), max_size=6))
def test_swapping_twice_changes_nothing(speakers: list[Speaker]) -> None:
    segments = tuple(Segment(f"s{n}", speaker, n, n + 1, "word") for n, speaker in enumerate(speakers))
    transcript = Transcript(SourceKind.RECORDING, 9.0, segments)
    once = swap_speakers(transcript)
    assert swap_speakers(once) == transcript
    assert [s.speaker for s in once.segments] == [{T: C, C: T, U: U}[speaker] for speaker in speakers]


@pytest.mark.skipif(not (DATA / "annomi_dev.csv").exists(), reason=f"no AnnoMI data in {DATA}")
def test_real_dialogues_are_assigned_right_or_flagged() -> None:
    dialogues: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"client": [], "therapist": []})
    for row in csv.DictReader((DATA / "annomi_dev.csv").read_text("utf-8").splitlines()):
        dialogues[row["transcript_id"]][row["interlocutor"]].append(row["utterance_text"])
    guesses = [assign_roles([d["client"], d["therapist"]]) for d in dialogues.values()]  # the client first: no help
    wrong = [g for g in guesses if g.speakers != (C, T)]
    assert len(wrong) <= 0.02 * len(guesses)
    assert not [g for g in wrong if g.certain]
