"""Cut a turn into clauses: pieces that can be reported or quoted alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from therapyflows.core.session_note.evidence_drafter.cleanup import clean
from therapyflows.core.session_note.evidence_drafter.lexicon import (
    DANGLING,
    FILLERS,
    MARKERS,
    SUBJECTS,
    SUBORDINATORS,
    words_of,
)
from therapyflows.core.session_note.evidence_drafter.speech import DISFLUENT, Kind, Token, Turn, span_of
from therapyflows.governance.evidence.model import Span, Speaker
from therapyflows.governance.evidence.words import content_stems

SPLIT_ABOVE = 22
"""Words from which on a sentence is cut at "and I", "but it"; a comma before a subject cuts shorter ones too."""
LONGEST = 32
_EMPTY_LEADS = tuple(
    tuple(lead.split()) for lead in ("i don't know", "don't know", "i think", "let's see", "i'm not sure")
)
_LOOSE_ENDS = words_of(
    "obviously actually basically really honestly though anyway right definitely literally okay so too yes no man dude "
    "doctor doc sir especially"
)
_JOINERS = words_of("and but so because 'cause cause or then which")


@dataclass(frozen=True, slots=True)
class Clause:
    """Words of one speaker that belong together, cleaned, in order, with what came before them in the turn."""

    turn: Turn
    tokens: tuple[Token, ...]
    order: int
    """Position among all clauses of the transcript."""
    is_question: bool = False
    broken: bool = False
    """The speaker broke off, or words are missing."""
    opener: str = ""
    """The marker that was cut off at the beginning, e.g. ``no``, ``but``."""

    @property
    def words(self) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens if token.kind is Kind.WORD)

    @property
    def norms(self) -> tuple[str, ...]:
        return tuple(token.norm for token in self.words)

    @property
    def speaker(self) -> Speaker:
        return self.turn.speaker

    @property
    def text(self) -> str:
        """The cleaned words with their commas: for reading and matching, not for quoting."""
        return render(self.tokens)

    @property
    def stems(self) -> tuple[str, ...]:
        return content_stems(self.text)

    @property
    def ends_open(self) -> bool:
        """Ends with a word that wants another one: "because", "the", "I'm"."""
        return not self.words or self.words[-1].norm in DANGLING

    @property
    def verbatim(self) -> str | None:
        """The clause as it stands in the source, if nothing had to be cut out of its middle."""
        first, last = self.tokens[0], self.tokens[-1]
        if first.segment.id != last.segment.id:
            return None
        raw = first.segment.text[first.start : last.end]
        kept = [token.norm for token in self.tokens]
        return raw if _reads_the_same(raw, kept) and '"' not in raw and "“" not in raw and "”" not in raw else None


def as_said(clause: Clause) -> Span | None:
    """The clause's words with whatever punctuation the source has between them; None when they are not fluent."""
    first, last = clause.tokens[0], clause.tokens[-1]
    raw_text = first.segment.text[first.start : last.end]
    if first.segment.id != last.segment.id or DISFLUENT.search(raw_text):
        return None
    return span_of(first.segment, first.start, last.end)


def longest_verbatim(clause: Clause, fewest: int) -> tuple[Token, ...]:
    """The longest run of the clause's tokens that stands in the source in one piece; empty below ``fewest`` words."""
    runs: list[list[Token]] = [[]]
    for token in clause.tokens:
        last = runs[-1][-1] if runs[-1] else None
        if last and (last.segment.id != token.segment.id or token.segment.text[last.end : token.start].strip()):
            runs.append([])
        runs[-1].append(token)
    best = max(runs, key=len)
    while best and (best[-1].kind is Kind.COMMA or best[-1].norm in DANGLING):
        best.pop()
    while best and best[0].kind is Kind.COMMA:
        best.pop(0)
    return tuple(best) if sum(token.kind is Kind.WORD for token in best) >= fewest else ()


def raw(tokens: Sequence[Token]) -> str:
    """The source's own characters from the first to the last token, all of one segment."""
    return tokens[0].segment.text[tokens[0].start : tokens[-1].end]


def _reads_the_same(raw: str, kept: Sequence[str]) -> bool:
    squeezed = "".join(raw.lower().replace("’", "'").split())
    return squeezed == "".join("".join(kept).split())


def render(tokens: Sequence[Token]) -> str:
    """Tokens as text, commas closed up."""
    text = ""
    for token in tokens:
        text += token.text if token.kind is Kind.COMMA or not text else " " + token.text
    return text


