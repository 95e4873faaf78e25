"""Which words of a sentence are denied, and which are only thought of.

After NegEx and ConText: a cue opens a scope that runs to the end of its clause; a list goes on over commas ("no fever,
cough or rash"); "chest pain: none" reads backwards.
"""

from collections.abc import Sequence
from functools import lru_cache

from therapyflows.governance.evidence.lexicon import word_set
from therapyflows.governance.evidence.tokens import Kind, Token

REACH = 14
"""Words that a denial reaches at most."""
_SUBJECTS = word_set("grammar", "subjects")
_JOINS = word_set("grammar", "denial_ends_after")
_BACKWARD = word_set("grammar", "reads_backward")
_NEW_CLAUSE = word_set("grammar", "verbs_of_a_new_clause")
_THOUGHTS = word_set("grammar", "thoughts")
_ONLY = word_set("grammar", "only")
_BE = word_set("grammar", "be")
_INTERJECTIONS = word_set("grammar", "interjections")


@lru_cache(maxsize=1)
def _cues() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    return word_set("cues", "deny"), word_set("cues", "end_of_denial"), word_set("cues", "hedge")


def denied(tokens: Sequence[Token], inside: frozenset[int] = frozenset()) -> list[bool]:
    """For every token whether it is denied.  ``inside`` are tokens of phrases whose "no" is their own ("no energy")."""
    deny, ends, _ = _cues()
    nothing_wrong = word_set("cues", "nothing_wrong")
    flags = [False] * len(tokens)
    left, cue_at = 0, -1
    for index, token in enumerate(tokens):
        if token.kind in (Kind.STOP, Kind.QUESTION):
            left = 0
        elif token.word == "non":
            left, cue_at = 1, index
        elif token.kind is Kind.WORD and index not in inside and token.word in deny:
            if _reads_backward(tokens, index) or _answers_itself(tokens, index):
                _mark_back(tokens, flags, index)
            left, cue_at = REACH, index
            flags[index] = True
        elif left and token.word in nothing_wrong and index - cue_at <= 3:
            flags[index], left = True, 0
        elif left and _closes(tokens, index, cue_at, ends):
            left = 0
        elif left and token.kind is not Kind.MARK:
            flags[index] = True
            left -= 1
    return flags


def denials(tokens: Sequence[Token]) -> int:
    """How many words deny something."""
    deny, _, _ = _cues()
    return sum(token.kind is Kind.WORD and token.word in deny for token in tokens)


def _closes(tokens: Sequence[Token], index: int, cue_at: int, ends: frozenset[str]) -> bool:
    """Whether the clause of the denial ends before this token."""
    word, before = tokens[index].word, tokens[index - 1]
    first, interjected = index - cue_at == 1, tokens[cue_at].word in _INTERJECTIONS
    if interjected and first and (tokens[index].kind is Kind.MARK or word in _ONLY or word in _SUBJECTS):
        return True  # "No, my knee hurts."  "No, just a headache."
    if word in ends or word in _ONLY:
        return not first or word == "but"
    if word not in _SUBJECTS or first:
        return False
    return before.kind is Kind.MARK or before.word in _JOINS or _begins_clause(tokens, index, cue_at)


def _begins_clause(tokens: Sequence[Token], index: int, cue_at: int) -> bool:
    """ "no tenderness at the joints you have good grips": a subject and its verb, and not what one does not think."""
    follows = tokens[index + 1].word if index + 1 < len(tokens) else ""
    return index - cue_at > 2 and follows in _NEW_CLAUSE and tokens[cue_at + 1].word not in _THOUGHTS


def _reads_backward(tokens: Sequence[Token], index: int) -> bool:
    """``chest pain: none``, ``the test was negative``, ``fever absent.``"""
    if tokens[index].word not in _BACKWARD or index == 0:
        return False
    if index + 1 < len(tokens) and tokens[index + 1].word == "for":
        return False
    before = tokens[index - 1]
    return before.word in _BE or before.word in (":", "-") or _is_last(tokens, index)


def _answers_itself(tokens: Sequence[Token], index: int) -> bool:
    """ "any chest pain or anything like that no": question and answer in one breath of unpunctuated speech."""
    before = tokens[max(index - REACH, 0) : index]
    return (
        tokens[index].word in _INTERJECTIONS
        and not any(token.kind is not Kind.WORD for token in before)
        and any(token.word == "any" for token in before[:-1])
        and not any(token.word in _INTERJECTIONS for token in before)
    )


def _is_last(tokens: Sequence[Token], index: int) -> bool:
    return index + 1 == len(tokens) or tokens[index + 1].kind in (Kind.STOP, Kind.QUESTION)


def _mark_back(tokens: Sequence[Token], flags: list[bool], index: int) -> None:
    for back in range(index - 1, -1, -1):
        if tokens[back].kind in (Kind.STOP, Kind.QUESTION) or tokens[back].word == "but":
            return
        flags[back] = tokens[back].kind is not Kind.MARK


def _ends_doubt(tokens: Sequence[Token], index: int) -> bool:
    """ "If it hurts, call us" ends at the comma, "if you get a fever, chills or a rash" goes on."""
    follows = tokens[index + 1].word if index + 1 < len(tokens) else ""
    return tokens[index].word == "," and (follows in _SUBJECTS or follows in _JOINS)


def _is_past(tokens: Sequence[Token], index: int) -> bool:
    """ "used to smoke": not so any more."""
    return [token.word for token in tokens[index : index + 2]] == ["used", "to"]


def hedged(tokens: Sequence[Token]) -> list[bool]:
    """For every token whether it stands after "if", "might", "risk of" in its clause."""
    _, _, hedge = _cues()
    flags, open_ = [False] * len(tokens), False
    for index, token in enumerate(tokens):
        if token.kind in (Kind.STOP, Kind.QUESTION) or token.word == "but" or _ends_doubt(tokens, index):
            open_ = False
        elif token.kind is Kind.WORD and (token.word in hedge or _is_past(tokens, index)):
            open_ = True
        else:
            flags[index] = open_
    return flags
