"""People whom the chart does not know: which names are of one person.

"Anna", "Anna Lopez", "anna" and "Annie Lopez" are one, as long as no other Anna is known; initials fit a name that
begins so.  Two known people who both fit leave a new one: better twice the same person than two people as one.
"""

import re
from collections import defaultdict
from functools import lru_cache

from therapyflows.governance.phi.folding import fold
from therapyflows.governance.phi.nicknames import full_forms_of
from therapyflows.governance.phi.word_lists import word_list

_WORD = re.compile(r"[^\W\d_]+")
_MOST_CANDIDATES = 12
"""A word that so many known people share says nothing, and must not cost more with each of them."""


class Strangers:
    """Each name is filed under its words and what they are short for."""

    def __init__(self) -> None:
        self._names: dict[str, list[tuple[str, ...]]] = {}
        self._by_word: defaultdict[str, list[str]] = defaultdict(list)
        self._by_name: dict[tuple[str, ...], str] = {}

    def entity_of(self, spelling: str) -> str:
        """Who bears this name: somebody who was named before, or a new person."""
        name = _name(spelling)
        if name not in self._by_name:
            fitting = {entity for entity in self._candidates(name) if any(_fits(name, o) for o in self._names[entity])}
            self.know(fitting.pop() if len(fitting) == 1 else fold(spelling), spelling)
        return self._by_name[name]

    def know(self, entity: str, spelling: str) -> None:
        """This entity bears this name."""
        name = _name(spelling)
        if name in self._by_name:
            return
        self._by_name[name] = entity
        self._names.setdefault(entity, []).append(name)
        for word in name:
            for form in {word, *_full_forms(word)}:
                if entity not in self._by_word[form][-_MOST_CANDIDATES:]:
                    self._by_word[form].append(entity)

    def _candidates(self, name: tuple[str, ...]) -> set[str]:
        forms = {form for word in name if len(word) > 1 for form in (word, *_full_forms(word))}
        filed = [self._by_word[form] for form in forms if form in self._by_word]
        return {entity for entities in filed if len(entities) <= _MOST_CANDIDATES for entity in entities}


def _name(spelling: str) -> tuple[str, ...]:
    words = _WORD.findall(fold(spelling))
    return tuple(word for word in words if word not in word_list("titles")) or tuple(words) or (spelling,)


def _fits(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether every word of the shorter name stands in the longer one, in order, at least one of them in full."""
    shorter, longer = sorted((one, other), key=len)
    at, in_full = 0, False
    for word in shorter:
        while at < len(longer) and not _same(word, longer[at]):
            at += 1
        if at == len(longer):
            return False
        in_full = in_full or min(len(word), len(longer[at])) > 1
        at += 1
    return in_full


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) == 1:
        return one[0] == other[0]
    return bool(({one} | _full_forms(one)) & ({other} | _full_forms(other)))


@lru_cache(maxsize=4096)
def _full_forms(word: str) -> frozenset[str]:
    return frozenset(fold(full) for full in full_forms_of(word))