def clauses_of(turns: Sequence[Turn]) -> list[Clause]:
    """All clauses of the turns in order."""
    found: list[Clause] = []
    for turn in turns:
        for sentence, ending in _sentences(clean(turn.tokens())):
            pieces = [piece for part in _split_long(sentence) if (piece := _strip_markers(part))[0]] or _bare(sentence)
            for number, (tokens, opener) in enumerate(pieces):
                last = number == len(pieces) - 1
                found.append(
                    Clause(
                        turn=turn,
                        tokens=tuple(tokens),
                        order=len(found),
                        is_question=ending is not None and "?" in ending.text,
                        broken=last and ending is not None and ending.kind in (Kind.BREAK, Kind.GAP),
                        opener=opener,
                    )
                )
    return found


def _sentences(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], Token | None]]:
    """Runs of words between stops, breaks, gaps and marks, each with what ended it."""
    current: list[Token] = []
    for token in tokens:
        if token.kind in (Kind.WORD, Kind.COMMA):
            current.append(token)
        elif current:
            yield current, token
            current = []
    if current:
        yield current, None


def _split_long(tokens: Sequence[Token]) -> list[list[Token]]:
    """Cut at commas before a new subject, and in long sentences at "and I" as well."""
    parts: list[list[Token]] = [[]]
    total = sum(token.kind is Kind.WORD for token in tokens)
    for index, token in enumerate(tokens):
        if parts[-1] and _cuts_here(tokens, index, parts[-1], total):
            parts.append([])
        parts[-1].append(token)
    return [part for part in parts if part]


def _cuts_here(tokens: Sequence[Token], index: int, current: Sequence[Token], total: int) -> bool:
    spoken = [token for token in current if token.kind is Kind.WORD]
    if len(spoken) < 4 or tokens[index].kind is not Kind.WORD:
        return False
    first = next((token.norm for token in spoken if token.norm not in MARKERS), "")
    if first in SUBORDINATORS and not _has_main_clause(current):
        return False
    here, after = tokens[index].norm, tokens[index + 1].norm if index + 1 < len(tokens) else ""
    after_comma = tokens[index - 1].kind is Kind.COMMA
    if after_comma and here in SUBJECTS and spoken[-1].norm not in ("that", "think", "know", "said"):
        return True
    if here not in _JOINERS or (here in ("because", "'cause", "cause") and total <= LONGEST):
        return False
    return ((after in SUBJECTS and (after_comma or after != "my")) or (after_comma and here == "but")) and (
        total > SPLIT_ABOVE or here in ("but", "so")
    )


def _has_main_clause(tokens: Sequence[Token]) -> bool:
    """After "When I go out," a second subject has begun."""
    for index, token in enumerate(tokens):
        if token.kind is Kind.COMMA and index + 1 < len(tokens) and tokens[index + 1].norm in SUBJECTS:
            return True
    return False


def _bare(tokens: Sequence[Token]) -> list[tuple[list[Token], str]]:
    """A sentence that is nothing but "Yeah, right": an answer all the same."""
    words = [token for token in tokens if token.kind is Kind.WORD]
    return [(list(tokens[tokens.index(words[0]) : tokens.index(words[-1]) + 1]), "")] if words else []


def _empty_lead(tokens: Sequence[Token]) -> int:
    """Length of an "I don't know," that says nothing, comma included."""
    for phrase in _EMPTY_LEADS:
        size = len(phrase)
        if (
            len(tokens) > size + 3
            and tuple(t.norm for t in tokens[:size]) == phrase
            and tokens[size].kind is Kind.COMMA
        ):
            return size + 1
    return 0


def _strip_markers(tokens: Sequence[Token]) -> tuple[list[Token], str]:
    """Cut "Yeah, so", "And then" off the beginning and loose joiners off the end."""
    kept = list(tokens)
    opener = ""
    while kept and (kept[0].kind is Kind.COMMA or kept[0].norm in MARKERS or kept[0].norm in FILLERS):
        if kept[0].norm == "now" and len(kept) > 1 and kept[1].kind is Kind.WORD:
            break
        opener = opener or kept[0].norm
        kept.pop(0)
    kept = kept[_empty_lead(kept) :]
    while kept and (
        kept[-1].kind is Kind.COMMA
        or (kept[-1].norm in _LOOSE_ENDS and len(kept) > 1 and kept[-2].kind is Kind.COMMA)
        or kept[-1].norm in ("and", "but", "so", "or", "because", "yeah", "like")
    ):
        kept.pop()
    return kept, opener
