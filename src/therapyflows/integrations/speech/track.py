"""One channel on its way through recognition: levels, pieces, words, voices."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from therapyflows.governance.evidence.model import Word
from therapyflows.integrations.speech import activity, channels, diarize
from therapyflows.integrations.speech.activity import Region, Signal
from therapyflows.integrations.speech.config import SpeechConfig
from therapyflows.integrations.speech.decode import RATE, Samples
from therapyflows.integrations.speech.whisper import recognize

MOST_EXTRA_GAIN = 30.0
"""A channel is not amplified more than this many times (30 dB) beyond the other one: that would only raise leakage."""


@dataclass(frozen=True, slots=True)
class Track:
    """A channel with its levels and gain; ``open_frames`` marks its own speech when the other channel leaks in."""

    samples: Samples
    levels: NDArray[np.float32]
    gain: float
    open_frames: NDArray[np.bool_] | None = None

    def pieces(self) -> list[Region]:
        return activity.pieces(self.levels, len(self.samples))

    def signal(self, piece: Region) -> Signal:
        signal = activity.normalised(self.samples, piece, self.gain)
        if self.open_frames is not None:
            channels.silence_leak(signal, piece.start, self.open_frames)
        return signal


@dataclass(frozen=True, slots=True)
class Heard:
    words: list[Word]
    speech_samples: int


def single(samples: Samples) -> Track:
    levels = activity.frame_levels(samples)
    return Track(samples, levels, activity.gain_for(activity.speech_level(levels)))


def pair(left: Track, right: Track) -> tuple[Track, Track]:
    """Two channels with one speaker each: gains kept near each other, leakage closed off."""
    least = min(left.gain, right.gain)
    leak = channels.leak(left.levels, right.levels)

    def settled(own: Track, other: Track, leak_db: float | None) -> Track:
        gain = min(own.gain, least * MOST_EXTRA_GAIN)
        frames = None if leak_db is None else channels.own_speech(own.levels, other.levels, leak_db)
        return Track(own.samples, own.levels, gain, frames)

    return settled(left, right, leak.right_into_left), settled(right, left, leak.left_into_right)


def hear(track: Track, model: Any, config: SpeechConfig, on_share: Callable[[float], None]) -> Heard:
    """All words of a track, piece by piece; ``on_share`` gets the share of the track that is done."""
    words: list[Word] = []
    speech = 0
    for piece in track.pieces():
        signal = track.signal(piece)
        regions = activity.speech_in(signal, piece.start)
        length = sum(r.end - r.start for r in regions)
        speech += length

        def on_time(seconds: float, piece: Region = piece, length: int = length) -> None:
            done = min(1.0, seconds * RATE / length) * (piece.end - piece.start)
            on_share((piece.start + done) / len(track.samples))

        words += recognize(model, config, signal, piece.start, regions, on_time)
        on_share(piece.end / len(track.samples))
    return Heard(words, speech)


def voices(track: Track, words: list[Word]) -> diarize.Voices:
    """Voice embeddings of the words, piece by piece."""
    found = []
    for piece in track.pieces():
        inside = [w for w in words if piece.start <= w.start_s * RATE < piece.end]
        if inside:
            found.append(diarize.embed(inside, track.signal(piece), piece.start / RATE))
    return diarize.joined(found)


def loudness(track: Track, words: list[Word]) -> NDArray[np.float64]:
    """Level of each word against the track's loud speech."""
    loud = activity.speech_level(track.levels) or 1.0
    per_s = RATE / activity.FRAME

    def level(word: Word) -> float:
        begin = min(int(word.start_s * per_s), max(0, len(track.levels) - 1))
        frames = track.levels[begin : max(begin + 1, int(word.end_s * per_s))]
        return float(np.sqrt(np.mean(np.square(frames)))) / loud if len(frames) else 0.0

    return np.array([level(word) for word in words])
