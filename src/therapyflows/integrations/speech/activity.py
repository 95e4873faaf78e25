"""Where somebody speaks: levels, pieces cut at silences, and voice activity.

Voice activity detection drops very quiet recordings altogether, so the level is raised first, once per channel.
"""

from dataclasses import dataclass

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from therapyflows.integrations.speech.decode import RATE, Samples

FRAME = RATE // 50
"""20 ms: the grain of all level measurements."""
MAX_PIECE_S = 600.0
SEARCH_S = 90.0
"""A piece is cut at the quietest moment in its last so many seconds."""
TARGET_LEVEL = 0.1
"""Loud speech after normalisation, as root mean square of full scale (-20 dBFS)."""
MAX_GAIN = 1000.0
"""60 dB. Beyond it the recording holds nothing but its own noise."""
SPEECH_PERCENTILE = 98
"""The level that 2 % of the frames exceed is speech, even for somebody who speaks only now and then."""

_VAD = VadOptions(threshold=0.5, min_silence_duration_ms=500, speech_pad_ms=200)

Signal = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a channel, in samples from the recording's start."""

    start: int
    end: int


def frame_levels(samples: Samples) -> NDArray[np.float32]:
    """Root mean square of every 20 ms frame; a last partial frame is left out."""
    count = len(samples) // FRAME
    levels = np.empty(count, dtype=np.float32)
    block = 3000  # one minute at a time, so that an hour is never held twice
    for at in range(0, count, block):
        upto = min(count, at + block)
        frames = samples[at * FRAME : upto * FRAME].astype(np.float32).reshape(-1, FRAME)
        levels[at:upto] = np.sqrt(np.einsum("ij,ij->i", frames, frames) / FRAME)
    return levels


def speech_level(levels: NDArray[np.float32]) -> float:
    """Level of the loud parts of speech; zero for digital silence."""
    return float(np.percentile(levels, SPEECH_PERCENTILE)) if len(levels) else 0.0


def gain_for(level: float) -> float:
    """What brings loud speech to the target level.  Silence stays silence."""
    return min(MAX_GAIN, TARGET_LEVEL / level) if level > 0 else 1.0


def pieces(levels: NDArray[np.float32], total: int, *, max_s: float = MAX_PIECE_S) -> list[Region]:
    """Cut ``total`` samples into pieces of at most ``max_s`` seconds at their quietest moments.

    The pieces follow each other without gap or overlap and cover everything.
    """
    longest = int(max_s * RATE)
    search = int(min(SEARCH_S, max_s / 2) * RATE)
    found: list[Region] = []
    start = 0
    while total - start > longest:
        cut = _quietest(levels, start + longest - search, start + longest)
        found.append(Region(start, cut))
        start = cut
    if start < total or not found:
        found.append(Region(start, total))
    return found


def _quietest(levels: NDArray[np.float32], begin: int, end: int) -> int:
    """The middle of the quietest half second between two samples."""
    width = RATE // 2 // FRAME
    first, last = begin // FRAME + 1, end // FRAME
    window = levels[first:last]
    if len(window) < width:
        return end
    smooth = np.convolve(window, np.ones(width, dtype=np.float32) / width, mode="valid")
    return (first + int(np.argmin(smooth)) + width // 2) * FRAME


def normalised(samples: Samples, region: Region, gain: float) -> Signal:
    """One piece as 32-bit floats at the target level, clipped to full scale."""
    signal = samples[region.start : region.end].astype(np.float32)
    if gain != 1.0:
        signal *= np.float32(gain)
    return np.clip(signal, -1.0, 1.0, out=signal)


def speech_in(signal: Signal, offset: int = 0) -> list[Region]:
    """Regions of the recording in which somebody speaks, in order; ``offset`` is the signal's first sample."""
    if not signal.any():
        return []
    return [
        Region(offset + int(chunk["start"]), offset + int(chunk["end"]))
        for chunk in get_speech_timestamps(signal, _VAD)
    ]
