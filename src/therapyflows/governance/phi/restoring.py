"""The way back: tokens in an answer become what they stand for, also those that a model altered.

What cannot be attributed is an error, never text.
"""

import re
from collections.abc import Mapping, Sequence

from therapyflows.governance.phi.token_shapes import MASK, key_of, token_likes

TOKEN = re.compile(r"\[[A-Z][A-Z\d_]*(?:[+-]\d+d)?(?:\.\d+)?\]")
"""A token as it is given out."""
_OPEN, _CLOSE = re.compile(r"\[[^\[\]]{0,40}$"), re.compile(r"[^\[\]]{0,40}\]")
_MOST_PARTS = 4
"""Strings that one token can be split over."""


class UnknownToken(ValueError):
    """A text holds something like a token that stands for nothing.  The message carries no text."""

    def __init__(self) -> None:
        super().__init__("the text holds a token that was never given out")


def restore(text: str, token_map: Mapping[str, str], *, any_spelling: bool = False) -> str:
    """The text with every token replaced by what it stands for.

    ``any_spelling``: a token for another spelling (``[CLIENT.2]``) stands for the same as the first, when the map knows
    no better.  Raises UnknownToken for something like a token that stands for nothing, or of which that cannot be told.
    """
    known = _Known(token_map, any_spelling)
    masked, originals = _exact(text, known)
    replacements = {at: (at + 1, original) for at, original in originals.items()}
    for like in token_likes(masked):
        original = known.by_key(like.key)
        if original is None:
            raise UnknownToken
        replacements[like.start] = (like.end, original + like.ending)
    pieces, position = [], 0
    for start, (end, original) in sorted(replacements.items()):
        pieces += [masked[position:start], original]
        position = end
    return "".join((*pieces, masked[position:]))


def restore_all(strings: Sequence[str], token_map: Mapping[str, str]) -> list[str]:
    """The strings of one answer, each restored; a token that was split over neighbours goes to the first of them."""
    return [restore(text, token_map) for text in _rejoined(strings)]


def _rejoined(strings: Sequence[str]) -> list[str]:
    joined = list(strings)
    for at in range(len(joined) - 1):
        for reach in range(1, min(_MOST_PARTS, len(joined) - at)):
            if not (tail := _OPEN.search(joined[at])):
                break
            middle, head = "".join(joined[at + 1 : at + reach]), _CLOSE.match(joined[at + reach])
            if head and _is_one(f"{tail[0]}{middle}{head[0]}"):
                joined[at] += f"{middle}{head[0]}"
                joined[at + 1 : at + reach] = [""] * (reach - 1)
                joined[at + reach] = joined[at + reach][head.end() :]
    return joined


def _is_one(text: str) -> bool:
    likes = token_likes(text)
    return len(likes) == 1 and (likes[0].start, likes[0].end) == (0, len(text)) and likes[0].key is not None


class _Known:
    """Looks tokens up as they were given out, and by their key."""

    def __init__(self, token_map: Mapping[str, str], any_spelling: bool) -> None:
        self._map, self._any_spelling = token_map, any_spelling
        self._keys: dict[str, str] | None = None

    def exact(self, token: str) -> str | None:
        found = self._map.get(token)
        if found is None and self._any_spelling:
            found = self._map.get(re.sub(r"\.\d+\]$", "]", token))
        return found

    def by_key(self, key: str | None) -> str | None:
        if key is None:
            return None
        if self._keys is None:  # most answers hold no altered token
            self._keys = {key_of(token): original for token, original in self._map.items()}
        found = self._keys.get(key)
        if found is None and self._any_spelling:
            found = self._keys.get(re.sub(r"\.\d+$", "", key))
        return found


def _exact(text: str, known: _Known) -> tuple[str, dict[int, str]]:
    """The text with one mask for each token as it was given out, and what stands at each mask.

    They come first and alone: whatever stands around them is the text's.
    """
    originals: dict[int, str] = {}
    pieces, position, length = [], 0, 0
    for match in TOKEN.finditer(text):
        original = known.exact(match[0])
        if original is not None:
            pieces += [text[position : match.start()], MASK]
            length += match.start() - position
            originals[length] = original
            length += 1
            position = match.end()
    return "".join((*pieces, text[position:])), originals
