"""Which of the entities that a recognizer found are identifiers: eponyms, medicines and ordinary words are not."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from therapyflows.governance.phi.detectors.eponyms import names_a_thing
from therapyflows.governance.phi.lexicon import (
    Weight,
    clinical_words,
    countries,
    cues,
    first_names,
    is_word,
    surnames,
    towns,
)
from therapyflows.governance.phi.model import IdentifierType
from therapyflows.governance.phi.wording import Word, words_of


@dataclass(frozen=True, slots=True)
class Entity:
    start: int
    end: int
    type: IdentifierType


def identifiers_among(text: str, entities: Iterable[Entity]) -> Iterator[Entity]:
    """Those that name somebody or somewhere, without the ordinary words at their ends."""
    words = words_of(text)
    starts = [word.start for word in words]
    for entity in entities:
        inside = range(bisect_left(starts, entity.start), bisect_left(starts, entity.end))
        kept = _trimmed(words, list(inside), entity.type)
        # A name does not go on in the next line or column.
        for part in _lines(text, words, kept):
            if _identifies(text, words, part, entity.type):
                yield replace(entity, start=words[part[0]].start, end=words[part[-1]].end)


def _lines(text: str, words: list[Word], inside: list[int]) -> Iterator[list[int]]:
    part: list[int] = []
    for at in inside:
        if part and re.search(r"[\n|]", text[words[at - 1].end : words[at].start]):
            yield part
            part = []
        part.append(at)
    if part:
        yield part


def _trimmed(words: list[Word], inside: list[int], type_: IdentifierType) -> list[int]:
    def empty(word: Word) -> bool:
        return not word.capital or word.key in cues()["common"] or word.key in clinical_words()

    while inside and empty(words[inside[0]]):
        inside = inside[1:]
    while inside and empty(words[inside[-1]]):
        inside = inside[:-1]
    return inside


def _identifies(text: str, words: list[Word], part: list[int], type_: IdentifierType) -> bool:
    run = [words[at] for at in part]
    if names_a_thing(text, words, part[0], part[-1]):
        return False
    if type_ is IdentifierType.PERSON:
        return any(_may_name(word) for word in run)
    if type_ is IdentifierType.LOCATION:
        if " ".join(word.key for word in run) in countries():
            return True
        return any(not _is_no_place(word) for word in run)
    return any(_is_particular(word) for word in run) if len(run) > 1 else _is_unheard_of(run[0])


def _may_name(word: Word) -> bool:
    if word.key in cues()["never_alone"] or word.key in cues()["states"] or word.key in cues()["acronyms"]:
        return False
    weight = max(first_names().get(word.key, 0), surnames().get(word.key, 0))
    if word.shouted:
        return weight is Weight.NAME and len(word.key) > 3
    return weight >= Weight.SOMETIMES or not is_word(word.key)


def _is_no_place(word: Word) -> bool:
    key = word.key
    if key in cues()["states"] or key in cues()["acronyms"] or key in cues()["never_alone"] or len(key) < 3:
        return True
    return is_word(key) and not towns().get(key)


def _is_particular(word: Word) -> bool:
    if word.key in cues()["never_alone"] or word.key in cues()["acronyms"] or word.shouted:
        return False
    return not is_word(word.key) or surnames().get(word.key, 0) >= Weight.SOMETIMES


def _is_unheard_of(word: Word) -> bool:
    return _is_particular(word) and not is_word(word.key) and len(word.key) > 3 and word.text[1:].islower()
