"""Peaks for drawing a recording."""

import io
import wave

import av
import numpy as np
import pytest

from therapyflows.core.session_note.waveform import MOST_PEAKS, Waveform
from therapyflows.integrations.speech.decode import RATE, Sink, decode_into
from therapyflows.integrations.speech.peaks import waveform


def recording(seconds: float, loudness, rate: int = 8000) -> io.BytesIO:
    at = np.arange(int(seconds * rate)) / rate
    samples = (loudness(at) * np.sin(2 * np.pi * 440 * at) * 32767).astype(np.int16)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    out.seek(0)
    return out


def test_loud_and_silent_stretches_are_where_they_are_heard() -> None:
    found = waveform(recording(10, lambda at: np.where(at < 5, 0.25, 0.0)))
    assert found.duration_s == pytest.approx(10, abs=0.1)
    assert len(found.peaks) == 100
    assert min(found.peaks[:49]) > 240  # as loud as it gets
    assert max(found.peaks[52:]) < 10


def test_a_long_recording_has_no_more_peaks_than_a_screen_shows_and_keeps_short_sounds() -> None:
    found = waveform(recording(600, lambda at: np.where((at > 300) & (at < 300.1), 1.0, 0.01)))
    assert len(found.peaks) <= MOST_PEAKS
    middle = found.peaks.index(255) / len(found.peaks)
    assert middle == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("raw", [b"", b"not a recording at all", b"RIFF\x00\x00\x00\x00WAVE"])
def test_what_is_no_recording_has_no_waveform(raw: bytes) -> None:
    assert waveform(io.BytesIO(raw)) == Waveform(0.0, ())


def test_silence_is_flat() -> None:
    assert set(waveform(recording(3, lambda at: at * 0)).peaks) == {0}


def with_a_gap(hours: int) -> io.BytesIO:
    """A second of sound, nothing for so many hours, a second of sound: a few kilobytes of Matroska."""
    out = io.BytesIO()
    samples = (np.sin(2 * np.pi * 440 * np.arange(8000) / 8000) * 20_000).astype(np.int16).reshape(1, -1)
    with av.open(out, "w", format="matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        for start in (0, hours * 3600 * 8000):
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 8000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    out.seek(0)
    return out


class Sizes(Sink):
    """How much is handed on at once."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.sizes: list[int] = []

    def keep(self, joined) -> None:
        self.sizes.append(joined.shape[1])


def test_hours_in_which_nothing_was_recorded_are_silence_that_is_never_held_at_once() -> None:
    sizes = Sizes(1)
    decode_into(with_a_gap(5), lambda _: sizes)
    sizes.finish()
    assert sum(sizes.sizes) == pytest.approx((5 * 3600 + 1) * RATE, abs=RATE)
    assert max(sizes.sizes) <= 90 * RATE
    found = waveform(with_a_gap(5))
    assert found.duration_s == pytest.approx(5 * 3600 + 1, abs=1)
    assert (found.peaks[0], found.peaks[-1]) == (255, 255)
    assert set(found.peaks[1:-1]) == {0}
