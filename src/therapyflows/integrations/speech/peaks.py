"""The loudest moment of each stretch of a recording; it is decoded as a stream, so that length needs no memory."""

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from therapyflows.core.errors import UnusableSource
from therapyflows.core.session_note.waveform import MOST_PEAKS, Waveform
from therapyflows.integrations.speech.decode import RATE, Sink, decode_into

STEP = RATE // 10
"""Samples of one stretch while decoding."""


class _Peaks(Sink):
    """Keeps the loudest sample of each stretch and lets go of the rest."""

    def __init__(self) -> None:
        super().__init__(1)
        self.peaks: list[NDArray[np.float32]] = []
        self._rest = np.zeros(0, dtype=np.float32)

    def keep(self, joined: NDArray[np.float32]) -> None:
        samples = np.concatenate([self._rest, np.abs(joined[0])])
        whole = len(samples) // STEP * STEP
        self.peaks.append(samples[:whole].reshape(-1, STEP).max(axis=1, initial=0.0))
        self._rest = samples[whole:]


def waveform(source: BinaryIO) -> Waveform:
    """What a page draws; a recording without sound that can be decoded has no peaks."""
    sink = _Peaks()
    try:
        decode_into(source, lambda _: sink)
    except UnusableSource:
        return Waveform(0.0, ())
    sink.finish()
    peaks = np.concatenate(sink.peaks) if sink.peaks else np.zeros(0, dtype=np.float32)
    return Waveform(round(sink.samples / RATE, 2), _scaled(_coarser(peaks)))


def _coarser(peaks: NDArray[np.float32]) -> NDArray[np.float32]:
    """At most so many that a screen can show, each the loudest of those it stands for."""
    group = -(-len(peaks) // MOST_PEAKS) or 1
    padded = np.pad(peaks, (0, -len(peaks) % group))
    loudest: NDArray[np.float32] = padded.reshape(-1, group).max(axis=1, initial=0.0)
    return loudest


def _scaled(peaks: NDArray[np.float32]) -> tuple[int, ...]:
    """The loudest moment fills the height, so that a quiet recording can be seen as well."""
    loudest = float(peaks.max(initial=0.0))
    if loudest <= 0:
        return tuple(0 for _ in peaks)
    return tuple(int(value) for value in np.rint(peaks / loudest * 255))
