"""Real audio through the real model."""

import io
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from therapyflows.core.errors import UnusableSource
from therapyflows.core.session_note.model import SourceKind, Transcript
from therapyflows.governance.evidence.model import Speaker
from therapyflows.integrations.speech import SpeechConfig, WhisperRecognizer
from therapyflows.integrations.speech.decode import RATE, decode

Audio = NDArray[np.float32]
SAID = "ask not what your country can do for you"
EXCERPT_S = 75


def plain(transcript: Transcript) -> str:
    text = " ".join(s.text for s in transcript.segments).lower()
    return " ".join("".join(c for c in text if c.isalpha() or c == " ").split())


def codes(transcript: Transcript) -> set[str]:
    return {w.code for w in transcript.warnings}


def refused(recognizer: WhisperRecognizer, content: bytes) -> str:
    with pytest.raises(UnusableSource) as caught:
        recognizer.transcribe(io.BytesIO(content))
    assert caught.value.remedy
    return caught.value.code


@pytest.mark.parametrize("ending", ["wav", "mp3", "m4a", "opus", "flac", "webm", "mp4"])
def test_every_container_is_understood(recognizer, jfk: Audio, encode, ending: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "recording.wav"  # the name says nothing
    path.write_bytes(encode(jfk, ending))
    assert SAID in plain(recognizer.transcribe(path, dictation=True))


def test_a_dictation_is_the_therapists(recognizer, jfk: Audio, encode) -> None:  # type: ignore[no-untyped-def]
    transcript = recognizer.transcribe(io.BytesIO(encode(np.stack([jfk, jfk]))), dictation=True)
    assert transcript.source is SourceKind.DICTATION
    assert {s.speaker for s in transcript.segments} == {Speaker.THERAPIST}
    assert transcript.duration_s == pytest.approx(11, abs=0.1)


def test_one_voice_alone_is_nobody_and_is_flagged(recognizer, jfk: Audio, encode) -> None:  # type: ignore[no-untyped-def]
    transcript = recognizer.transcribe(io.BytesIO(encode(jfk)))
    assert {s.speaker for s in transcript.segments} == {Speaker.UNKNOWN}
    assert "one_voice" in codes(transcript)


def test_very_quiet_speech_is_understood_and_flagged(recognizer, jfk: Audio, encode) -> None:  # type: ignore[no-untyped-def]
    transcript = recognizer.transcribe(io.BytesIO(encode(jfk * 0.002)), dictation=True)
    assert "your country can do for you" in plain(transcript)
    assert "recording_very_quiet" in codes(transcript)


def test_words_carry_their_times(recognizer, jfk: Audio, encode) -> None:  # type: ignore[no-untyped-def]
    late = np.concatenate([np.zeros(30 * RATE, np.float32), jfk])
    transcript = recognizer.transcribe(io.BytesIO(encode(late)), dictation=True)
    words = [w for s in transcript.segments for w in s.words]
    assert all(30 <= a.start_s <= a.end_s <= b.start_s + 0.3 for a, b in itertools.pairwise(words))
    assert all(s.text == " ".join(w.text for w in s.words) for s in transcript.segments)


def noises() -> dict[str, Audio]:
    rng, at = np.random.default_rng(1), np.arange(15 * RATE) / RATE
    clicks = np.zeros(15 * RATE)
    clicks[::8000] = 0.9
    return {
        "silence": np.zeros(15 * RATE),
        "hiss": rng.normal(0, 0.05, 15 * RATE),
        "faint hiss": rng.normal(0, 5e-4, 15 * RATE),
        "hum": 0.1 * np.sin(2 * np.pi * 50 * at) + 0.03 * np.sin(2 * np.pi * 150 * at),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * at),
        "ringing": 0.3 * np.sin(2 * np.pi * 440 * at) * np.sin(2 * np.pi * 20 * at) * (at % 6 < 2),
        "clicks": clicks,
    }


