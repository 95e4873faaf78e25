"""Which known label an unknown one means most nearly the same as, by word vectors that come inside a package.

Nothing leaves the process, and nothing but printed words of a form is compared.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
import wordllama
from numpy.typing import NDArray

LEAST_LIKENESS = 0.66
"""Cosine of the vectors of two labels.  With the margin, 93 in 100 listed labels that a guess was taken for were
guessed right when each was left out of the list (docs/measurements.md)."""
LEAST_MARGIN = 0.08
"""So much nearer than the nearest label with another meaning."""


class Likeness:
    """Labels with what they mean, to compare others with."""

    def __init__(self, meanings: Mapping[str, str]) -> None:
        words = {said: meaning for name, meaning in meanings.items() if (said := _words(name))}
        self._meanings = np.array(list(words.values()))
        self._vectors = _vectors(list(words))

    def meaning(self, text: str) -> str | None:
        """What the nearest label means; None where none is near, or two with different meanings are."""
        words = _words(text)
        if not words:
            return None
        near = self._vectors @ _vectors([words])[0]
        best = int(near.argmax())
        found = str(self._meanings[best])
        others = near[self._meanings != found]
        if near[best] < LEAST_LIKENESS or near[best] - others.max(initial=-1.0) < LEAST_MARGIN:
            return None
        return found


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.lower().replace("'", "").replace("’", "")).split())


def _vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """One vector of length 1 for each text: shape (texts, 256)."""
    return cast(NDArray[np.float32], _model().embed(list(texts), norm=True))


@lru_cache(maxsize=1)
def _model() -> wordllama.WordLlamaInference:
    """The vectors of the wheel; its own folder, or it would look for the tokenizer on the web."""
    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
