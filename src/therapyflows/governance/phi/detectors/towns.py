"""Towns and counties by a list, and what follows "I live in ..."."""

import re
from collections.abc import Iterator

from therapyflows.governance.phi.detectors.eponyms import names_a_thing
from therapyflows.governance.phi.lexicon import (
    Weight,
    countries,
    cues,
    first_names,
    is_word,
    state_codes,
    states,
    surnames,
    towns,
)
from therapyflows.governance.phi.model import Detection, IdentifierType
from therapyflows.governance.phi.wording import Word, words_of

_TOGETHER = re.compile(r"\.?[ \t]+|-")
_WHERE = frozenset({"in", "from", "to", "near", "at", "of", "around", "outside", "downtown", "leaving", "visiting"})
_STATE_AFTER = re.compile(r",?[ \t]{1,3}")
_ZIP = re.compile(
    r",?[ ](?P<id>\d{5}(?:-\d{4})?|\d{4}|\d{3}[ ]\d{2}|\d{4}-\d{3})(?![\w-]|[.,]\d|[ ](?:people|miles|mg))"
)
_LONGEST = 4


class Towns:
    """A Detector of places smaller than a state, and of foreign countries."""

    def detect(self, text: str) -> Iterator[Detection]:
        words = words_of(text)
        at = 0
        while at < len(words):
            last = _town_at(text, words, at)
            if last is None:
                at += 1
                continue
            if not names_a_thing(text, words, at, last):
                last = _with_state(text, words, last)
                yield Detection(words[at].start, words[last].end, IdentifierType.LOCATION)
                if zip_code := _ZIP.match(text, words[last].end):
                    yield Detection(zip_code.start("id"), zip_code.end(), IdentifierType.ZIP)
            at = last + 1


def _town_at(text: str, words: list[Word], at: int) -> int | None:
    """The last word of the town that begins here."""
    word = words[at]
    if word.cased and not word.capital:
        return None
    key, longest = word.key, None
    for last in range(at, min(at + _LONGEST, len(words))):
        if last > at:
            if not _TOGETHER.fullmatch(text[words[last - 1].end : words[last].start]):
                break
            if words[last].cased and not words[last].capital and words[last].key != "county":
                break
            key = f"{key} {words[last].key}"
        weight = towns().get(key, Weight.NONE)
        if (
            (
                key in countries()
                and key not in cues()["states"]
                and (last > at or not first_names().get(key) or (at > 0 and words[at - 1].key in _WHERE))
            )
            or (weight is Weight.NAME and (last > at or _unmistakable(words, at)))
            or (weight and (_is_where(words, at, last) or _with_state(text, words, last) > last))
            or _is_county(words, at, last)
        ):
            longest = last
    return longest if longest is not None or not _is_somewhere(words, at) else at


def _is_county(words: list[Word], at: int, last: int) -> bool:
    """ "Harris County", "in harris county"."""
    if last != at + 1 or words[last].key not in ("county", "parish") or words[at].key in cues()["common"]:
        return False
    particular = (
        words[at].capital if words[at].cased else not is_word(words[at].key) or bool(surnames().get(words[at].key))
    )
    return particular and words[at].key not in cues()["generic"]


def _is_somewhere(words: list[Word], at: int) -> bool:
    """A word of no list after "grew up in", "flew to": a place, too, when it is written large."""
    word = words[at]
    if at < 2 or words[at - 1].key not in _WHERE or not word.cased or len(word.key) < 4 or is_word(word.key):
        return False
    return words[at - 2].key in cues()["whereabouts"] or (not word.shouted and words[at - 1].key in ("in", "from"))


def _with_state(text: str, words: list[Word], last: int) -> int:
    """The state after a town goes with it: "Exampleville, MA"."""
    for length in (1, 2):
        end = last + length
        if end < len(words) and _STATE_AFTER.fullmatch(text[words[last].end : words[last + 1].start]):
            run = words[last + 1 : end + 1]
            name = " ".join(word.key for word in run)
            if all(word.capital or not word.cased for word in run) and (
                name in states() or (length == 1 and run[0].shouted and name in state_codes())
            ):
                return end
    return last


def _unmistakable(words: list[Word], at: int) -> bool:
    """A town whose name nobody bears, or one that stands where places stand."""
    key = words[at].key
    if key in cues()["states"] or key in cues()["never_alone"]:
        return False
    named = first_names().get(key) is Weight.NAME or surnames().get(key) is Weight.NAME
    return not named or _is_where(words, at, at)


def _is_where(words: list[Word], at: int, last: int) -> bool:
    if at == 0 or words[at - 1].key not in _WHERE or any(w.key in cues()["common"] for w in words[at : last + 1]):
        return False
    key = words[at].key
    if key in cues()["states"] or key in cues()["never_alone"]:
        return last > at
    if words[at].cased:
        return words[at - 1].key in ("in", "from", "near") or last > at
    # "in need", "to mention", "from reading": a word is a town only where capitals say so.
    return not is_word(key) and words[at - 1].key in ("in", "from", "near", "to")
