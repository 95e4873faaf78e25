"""How much a clause belongs in the note: what it is about, how central, how concrete, how well it reads."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from therapyflows.core.session_note.evidence_drafter.clauses import Clause
from therapyflows.core.session_note.evidence_drafter.lexicon import load

_CONCRETE = re.compile(
    r"\b(\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|hundred|once|twice|every|always|never|last|ago|"
    r"weeks?|months?|years?|nights?|days?|hours?)\b"
)
_HEDGES = re.compile(r"\b(i guess|i suppose|maybe|whatever|i don't know)\b")
_VAGUE = re.compile(r"^(it|that|this|they|he|she|these|those|there|which|it's|that's|he's|she's|they're|there's)\b")


@dataclass(frozen=True, slots=True)
class Topic:
    key: str
    label: str
    weight: float
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def topics() -> tuple[Topic, ...]:
    """The topics of ``lexicon/topics.yaml``."""
    return tuple(
        Topic(key, data["label"], float(data["weight"]), re.compile(rf"\b(?:{data['match']})(?!\w)"))
        for key, data in load("topics")["topics"].items()
    )


def topics_in(text: str) -> tuple[Topic, ...]:
    lowered = text.lower().replace("’", "'")
    return tuple(topic for topic in topics() if topic.pattern.search(lowered))


class Salience:
    """Scores clauses of one transcript; the words that come back often are what the session was about."""

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self._counts: Counter[str] = Counter()
        for clause in clauses:
            self._counts.update(set(clause.stems))

    def centrality(self, stems: Sequence[str]) -> float:
        """0..1: how often the clause's words come back in the session."""
        if not stems or not self._counts:
            return 0.0
        most = max(self._counts.values())
        return sum(min(self._counts[stem] / most, 1.0) for stem in set(stems)) / len(set(stems))

    def score(self, clause: Clause) -> float:
        """Higher is more worth a line.  About 0 for small talk, 2 to 5 for what matters."""
        text = " ".join(clause.norms)
        weights = sorted((topic.weight for topic in topics_in(text)), reverse=True)[:3]
        about = sum(weight / (rank + 1) for rank, weight in enumerate(weights))
        concrete = 0.5 if _CONCRETE.search(text) else 0.0
        own = 0.4 if {"i", "i'm", "i've", "my", "me", "i'd", "i'll"} & set(clause.norms) else 0.0
        vague = 1.1 if _VAGUE.match(text) else 0.0
        hedged = 0.3 * len(_HEDGES.findall(text))
        rich = min(len(set(clause.stems)), 6) * 0.15
        return about + concrete + own + rich + 0.8 * self.centrality(clause.stems) - vague - hedged
