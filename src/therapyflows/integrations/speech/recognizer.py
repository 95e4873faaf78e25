"""A recording to a transcript with speakers and word times."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

from therapyflows.core.errors import UnusableSource
from therapyflows.core.session_note.model import SourceKind, Transcript
from therapyflows.governance.evidence.model import Speaker, Word
from therapyflows.integrations.speech import activity, turns
from therapyflows.integrations.speech.config import SpeechConfig
from therapyflows.integrations.speech.decode import Recording, Samples, decode
from therapyflows.integrations.speech.whisper import load_model, recognize

Progress = Callable[[float], None]


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
        recording = _decoded(source)
        voices = [self._words(channel) for channel in recording.channels]
        ordered = turns.turns(p for voice, words in enumerate(voices) for p in turns.phrases(words, voice))
        return Transcript(
            source=SourceKind.DICTATION if dictation else SourceKind.RECORDING,
            duration_s=round(recording.duration_s, 3),
            segments=turns.segments(ordered, (Speaker.THERAPIST, Speaker.CLIENT)),
            language=self._config.language or "en",
            recognizer=f"faster-whisper:{self._config.model}:{self._config.compute_type}:beam{self._config.beam_size}",
        )

    def _words(self, channel: Samples) -> list[Word]:
        model = load_model(self._config, self._cache_dir)
        levels = activity.frame_levels(channel)
        gain = activity.gain_for(activity.speech_level(levels))
        words: list[Word] = []
        for piece in activity.pieces(levels, len(channel)):
            signal = activity.normalised(channel, piece, gain)
            regions = activity.speech_in(signal, piece.start)
            words += recognize(model, self._config, signal, piece.start, regions)
        return words


def _decoded(source: Path | BinaryIO) -> Recording:
    if not isinstance(source, Path):
        with nullcontext(source) as stream:
            return decode(stream)
    if not source.is_file():
        raise UnusableSource(
            "recording_missing", "the recording is not there", remedy="Check the path, or upload the recording again."
        )
    with source.open("rb") as stream:
        return decode(stream)
