"""Undo what speakers repair themselves: stutters, words said twice, sentences begun again."""

import re
from collections.abc import Iterator, Sequence

from therapyflows.core.session_note.evidence_drafter.lexicon import SUBJECTS, words_of
from therapyflows.core.session_note.evidence_drafter.neighbours import at, norms
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Token

_MEANT = words_of("had very really so no long far many again more her you")
"""Words that may stand twice on purpose."""


def unstutter(token: Token) -> list[Token]:
    """``I-I'm`` -> ``I'm``, ``be-being`` -> ``being``; ``don't-I`` -> ``don't``, break, ``I``; ``co-worker`` stays."""
    parts = token.text.split("-")
    last = parts[-1].lower()
    if token.kind is not Kind.WORD or len(parts) < 2 or not last:
        return [token]
    if all(_begins(last, part.lower()) for part in parts[:-1]):
        return [token.cut_to(parts[-1])]
    if any(part.lower() in SUBJECTS or "'" in part for part in parts):
        return list(_split_at_hyphens(token, parts))
    return [token]


def _split_at_hyphens(token: Token, parts: Sequence[str]) -> Iterator[Token]:
    position = token.start
    for number, part in enumerate(parts):
        if number:
            yield Token("-", Kind.BREAK, token.segment, position - 1, position)
        if part:
            yield Token(part, Kind.WORD, token.segment, position, position + len(part))
        position += len(part) + 1


def _begins(word: str, part: str) -> bool:
    return word.startswith(part) or re.split(r"['’]", word)[0] == re.split(r"['’]", part)[0]


def drop_repetitions(tokens: Sequence[Token]) -> list[Token]:
    """Of words said twice in a row ("I was, I was"), keep the second time; across commas and breaks."""
    kept = list(tokens)
    for length in (5, 4, 3, 2, 1):
        index = 0
        while index + length < len(kept):
            if gap := _repeats_at(kept, index, length):
                del kept[index : index + length + gap - 1]
            else:
                index += 1
    return kept


def _repeats_at(tokens: Sequence[Token], index: int, length: int) -> int:
    """1 + separators between two equal runs of ``length`` words; 0 when the run is not repeated."""
    first = norms(tokens, index, length)
    if len(first) < length or (length == 1 and first[0] in _MEANT and first[0] not in ("very", "really", "so")):
        return 0
    separators = 0
    second = index + length
    while second + separators < len(tokens) and tokens[second + separators].kind in (Kind.COMMA, Kind.BREAK):
        separators += 1
    if separators > 2 or norms(tokens, second + separators, length) != first:
        return 0
    return separators + 1


def drop_restarts(tokens: Sequence[Token]) -> list[Token]:
    """At a break, drop what is said again: "I guess it kind of- it started" -> "I guess it started"."""
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        if token.kind is Kind.COMMA and kept and kept[-1].norm in SUBJECTS and at(tokens, index + 1) in SUBJECTS:
            kept.pop()  # "you'd, you're feeling": begun again with another verb
            continue
        if token.kind is not Kind.BREAK:
            kept.append(token)
            continue
        back = _restart(kept, tokens, index + 1)
        if back is not None:
            del kept[back:]
        elif kept and kept[-1].kind is Kind.WORD:
            kept.append(token)
    return kept


def _restart(kept: Sequence[Token], tokens: Sequence[Token], after: int) -> int | None:
    """Where in ``kept`` the repaired part begins, or None when the break is no repair."""
    ahead = next((token.norm for token in tokens[after : after + 2] if token.kind is Kind.WORD), "")
    if not ahead:
        return None
    for distance in range(1, 7):
        index = len(kept) - distance
        if index < 0 or kept[index].kind not in (Kind.WORD, Kind.COMMA):
            return None
        if kept[index].kind is Kind.WORD and (
            kept[index].norm == ahead or _same_start(kept[index].norm, ahead, distance)
        ):
            return index
    return None


def _same_start(word: str, ahead: str, distance: int) -> bool:
    """``sch-`` before ``school``; ``I`` before ``I'm``."""
    if distance == 1 and len(word) >= 1 and ahead.startswith(word):
        return True
    return word.split("'")[0] == ahead.split("'")[0] and "'" in word + ahead
