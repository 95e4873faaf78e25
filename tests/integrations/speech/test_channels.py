"""What two channels hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from therapyflows.governance.evidence.model import Word
from therapyflows.integrations.speech import channels
from therapyflows.integrations.speech.activity import frame_levels
from therapyflows.integrations.speech.channels import Layout
from therapyflows.integrations.speech.decode import RATE, Samples

SECONDS = 60


def talk(seed: int, turns: list[tuple[int, int]]) -> NDArray[np.float32]:
    """Noise with the rhythm of syllables, in these seconds, over a faint room."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(0, 1e-4, SECONDS * RATE)
    at = np.arange(SECONDS * RATE) / RATE
    syllables = rng.normal(0, 0.1, SECONDS * RATE) * (1 + np.sin(2 * np.pi * 4 * at)) * rng.uniform(0.5, 1.5)
    for begin, end in turns:
        signal[begin * RATE : end * RATE] += syllables[begin * RATE : end * RATE]
    return signal.astype(np.float32)


@pytest.fixture(scope="module")
def therapist() -> NDArray[np.float32]:
    return talk(1, [(0, 10), (20, 25), (40, 45)])


@pytest.fixture(scope="module")
def client() -> NDArray[np.float32]:
    return talk(2, [(10, 20), (26, 39), (46, 60)])


def layout_of(left: NDArray[np.float32], right: NDArray[np.float32]) -> Layout:
    a, b = left.astype(np.float16), right.astype(np.float16)
    return channels.layout(a, b, frame_levels(a), frame_levels(b))


def test_one_speaker_on_each_channel(therapist, client) -> None:  # type: ignore[no-untyped-def]
    assert layout_of(therapist, client) is Layout.SEPARATE


def test_one_side_much_quieter_is_still_a_speaker(therapist, client) -> None:  # type: ignore[no-untyped-def]
    assert layout_of(therapist, client * 0.05) is Layout.SEPARATE


def test_leakage_does_not_hide_the_separation(therapist, client) -> None:  # type: ignore[no-untyped-def]
    assert layout_of(therapist + 0.1 * client, client + 0.1 * therapist) is Layout.SEPARATE


@pytest.mark.parametrize("factor", [1.0, 0.3, -1.0])
def test_one_microphone_written_twice(therapist, client, factor: float) -> None:  # type: ignore[no-untyped-def]
    room = therapist + client
    assert layout_of(room, factor * room) is Layout.LEFT_ONLY


def test_a_room_with_two_microphones(therapist, client) -> None:  # type: ignore[no-untyped-def]
    assert layout_of(therapist + 0.6 * client, 0.6 * therapist + client) is Layout.MIXED


def test_a_dead_channel(therapist, client) -> None:  # type: ignore[no-untyped-def]
    room = therapist + client
    assert layout_of(room, room * 0) is Layout.LEFT_ONLY
    assert layout_of(room * 0, room) is Layout.RIGHT_ONLY


def levels_of(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    half: Samples = signal.astype(np.float16)
    return frame_levels(half)


def test_leakage_is_measured_and_closed_off(therapist, client) -> None:  # type: ignore[no-untyped-def]
    left, right = levels_of(therapist), levels_of(client + 0.1 * therapist)
    leak = channels.leak(left, right)
    assert leak.left_into_right == pytest.approx(-20, abs=3)
    assert leak.right_into_left is None
    assert leak.left_into_right is not None
    own = channels.own_speech(right, left, leak.left_into_right)
    assert own[50 * 26 : 50 * 39].mean() > 0.95  # the client speaks
    assert own[50 * 1 : 50 * 9].mean() < 0.05  # only the therapist does


def test_closed_frames_are_muted_in_place() -> None:
    signal = np.ones(RATE, np.float32)
    opened = np.ones(200, np.bool_)
    opened[100:125] = False
    channels.silence_leak(signal, 2 * RATE, opened)
    assert not signal[: RATE // 2].any()
    assert signal[RATE // 2 :].all()


def said(text: str, start: float = 0.0) -> list[Word]:
    return [Word(w, start + 0.3 * n, start + 0.3 * n + 0.2) for n, w in enumerate(text.split())]


def test_a_quiet_repetition_of_the_other_side_is_an_echo() -> None:
    words = said("so how are you today", 10.3) + said("fine thanks", 14)
    kept = channels.without_echo(words, said("So how are you today?", 10.0), set(range(5)))
    assert [w.text for w in kept] == ["fine", "thanks"]


def test_repeating_somebody_aloud_is_no_echo() -> None:
    words = said("how are you", 10.3)
    assert channels.without_echo(words, said("how are you", 10.0), set()) == words


def test_a_short_agreement_is_no_echo() -> None:
    words = said("yeah okay", 10.3)
    assert channels.without_echo(words, said("yeah okay", 10.0), {0, 1}) == words


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=12), st.sets(st.integers(0, 11)))
def test_only_words_of_the_other_side_can_vanish(texts: list[str], quiet: set[int]) -> None:
    words = said(" ".join(texts))
    assert channels.without_echo(words, said("x y z"), quiet) == words
