"""What a statement claims, taken apart: the things it names and how, its numbers, its quotations, who is speaking."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from therapyflows.governance.evidence.lexicon import word_groups, word_set
from therapyflows.governance.evidence.model import Speaker
from therapyflows.governance.evidence.polarity import denied, hedged
from therapyflows.governance.evidence.quantities import Quantity, number_words, quantities
from therapyflows.governance.evidence.terms import frame_stems, is_content, longest, section_of
from therapyflows.governance.evidence.tokens import Kind, Token, tokens_of
from therapyflows.governance.evidence.words import LABEL_WORDS, QUOTED, stem

FRAME_WEIGHT, OTHER_WEIGHT = 0.15, 0.7
"""What a word of the note's own making and any other word count beside a finding, a body part or a drug."""
LONGEST_LABEL = 9
"""Tokens of a heading before its colon."""
_BREAKS = word_set("grammar", "clause_breaks")
_CORE = word_set("grammar", "core_sections")


class Term(NamedTuple):
    """One thing that a statement names."""

    key: str
    parts: tuple[str, ...]
    """Stems of its content words: what stands in for a concept that the source names otherwise."""
    weight: float
    is_denied: bool
    is_hedged: bool
    at: int
    surface: str
    section: str
    """Of a concept its section, "drug", "kin", "frame", else "word"."""


@dataclass(frozen=True)
class Claim:
    """A statement of a note, and who is said to have said it."""

    text: str
    speaker: Speaker | None
    """``client`` for "Client reports ...", ``therapist`` for what the clinician did, None when it says neither."""

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(tokens_of(self.text))

    @cached_property
    def quotes(self) -> tuple[str, ...]:
        """The parts in quotation marks."""
        return tuple(first or second for first, second in QUOTED.findall(self.text))

    @property
    def unquoted(self) -> str:
        return QUOTED.sub(" ", self.text)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        return tuple(quantities(self.tokens))

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Everything the statement names, in order; a token belongs to one term."""
        return tuple(_terms(self.tokens, bool(self.quotes)))

    @cached_property
    def chunks(self) -> tuple[tuple[Term, ...], ...]:
        """The terms in groups that belong together: "pain in the left knee", one finding of a list."""
        return tuple(_chunks(self.tokens, [term for term in self.terms if not self._is_told_of(term)]))

    def _is_told_of(self, term: Term) -> bool:
        """Whether it stands in a quotation, which is compared letter by letter, or in a question that is retold."""
        start = self.tokens[term.at].start
        return start < self.answer_at or any(
            match.start() < start < match.end() for match in QUOTED.finditer(self.text)
        )

    @cached_property
    def answer_at(self) -> int:
        """Where the answer begins in "Asked whether ..., client answered ..."; 0 in any other statement."""
        match = _EXCHANGE.match(self.text)
        return match.end() if match else 0

    @cached_property
    def said_by(self) -> Speaker | None:
        """Who the statement says was speaking: as told, else from how it begins."""
        return self.speaker or attributed(self.text)

    @cached_property
    def own_terms(self) -> tuple[Term, ...]:
        """The weighty terms that the person of ``said_by`` is said to have said, without those of another's part."""
        other = _OTHER_SPEAKER.search(self.text)
        until = other.start() if other else len(self.text)
        return tuple(
            term
            for term in self.terms
            if term.section != "frame" and self.answer_at <= self.tokens[term.at].start < until
        )


def _terms(tokens: Sequence[Token], is_quoting: bool) -> list[Term]:
    found = longest(tokens)
    inside = frozenset(at for key, first, end, length in found if length > 1 for at in range(first, end))
    no, maybe = denied(tokens, inside), hedged(tokens)
    named = {first: (key, end) for key, first, end, _ in found}
    label, units = _label_end(tokens), word_groups("people_sides_numbers", "units")
    terms: list[Term] = []
    at = 0
    while at < len(tokens):
        key, end = named.get(at, ("", at + 1))
        part = tokens[at:end]
        counted = tokens[at].word in units and at > 0 and _is_number(tokens[at - 1])
        if (key or is_content(tokens[at])) and not counted:
            term = _term(key or tokens[at].stem, part, no[at] or no[end - 1], maybe[at], at, is_quoting)
            names = at <= 1 and tokens[at].word in _people()
            labels = names or (
                at < label and term.section not in ("finding", "condition", "drug", "kin", "care", "course")
            )
            terms.append(term._replace(weight=FRAME_WEIGHT, section="frame") if labels else term)
        at = end
    return _predicates(tokens, terms, inside)


