"""The therapist's question as a note reports it: "whether they ...", "how their sleep has been", or verbatim."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from therapyflows.core.session_note.evidence_drafter.clauses import Clause, as_said
from therapyflows.core.session_note.evidence_drafter.lexicon import load, words_of
from therapyflows.core.session_note.evidence_drafter.readability import is_garbled, sentence_case
from therapyflows.core.session_note.evidence_drafter.referents import stands_alone
from therapyflows.core.session_note.evidence_drafter.speech import DISFLUENT, Kind, Token, span_of
from therapyflows.core.session_note.evidence_drafter.third_person import Pronouns, retell
from therapyflows.governance.evidence.model import Span

LONGEST_QUESTION = 22
_OPENS = words_of("how what when where why who")
_INVERTS = words_of("is are was were has have do did does would can could will")
_LEADS_IN = words_of(
    "and or but so of to for about with in on at from than just exactly then know me wonder wondering curious by"
)
_ASKS = words_of("how what what's when where why who which do did does are were is was have has had can could would "
                 "will should any")  # fmt: skip
SHORTEST_CONTEXT, LONGEST_IN_CONTEXT = 3, 36
SHORTEST_SENTENCE = 6
"""Up to here "any side effects" needs no verb."""
_AUX = {"are": "is", "were": "was", "have": "has", "had": "had", "can": "can", "could": "could", "would": "would",
        "will": "will", "should": "should"}  # fmt: skip
_DECLARED = ("", "looks like", "it looks like", "it sounds like", "sounds like", "so")
_WH = re.compile(r"^(how|what|when|where|why|who|which)\b")
_ABOUT = re.compile(r"^(?:(?:how|what) about|(?=any ))\s*")
_STATE = re.compile(r"^(how|what) (is|was|has|are|were|have) your ")
_AFTER_NOUN = words_of("been going doing in lately these since now this at over today looking feeling recently on for "
                       "with during like right so")  # fmt: skip


@lru_cache(maxsize=1)
def _nothing_asked() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'])(?:{load('inquiries')['nothing_asked'].strip()})(?!\w)")


def asks_nothing(question: Clause) -> bool:
    """Whether the question only runs the conversation: permission, "does that make sense", "anything else"."""
    return bool(_nothing_asked().search(" ".join(question.norms)))


def is_complete(question: Clause, fewest: int = 3) -> bool:
    """A whole question, not "last night, are you"; one without a verb only when it says what it is about."""
    if not question.is_question or not fewest <= len(question.words) <= LONGEST_QUESTION:
        return False
    norms = question.norms
    if is_garbled(question) and not (_ABOUT.match(" ".join(norms)) and len(norms) <= SHORTEST_SENTENCE):
        return False
    if re.search(r"\w so (?:do|are|have|did) you\b", " ".join(norms)):
        return False
    return norms[-1] not in _OPEN_END and not (norms[-1] == "you" and norms[-2] in _AUX)


_OPEN_END = words_of("and but so or because the a an my your is was are were i i'm that's it's just very really not")


def asked(question: Clause, pronouns: Pronouns, proper: frozenset[str]) -> str | None:
    """ "Asked whether they ...", or the question verbatim when it cannot be turned safely."""
    words = [token for token in question.tokens if token.kind is Kind.WORD]
    indirect = _state(question, pronouns) or _about(question, pronouns) or _indirect(words, question.tokens, pronouns)
    if indirect:
        return f"Asked {sentence_case(indirect, proper)}"
    said = as_said(question)
    return f'Asked "{bare(said.quote)}"' if said else None


def _indirect(words: Sequence[Token], tokens: Sequence[Token], pronouns: Pronouns) -> str | None:
    words, tokens = _without_lead(words, tokens)
    norms = [token.norm for token in words]
    you = next((index for index, norm in enumerate(norms[:7]) if norm == "you"), None)
    if you is None or words[-1].norm in ("you", "right", "correct", "huh"):
        return None
    if " ".join(norms[:you]) in _DECLARED:
        told = retell([words[you], *_after(tokens, words[you])], pronouns, me="you")
        return f"whether {told}" if told else None
    if you == 0:
        return None
    auxiliary, rest = norms[you - 1], _after(tokens, words[you])
    lead = norms[: you - 1]
    if lead and not (_WH.match(lead[0]) and len(lead) <= 5):
        return None
    head = " ".join(lead) if lead else "whether"
    if auxiliary == "do":
        told = retell([words[you], *rest], pronouns, me="you")
        return f"{head} {told}" if told else None
    told = retell(rest, pronouns, me="you")
    if auxiliary not in _AUX or told is None:
        return None
    verb = _AUX[auxiliary] if pronouns.singular else auxiliary
    return f"{head} {pronouns.subject} {verb} {told}"


def _without_lead(words: Sequence[Token], tokens: Sequence[Token]) -> tuple[Sequence[Token], Sequence[Token]]:
    """Without an "I'm curious," before the question."""
    comma = next((index for index, token in enumerate(tokens[:6]) if token.kind is Kind.COMMA), None)
    if comma is None or comma + 1 >= len(tokens) or "you" in [token.norm for token in tokens[:comma]]:
        return words, tokens
    rest = tokens[comma + 1 :]
    return [token for token in rest if token.kind is Kind.WORD], rest


def _after(tokens: Sequence[Token], token: Token) -> list[Token]:
    return [other for other in tokens if (other.segment.id, other.start) > (token.segment.id, token.start)]


def _about(question: Clause, pronouns: Pronouns) -> str | None:
    """ "How about alcohol" -> "about alcohol"; "Any side effects" -> "about any side effects"."""
    lead = _ABOUT.match(" ".join(question.norms))
    if lead is None:
        return None
    told = retell(_after_words(question, len(lead.group().split())), pronouns, me="you")
    return f"about {sentence_case(told, frozenset())}" if told else None


def _state(question: Clause, pronouns: Pronouns) -> str | None:
    """ "How has your sleep been lately" -> "how their sleep has been lately"."""
    found = _STATE.match(" ".join(question.norms))
    if found is None:
        return None
    rest = question.norms[3:]
    size = next((index for index, norm in enumerate(rest) if norm in _AFTER_NOUN), len(rest))
    if not 0 < size <= 4:
        return None
    told = retell(_after_words(question, 3 + size), pronouns, me="you")
    noun = " ".join(word.text for word in question.words[3 : 3 + size])
    return None if told is None else f"{found[1]} {pronouns.possessive} {noun} {found[2]} {told}".strip()


def _after_words(clause: Clause, count: int) -> list[Token]:
    """The clause's tokens from its ``count``-th word on."""
    if count >= len(clause.words):
        return []
    return list(clause.tokens[list(clause.tokens).index(clause.words[count]) :])


