"""A text without case and accents that remembers where each character came from."""

import unicodedata
from functools import lru_cache

_PLAIN = str.maketrans({"’": "'", "‘": "'", "`": "'", "–": "-", "—": "-", "‐": "-", "‑": "-", "\u00a0": " "})


def fold(text: str) -> str:
    """Lower case without accents; typographic quotes and dashes become plain ones."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN).casefold()).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


class FoldedText:
    """``folded`` is what to search in; ``origin`` maps a match back to the text."""

    def __init__(self, text: str) -> None:
        pieces = [_fold_char(c) for c in text]
        self.folded = "".join(pieces)
        self._index = [i for i, piece in enumerate(pieces) for _ in piece]
        self._length = len(text)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The range of the text that the folded range [start, end) comes from, with its accents."""
        first = self._index[start]
        last = self._index[end - 1] + 1
        following = self._index[end] if end < len(self._index) else self._length
        # Characters that folded to nothing (combining accents) belong to the letter before them.
        return first, max(last, following)


@lru_cache(maxsize=65536)
def _fold_char(char: str) -> str:
    return char.lower() if char.isascii() and char.isalnum() else fold(char)
