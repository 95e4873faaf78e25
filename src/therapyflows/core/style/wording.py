"""Put wordings into a text, outside of quotation marks: what somebody said stays as it was said."""

import re
from collections.abc import Iterable, Sequence

from therapyflows.core.style.model import Wording
from therapyflows.core.style.terms import is_term

QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_TOKEN = re.compile(r"\S+")
_TRAILING = ",;:!?"


def reworded(text: str, wordings: Sequence[Wording]) -> str:
    """The text with the longest wording that fits at each place.  Done twice, it changes nothing more."""
    longest_first = sorted(wordings, key=lambda w: (-len(w.drafted.split()), w.drafted))
    pieces, at = [], 0
    for quote in QUOTED.finditer(text):
        pieces += [_replaced(text[at : quote.start()], longest_first, begins=at == 0), quote[0]]
        at = quote.end()
    return "".join((*pieces, _replaced(text[at:], longest_first, begins=at == 0)))


def _replaced(text: str, wordings: Sequence[Wording], *, begins: bool) -> str:
    """``text`` is free of quotations; ``begins``: it is where the statement begins."""
    tokens = list(_TOKEN.finditer(text))
    out, copied, index = [], 0, 0
    while index < len(tokens):
        found = _at(text, tokens, index, wordings, begins=begins)
        if found is None:
            index += 1
            continue
        wording, count = found
        first, last = tokens[index], tokens[index + count - 1]
        out += [text[copied : first.start()], _in_place(wording, first[0], last[0], begins=begins and index == 0)]
        copied, index = last.end(), index + count
    return "".join((*out, text[copied:]))


def _at(
    text: str, tokens: Sequence[re.Match[str]], index: int, wordings: Iterable[Wording], *, begins: bool
) -> tuple[Wording, int] | None:
    for wording in wordings:
        words = wording.drafted.split()
        if wording.at_start and not (begins and index == 0):
            continue
        here = [token[0] for token in tokens[index : index + len(words)]]
        if len(here) == len(words) and _same(here, words):
            return wording, len(words)
    return None


def _same(here: Sequence[str], words: Sequence[str]) -> bool:
    *before, last = here
    inner = all(a.lower() == b.lower() for a, b in zip(before, words, strict=False))
    return inner and bare(last).lower() == words[-1].lower()


def bare(token: str) -> str:
    """The token without marks behind it; the full stop of an abbreviation stays, that of a sentence goes."""
    word = token.rstrip(_TRAILING)
    return word if is_term(word) else word.rstrip(".")


def _in_place(wording: Wording, first: str, last: str, *, begins: bool) -> str:
    """The new words with the capital and the marks that the old ones had."""
    words = wording.instead
    if begins or (first[:1].isupper() and wording.drafted[:1].islower()):
        words = words[:1].upper() + words[1:]
    trailing = last[len(bare(last)) :]
    return words if words.endswith(trailing[:1] or "\n") else words + trailing
