"""Which words are walled off: what a client asked to leave out, and psychotherapy notes (``walls.yaml``).

Pure: sentences go in, the places of what is held back come out.  Where a rule is in doubt it holds back; the clinician
sees what was held back and decides.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from therapyflows.governance.evidence.model import Segment, Speaker


class Wall(StrEnum):
    OFF_RECORD = "off_record"
    PSYCHOTHERAPY_NOTE = "psychotherapy_note"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of one segment that is held back: characters [start, end) of its text."""

    segment: int
    """Index of the segment."""
    start: int
    end: int
    wall: Wall


@dataclass(frozen=True, slots=True)
class Found:
    stretches: tuple[Stretch, ...]
    """In order; each sentence at most once."""
    not_ended: frozenset[Wall]
    """Walls that nobody ended: at the bound, or with the source."""


def is_walled_off(chart_type: str) -> bool:
    """Whether notes or documents of this type of the chart may reach no model."""
    return re.sub(r"[\s-]+", "_", chart_type.strip().lower()) in _rules()["chart_types"]


def record_facts(text: str) -> tuple[str, ...]:
    """What of 164.501's exclusions a psychotherapy note seems to hold: it belongs into the progress note."""
    return tuple(what for what, words in _excluded().items() if words.search(text))


def find_stretches(segments: Sequence[Segment]) -> Found:
    """Everything that is to be held back."""
    finder = _Finder(segments)
    for number in range(len(finder.sentences)):
        finder.read(number)
    return finder.found()


@dataclass(frozen=True, slots=True)
class _Sentence:
    segment: int
    start: int
    end: int
    text: str


@dataclass(slots=True)
class _Open:
    wall: Wall
    segment: int
    """Where it was opened, or asked for again."""


