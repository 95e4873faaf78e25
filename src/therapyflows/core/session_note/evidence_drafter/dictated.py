"""Sources in which nobody talks to anybody: dictation, typed session fields, prose.

The clinician's sentences are copied, cleaned of "um", and filed by what they speak of.  Sentences that cannot stand
in a
note as they are ("I think she ...") are quoted.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from therapyflows.core.session_note.evidence_drafter.candidate import Candidate
from therapyflows.core.session_note.evidence_drafter.clauses import render
from therapyflows.core.session_note.evidence_drafter.cleanup import clean
from therapyflows.core.session_note.evidence_drafter.lexicon import load
from therapyflows.core.session_note.evidence_drafter.readability import capitalized
from therapyflows.core.session_note.evidence_drafter.speech import Kind, Token, Turn, span_of, tokenize
from therapyflows.core.session_note.model import SourceKind, StatementKind, Transcript
from therapyflows.governance.evidence.model import Segment, Speaker

LONGEST = 60
_FIRST_PERSON = re.compile(r"\b(i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|us|our|you|your)\b")
_CLINICIAN_DID = re.compile(
    r"^(?:i|we) (?:also |then |briefly )?(used|provided|explored|reviewed|discussed|introduced|practiced|taught"
    r"|validated|challenged|encouraged|"
    r"processed|assigned|recommended|referred|reflected|assessed|asked|offered|gave|talked|worked|did|continued|helped|supported|normalized|suggested|completed|administered)\b"
)
_CLINICIAN_WILL = re.compile(r"^(?:i|we)(?:'ll| will| am going to|'m going to) ")
_THIRD_PERSON = re.compile(r"\b(client|patient|pt|ct)\b", re.IGNORECASE)
_TOPIC_KIND = {
    "plan": StatementKind.PLAN,
    "reported": StatementKind.REPORTED,
    "mental_status": StatementKind.MENTAL_STATUS,
}


def is_monologue(transcript: Transcript) -> bool:
    """Whether nobody is known to be the client: dictation, session fields, a file without speakers."""
    return not any(segment.speaker is Speaker.CLIENT for segment in transcript.segments)


def is_clinicians(transcript: Transcript) -> bool:
    """Whether the words are the clinician's own: dictated or typed, or prose that speaks of "the client"."""
    if transcript.source in (SourceKind.DICTATION, SourceKind.SESSION_FIELDS):
        return True
    speakers = {segment.speaker for segment in transcript.segments}
    prose = any(_THIRD_PERSON.search(segment.text) for segment in transcript.segments)
    return speakers == {Speaker.UNKNOWN} and prose


def dictated(turns: Sequence[Turn], *, clinicians: bool) -> list[Candidate]:
    """One candidate per sentence.  ``clinicians`` False: nobody knows who spoke, so everything is quoted as such."""
    found: list[Candidate] = []
    for turn in turns:
        for segment in turn.segments:
            for tokens in _sentences(segment):
                candidate = _line(tokens, len(found)) if clinicians else _anonymous(tokens, len(found))
                if candidate is not None:
                    found.append(candidate)
    return found


def _sentences(segment: Segment) -> list[list[Token]]:
    """The segment's sentences as cleaned tokens, marks and all."""
    sentences: list[list[Token]] = [[]]
    for token in clean(list(tokenize(segment))):
        if token.kind in (Kind.STOP, Kind.BREAK, Kind.GAP):
            sentences.append([])
        else:
            sentences[-1].append(token)
    return [tokens for tokens in sentences if any(token.kind is Kind.WORD for token in tokens)]


_COMMANDS = re.compile(r"^(?:comma|period|full stop|new (?:line|paragraph)|next (?:line|paragraph)|colon)$")
_HEADER = re.compile(
    r"^(?:okay |ok |so |and )*(?:this is (?:a |the |my )?(?:\w+ )?note (?:for|on|of)|date of service"
    r"|dictat(?:ion|ing) )"
)
_TAKEN_BACK = re.compile(r"\b(?:scratch|strike|delete) that\b|^correction\b|^(?:no )?i mean\b")


def _content(tokens: Sequence[Token]) -> Sequence[Token]:
    """Without the dictating of punctuation and the "Okay, so" at its edges; nothing of a header."""
    kept = list(tokens)
    for edge in (0, -1):
        while kept and (kept[edge].kind is Kind.COMMA or _COMMANDS.match(kept[edge].norm)):
            kept.pop(edge)
    while len(kept) > 2 and kept[0].kind in (Kind.WORD, Kind.COMMA) and kept[0].norm in ("okay", "ok", "so", ",", "oh"):
        kept.pop(0)
    spoken = " ".join(token.norm for token in kept if token.kind is Kind.WORD)
    return () if _COMMANDS.match(spoken) or _HEADER.match(spoken) else kept


def _line(tokens: Sequence[Token], order: int) -> Candidate | None:
    tokens = _content(tokens)
    if not tokens:
        return None
    first, last = tokens[0], tokens[-1]
    raw = first.segment.text[first.start : last.end]
    spoken = render([token for token in tokens if token.kind is not Kind.MARK])
    lowered = spoken.lower().replace("’", "'")
    topic = filing(lowered)
    text = _as_statement(raw, spoken, lowered)
    if len(spoken.split()) > LONGEST or len(spoken) < 3:
        text = f'Clinician noted: "{_inner(raw)}".'
    return Candidate(
        topic=topic,
        kind=_TOPIC_KIND.get(topic, StatementKind.OBSERVED),
        text=text,
        evidence=(span_of(first.segment, first.start, last.end),),
        score=3.0,
        order=order,
    )


def _as_statement(raw: str, spoken: str, lowered: str) -> str:
    """The sentence itself; "Clinician reviewed ..." for "I reviewed ..."; else a quotation."""
    if _TAKEN_BACK.search(lowered):
        return f'Clinician noted: "{_inner(raw)}".'
    if intends := _CLINICIAN_WILL.match(lowered):
        told = f"Clinician will {spoken[intends.end() :]}"
        if not _FIRST_PERSON.search(told.lower()):
            return told + "."
    if _CLINICIAN_DID.match(lowered):
        told = "Clinician " + spoken.split(" ", 1)[1]
        if not _FIRST_PERSON.search(told.lower()):
            return told + "."
    if _FIRST_PERSON.search(lowered):
        return f'Clinician noted: "{_inner(raw)}".'
    return capitalized(spoken) + "."


def _anonymous(tokens: Sequence[Token], order: int) -> Candidate | None:
    """Something said by somebody."""
    first, last = tokens[0], tokens[-1]
    inner = _inner(first.segment.text[first.start : last.end])
    if len(inner.split()) < 4:
        return None
    return Candidate(
        topic="reported",
        kind=StatementKind.OBSERVED,
        text=f'Said in the session (speaker not identified): "{inner}".',
        evidence=(span_of(first.segment, first.start, last.end),),
        score=len(set(inner.split())) / 10,
        order=order,
    )


def _inner(raw: str) -> str:
    inner = max(re.split(r'["“”]', raw), key=len)
    return inner.strip().rstrip(".,;: ")


@lru_cache(maxsize=1)
def _filing() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((topic, re.compile(pattern)) for topic, pattern in load("dictated")["filing"].items())


def filing(lowered: str) -> str:
    """The topic that a clinician's sentence is filed under."""
    return next((topic for topic, pattern in _filing() if pattern.search(lowered)), "reported")
