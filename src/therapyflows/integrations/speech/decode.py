"""Any audio or video file to 16 kHz channels, keeping what can be kept of a damaged one.

The container is read through the stream that we were given and only in formats that hold one recording, so that a
hostile "recording" (a playlist, a concat script) cannot make the decoder open other files or addresses.  Packets are
decoded one by one: a damaged packet costs its own milliseconds, not the rest of the session.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from therapyflows.core.errors import UnusableSource

RATE = 16_000
"""Samples per second of every decoded channel."""
MAX_HOURS = 6.0
MAX_DECODE_WALL_S = 900.0
"""No honest recording takes this long to decode; a hostile one is stopped here."""
MAX_BAD_PACKETS_IN_A_ROW = 20_000
GAP_S = 0.25
"""A jump in the presentation times longer than this is filled with silence, so that word times stay true."""
_UNKNOWN_LENGTH = 0x7FFFFFFF
"""What a recorder that streams writes as the length is this or more."""
_OGG_PAGE = 65_307
"""Longest possible Ogg page in bytes."""
_FLUSH_SAMPLES = RATE * 30

_FORMATS = (
    "wav,w64,aiff,caf,au,mp3,aac,ac3,eac3,mov,mp4,m4a,3gp,3g2,mj2,ogg,flac,matroska,webm,"
    "amr,amrnb,amrwb,avi,asf,mpeg,mpegts,flv"
)
_OPEN_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}

Samples = NDArray[np.float16]
"""Half precision: an hour is 115 MB a channel, and a recording at a thousandth of full level keeps its 11 bits."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A decoded recording: one or two channels of equal length at 16 kHz."""

    channels: tuple[Samples, ...]
    declared_s: float | None
    """Length that the container claims, when it claims one."""
    bad_packets: int
    gaps_s: float = 0.0
    """Silence put where sound was missing."""
    cut_off: bool = False
    """The file ends in the middle of something."""

    @property
    def duration_s(self) -> float:
        return len(self.channels[0]) / RATE