class _Finder:
    """Reads sentence by sentence and remembers which wall stands."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self.sentences = [s for index, segment in enumerate(segments) for s in _sentences(index, segment.text)]
        self._held: dict[int, Stretch] = {}
        self._open: _Open | None = None
        self._not_ended: set[Wall] = set()

    def found(self) -> Found:
        if self._open is not None:
            self._not_ended.add(self._open.wall)
        return Found(tuple(self._held[number] for number in sorted(self._held)), frozenset(self._not_ended))

    def read(self, number: int) -> None:
        sentence = self.sentences[number]
        if self._open is not None and self._is_too_far(sentence):
            self._not_ended.add(self._open.wall)
            self._open = None
        if self._open is None:
            self._look_for_opening(number)
        else:
            self._go_on(number, self._open)

    def _look_for_opening(self, number: int) -> None:
        sentence = self.sentences[number]
        if _first(_cues("psychotherapy_note", "open"), sentence.text) is not None:
            self._begin(number, Wall.PSYCHOTHERAPY_NOTE, after=len(sentence.text))
            return
        backward = _asked("backward", sentence.text)
        both = _asked("both", sentence.text)
        forward = _asked("forward", sentence.text)
        if backward is not None or both is not None:
            self._hold_before(number, whole_turn_before=both is None)
            self._hold(number, Wall.OFF_RECORD)
        if both is not None or (forward is not None and backward is None):
            self._begin(number, Wall.OFF_RECORD, after=max(end for end in (both, forward) if end is not None))

    def _begin(self, number: int, wall: Wall, *, after: int) -> None:
        """``after``: where in the sentence the cue ends; it may be closed in the same sentence."""
        self._hold(number, wall)
        self._open = _Open(wall, self.sentences[number].segment)
        if wall is Wall.OFF_RECORD:
            self._close_if_said(number, wall, after)

    def _go_on(self, number: int, open_: _Open) -> None:
        self._hold(number, open_.wall)
        text = self.sentences[number].text
        if open_.wall is Wall.OFF_RECORD and any(_asked(way, text) is not None for way in ("forward", "both")):
            open_.segment = self.sentences[number].segment  # asked for again: the bound counts from here
        self._close_if_said(number, open_.wall, 0)

    def _close_if_said(self, number: int, wall: Wall, after: int) -> None:
        sentence = self.sentences[number]
        end = _closing(wall, sentence.text, after)
        if end is None:
            return
        self._open = None
        held = self._held[number]
        rest = sentence.text[end:]
        cut = sentence.start + end + len(rest) - len(rest.lstrip(" ,.;:!?-–"))
        self._held[number] = Stretch(held.segment, held.start, min(cut, held.end), wall)

    def _hold(self, number: int, wall: Wall) -> None:
        sentence = self.sentences[number]
        self._held.setdefault(number, Stretch(sentence.segment, sentence.start, sentence.end, wall))

    def _hold_before(self, number: int, *, whole_turn_before: bool) -> None:
        """What the speaker said before in this turn; when there is nothing, back to their turn before, and with it."""
        here = self.sentences[number].segment
        first = self._speakers_turn_before(here) if whole_turn_before and self._begins_turn(number) else here
        for earlier in range(number - 1, -1, -1):
            if self.sentences[earlier].segment < first:
                break
            self._hold(earlier, Wall.OFF_RECORD)

    def _begins_turn(self, number: int) -> bool:
        return number == 0 or self.sentences[number - 1].segment != self.sentences[number].segment

    def _speakers_turn_before(self, segment: int) -> int:
        """The clinician's "I will leave that out" answers the client's turn; without known speakers one turn back."""
        speaker = self._segments[segment].speaker
        if speaker is Speaker.CLIENT:
            back = (i for i in range(segment - 1, -1, -1) if self._segments[i].speaker is speaker)
            return next(back, segment)
        return max(segment - 1, 0)

    def _is_too_far(self, sentence: _Sentence) -> bool:
        """Whether the bound is passed.  A psychotherapy note has none."""
        assert self._open is not None
        if self._open.wall is Wall.PSYCHOTHERAPY_NOTE:
            return False
        opened, here = self._segments[self._open.segment], self._segments[sentence.segment]
        bound = _rules()["bound"]
        if opened.end_s > 0:
            return here.start_s - opened.end_s > float(bound["seconds"])
        return sentence.segment - self._open.segment > int(bound["turns"])


_HABITUAL = re.compile(r"(?:don't|do not|never)\s(?!want)", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?\n]+[\"”')\]]*\s*|$)")


def _sentences(segment: int, text: str) -> Iterator[_Sentence]:
    for match in _SENTENCE.finditer(text):
        if match.group().strip():
            yield _Sentence(segment, match.start(), match.end(), match.group().replace("’", "'"))


def _asked(way: str, text: str) -> int | None:
    """Where in the sentence a request of this way ends; None when there is none that is meant."""
    for cue in _cues("off_record", way):
        for match in cue.finditer(text):
            if not _is_exempt(way, match, text):
                return match.end()
    return None


def _is_exempt(way: str, match: re.Match[str], text: str) -> bool:
    """Negated, told of others, of the past, or meant otherwise."""
    exemptions = ["unless_before"] if way == "forward" else ["unless_before", "negates_request"]
    if _HABITUAL.match(match.group()):
        exemptions.append("habit")
    before, behind = text[: match.start()].rstrip(), text[match.end() :]
    return _any(_cues("off_record", "unless_after"), behind) or any(
        _any(_cues("off_record", name), before) for name in exemptions
    )


def _closing(wall: Wall, text: str, after: int) -> int | None:
    """Where in the sentence the wall ends, looking behind ``after``."""
    not_yet = _cues("off_record", "not_yet") if wall is Wall.OFF_RECORD else ()
    for cue in _cues(wall.value, "close"):
        for match in cue.finditer(text, after):
            if not _any(not_yet, text[after : match.start()]):
                return match.end()
    return None


def _first(cues: Iterable[re.Pattern[str]], text: str) -> re.Match[str] | None:
    return next((match for cue in cues if (match := cue.search(text))), None)


def _any(cues: Iterable[re.Pattern[str]], text: str) -> bool:
    return _first(cues, text) is not None


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    text = (files("therapyflows.governance.consent") / "walls.yaml").read_text("utf-8")
    rules: dict[str, Any] = yaml.safe_load(text)
    return {**rules, "chart_types": frozenset(rules["chart_types"])}


@lru_cache(maxsize=16)
def _cues(wall: str, name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_spelled_out(cue).replace(" ", r"\s"), re.IGNORECASE) for cue in _rules()[wall][name])


def _spelled_out(cue: str) -> str:
    for name, words in _rules()["words"].items():
        cue = cue.replace(f"{{{name}}}", words)
    return cue


@lru_cache(maxsize=1)
def _excluded() -> dict[str, re.Pattern[str]]:
    found = _rules()["excluded_from_psychotherapy_notes"]
    return {what: re.compile(words, re.IGNORECASE) for what, words in found.items()}
