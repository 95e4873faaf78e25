"""What changed between a drafted line and the approved one, as small exchanges of words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from therapyflows.core.style.terms import same_term
from therapyflows.core.style.wording import QUOTED, bare

LONGEST = 4
"""Words of a phrase on either side: a longer exchange is a new sentence, not a wording."""


@dataclass(frozen=True, slots=True)
class Exchange:
    drafted: str
    instead: str
    at_start: bool
    followed_by: str = ""
    """The next word, which stayed: somebody may do it before some words only."""


def exchanges(drafted: str, approved: str) -> tuple[Exchange, ...]:
    """The exchanges of words outside of quotations.  Words that were only put in are none: they say something new."""
    before, after = words_of(drafted), words_of(approved)
    matcher = SequenceMatcher(None, [w.lower() for w in before], [w.lower() for w in after], autojunk=False)
    found: list[Exchange] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "replace":
            found += _split(before, after, i1, i2, j1, j2)
        elif tag == "delete":
            found += _deleted(before, i1, i2)
    return tuple(found)


def words_of(text: str) -> list[str]:
    """Words without the marks behind them; each quotation is one word that nothing equals but itself."""
    words: list[str] = []
    at = 0
    for quote in QUOTED.finditer(text):
        words += [bare(word) for word in text[at : quote.start()].split()]
        words.append(quote[0])
        at = quote.end()
    words += [bare(word) for word in text[at:].split()]
    return [word for word in words if word]


def _split(before: Sequence[str], after: Sequence[str], i1: int, i2: int, j1: int, j2: int) -> Iterator[Exchange]:
    """Spellings of one term at the front are an exchange of their own, and so is each of equally many words."""
    while i1 < i2 and j1 < j2 and (same_term(before[i1], after[j1]) or i2 - i1 == j2 - j1):
        yield from _exchange(before, i1, i1 + 1, after[j1])
        i1, j1 = i1 + 1, j1 + 1
    if i1 < i2 and j1 < j2:
        yield from _exchange(before, i1, i2, " ".join(after[j1:j2]))
    elif i1 < i2:
        yield from _deleted(before, i1, i2)


def _deleted(before: Sequence[str], i1: int, i2: int) -> Iterator[Exchange]:
    """Words that were taken out, with a neighbour that stayed: a wording needs a place."""
    if i1 > 0:
        yield from _exchange(before, i1 - 1, i2, before[i1 - 1])
    elif i2 < len(before):
        yield from _exchange(before, i1, i2 + 1, before[i2])


def _exchange(before: Sequence[str], i1: int, i2: int, instead: str) -> Iterator[Exchange]:
    drafted = " ".join(before[i1:i2])
    short = i2 - i1 <= LONGEST and len(instead.split()) <= LONGEST
    if short and drafted.lower() != instead.lower() and not QUOTED.search(drafted + instead):
        following = before[i2] if i2 < len(before) and not QUOTED.search(before[i2]) else ""
        yield Exchange(_uncapitalized(drafted, i1), _uncapitalized(instead, i1), i1 == 0, following.lower())


def _uncapitalized(words: str, place: int) -> str:
    """A capital that only the beginning of the line asked for."""
    first = words.split()[0] if words else ""
    if place == 0 and first[1:].islower() and len(first) > 1:
        return words[:1].lower() + words[1:]
    return words