class Sink:
    """Takes resampled frames; collects them into one growing buffer per channel."""

    def __init__(self, channels: int) -> None:
        self._layout = "stereo" if channels == 2 else "mono"
        self._buffers = [bytearray() for _ in range(channels)]
        self._pending: list[NDArray[np.float32]] = []
        self._pending_samples = 0
        self._resampler = self._new_resampler()
        self._origin_s: float | None = None
        self.samples = 0
        self.gap_samples = 0

    def _new_resampler(self) -> Any:
        return av.AudioResampler(format="fltp", layout=self._layout, rate=RATE)

    def add(self, frame: Any, *, longest_gap_s: float) -> None:
        at_s = None if frame.pts is None or frame.time_base is None else float(frame.pts * frame.time_base)
        frame.pts = None
        if at_s is not None:
            if self._origin_s is None:
                self._origin_s = at_s - self.samples / RATE
            gap_s = at_s - self._origin_s - self.samples / RATE
            if GAP_S < gap_s <= longest_gap_s:
                self._fill(int(gap_s * RATE))
        try:
            resampled = self._resampler.resample(frame)
        except ValueError:  # rate or layout changed in the middle of the stream
            self._resampler = self._new_resampler()
            resampled = self._resampler.resample(frame)
        for piece in resampled:
            self._append(piece.to_ndarray())

    def _fill(self, gap: int) -> None:
        """Silence for so many samples, in pieces: a small file may claim hours of it."""
        self.gap_samples += gap
        for start in range(0, gap, _FLUSH_SAMPLES):
            self._append(np.zeros((len(self._buffers), min(_FLUSH_SAMPLES, gap - start)), dtype=np.float32))

    def _append(self, block: NDArray[np.float32]) -> None:
        self._pending.append(block)
        self._pending_samples += block.shape[1]
        self.samples += block.shape[1]
        if self._pending_samples >= _FLUSH_SAMPLES:
            self._flush()

    def _flush(self) -> None:
        if not self._pending:
            return
        joined = np.concatenate(self._pending, axis=1)
        np.nan_to_num(joined, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
        np.clip(joined, -8.0, 8.0, out=joined)
        self.keep(joined)
        self._pending, self._pending_samples = [], 0

    def keep(self, joined: NDArray[np.float32]) -> None:
        """The next samples, a row a channel."""
        for buffer, channel in zip(self._buffers, joined.astype(np.float16), strict=True):
            buffer += channel.tobytes()

    def finish(self) -> tuple[Samples, ...]:
        for piece in self._resampler.resample(None) if self.samples else ():
            self._append(piece.to_ndarray())
        self._flush()
        return tuple(np.frombuffer(buffer, dtype=np.float16) for buffer in self._buffers)


def decode(source: BinaryIO, *, longest_s: float = MAX_HOURS * 3600, wall_s: float = MAX_DECODE_WALL_S) -> Recording:
    """Decode the first audio track.  Raises UnusableSource for what holds no sound, or more than ``longest_s``."""
    sink, declared_s, bad = decode_into(source, Sink, longest_s=longest_s, wall_s=wall_s)
    channels = sink.finish()
    if len(channels[0]) == 0:
        raise _not_audio()
    size = source.seek(0, 2)
    source.seek(0)
    recording = Recording(channels, declared_s, bad, gaps_s=sink.gap_samples / RATE)
    return replace(recording, cut_off=_is_cut(source.read(12), source, size))


def decode_into(
    source: BinaryIO,
    make_sink: Callable[[int], Sink],
    *,
    longest_s: float = MAX_HOURS * 3600,
    wall_s: float = MAX_DECODE_WALL_S,
) -> tuple[Sink, float | None, int]:
    """Let the first audio track run into a sink for so many channels.

    Returns the sink, the length that the container claims, and how many packets were bad.  Raises UnusableSource.
    """
    size = source.seek(0, 2)
    if size == 0:
        raise UnusableSource("recording_empty", "the file is empty (0 bytes)", remedy="Upload the recording again.")
    source.seek(0)
    head = source.read(12)
    source.seek(0)
    try:
        container = av.open(source, mode="r", options=_OPEN_OPTIONS, metadata_errors="ignore")
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        raise _not_opened(head) from error
    with container:
        if not container.streams.audio:
            raise UnusableSource(
                "no_audio_track",
                "the file has no audio track",
                remedy="Upload a recording with sound; check that the microphone was recorded.",
            )
        return _run_into(container, container.streams.audio[0], make_sink, longest_s, time.monotonic() + wall_s)


def _is_cut(head: bytes, source: BinaryIO, size: int) -> bool:
    """For the containers whose claimed length shrinks with the file."""
    if head[:4] == b"RIFF":
        claimed = int.from_bytes(head[4:8], "little") + 8
        return size < claimed < _UNKNOWN_LENGTH
    return head.startswith(b"OggS") and _ogg_is_cut(source, size)


def _ogg_is_cut(source: BinaryIO, size: int) -> bool:
    """Whether the last Ogg page is incomplete.  Such a file claims the shorter length, so lengths do not tell."""
    source.seek(max(0, size - _OGG_PAGE))
    tail = source.read()
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27:
        return True
    lengths = tail[at + 27 : at + 27 + tail[at + 26]]
    return len(lengths) < tail[at + 26] or at + 27 + len(lengths) + sum(lengths) > len(tail)


def _not_opened(head: bytes) -> UnusableSource:
    if head[4:8] == b"ftyp":
        return UnusableSource(
            "recording_truncated",
            "the file ends before its index, so none of it can be read",
            remedy="The upload or the recording was cut off: upload the complete file again.",
        )
    return _not_audio()


def _not_audio() -> UnusableSource:
    return UnusableSource(
        "not_audio",
        "the file is not a readable audio or video file",
        remedy="Upload the recording as wav, mp3, m4a, ogg, opus, flac, mp4 or webm.",
    )


def _run_into(
    container: Any, stream: Any, make_sink: Callable[[int], Sink], longest_s: float, deadline: float
) -> tuple[Sink, float | None, int]:
    declared_s = _declared_s(container, stream)
    if declared_s is not None and declared_s > longest_s:
        raise _too_long()
    # The channel count of a codec context may be unknown until the first frame; two channels hold both cases.
    sink = make_sink(2 if stream.codec_context.channels != 1 else 1)
    bad = 0
    for frame in _frames(container, stream, deadline):
        if frame is None:
            bad += 1
            continue
        room_s = (declared_s or longest_s) - sink.samples / RATE
        sink.add(frame, longest_gap_s=room_s)
        if sink.samples > longest_s * RATE:
            raise _too_long()
    return sink, declared_s, bad


def _too_long() -> UnusableSource:
    return UnusableSource(
        "recording_too_long",
        "the recording is longer than 6 hours",
        remedy="Upload one session per file.",
    )


def _declared_s(container: Any, stream: Any) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration and container.duration > 0 else None


def _frames(container: Any, stream: Any, deadline: float) -> Iterator[Any]:
    """Decoded frames in order; None for each packet that could not be read or decoded."""
    bad_in_a_row = 0
    packets = container.demux(stream)
    while bad_in_a_row < MAX_BAD_PACKETS_IN_A_ROW:
        if time.monotonic() > deadline:
            raise UnusableSource(
                "recording_undecodable",
                "the file takes too long to decode",
                remedy="Convert the recording to wav or mp3 and upload it again.",
            )
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            bad_in_a_row += 1
            yield None
            packets = container.demux(stream)
            continue
        try:
            frames = packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            bad_in_a_row += 1
            yield None
            continue
        if frames:
            bad_in_a_row = 0
        yield from frames
