"""What two channels of a recording hold, one speaker each or both, and what leaks from one to the other.

Telehealth files often have one speaker per channel.  A stereo file can just as well be one microphone written twice, a
room recorded with two microphones, or one live channel and one dead one; those take the way of a mono recording.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from therapyflows.governance.evidence.model import Word
from therapyflows.integrations.speech.activity import FRAME, Signal, speech_level
from therapyflows.integrations.speech.decode import RATE, Samples

Levels = NDArray[np.float32]

ACTIVE = 0.05
"""A frame sounds when it exceeds this share of its channel's speech level (-26 dB)."""
DOMINANT_DB = 8.0
"""One channel clearly leads the other by so much."""
DEAD_CHANNEL_DB = 45.0
"""A channel so much quieter than the other holds leakage or noise, not a speaker."""
SAME_SIGNAL = 0.97
"""Correlation from which both channels are one microphone."""
LEADS_ENOUGH = 0.55
"""In separate recordings one channel leads in most sounding frames."""
SPEAKER_SHARE = 0.01
"""A channel that leads in fewer sounding frames holds no speaker of its own."""
LEAK_MARGIN_DB = 6.0
FAINTEST_SPEECH_DB = -35.0
"""Against the channel's loud speech."""
_HOLD = 10
"""Frames (0.2 s) that a channel stays open around its own speech."""
_BLOCK = RATE * 60


class Layout(StrEnum):
    SEPARATE = "separate"
    """One speaker per channel."""
    MIXED = "mixed"
    """Both voices on both channels."""
    LEFT_ONLY = "left_only"
    RIGHT_ONLY = "right_only"


@dataclass(frozen=True, slots=True)
class Leak:
    """How strongly each channel is heard in the other, in dB of the speech levels; None when it is not."""

    left_into_right: float | None
    right_into_left: float | None


def layout(left: Samples, right: Samples, left_levels: Levels, right_levels: Levels) -> Layout:
    """How the speakers are spread over the two channels."""
    loud_left, loud_right = speech_level(left_levels), speech_level(right_levels)
    dead = 10 ** (-DEAD_CHANNEL_DB / 20)
    if loud_right <= loud_left * dead:
        return Layout.LEFT_ONLY
    if loud_left <= loud_right * dead:
        return Layout.RIGHT_ONLY
    if abs(correlation(left, right)) > SAME_SIGNAL:
        return Layout.LEFT_ONLY
    lead = _lead_db(left_levels, right_levels)
    lead = lead[_sounding(left_levels, right_levels)]
    if not len(lead):
        return Layout.MIXED
    left_leads, right_leads = float(np.mean(lead > DOMINANT_DB)), float(np.mean(lead < -DOMINANT_DB))
    separate = left_leads + right_leads >= LEADS_ENOUGH and min(left_leads, right_leads) >= SPEAKER_SHARE
    return Layout.SEPARATE if separate else Layout.MIXED


def correlation(left: Samples, right: Samples) -> float:
    """Correlation of the two waveforms, minute by minute so that an hour is never held twice."""
    cross = power_left = power_right = 0.0
    for at in range(0, len(left), _BLOCK):
        a, b = left[at : at + _BLOCK].astype(np.float32), right[at : at + _BLOCK].astype(np.float32)
        cross += float(a @ b)
        power_left += float(a @ a)
        power_right += float(b @ b)
    scale = (power_left * power_right) ** 0.5
    return cross / scale if scale > 0 else 0.0


def mixed(left: Samples, right: Samples) -> Samples:
    """Both channels in one, in half precision and in place of neither."""
    out = np.empty(len(left), dtype=np.float16)
    for at in range(0, len(left), _BLOCK):
        both = left[at : at + _BLOCK].astype(np.float32) + right[at : at + _BLOCK].astype(np.float32)
        out[at : at + _BLOCK] = both / 2
    return out


def leak(left_levels: Levels, right_levels: Levels) -> Leak:
    """Measure cross-talk: while one channel speaks clearly, does the other follow its level?"""
    return Leak(_leak_into(left_levels, right_levels), _leak_into(right_levels, left_levels))


def _leak_into(speaking: Levels, listening: Levels) -> float | None:
    source, target = _relative_db(speaking), _relative_db(listening)
    loud = (source > -20) & (target < source - DOMINANT_DB)
    if np.count_nonzero(loud) < 50:
        return None
    silent = source < -35  # the listener may speak there: the floor is the quiet part of it
    floor = float(np.percentile(target[silent], 5)) if np.count_nonzero(silent) >= 50 else -60.0
    heard = float(np.median(target[loud]))
    follows = float(np.corrcoef(source[loud], target[loud])[0, 1]) if np.ptp(target[loud]) > 0 else 0.0
    return float(np.median(target[loud] - source[loud])) if heard > floor + 6 and follows > 0.3 else None


def own_speech(own: Levels, other: Levels, leak_db: float) -> NDArray[np.bool_]:
    """Frames of a channel that are louder than what leaks in from the other one, with a margin and some hold."""
    level = _relative_db(own)
    above = (level > _relative_db(other) + leak_db + LEAK_MARGIN_DB) & (level > FAINTEST_SPEECH_DB)
    counts = np.convolve(above, np.ones(2 * _HOLD + 1), mode="same")
    return np.asarray(counts > 2, dtype=np.bool_)


def silence_leak(signal: Signal, offset: int, open_frames: NDArray[np.bool_]) -> None:
    """Mute, in place, the frames of a piece, which begins at sample ``offset``, that hold only the other's speech."""
    first = offset // FRAME
    for at in range(0, len(signal), FRAME):
        frame = first + at // FRAME
        if frame < len(open_frames) and not open_frames[frame]:
            signal[at : at + FRAME] = 0.0


def without_echo(words: list[Word], others: list[Word], quieter: set[int]) -> list[Word]:
    """Drop runs of three or more words that the other channel said at the same time or just before.

    ``quieter`` holds the indices of words that are quiet for this channel: only those can be an echo.
    """
    said: dict[str, list[float]] = {}
    for word in others:
        said.setdefault(_plain(word), []).append(word.start_s)
    echoes = [
        at in quieter and any(-0.3 <= word.start_s - start <= 1.0 for start in said.get(_plain(word), ()))
        for at, word in enumerate(words)
    ]
    kept: list[Word] = []
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and echoes[end]:
            end += 1
        if end - at < 3:
            kept += words[at : max(end, at + 1)]
        at = max(end, at + 1)
    return kept


def _plain(word: Word) -> str:
    return "".join(c for c in word.text.lower() if c.isalnum())


def _relative_db(levels: Levels) -> Levels:
    """Level of each frame against the channel's speech level."""
    loud = speech_level(levels)
    return np.asarray(20 * np.log10(np.maximum(levels / loud if loud > 0 else levels, 1e-4)), dtype=np.float32)


def _sounding(left: Levels, right: Levels) -> NDArray[np.bool_]:
    return np.asarray((left > ACTIVE * speech_level(left)) | (right > ACTIVE * speech_level(right)), dtype=np.bool_)


def _lead_db(left: Levels, right: Levels) -> Levels:
    return np.asarray(_relative_db(left) - _relative_db(right), dtype=np.float32)