@pytest.mark.parametrize("kind", noises())
def test_nothing_is_heard_in_noise(recognizer, encode, kind: str) -> None:  # type: ignore[no-untyped-def]
    assert refused(recognizer, encode(noises()[kind].astype(np.float32))) == "no_speech"


def test_a_missing_file(recognizer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnusableSource) as caught:
        recognizer.transcribe(tmp_path / "nothing.wav")
    assert caught.value.code == "recording_missing"


def test_a_moment_is_too_short(recognizer, encode) -> None:  # type: ignore[no-untyped-def]
    assert refused(recognizer, encode(np.full(RATE // 20, 0.1, np.float32))) == "recording_too_short"


def test_a_damaged_recording_keeps_its_end_and_warns(recognizer, jfk: Audio, encode) -> None:  # type: ignore[no-untyped-def]
    content = bytearray(encode(np.concatenate([jfk, jfk]), "mp3"))
    content[len(content) // 4 : len(content) // 3] = bytes(len(content) // 3 - len(content) // 4)
    transcript = recognizer.transcribe(io.BytesIO(bytes(content)), dictation=True, expected_minutes=50)
    assert SAID in plain(transcript)
    assert {"recording_damaged", "recording_shorter_than_appointment"} <= codes(transcript)


def test_progress_rises_to_one(recognizer, jfk: Audio, encode) -> None:  # type: ignore[no-untyped-def]
    seen: list[float] = []
    recognizer.transcribe(io.BytesIO(encode(np.stack([jfk, jfk * 0]))), on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[0] >= 0
    assert seen[-1] == 1.0


def test_the_fast_model_works_too(jfk: Audio, encode, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    fast = WhisperRecognizer(SpeechConfig(model="fast"), tmp_path)
    transcript = fast.transcribe(io.BytesIO(encode(jfk)), dictation=True)
    assert SAID in plain(transcript)
    assert transcript.recognizer == "faster-whisper:fast:int8:beam1"


def share_with_wrong_speaker(transcript: Transcript, reference: Path) -> float:
    """Of the words that lie in exactly one true turn, those with the other speaker."""
    true_turns = json.loads(reference.read_text("utf-8"))
    right = wrong = 0
    for segment in transcript.segments:
        for word in segment.words:
            middle = (word.start_s + word.end_s) / 2
            over = {t["speaker"] for t in true_turns if t["start"] <= middle <= t["end"]}
            if len(over) == 1:
                right, wrong = right + (segment.speaker.value in over), wrong + (segment.speaker.value not in over)
    assert right > 150
    return wrong / (right + wrong)


@pytest.mark.parametrize(("name", "most"), [("annomi23_stereo.opus", 0.01), ("annomi23_mono.opus", 0.04)])
def test_a_session_has_its_speakers(recognizer, shared, encode, name: str, most: float) -> None:  # type: ignore[no-untyped-def]
    with shared(name).open("rb") as source:
        channels = np.stack([c[: EXCERPT_S * RATE].astype(np.float32) for c in decode(source).channels])
    transcript = recognizer.transcribe(io.BytesIO(encode(channels)))
    assert share_with_wrong_speaker(transcript, shared("annomi23.json")) <= most
    assert "speaker_roles_uncertain" not in codes(transcript)
    assert all(s.end_s - s.start_s <= 30 for s in transcript.segments)


def test_swapped_channels_do_not_swap_the_roles(recognizer, shared, encode) -> None:  # type: ignore[no-untyped-def]
    with shared("annomi23_stereo.opus").open("rb") as source:
        left, right = (c[: EXCERPT_S * RATE].astype(np.float32) for c in decode(source).channels)
    leaking = np.stack([right + 0.05 * left, left + 0.05 * right])
    transcript = recognizer.transcribe(io.BytesIO(encode(leaking)))
    assert share_with_wrong_speaker(transcript, shared("annomi23.json")) <= 0.03
    first = transcript.segments[0]
    assert first.speaker is Speaker.THERAPIST
    assert sum("nice to meet you" in s.text.lower() for s in transcript.segments) == 1  # no duplicate from leakage
