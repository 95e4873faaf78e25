"""Who speaks: which voice is the therapist, and exchanging the roles of a transcript.

The decision looks at what is said, not at the channel: questions, invitations to talk and "you" mark the therapist, "I"
and one's own life mark the client (``rules/speaker_roles.yaml``).  It comes with a confidence, because a reviewer has
to be told when it is a guess.
"""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.core.errors import NotFound
from therapyflows.core.notices import Notice
from therapyflows.core.session_note.model import Transcript
from therapyflows.governance.evidence.model import Speaker

SURE_ENOUGH = 0.85
"""Below this confidence the reviewer is asked to check who is who."""
ROLES_UNCERTAIN = Notice(
    "speaker_roles_uncertain",
    "It is not certain which voice is the therapist: please check, and swap the speakers if they are exchanged.",
)

_OTHER = {Speaker.THERAPIST: Speaker.CLIENT, Speaker.CLIENT: Speaker.THERAPIST, Speaker.UNKNOWN: Speaker.UNKNOWN}
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SENTENCE_GAP = re.compile(r"(?<=[.!?])\s+")
# Differences between the voices are capped: a voice of five words has wild rates.
_MOST_QUESTIONS, _MOST_PHRASES, _MOST_PRONOUNS = 3.0, 8.0, 2.0


@dataclass(frozen=True, slots=True)
class Roles:
    """The role of each voice, in the order given, and how likely they are right (0.5 is a guess)."""

    speakers: tuple[Speaker, ...]
    confidence: float

    @property
    def certain(self) -> bool:
        return self.confidence >= SURE_ENOUGH


@dataclass(frozen=True, slots=True)
class _Manner:
    """How one voice speaks, as rates."""

    questions: float
    therapist_phrases: float
    client_phrases: float
    first_person: float
    second_person: float


def assign_roles(voices: Sequence[Sequence[str]], *, first: int = 0, prior: float = 0.0) -> Roles:
    """Decide which voice is the therapist; all others are clients (a couple, a parent and a child).

    ``voices`` holds the turns of each voice, ``first`` is the voice that spoke first, ``prior`` is added to the log
    odds of the first voice (a channel that is usually the therapist's).  One voice alone stays unknown.
    """
    if len(voices) < 2:
        return Roles((Speaker.UNKNOWN,) * len(voices), 0.5)
    odds = [_odds(voices, voice, spoke_first=voice == first) for voice in range(len(voices))]
    odds[0] += prior
    therapist = max(range(len(voices)), key=odds.__getitem__)
    if len(voices) > 2:
        runner_up = max(value for voice, value in enumerate(odds) if voice != therapist)
        margin = (odds[therapist] - runner_up) / 2
    else:
        margin = odds[0] if therapist == 0 else -odds[0]
    confidence = 1 / (1 + math.exp(-max(0.0, min(margin, 50.0))))
    roles = tuple(Speaker.THERAPIST if voice == therapist else Speaker.CLIENT for voice in range(len(voices)))
    return Roles(roles, confidence)


def swap_speakers(transcript: Transcript) -> Transcript:
    """Therapist becomes client and the other way round; swapping twice gives the same transcript."""
    return replace(transcript, segments=tuple(replace(s, speaker=_OTHER[s.speaker]) for s in transcript.segments))


def turns_between(transcript: Transcript, first: str, last: str) -> frozenset[str]:
    """Ids of the turns from one to another, in whichever order they are named.  Raises NotFound."""
    order = [segment.id for segment in transcript.segments]
    if first not in order or last not in order:
        raise NotFound("turn_unknown", "There is no such turn in the transcript.")
    low, high = sorted((order.index(first), order.index(last)))
    return frozenset(order[low : high + 1])


def turns_of(transcript: Transcript, speaker: Speaker) -> frozenset[str]:
    """Ids of everything this speaker says: what a second label for one person is merged by."""
    return frozenset(segment.id for segment in transcript.segments if segment.speaker == speaker)


def correct_speaker(transcript: Transcript, turns: Collection[str], speaker: Speaker) -> Transcript:
    """These turns are this speaker's."""
    segments = tuple(replace(s, speaker=speaker) if s.id in turns else s for s in transcript.segments)
    return replace(transcript, segments=segments)


def _odds(voices: Sequence[Sequence[str]], voice: int, *, spoke_first: bool) -> float:
    """Log odds that this voice is the therapist and the others are not."""
    weights = _rules()["weights"]
    this = _manner(voices[voice])
    others = _manner([turn for other, turns in enumerate(voices) if other != voice for turn in turns])

    def rate(field: str, most: float) -> float:
        difference = float(getattr(this, field)) - float(getattr(others, field))
        return max(-most, min(most, difference))

    return float(
        weights["questions_per_10_words"] * rate("questions", _MOST_QUESTIONS)
        + weights["therapist_phrases_per_100_words"] * rate("therapist_phrases", _MOST_PHRASES)
        + weights["client_phrases_per_100_words"] * rate("client_phrases", _MOST_PHRASES)
        + weights["first_person_per_10_words"] * rate("first_person", _MOST_PRONOUNS)
        + weights["second_person_per_10_words"] * rate("second_person", _MOST_PRONOUNS)
        + weights["spoke_first"] * (1 if spoke_first else -1)
    )


def _manner(turns: Sequence[str]) -> _Manner:
    rules = _rules()
    text = " ".join(turns).lower().replace("’", "'")
    words = _WORD.findall(text)
    count = max(1, len(words))
    sentences = [s for turn in turns for s in _SENTENCE_GAP.split(turn) if s.strip()]
    asked = sum(s.rstrip().endswith("?") or bool(_openers().match(s)) for s in sentences)
    return _Manner(
        questions=asked / count * 10,
        therapist_phrases=len(_phrases("therapist_phrases").findall(text)) / count * 100,
        client_phrases=len(_phrases("client_phrases").findall(text)) / count * 100,
        first_person=sum(w in rules["first_person"] for w in words) / count * 10,
        second_person=sum(w in rules["second_person"] for w in words) / count * 10,
    )


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    text = (files("therapyflows.core.rules") / "speaker_roles.yaml").read_text("utf-8")
    rules: dict[str, Any] = yaml.safe_load(text)
    return {**rules, **{name: frozenset(rules[name]) for name in ("first_person", "second_person")}}


@lru_cache(maxsize=1)
def _openers() -> re.Pattern[str]:
    """A question by its first words, for recognizers that miss question marks."""
    alternatives = "|".join(map(re.escape, _rules()["question_openers"]))
    return re.compile(rf"(?:(?:okay|ok|so|and|well|right|um|uh|alright)[,. ]+)*(?:{alternatives})\b", re.IGNORECASE)


@lru_cache(maxsize=2)
def _phrases(which: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, _rules()[which]))})\b")
