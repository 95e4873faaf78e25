"""What a text speaks of: concepts ("throwing up" is vomiting), drugs by their generic name, relatives, other words.

A key names one thing: ``c:vomiting`` a concept, ``d:furosemide`` a drug, ``k:mother`` a relative, else the stem of a
word.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from therapyflows.governance.evidence.lexicon import CONCEPT_SECTIONS, drugs, load, word_groups, word_set
from therapyflows.governance.evidence.tokens import Kind, Token, tokens_of
from therapyflows.governance.evidence.words import FUNCTION_WORDS, stem

FILLERS = word_set("grammar", "phrase_fillers")
"""Words that may stand inside a phrase: "could not really get to sleep"."""
MOST_FILLERS = 4
_AMOUNTS = word_set("grammar", "numbers") | word_set("grammar", "tens") | {"about"}
_EMPTY = FUNCTION_WORDS | word_set("grammar", "empty_words")
_NOT_CONCEPTS = FUNCTION_WORDS | word_set("grammar", "not_concepts")


class Found(NamedTuple):
    """A key in a text, with the tokens it takes: ``first`` up to but not with ``end``."""

    key: str
    first: int
    end: int
    length: int
    """Words of the phrase that matched, without fillers."""


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """Phrases by their first stem, longest first."""
    found: dict[str, dict[tuple[str, ...], str]] = {}
    data = load("concepts")
    for section in CONCEPT_SECTIONS:
        for names in data[section]:
            for name in names:
                if not name.startswith("="):
                    stems = tuple(token.stem for token in tokens_of(name) if token.kind is not Kind.MARK)
                    found.setdefault(stems[0], {}).setdefault(stems, f"c:{names[0]}")
    return {
        first: tuple(sorted(phrases.items(), key=lambda phrase: -len(phrase[0]))) for first, phrases in found.items()
    }


@lru_cache(maxsize=1)
def _exact() -> Mapping[str, str]:
    """Words that are a concept only as they are written: "bloods" is a test, "blood" is not."""
    data = load("concepts")
    return {
        name[1:]: f"c:{names[0]}"
        for section in CONCEPT_SECTIONS
        for names in data[section]
        for name in names
        if name.startswith("=")
    }


@lru_cache(maxsize=1)
def section_of() -> Mapping[str, str]:
    """The section of every concept key: finding, condition, body, ..."""
    return {f"c:{names[0]}": section for section in CONCEPT_SECTIONS for names in load("concepts")[section]}


def keys_in(tokens: Sequence[Token]) -> Iterator[Found]:
    """Everything that the tokens can be read as, overlapping readings included."""
    exact = _exact()
    phrases, drug_names, kin = _phrases(), drugs(), word_groups("people_sides_numbers", "kin")
    for index, token in enumerate(tokens):
        if token.kind is not Kind.WORD:
            continue
        for stems, key in phrases.get(token.stem, ()):
            if len(stems) == 1 and token.word in _NOT_CONCEPTS:
                continue
            end = _match(tokens, index, stems)
            if end:
                yield Found(key, index, end, len(stems))
        if token.word in exact:
            yield Found(exact[token.word], index, index + 1, 1)
        if token.word in kin:
            yield Found(f"k:{kin[token.word]}", index, index + 1, 1)
        elif token.word in drug_names:
            yield Found(f"d:{drug_names[token.word]}", index, index + 1, 1)


def _match(tokens: Sequence[Token], index: int, stems: tuple[str, ...]) -> int:
    """The end of the phrase that begins at ``index``, 0 when it does not stand there."""
    at, skipped = index + 1, 0
    for wanted in stems[1:]:
        while at < len(tokens) and tokens[at].stem != wanted:
            if skipped == MOST_FILLERS or not _may_stand_inside(tokens[at]):
                return 0
            skipped += 1
            at += 1
        if at == len(tokens):
            return 0
        at += 1
    return at


def _may_stand_inside(token: Token) -> bool:
    """Whether a phrase goes on over this token: a filler, a hyphen, a number ("lost eight pounds")."""
    return token.word in FILLERS or token.word == "-" or token.kind is Kind.NUMBER or token.word in _AMOUNTS


def longest(tokens: Sequence[Token]) -> list[Found]:
    """The reading without overlaps: longest phrases first."""
    taken: set[int] = set()
    chosen = []
    for found in sorted(keys_in(tokens), key=lambda found: (-found.length, found.first)):
        span = range(found.first, found.end)
        if taken.isdisjoint(span):
            taken.update(span)
            chosen.append(found)
    return sorted(chosen, key=lambda found: found.first)


@lru_cache(maxsize=1)
def frame_stems() -> frozenset[str]:
    """Stems of the note's own words."""
    return frozenset(stem(word) for word in word_set("frame", "words"))


def is_content(token: Token) -> bool:
    """Whether a word carries something of its own."""
    return token.kind is Kind.WORD and token.word not in _EMPTY and len(token.word) > 1
