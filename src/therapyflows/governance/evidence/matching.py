"""Where a statement's terms stand in the source: per term, per group of terms, and the best window for all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from therapyflows.governance.evidence.claim import Claim, Term
from therapyflows.governance.evidence.lexicon import close, related, word_set
from therapyflows.governance.evidence.model import Span, Speaker
from therapyflows.governance.evidence.prepared import ASKED, DENIED, PreparedSource

WINDOW, GROUP_WINDOW = 60, 30
"""Words that may lie around what supports a statement, and one group of it."""
FAMILY, PARTS, ALIKE, CLOSE = 0.9, 0.75, 0.7, 0.55
"""What a word of the same family, the words of a concept, a word spelled alike, and a close concept count."""
SPELLED_ALIKE = 84
_CORE = word_set("grammar", "core_sections")
_SPEAKING = word_set("grammar", "speaking_sections")
_SILENT = ("body", "kin", "time")
ENOUGH = 0.7
"""From this support on, a place speaks of the group."""


@dataclass(frozen=True)
class Place:
    """A stretch of units and how much of a group of terms it carries, 0..1."""

    first: int
    last: int
    support: float


@dataclass(frozen=True)
class Group:
    """One group of terms with where the source speaks of it, and how."""

    terms: tuple[Term, ...]
    best: Place | None
    states: frozenset[int]

    @property
    def support(self) -> float:
        return self.best.support if self.best else 0.0

    def lacks_core(self, match: "Match") -> bool:
        """Whether a finding, body part or drug of the group is not at its best place."""
        core = [term for term in self.terms if term.section in _CORE]
        if self.best is None:
            return bool(core)
        here = range(self.best.first - 1, self.best.last + 2)
        return any(all(unit not in here for unit in match.hits(term)) for term in core)

    @property
    def is_denied(self) -> bool:
        return self.terms[-1].is_denied

    @property
    def surface(self) -> str:
        return " ".join(term.surface for term in self.terms)


class Match:
    """A claim looked up in a source; everything is found when first asked for."""

    def __init__(self, claim: Claim, source: PreparedSource) -> None:
        self.claim = claim
        self.source = source
        self._hits: dict[Term, dict[int, tuple[float, frozenset[int]]]] = {}

    def hits(self, term: Term) -> dict[int, tuple[float, frozenset[int]]]:
        """Units that speak of the term: how strongly, and in which state."""
        if term not in self._hits:
            self._hits[term] = self._look_up(term)
        return self._hits[term]

    def _look_up(self, term: Term) -> dict[int, tuple[float, frozenset[int]]]:
        found: dict[int, tuple[float, frozenset[int]]] = {}
        self._add(found, term.key, 1.0)
        if ":" in term.key:
            for part in term.parts:
                self._add(found, part, PARTS if len(term.parts) == 1 else PARTS / len(term.parts) * 1.2)
        else:
            for other in related().get(term.key, ()):
                self._add(found, other, FAMILY)
        for other in close().get(term.key, ()):
            self._add(found, other, CLOSE)
        if not found:
            for part in term.parts:
                for other in self._alike(part):
                    self._add(found, other, ALIKE)
        return found

    def _add(self, found: dict[int, tuple[float, frozenset[int]]], key: str, strength: float) -> None:
        for mention in self.source.mentions.get(key, ()):
            old, states = found.get(mention.unit, (0.0, frozenset()))
            if old < strength:
                found[mention.unit] = (strength, frozenset((mention.state,)))
            elif old == strength:
                found[mention.unit] = (strength, states | {mention.state})

    def _alike(self, word: str) -> Iterable[str]:
        if len(word) < 5:
            return ()
        return [
            name
            for name, _, _ in process.extract(
                word, self.source.vocabulary, scorer=fuzz.ratio, score_cutoff=SPELLED_ALIKE, limit=2
            )
        ]

    def place(self, terms: Sequence[Term], width: int = WINDOW, voice: Speaker | None = None) -> Place | None:
        """The window that carries most of the terms; with ``voice``, only that speaker's words count."""
        total = sum(term.weight for term in terms)
        by_unit: dict[int, list[tuple[int, float]]] = {}
        for number, term in enumerate(terms):
            for unit, (strength, _) in self.hits(term).items():
                if (
                    voice is None
                    or voice in self.source.units[unit].voices
                    or Speaker.UNKNOWN in self.source.units[unit].voices
                ):
                    by_unit.setdefault(unit, []).append((number, strength * term.weight))
        best: Place | None = None
        order = sorted(by_unit)
        for index, first in enumerate(order):
            carried: dict[int, float] = {}
            words, last = 0, first
            for unit in order[index:]:
                words += sum(self.source.units[between].size for between in range(last, unit))
                if words > width or unit - first > 6:
                    break
                for number, weight in by_unit[unit]:
                    carried[number] = max(carried.get(number, 0.0), weight)
                last = unit
                support = sum(carried.values()) / total
                if best is None or support > best.support + 1e-9:
                    best = Place(first, last, support)
        return best

    @cached_property
    def best(self) -> Place | None:
        """The window that carries most of the whole statement."""
        return self.place(self.claim.terms) if self.claim.terms else None

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        return tuple(self._group(terms) for terms in self.claim.chunks)

    def _group(self, terms: tuple[Term, ...]) -> Group:
        best = self.place(terms, GROUP_WINDOW)
        return Group(terms, best, frozenset(self._states(terms)))

    def _states(self, terms: Sequence[Term]) -> Iterable[int]:
        """How the units stand that speak of the group: by their denied word, else by their asked one."""
        if all(term.section in ("body", "kin", "time") for term in terms):
            return
        speaking = [term for term in terms if term.section in _SPEAKING] or [
            term for term in terms if term.section not in _SILENT
        ]
        units = {unit for term in speaking for unit in self.hits(term) if self._around(terms, unit) >= ENOUGH}
        for unit in units:
            if self._is_taken_up(unit, units):
                continue
            here = [self.hits(term)[unit][1] for term in speaking if unit in self.hits(term)]
            yield from here[0] if len(here) == 1 else _together(here)

    def _around(self, terms: Sequence[Term], unit: int) -> float:
        """How much of the terms this unit and its neighbours carry."""
        near = (unit - 1, unit, unit + 1)
        carried = (
            term.weight * max((self.hits(term)[one][0] for one in near if one in self.hits(term)), default=0.0)
            for term in terms
        )
        return sum(carried) / sum(term.weight for term in terms)

    def _is_taken_up(self, unit: int, units: set[int]) -> bool:
        """Whether the other speaker says the same again at once: then that is what counts."""
        voices = self.source.units
        return any(
            later in units
            and voices[later].segment != voices[unit].segment
            and Speaker.THERAPIST in voices[unit].voices
            for later in (unit + 1, unit + 2)
        )

    def span(self, place: Place | None) -> Span | None:
        """The strongest unit of a place as a span of the source, quoted as it stands there."""
        if place is None:
            return None
        strengths = {
            unit: sum(self.hits(term)[unit][0] * term.weight for term in self.claim.terms if unit in self.hits(term))
            for unit in range(place.first, place.last + 1)
        }
        return self._quoted(max(strengths, key=lambda unit: strengths[unit]))

    def _quoted(self, number: int) -> Span:
        unit = self.source.units[number]
        segment = self.source.segments[unit.segment]
        quote = segment.text[unit.tokens[0].start : unit.tokens[-1].end]
        return Span(segment.id, segment.start_s, segment.end_s, quote)


def _together(states: Sequence[frozenset[int]]) -> frozenset[int]:
    """How words of one group stand together: denied when one of them is denied outright, else asked, else affirmed."""
    for state in (DENIED, ASKED):
        if frozenset((state,)) in states:
            return frozenset((state,))
    return frozenset().union(*states)