def question_part(clause: Clause) -> Clause:
    """The clause from where its question begins, when the recognizer ran two sentences together: "You should be how
    has your sleep been?"."""
    norms = clause.norms
    for index in range(len(norms) - 3, 1, -1):
        inverted = norms[index] in _OPENS and norms[index + 1] in _INVERTS and norms[index + 2] in ("you", "your")
        if inverted and norms[index - 1] not in _LEADS_IN:
            return replace(clause, tokens=tuple(_after_words(clause, index)))
    return clause


def in_context(turn: Sequence[Clause], question: Clause) -> Span | None:
    """The question together with the sentence before it, when the source holds both in one clean piece."""
    if question.norms[0] not in _ASKS:
        return None
    last = question.tokens[-1]
    for before in reversed(turn[: list(turn).index(question)]):
        first = before.tokens[0]
        quote = first.segment.text[first.start : last.end]
        if first.segment.id != last.segment.id or len(quote.split()) > LONGEST_IN_CONTEXT or before.broken:
            return None
        if stands_alone(before) and len(before.words) >= SHORTEST_CONTEXT:
            return None if DISFLUENT.search(quote) else span_of(first.segment, first.start, last.end)
    return None


def bare(quote: str) -> str:
    """Without the punctuation at its end, for quotation marks inside a sentence."""
    return quote.rstrip(" .,;:-—")
