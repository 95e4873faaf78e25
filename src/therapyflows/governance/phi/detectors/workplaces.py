"""Workplaces, schools and streets in text without capitals: "i work at silver fox bakery", "on old mill road"."""

import re
from collections.abc import Iterator, Sequence

from therapyflows.governance.phi.lexicon import Weight, cues, first_names, is_word, surnames
from therapyflows.governance.phi.model import Detection, IdentifierType
from therapyflows.governance.phi.number_words import is_number_word
from therapyflows.governance.phi.wording import Word

_BEFORE = frozenset(
    {"at", "for", "from", "quit", "joined", "to", "with", "near", "attend", "attended", "attending", "attends"}
)
_VAGUE = frozenset({"for", "to", "with"})
"""They introduce anything, and an institution only after a word of work."""
_CUE = re.compile(
    r"\b(?:work(?:s|ed|ing)?|job|shift|hired|fired|employed|manager|boss|people|everybody|everyone|position|career|interview|"
    r"laid\soff|supervisor|nurse|cashier|waitress|waiter|server|cook|driver|clerk|intern(?:ship)?|started|applied|back)\s"
    r"(?:\w+\s){0,2}?(?:at|for|from|with|to)\s$|\b(?:quit|joined|employer\s(?:is|was))\s$"
)
_STREETS = frozenset(
    {
        "street",
        "avenue",
        "road",
        "boulevard",
        "lane",
        "drive",
        "court",
        "terrace",
        "circle",
        "parkway",
        "highway",
        "place",
    }
)
_ON = frozenset({"on", "at", "off", "to", "of", "down", "near"})
_NO_STREET = frozenset(
    {"the", "a", "an", "this", "that", "my", "our", "your", "his", "her", "its", "their", "same", "whole", "and", "or",
     "is", "was", "are", "it", "i", "you", "we", "they", "down", "up"}
)  # fmt: skip
_LONGEST = 4
_LOOK_BACK = 40


def spoken_workplaces(text: str, words: Sequence[Word]) -> Iterator[Detection]:
    """Institutions and streets in lines that have no capitals."""
    lists = cues()
    reached = -1
    for at, word in enumerate(words):
        if word.cased or at <= reached:
            continue
        last, type_ = None, IdentifierType.EMPLOYER
        if (
            word.key in lists["employer_heads"]
            or word.key in lists["facility_words"]
            or word.key in lists["school_heads"]
        ):
            found = _run_before(text, words, at)
            if found is not None:
                type_ = _type_of(word.key)
                reached = at
                yield Detection(words[found].start, word.end, type_)
                continue
        if word.key in _STREETS and (first := _street_before(text, words, at)) is not None:
            yield Detection(words[first].start, word.end, IdentifierType.ADDRESS)
            continue
        if _CUE.search(text[max(0, word.start - _LOOK_BACK) : word.start]):
            last = _named_workplace(text, words, at)
        if last is not None:
            reached = last
            yield Detection(word.start, words[last].end, type_)


def _type_of(head: str) -> IdentifierType:
    if head in cues()["school_heads"]:
        return IdentifierType.SCHOOL
    return IdentifierType.FACILITY if head in cues()["facility_words"] else IdentifierType.EMPLOYER


def _run_before(text: str, words: Sequence[Word], at: int) -> int | None:
    """The first word of "silver fox bakery" when a preposition stands right before it and some word is particular."""
    first = at
    while first > 0 and at - first < _LONGEST and _is_beside(text, words, first - 1):
        key = words[first - 1].key
        if key in _BEFORE:
            break
        if key in cues()["common"] and key != "and":
            return None
        first -= 1
    if first == at or first == 0 or words[first - 1].key not in _BEFORE or words[first].key == "and":
        return None
    if words[first - 1].key in _VAGUE and not _CUE.search(
        text[max(0, words[first].start - _LOOK_BACK) : words[first].start]
    ):
        return None
    particular = [w for w in words[first:at] if w.key not in cues()["generic"] and w.key != "and"]
    return first if particular else None


def _street_before(text: str, words: Sequence[Word], at: int) -> int | None:
    """The first word of "twelve forty old mill road", "oak street" after "on", "at", ..."""
    first = at
    while first > 0 and at - first < _LONGEST + 4 and _is_beside(text, words, first - 1):
        key = words[first - 1].key
        if key in _ON and at > first:
            break
        numbered = is_number_word(words[first].key)
        if not is_number_word(key) and (numbered or at - first > 2 or key in _NO_STREET):
            break
        first -= 1
    numbered = is_number_word(words[first].key)
    if first == at or not (numbered or (first > 0 and words[first - 1].key in _ON)):
        return None
    named = [w for w in words[first:at] if not is_number_word(w.key) and w.key not in cues()["generic"]]
    return first if named else None


def _named_workplace(text: str, words: Sequence[Word], at: int) -> int | None:
    """The last word of "moreno and bell", "walmart": names after a word that says that somebody works there."""
    paired = at + 2 < len(words) and words[at + 1].key == "and" and surnames().get(words[at + 2].key) is Weight.NAME
    if not _names_a_firm(words[at]) and not (paired and surnames().get(words[at].key)):
        return None
    last = at
    while last + 1 < len(words) and last - at < _LONGEST and _is_beside(text, words, last):
        following = words[last + 1]
        if following.key == "and" and last + 2 < len(words) and _is_surname(words[last + 2]):
            last += 2
        elif _is_surname(following) or following.key in cues()["employer_heads"]:
            last += 1
        else:
            break
    return last


def _names_a_firm(word: Word) -> bool:
    if (
        word.key in cues()["common"]
        or word.key in cues()["generic"]
        or word.key in cues()["relations"]
        or len(word.key) < 3
    ):
        return False
    return _is_surname(word) or bool(first_names().get(word.key))


def _is_surname(word: Word) -> bool:
    if word.key in cues()["common"]:
        return False
    return surnames().get(word.key, Weight.NONE) >= Weight.SOMETIMES or (len(word.key) > 3 and not is_word(word.key))


def _is_beside(text: str, words: Sequence[Word], at: int) -> bool:
    return text[words[at].end : words[at + 1].start] == " "
