"""The recognizer proper: speech regions of one channel to words with times."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from therapyflows.governance.evidence.model import Word
from therapyflows.integrations.speech.activity import Region, Signal
from therapyflows.integrations.speech.config import SpeechConfig
from therapyflows.integrations.speech.decode import RATE
from therapyflows.integrations.speech.weights import model_path

_JOINED = "-'’%.,:/"
_JOIN_S = 0.3


@lru_cache(maxsize=2)
def load_model(config: SpeechConfig, cache_dir: Path) -> Any:
    """Load once per process and keep warm."""
    from faster_whisper import WhisperModel

    return WhisperModel(
        model_path(config.model, cache_dir),
        device=config.device,
        compute_type=config.compute_type,
        cpu_threads=config.threads,
        download_root=str(cache_dir),
    )


def recognize(
    model: Any,
    config: SpeechConfig,
    signal: Signal,
    offset: int,
    regions: Sequence[Region],
    on_time: Callable[[float], None] = lambda _: None,
) -> list[Word]:
    """Words of the regions (samples of the recording; ``signal`` begins at ``offset``), with times of the recording.

    Only the regions are heard: they are joined, recognized, and each word's time is put back to where it was said.
    ``on_time`` gets the seconds of speech that are done.
    """
    if not regions:
        return []
    joined = np.concatenate([signal[r.start - offset : r.end - offset] for r in regions])
    segments, _ = model.transcribe(
        joined,
        language=config.language or None,
        beam_size=config.beam_size,
        word_timestamps=True,
        vad_filter=False,
    )
    clock = _Clock(regions)
    words: list[Word] = []
    for segment in segments:
        for word in segment.words or ():
            _append(words, word.word, clock.restore(word))
        on_time(float(segment.end))
    return words


def _append(words: list[Word], spelled: str, word: Word) -> None:
    """Add a word; a part such as "-year" or "%", which the recognizer spells without a space, joins the word before."""
    if not word.text:
        return
    if words and spelled[0] in _JOINED and word.start_s - words[-1].end_s < _JOIN_S:
        before = words.pop()
        word = Word(before.text + word.text, before.start_s, word.end_s, min(before.probability, word.probability))
    words.append(word)


class _Clock:
    """From the time in joined regions to the time in the recording."""

    def __init__(self, regions: Sequence[Region]) -> None:
        self._regions = regions
        lengths = np.array([r.end - r.start for r in regions])
        self._joined_end = np.cumsum(lengths)
        self._joined_start = self._joined_end - lengths

    def restore(self, word: Any) -> Word:
        """A word lies in the region that holds its middle, and does not reach beyond it."""
        middle = (word.start + word.end) / 2 * RATE
        at = min(int(np.searchsorted(self._joined_end, middle, side="right")), len(self._regions) - 1)
        region = self._regions[at]
        shift = region.start - int(self._joined_start[at])
        start = min(max(word.start * RATE + shift, region.start), region.end)
        end = min(max(word.end * RATE + shift, start), region.end)
        return Word(
            word.word.strip(),
            round(float(start) / RATE, 3),
            round(float(end) / RATE, 3),
            round(float(word.probability), 3),
        )
