"""People whom the chart does not know: by lists of names, by what stands before ("my boss ...", "Dr. ..."), by writing.

Where lines have capitals, a capital is half of the evidence.  In text of a recognizer (no capitals) only names that are
nothing else count by themselves; others need a neighbour.
"""

import re
from collections.abc import Iterator

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
from therapyflows.governance.phi.model import Detection, IdentifierType
from therapyflows.governance.phi.wording import Word, words_of

_TOGETHER = re.compile(r"\.?[ \t]+|\.|-|, (?=(?:Jr|Sr|I{2,3}|IV)\b)")
"""What may stand between two words of one name."""
_AFTER_CUE = re.compile(r"[:,]?[ \t]+(?:['\"“(])?|\t|:[ \t]*")
_SAYABLE = re.compile(r"^(?=.*[aeiouy])(?!.*(.)\1\1)(?!(?:ha|he|la|na|da|ya|uh|mm|hm)+[hm]*$)")
"""Not a laugh or a hum."""
_LONGEST = 5
_PARTICLES = frozenset(
    {"de", "la", "del", "da", "dos", "di", "van", "von", "der", "den", "bin", "ibn", "al", "el", "le", "st"}
)
_WORDS_TOO = frozenset({"doctor", "miss", "judge", "professor", "captain", "reverend"})
"""Titles that are words, too, so that what follows must look like a surname."""
_MONTHS_TOO = frozenset({"april", "june", "august"})
_NAMING = frozenset({"named", "called", "nicknamed"})
_INTRODUCING = (
    ("call", "me"),
    ("calls", "me"),
    ("name", "is"),
    ("name", "was"),
    ("names", "are"),
    ("this", "is"),
    ("i", "am"),
    ("it", "is"),
)
_SAID = frozenset(
    [
        "said",
        "says",
        "told",
        "is",
        "was",
        "has",
        "had",
        "will",
        "asked",
        "asks",
        "came",
        "comes",
        "went",
        "goes",
        "wants",
        "wanted",
        "thinks",
        "thought",
        "knows",
        "called",
        "calls",
        "got",
        "gets",
        "does",
        "did",
        "doesn't",
        "didn't",
        "feels",
        "felt",
        "and",
    ]
)


class People:
    """A Detector of persons outside the chart."""

    def detect(self, text: str) -> Iterator[Detection]:
        words = words_of(text)
        search = _Search(text, words)
        at = 0
        while at < len(words):
            found = search.name_at(at)
            if found is None or names_a_thing(text, words, *found):
                at += 1
                continue
            first, last = found
            start, end = words[first].start, words[last].end
            yield Detection(start, end, IdentifierType.PERSON)
            at = last + 1


