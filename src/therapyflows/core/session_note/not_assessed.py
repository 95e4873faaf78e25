"""Lines that may stand only where question and answer do: risk, mental status, history.

Everything else is "not assessed".  Nobody here ever writes "denies suicidal ideation" because nothing was said about
it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.core.session_note.model import Statement, StatementKind, Transcript
from therapyflows.governance.evidence.model import Grade, Segment, Span, Speaker

ANSWER_WITHIN = 3
"""Segments after the question in which the client's answer must begin."""
_QUESTION_SHAPE = re.compile(
    r"\?|\b(?:any|have you|do you|did you|are you|were you|had you|is there|are there|been having|how often"
    r"|when was|tell me)\b"
)


_ANSWERS = re.compile(
    r"\W*(?:yes|yeah|yep|no|nope|nah|not|never|right|exactly|i|sometimes|mm-hmm|maybe)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class AskedTopic:
    """One thing that such a line may claim; a question about another topic of the line does not cover it."""

    key: str
    title: str
    claim: re.Pattern[str]
    question: re.Pattern[str] | None
    """None for what is seen, not asked: then only the clinician's own words can state it."""


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One such line: how its questions, its unasked disclosures and its claims are recognized."""

    key: str
    title: str
    question: re.Pattern[str]
    disclosure: re.Pattern[str] | None
    accident: re.Pattern[str] | None
    """Words that make it an injury by accident: "I might fall and hurt myself"."""
    told: re.Pattern[str] | None
    """What the therapist says of the client, for them to confirm or deny, without asking."""
    claim: re.Pattern[str]
    topics: tuple[AskedTopic, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question of the therapist and the client's answer to it."""

    question: Segment
    asked: Span
    answer: Segment


@lru_cache(maxsize=1)
def asked_lines() -> dict[str, AskedLine]:
    """The lines of ``core/rules/asked_lines.yaml`` by key."""
    return {
        key: AskedLine(
            key=key,
            title=line["title"],
            question=re.compile(line["question"], re.IGNORECASE),
            disclosure=re.compile(rf"\b(?:{line['disclosure']})") if line["disclosure"] else None,
            accident=re.compile(rf"\b(?:{line['accident']})\b") if line["accident"] else None,
            told=re.compile(rf"\byou.*\b(?:{line['told']})", re.IGNORECASE) if line["told"] else None,
            claim=_claim(line),
            topics=tuple(_topic(name, topic) for name, topic in line.get("topics", {}).items()),
        )
        for key, line in _table()["lines"].items()
    }


@lru_cache(maxsize=1)
def answer_patterns() -> dict[str, re.Pattern[str]]:
    """How a plain ``yes`` or ``no`` begins, how a note ``denies`` and ``affirms``."""
    return {key: re.compile(pattern, re.IGNORECASE) for key, pattern in _table()["answers"].items()}


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((files("therapyflows.core.rules") / "asked_lines.yaml").read_text("utf-8"))
    return data


def _claim(line: Mapping[str, Any]) -> re.Pattern[str]:
    """What speaks of the line: its own claim, or that of any of its topics."""
    return re.compile(line.get("claim") or "|".join(t["claim"] for t in line["topics"].values()), re.IGNORECASE)


def _topic(key: str, topic: Mapping[str, Any]) -> AskedTopic:
    question = re.compile(topic["question"], re.IGNORECASE) if topic["question"] else None
    return AskedTopic(key, topic["title"], re.compile(topic["claim"], re.IGNORECASE), question)


def exchanges(transcript: Transcript, key: str) -> list[Exchange]:
    """Every place where the therapist asked about this line and the client answered."""
    line = asked_lines()[key]
    segments = transcript.segments
    found = []
    for index, segment in enumerate(segments):
        asked = _question_in(segment, line) if segment.speaker is Speaker.THERAPIST else None
        answer = _answer_after(segments, index) if asked else None
        if asked and answer and (_QUESTION_SHAPE.search(asked.quote.lower()) or _ANSWERS.match(answer.text)):
            found.append(Exchange(segment, asked, answer))
    return found


def _question_in(segment: Segment, line: AskedLine) -> Span | None:
    """The sentence that asks; of risk also one that says it of the client for them to confirm or deny."""
    for start, end in sentences(segment.text):
        sentence = segment.text[start:end]
        found = line.question.search(sentence)
        if found is None or (line.accident and line.accident.search(sentence.lower())):
            continue
        told = line.told is not None and line.told.search(sentence)
        if told or _QUESTION_SHAPE.search(sentence.lower()):
            asked = _from_question(sentence, found.start())
            rated = _RATED.match(segment.text[end:])
            whole = (
                f"{asked}{rated.group()}"
                if rated and asked.endswith("?")
                else _around(asked, max(found.start() - len(sentence) + len(asked), 0))
            )
            return Span(segment.id, segment.start_s, segment.end_s, whole)
    return None


_RATED = re.compile(r"\s+(?:and |so )?(?:on|from) a (?:\w+ ){0,2}scale[^.?!]{0,90}[.?!]", re.IGNORECASE)
"""The scale, given after the question: part of what was asked."""
_COURTESY = re.compile(
    r"(?:thank|thanks|okay|ok|good|great|right|alright|all right|i see|i'm sorry|sorry|got it|no problem|sure|i ask"
    r"|i'm glad|that's good|one more thing)\b",
    re.IGNORECASE,
)
_ASKS_FROM = re.compile(
    r"\b(?:and |so |but )?(?:do you|did you|are you|were you|have you|had you|any|is there|are there|how is|how has"
    r"|how often)\b",
    re.IGNORECASE,
)


def _from_question(sentence: str, at: int) -> str:
    """The sentence without a courtesy before its question: "Thank you for telling me and any thoughts of ..."."""
    if not _COURTESY.match(sentence):
        return sentence
    starts = [match.start() for match in _ASKS_FROM.finditer(sentence) if match.start() <= at]
    return sentence[starts[0] :] if starts else sentence


LONGEST_QUESTION = 30
"""Words of a question that are quoted."""


def _around(sentence: str, at: int) -> str:
    """The sentence, or of a long one the part after the last comma before ``at``, cut at a word."""
    if len(sentence.split()) <= LONGEST_QUESTION:
        return sentence
    begin = max(sentence.rfind(mark, 0, at) + len(mark) for mark in (", ", "-- ", "— ", "; "))
    part = sentence[begin if begin > 2 else 0 :].lstrip()
    long = re.compile(r"(?:\S+\s+){" + str(LONGEST_QUESTION) + "}").match(part)
    return part[: long.end()].rstrip() if long else part


def _answer_after(segments: Sequence[Segment], index: int) -> Segment | None:
    """The client's answer: at once, or after more words of the therapist's same turn."""
    for segment in segments[index + 1 : index + 1 + ANSWER_WITHIN]:
        if segment.speaker is Speaker.CLIENT and re.search(r"\w", segment.text):
            return segment
    return None


def disclosures(transcript: Transcript, key: str = "risk") -> Iterator[Span]:
    """Sentences in which the client (or somebody unidentified) speaks of it unasked, and no accident is meant."""
    line = asked_lines()[key]
    for segment in transcript.segments:
        if segment.speaker is Speaker.THERAPIST or line.disclosure is None:
            continue
        for start, end in sentences(segment.text):
            lowered = segment.text[start:end].lower().replace("’", "'")
            if line.disclosure.search(lowered) and not (line.accident and line.accident.search(lowered)):
                yield Span(segment.id, segment.start_s, segment.end_s, segment.text[start:end])


_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of the sentences of a text, without the white space around them."""
    position = 0
    for match in [*_SENTENCE_END.finditer(text), None]:
        end = match.start() if match else len(text)
        piece = text[position:end]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            yield position + lead, position + len(piece.rstrip())
        position = match.end() if match else end


def line_of(statement: Statement) -> str | None:
    """Key of the asked line that this statement speaks of, by its kind or by its words."""
    kinds = {
        StatementKind.RISK: "risk",
        StatementKind.MENTAL_STATUS: "mental_status",
        StatementKind.HISTORY: "history",
    }
    if statement.kind in kinds:
        return kinds[statement.kind]
    outside_quotes = re.sub(r'"[^"]*"|“[^”]*”', " ", statement.text)
    return next((line.key for line in asked_lines().values() if line.claim.search(outside_quotes)), None)


def claims_in(text: str) -> list[re.Match[str]]:
    """Where the text speaks of any asked line."""
    return [match for line in asked_lines().values() for match in line.claim.finditer(text)]


def not_assessed(statement_id: str, section: str, key: str, *, disclosed: bool = False) -> Statement:
    """The line that asks the clinician instead of claiming anything."""
    title = asked_lines()[key].title
    text = f"{title}: not assessed in the source. Clinician to complete."
    if disclosed:
        text = f"{title}: mentioned by the client, but no question about it stands in the source. Clinician to assess."
    return Statement(statement_id, section, text, StatementKind.NOT_ASSESSED, grade=Grade.NOT_ASSESSED)
