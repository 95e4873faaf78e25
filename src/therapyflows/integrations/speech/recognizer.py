"""A recording to a transcript with speakers and word times.

::

    decode ─▶ two channels with one speaker each ─▶ words per channel ─▶ without echoes ─┐
        └───▶ everything else, as one channel ───▶ words ─▶ voices told apart ───────────┴─▶ roles ─▶ turns
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import structlog

from therapyflows.core.errors import UnusableSource
from therapyflows.core.notices import Notice
from therapyflows.core.session_note.model import SourceKind, Transcript
from therapyflows.core.session_note.speakers import ROLES_UNCERTAIN, assign_roles
from therapyflows.governance.evidence.model import Speaker, Word
from therapyflows.integrations.speech import channels, diarize, notices, track, turns
from therapyflows.integrations.speech.channels import Layout
from therapyflows.integrations.speech.config import SpeechConfig
from therapyflows.integrations.speech.decode import Recording, decode
from therapyflows.integrations.speech.track import Heard, Track
from therapyflows.integrations.speech.whisper import load_model

Progress = Callable[[float], None]

SHORTEST_S = 0.5
ONE_VOICE_DISTANCE = 0.1
"""Two clusters nearer than this are one voice: single speakers split at 0.02-0.09, two alike at 0.11 and more."""
LEFT_IS_THERAPIST = 0.3
"""Log odds: many telehealth services put the host on the left channel, but it is no rule."""
ECHO_LEVEL = 0.3
"""A word at less than this share of the channel's loud speech (-10 dB) can be an echo of the other side."""
_DECODED = 0.03
_RECOGNIZED = 0.95

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The words of each voice, in time order, and what the reviewer should know about them."""

    voices: tuple[list[Word], ...]
    warnings: tuple[Notice, ...]
    prior: float = 0.0


class WhisperRecognizer:
    """The ``Recognizer`` port over faster-whisper, on this machine."""

    def __init__(self, config: SpeechConfig, cache_dir: Path) -> None:
        self._config = config
        self._cache_dir = cache_dir

    def transcribe(
        self,
        source: Path | BinaryIO,
        *,
        dictation: bool = False,
        expected_minutes: float | None = None,
        on_progress: Progress | None = None,
    ) -> Transcript:
        """See the port.  Damaged files are read as far as they go, with a warning; nothing readable is dropped."""
        progress = on_progress or (lambda _: None)
        recording = _decoded(source)
        progress(_DECODED)
        spoken = self._listen(recording, dictation, lambda share: progress(_DECODED + share * (_RECOGNIZED - _DECODED)))
        warnings = (*notices.of_file(recording, expected_minutes), *spoken.warnings)
        roles, doubts = _roles(spoken, dictation)
        ordered = turns.turns(p for voice, words in enumerate(spoken.voices) for p in turns.phrases(words, voice))
        progress(1.0)
        log.info("recording_transcribed", seconds=round(recording.duration_s, 1), segments=len(ordered))
        return Transcript(
            source=SourceKind.DICTATION if dictation else SourceKind.RECORDING,
            duration_s=round(recording.duration_s, 3),
            segments=turns.segments(ordered, roles),
            language=self._config.language or "und",
            recognizer=f"faster-whisper:{self._config.model}:{self._config.compute_type}:beam{self._config.beam_size}",
            warnings=(*warnings, *doubts),
        )

    def _listen(self, recording: Recording, dictation: bool, progress: Progress) -> _Spoken:
        tracks = _tracks(recording, dictation)
        model: Any = load_model(self._config, self._cache_dir)
        heard: list[Heard] = []
        for number, one in enumerate(tracks):

            def on_share(share: float, number: int = number) -> None:
                progress((number + share) / len(tracks))

            heard.append(track.hear(one, model, self._config, on_share))
        if not any(h.words for h in heard):
            raise UnusableSource(
                "no_speech",
                "no speech was found in the recording",
                remedy="Listen to the file: if it is silent, check the microphone and enter the session by hand.",
                seconds=round(recording.duration_s),
            )
        sound = notices.of_sound(
            min(t.gain for t in tracks), sum(h.speech_samples for h in heard), recording.duration_s
        )
        if all(h.words for h in heard) and len(heard) == 2:
            return _Spoken(_without_echoes(tracks, heard), tuple(sound), prior=LEFT_IS_THERAPIST)
        at = next(at for at, h in enumerate(heard) if h.words)
        return _told_apart(tracks[at], heard[at].words, tuple(sound), dictation)


def _decoded(source: Path | BinaryIO) -> Recording:
    if not isinstance(source, Path):
        recording = decode(source)
    elif source.is_file():
        with source.open("rb") as stream:
            recording = decode(stream)
    else:
        raise UnusableSource(
            "recording_missing", "the recording is not there", remedy="Check the path, or upload the recording again."
        )
    if recording.duration_s < SHORTEST_S:
        raise UnusableSource(
            "recording_too_short",
            "the recording is shorter than half a second",
            remedy="Upload the complete recording.",
        )
    return recording


def _tracks(recording: Recording, dictation: bool) -> tuple[Track, ...]:
    """The channels to recognize: both when each holds one speaker, else one."""
    if len(recording.channels) == 1:
        return (track.single(recording.channels[0]),)
    left, right = (track.single(channel) for channel in recording.channels)
    layout = channels.layout(left.samples, right.samples, left.levels, right.levels)
    log.info("recording_layout", layout=layout.value)
    if layout is Layout.LEFT_ONLY:
        return (left,)
    if layout is Layout.RIGHT_ONLY:
        return (right,)
    if layout is Layout.SEPARATE and not dictation:
        return track.pair(left, right)
    return (track.single(channels.mixed(left.samples, right.samples)),)


def _without_echoes(tracks: Sequence[Track], heard: Sequence[Heard]) -> tuple[list[Word], ...]:
    """Each channel's words without those that are the other channel's, leaked or echoed."""
    kept = []
    for own, other in ((0, 1), (1, 0)):
        quiet = track.loudness(tracks[own], heard[own].words) < ECHO_LEVEL
        kept.append(channels.without_echo(heard[own].words, heard[other].words, set(np.flatnonzero(quiet).tolist())))
    return tuple(kept)


def _told_apart(one: Track, words: list[Word], sound: tuple[Notice, ...], dictation: bool) -> _Spoken:
    if dictation:
        return _Spoken((words,), sound)
    found = diarize.separate(track.voices(one, words))
    if found.distance < ONE_VOICE_DISTANCE or len(set(found.voices)) < 2:
        return _Spoken((words,), (*sound, notices.ONE_VOICE))
    alike = (notices.VOICES_ALIKE,) if found.distance < notices.HARD_TO_TELL_DISTANCE else ()
    voices = tuple([w for w, v in zip(words, found.voices, strict=True) if v == voice] for voice in (0, 1))
    return _Spoken(voices, (*sound, *alike))


def _roles(spoken: _Spoken, dictation: bool) -> tuple[tuple[Speaker, ...], tuple[Notice, ...]]:
    if dictation:
        return (Speaker.THERAPIST,), ()
    if len(spoken.voices) == 1:
        return (Speaker.UNKNOWN,), ()
    texts = [[" ".join(w.text for w in phrase.words) for phrase in turns.phrases(words, 0)] for words in spoken.voices]
    first = min(range(len(texts)), key=lambda voice: spoken.voices[voice][0].start_s)
    roles = assign_roles(texts, first=first, prior=spoken.prior)
    return roles.speakers, () if roles.certain else (ROLES_UNCERTAIN,)
