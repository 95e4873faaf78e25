"""How loud a recording is over its time, for drawing it: a picture of who paused when, so it is content."""

from dataclasses import dataclass

from pydantic import TypeAdapter

MOST_PEAKS = 2000
"""More than a screen is wide."""


@dataclass(frozen=True, slots=True)
class Waveform:
    duration_s: float
    peaks: tuple[int, ...]
    """0..255, evenly over the duration; none when the recording cannot be decoded."""


WAVEFORM = TypeAdapter(Waveform)