def _predicates(tokens: Sequence[Token], terms: Sequence[Term], inside: frozenset[int]) -> list[Term]:
    """What stands before "... was not ordered" is denied too, when nothing weighty comes after the denial."""
    weighty = [term for term in terms if term.section != "frame"]
    denial = next((at for at, token in enumerate(tokens) if token.word == "not" and at not in inside), None)
    if denial is None or any(term.at > denial or term.is_denied for term in weighty):
        return list(terms)
    begins = max(
        (at for at in range(denial) if tokens[at].kind is not Kind.WORD or tokens[at].word in _BREAKS), default=-1
    )
    return [term._replace(is_denied=True) if term.at > begins and term.section != "frame" else term for term in terms]


def _is_number(token: Token) -> bool:
    return token.kind is Kind.NUMBER or token.word in number_words()


def _label_end(tokens: Sequence[Token]) -> int:
    """Where the label before a colon ends: "Cardiovascular: denies chest pain"."""
    for at, token in enumerate(tokens[:LONGEST_LABEL]):
        if token.word == ":":
            return at
        if token.kind is Kind.QUESTION:
            return 0
    return 0


def _term(key: str, part: Sequence[Token], no: bool, maybe: bool, at: int, is_quoting: bool) -> Term:
    section = _section(key)
    stems = tuple(token.stem for token in part if is_content(token))
    frame = (section == "word" and key in frame_stems()) or (is_quoting and _is_label(stems))
    surface = " ".join(token.word for token in part)
    weight = FRAME_WEIGHT if frame else 1.0 if section in _CORE else OTHER_WEIGHT
    return Term(key, stems, weight, no, maybe, at, surface, "frame" if frame else section)


@lru_cache(maxsize=1)
def _label_stems() -> frozenset[str]:
    return frozenset(stem(word) for word in LABEL_WORDS)


@lru_cache(maxsize=1)
def _people() -> frozenset[str]:
    return word_set("cues", "client_names") | word_set("cues", "clinician_names")


def _is_label(stems: Sequence[str]) -> bool:
    """Whether words beside a quotation only name it: "Toward plan goal g2, client said"."""
    return all(stem in _label_stems() or (len(stem) <= 3 and stem[-1].isdecimal()) for stem in stems)


def _section(key: str) -> str:
    if key.startswith("c:"):
        return section_of()[key]
    return {"d:": "drug", "k:": "kin"}.get(key[:2], "word")


def _chunks(tokens: Sequence[Token], terms: Sequence[Term]) -> list[tuple[Term, ...]]:
    """Groups of weighty terms without a break between them."""
    groups: list[list[Term]] = []
    previous = -1
    for term in terms:
        if term.section == "frame":
            continue
        between = tokens[previous + 1 : term.at]
        broken = any(token.kind is not Kind.WORD and token.kind is not Kind.NUMBER for token in between) or any(
            token.word in _BREAKS for token in between
        )
        if not groups or broken or groups[-1][-1].is_denied != term.is_denied:
            groups.append([])
        groups[-1].append(term)
        previous = term.at
    return [tuple(group) for group in groups]


_EXCHANGE = re.compile(
    r"^(?:when )?asked\b.*?\b(?:client|patient|they|she|he) (?:answered|said|confirmed|replied|responded)\b"
    r"|^when asked\b[^,]*,",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_SPEAKER = re.compile(r";\s*(?:the )?(?:client|patient|therapist|clinician|doctor)\b", re.IGNORECASE)
_SPEAKS = re.compile(
    r"^\W*(?:[\w']+:\s*)?(?:the |this |ms\.? \w+ |mr\.? \w+ |mrs\.? \w+ )?(\w+)\s+(?:also |now |then |has |had )?(\w+)",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _speaking() -> tuple[frozenset[str], ...]:
    clients = frozenset(stem(word) for word in word_set("cues", "client_says"))
    clinicians = frozenset(stem(word) for word in word_set("cues", "clinician_says"))
    return word_set("cues", "client_names"), clients, word_set("cues", "clinician_names"), clinicians


def attributed(text: str) -> Speaker | None:
    """The speaker that "Client reports ..." or "Therapist suggested ..." names."""
    match = _SPEAKS.match(text)
    if match is None:
        return None
    who, does = match.group(1).lower(), stem(match.group(2).lower())
    client, client_verbs, clinician, clinician_verbs = _speaking()
    if who in client and does in client_verbs:
        return Speaker.CLIENT
    return Speaker.THERAPIST if who in clinician and does in clinician_verbs else None
