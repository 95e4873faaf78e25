"""Every container, and every row of the failure table."""

import io
import random
import struct
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from therapyflows.core.errors import UnusableSource
from therapyflows.integrations.speech.decode import RATE, Recording, decode
from therapyflows.integrations.speech.notices import of_file

Tone = NDArray[np.float32]
ALL = ["wav", "mp3", "m4a", "opus", "flac", "webm", "mp4"]


def read(content: bytes, **limits: float) -> Recording:
    return decode(io.BytesIO(content), **limits)


def refusal(content: bytes, **limits: float) -> UnusableSource:
    with pytest.raises(UnusableSource) as caught:
        read(content, **limits)
    assert caught.value.remedy
    return caught.value


def damage(content: bytes, begin: float, end: float) -> bytes:
    """The file with noise between two shares of its length."""
    first, last = int(len(content) * begin), int(len(content) * end)
    return content[:first] + random.Random(1).randbytes(last - first) + content[last:]


@pytest.mark.parametrize("ending", ALL)
def test_every_container_is_decoded_in_full_length(encode, tone: Tone, ending: str) -> None:  # type: ignore[no-untyped-def]
    recording = read(encode(tone, ending))
    assert recording.duration_s == pytest.approx(10, abs=0.15)
    assert of_file(recording, None) == []


@pytest.mark.parametrize("ending", ALL)
def test_two_channels_stay_apart(encode, tone: Tone, ending: str) -> None:  # type: ignore[no-untyped-def]
    left, right = read(encode(np.stack([tone, tone * 0]), ending)).channels
    assert np.abs(left.astype(np.float32)).max() > 0.2
    assert np.abs(right.astype(np.float32)).max() < 0.01


def test_an_empty_file() -> None:
    assert refusal(b"").code == "recording_empty"


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_not_audio(seed: int) -> None:
    assert refusal(random.Random(seed).randbytes(20_000)).code == "not_audio"


@pytest.mark.parametrize(
    "content",
    [
        b"This is a text about a session.\n" * 200,
        b"\0",
        b"%PDF-1.7\n" + bytes(5000),
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '/etc/hostname'\n",
        b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80>\0\0\0}\0\0\x02\0\x10\0data\0\0\0\0",
    ],
    ids=["text", "one byte", "pdf", "playlist", "concat script", "header only"],
)
def test_other_files_are_not_audio(content: bytes) -> None:
    assert refusal(content).code == "not_audio"


def test_a_video_without_sound(encode, tone: Tone) -> None:  # type: ignore[no-untyped-def]
    assert refusal(encode(tone, "mp4", sound=False)).code == "no_audio_track"


def test_a_truncated_m4a_has_lost_its_index(encode, tone: Tone) -> None:  # type: ignore[no-untyped-def]
    content = encode(tone, "m4a")
    assert refusal(content[: len(content) // 2]).code == "recording_truncated"


@pytest.mark.parametrize("ending", ["wav", "mp3", "opus", "flac", "webm"])
def test_a_truncated_file_gives_its_beginning_and_says_so(encode, tone: Tone, ending: str) -> None:  # type: ignore[no-untyped-def]
    content = encode(tone, ending)
    recording = read(content[: int(len(content) * 0.6)])
    assert 4 < recording.duration_s < 8
    assert [n.code for n in of_file(recording, None)] == ["recording_damaged"]


@pytest.mark.parametrize("ending", ["mp3", "m4a", "opus", "flac", "webm"])
def test_what_lies_behind_a_damaged_middle_is_not_lost(encode, tone: Tone, ending: str) -> None:  # type: ignore[no-untyped-def]
    recording = read(damage(encode(tone, ending), 0.4, 0.6))
    assert recording.duration_s > 7
    late = recording.channels[0][-RATE:].astype(np.float32)
    assert np.abs(late).max() > 0.2
    assert [n.code for n in of_file(recording, None)] == ["recording_damaged"]


@pytest.mark.parametrize("ending", ["opus", "webm", "m4a"])
def test_times_stay_true_behind_a_damaged_middle(encode, tone: Tone, ending: str) -> None:  # type: ignore[no-untyped-def]
    silent_end = np.concatenate([tone, tone * 0])
    recording = read(damage(encode(silent_end, ending), 0.2, 0.3))
    levels = np.abs(recording.channels[0].astype(np.float32))
    assert np.flatnonzero(levels > 0.1)[-1] / RATE == pytest.approx(10, abs=0.3)


def test_a_recorder_that_streams_writes_no_length(encode, tone: Tone) -> None:  # type: ignore[no-untyped-def]
    content = bytearray(encode(tone, "wav"))
    at = content.index(b"data") + 4
    content[at : at + 4] = content[4:8] = struct.pack("<I", 0xFFFFFFFF)
    recording = read(bytes(content))
    assert recording.duration_s == pytest.approx(10, abs=0.1)
    assert of_file(recording, None) == []


def test_impossible_numbers_become_silence() -> None:
    samples = np.full(RATE, np.nan, dtype="<f4")
    samples[::2] = np.inf
    header = (
        b"RIFF"
        + struct.pack("<I", 36 + samples.nbytes)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 3, 1, RATE, RATE * 4, 4, 32)
    )
    channel = read(header + b"data" + struct.pack("<I", samples.nbytes) + samples.tobytes()).channels[0]
    assert np.isfinite(channel).all()


def test_a_recording_longer_than_the_limit_is_refused(encode, tone: Tone) -> None:  # type: ignore[no-untyped-def]
    assert refusal(encode(tone, "wav"), longest_s=5).code == "recording_too_long"


def test_a_file_that_takes_too_long_to_decode_is_given_up(encode, tone: Tone) -> None:  # type: ignore[no-untyped-def]
    assert refusal(encode(tone, "mp3"), wall_s=-1).code == "recording_undecodable"


def test_a_recording_much_shorter_than_the_appointment_is_flagged() -> None:
    recording = Recording((np.zeros(60 * RATE, np.float16),), 60.0, 0)
    assert [n.code for n in of_file(recording, 50)] == ["recording_shorter_than_appointment"]
    assert of_file(recording, 1.2) == []


def test_an_hour_of_stereo_is_held_once() -> None:
    """Two channels of half-precision samples are 230 MB; the peak may not come near twice that."""
    script = """
import io, resource, av, numpy as np
from therapyflows.integrations.speech.decode import RATE, decode
target = io.BytesIO()
with av.open(target, "w", format="flac") as container:
    stream = container.add_stream("flac", rate=RATE, layout="stereo")
    for minute in range(60):
        frame = av.AudioFrame.from_ndarray(np.full((1, 120 * RATE), minute, np.int16), format="s16", layout="stereo")
        frame.sample_rate, frame.pts = RATE, minute * 60 * RATE
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
target.seek(0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
recording = decode(target)
assert recording.duration_s == 3600, recording.duration_s
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 400