class _Search:
    def __init__(self, text: str, words: list[Word]) -> None:
        self._text = text
        self._words = words
        self._first, self._last, self._cues = first_names(), surnames(), cues()

    def name_at(self, at: int) -> tuple[int, int] | None:
        """First and last word of the name that begins here."""
        word = self._words[at]
        if word.key in self._cues["titles"]:
            return self._titled(at)
        if self._is_introduced(at) or self._stands_alone(at):
            return at, self._end_of_name(at)
        if word.initial and self._initials_before_surname(at):
            return at, self._end_of_name(at)
        return None

    def _titled(self, at: int) -> tuple[int, int] | None:
        """ "Dr. Smith", "mister jones": the title goes too."""
        follower = self._follower(at)
        if follower is None or not self._may_be_named(follower, certain=True):
            return None
        word, title = self._words[follower], self._words[at].key
        if title in _WORDS_TOO and self._between(at).startswith("."):
            return None
        if title in _WORDS_TOO and not word.cased and self._weight(word.key) < Weight.SOMETIMES and is_word(word.key):
            return None
        return at, self._end_of_name(follower)

    def _is_introduced(self, at: int) -> bool:
        """Whether the words before say that a name follows."""
        if at == 0 or not _AFTER_CUE.fullmatch(self._between(at - 1)):
            return False
        before = self._words[at - 1].key
        if before in _NAMING or (at > 1 and (self._words[at - 2].key, before) in _INTRODUCING[:5]) or before == "name":
            return self._may_be_named(at, certain=before != "called")
        if before in self._cues["relations"] or before in self._cues["roles"]:
            return self._may_be_named(at, certain=False)
        if before in ("i'm", "it's") or (at > 1 and (self._words[at - 2].key, before) in _INTRODUCING):
            return self._weight(self._words[at].key) > Weight.NONE and self._presents(at)
        return False

    def _presents(self, at: int) -> bool:
        """Whether "I'm ..." goes on with a name: "i'm grace and ...", not "i'm able to ..."."""
        word = self._words[at]
        if word.cased or self._weight(word.key) is Weight.NAME:
            return self._may_be_named(at, certain=False)
        following = self._words[at + 1].key if at + 1 < len(self._words) else "and"
        return following in ("and", "calling", "from", "speaking", "here", "again") and bool(self._first.get(word.key))

    def _may_be_named(self, at: int, *, certain: bool) -> bool:
        """Whether the word can be a name after a cue; ``certain`` when nothing but a name stands after this cue."""
        word = self._words[at]
        if word.key in self._cues["common"] or word.key in self._cues["relations"] or word.key in _PARTICLES:
            return False
        if word.key in self._cues["never_alone"]:
            return word.key in _MONTHS_TOO and not certain
        if word.initial:
            return word.cased and certain
        if word.cased:
            if not word.capital or (word.shouted and self._weight(word.key) < Weight.NAME):
                return False
            return self._weight(word.key) > Weight.NONE or not is_word(word.key)
        if self._first.get(word.key, 0) or self._last.get(word.key, 0) >= Weight.SOMETIMES:
            return True
        return len(word.key) > 2 and (not is_word(word.key) or (certain and word.key in self._last))

    def _stands_alone(self, at: int) -> bool:
        """Whether the word is a name by itself."""
        word = self._words[at]
        if word.key in self._cues["never_alone"] or word.key in self._cues["states"]:
            return self._has_surname(at) and word.capital and word.key not in ("god", "jesus", "santa", "christ")
        if word.shouted and word.cased and word.key in self._cues["acronyms"]:
            return False
        if word.key in countries() and at > 0 and self._words[at - 1].key in ("in", "from", "to", "of", "near"):
            return False
        first, last = self._first.get(word.key, Weight.NONE), self._last.get(word.key, Weight.NONE)
        if word.cased and word.capital and not word.shouted and self._is_unheard_of(at):
            return True
        if first is Weight.NAME:
            return not (word.cased and not word.capital and last is Weight.NAME and is_word(word.key))
        if last is Weight.NAME:
            return (word.capital or not word.cased) and towns().get(word.key) is not Weight.NAME
        if not word.cased:
            return self._is_no_word(word)
        if not word.capital or word.shouted:
            return False
        if (first or last is Weight.SOMETIMES) and word.key not in self._cues["common"]:
            return self._has_surname(at) or (bool(first) and self._acts(at))
        return False

    def _is_no_word(self, word: Word) -> bool:
        """Of no list at all: in text without capitals mostly a rare name."""
        if len(word.key) < 4 or "'" in word.text or "’" in word.text or self._weight(word.key) > Weight.NONE:
            return False
        known = is_word(word.key) or towns().get(word.key) or word.key in self._cues["common"]
        return not known and word.key not in self._cues["acronyms"] and _SAYABLE.search(word.key) is not None

    def _is_unheard_of(self, at: int) -> bool:
        """A capitalized word of no list: a name when it is foreign, speaks, or has another such word beside it."""
        word = self._words[at]
        if len(word.key) < 3 or self._weight(word.key) > Weight.NONE or is_word(word.key) or towns().get(word.key):
            return False
        if word.text != word.key and not word.text.isascii():
            return True
        if word.text[1:].islower() and _SAYABLE.search(word.key) and (len(word.key) > 3 or not word.opens):
            return True
        follower = self._follower(at)
        if follower is not None and self._words[follower].initial:
            follower = self._follower(follower)
        return follower is not None and self._goes_on_cased(self._words[follower]) and not self._words[follower].initial

    def _has_surname(self, at: int) -> bool:
        follower = self._follower(at)
        if follower is None or not self._words[at].capital:
            return False
        word = self._words[follower]
        if word.initial and word.key != "i":
            return not self._first.get(self._words[at].key, 0) < Weight.RARELY
        return (
            word.capital
            and not word.shouted
            and bool(self._first.get(self._words[at].key))
            and (self._last.get(word.key, 0) >= Weight.SOMETIMES or not is_word(word.key))
        )

    def _acts(self, at: int) -> bool:
        """Whether a capitalized word does what people do, or its capital can only be that of a name."""
        word = self._words[at]
        follower = self._words[at + 1] if at + 1 < len(self._words) else None
        if follower is not None and follower.key in _SAID and self._between(at) == " ":
            return word.key not in ("will", "may")
        neighbours = [w for w in (self._words[at - 1] if at else None, follower) if w is not None]
        return not word.opens and not any(w.capital and not w.opens and w.key != "i" for w in neighbours)

    def _initials_before_surname(self, at: int) -> bool:
        """ "J. Smith", "D. B. Jones"."""
        for _ in range(_LONGEST):
            if (follower := self._follower(at)) is None:
                return False
            if not self._words[follower].initial:
                word = self._words[follower]
                dotted = self._text[self._words[at].end : self._words[at].end + 1] == "."
                return dotted and word.capital and self._last.get(word.key, 0) >= Weight.SOMETIMES
            at = follower
        return False

    def _end_of_name(self, at: int) -> int:
        """The last word of the name that begins here."""
        end = at
        while (
            end - at < _LONGEST - 1 and (follower := self._follower(end)) is not None and self._goes_on(end, follower)
        ):
            end = follower
        while end > at and self._words[end].key in _PARTICLES:
            end -= 1
        return end

    def _goes_on(self, before: int, at: int) -> bool:
        word = self._words[at]
        if self._between(before).startswith(".") and not (
            self._words[before].initial or self._words[before].key in self._cues["titles"]
        ):
            return False
        if word.key in _PARTICLES:
            after = self._follower(at)
            return after is not None and (self._words[after].capital if word.cased else False)
        if word.cased:
            return self._goes_on_cased(word)
        if len(word.key) == 1:
            dotted = self._text[word.end : word.end + 1] == "."
            return (dotted or word.key not in "ai") and self._first.get(self._words[before].key, 0) >= Weight.RARELY
        if len(word.key) > 3 and not is_word(word.key):
            return True
        known = max(self._last.get(word.key, Weight.NONE), self._first.get(word.key, Weight.NONE))
        return word.key not in self._cues["common"] and known >= Weight.SOMETIMES

    def _goes_on_cased(self, word: Word) -> bool:
        if word.initial:
            return word.key != "i"
        if word.key in ("jr", "sr", "ii", "iii", "iv"):
            return True
        if not word.capital or word.key in self._cues["place_words"]:
            return False
        if word.key in self._cues["never_alone"] or word.key in self._cues["common"]:
            return self._last.get(word.key, Weight.NONE) is Weight.SOMETIMES and not word.opens
        if word.shouted and self._weight(word.key) < Weight.NAME:
            return False
        return self._weight(word.key) > Weight.NONE or not is_word(word.key)

    def _weight(self, key: str) -> Weight:
        if key in clinical_words():
            return Weight.NONE
        return max(self._first.get(key, Weight.NONE), self._last.get(key, Weight.NONE))

    def _follower(self, at: int) -> int | None:
        """The next word when it may belong to the same name."""
        if at + 1 < len(self._words) and _TOGETHER.fullmatch(self._between(at)):
            return at + 1
        return None

    def _between(self, at: int) -> str:
        return self._text[self._words[at].end : self._words[at + 1].start]
