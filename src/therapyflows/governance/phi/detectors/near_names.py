"""Names of the chart misheard or mistyped: by letters ("Marlow") and by sound ("Cathryn" for "Katherine")."""

import re
from collections.abc import Iterator

from jellyfish import metaphone
from rapidfuzz.distance import OSA

from therapyflows.governance.phi.detectors.known_words import Casing, parts_by_entity, with_title
from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.lexicon import cues, is_word
from therapyflows.governance.phi.model import NAMES, ChartIdentifiers, Detection, IdentifierType, Source

Owner = tuple[IdentifierType, str]
_WORD = re.compile(r"[^\W\d_]{3,}")
_SHORTEST = 5
"""Shorter names are compared by sound alone: a letter more or less makes too many of them other words."""
_LONG = 8
"""From this length on two letters may differ."""
_KEPT = 50_000


class NearNames:
    """Only words that stand as names (capitalized, or in a line without capitals) are compared."""

    def __init__(self, identifiers: ChartIdentifiers) -> None:
        parts = parts_by_entity(identifiers.of(*NAMES))
        self._names = [(part, _sound(part), owner) for part, owner in parts.items() if len(part) > 2]
        self._known: dict[str, Owner | None] = {}

    def detect(self, text: str) -> Iterator[Detection]:
        if not self._names:
            return
        casing = Casing(text)
        for match in _WORD.finditer(text):
            if not casing.counts_as_name(match.start()):
                continue
            owner = self._owner(fold(match.group()))
            if owner is not None:
                yield Detection(with_title(text, match.start()), match.end(), *owner, Source.CHART)

    def _owner(self, word: str) -> Owner | None:
        """Whose name the word is nearly; texts repeat their words, so answers are kept."""
        if word not in self._known:
            if len(self._known) > _KEPT:
                self._known.clear()
            self._known[word] = self._compare(word)
        return self._known[word]

    def _compare(self, word: str) -> Owner | None:
        if word in cues()["common"]:
            return None
        sound = None if is_word(word) else _sound(word)
        return next((owner for name, named, owner in self._names if _near(word, name, sound, named)), None)


def _near(word: str, name: str, sound: str | None, named: str) -> bool:
    """Whether the word may be the name; ``sound`` is None for a word that means something by itself."""
    if word == name:
        return False
    if word[0] == name[0] and len(name) >= _SHORTEST:
        # The first letter is rarely misheard, and "harder" is not "Garder".
        allowed = 2 if len(name) >= _LONG or (sound is not None and len(name) > _SHORTEST) else 1
        if 0 < OSA.distance(word, name, score_cutoff=allowed) <= allowed:
            return True
    if not sound or sound[0] != named[:1]:
        return False
    allowed = 3 if len(name) >= _SHORTEST else 1
    return (sound == named or len(name) >= _LONG) and OSA.distance(word, name, score_cutoff=allowed) <= allowed


def _sound(word: str) -> str:
    return metaphone(word) if word.isascii() else ""
