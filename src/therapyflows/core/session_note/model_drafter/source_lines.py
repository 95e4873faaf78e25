"""A transcript as lines for a prompt, cut into stretches that fit a model.

A line is ``s12 | client | words``.  Line breaks inside the words are taken out, so that nobody can speak a line of the
prompt; the block is fenced by a mark that the speakers cannot know.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence

from therapyflows.core.session_note.model import Transcript
from therapyflows.governance.evidence.model import Segment

_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")


def as_line(segment: Segment, text: str | None = None) -> str:
    """The segment, or a part of it, as a line."""
    return f"{segment.id} | {segment.speaker.value} | {one_line(segment.text if text is None else text)}"


def one_line(text: str) -> str:
    """The text without line breaks and doubled white space."""
    return " ".join(text.split())


def fence_of(source: str) -> str:
    """A mark that depends on everything inside the fence."""
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:12]


def transcript_lines(transcript: Transcript) -> list[str]:
    """Every segment that holds words, as a line."""
    return [as_line(segment) for segment in transcript.segments if segment.text.strip()]


def stretches(transcript: Transcript, budget: int, count: Callable[[str], int]) -> list[list[str]]:
    """Lines in stretches of at most ``budget`` tokens, cut between turns.

    A turn that is longer than a stretch (a dictation) is cut between sentences or words; each part keeps its id.
    """
    cut: list[list[str]] = []
    used = 0
    for line in _fitting_lines(transcript.segments, budget, count):
        cost = count(line) + 1
        if not cut or used + cost > budget:
            cut.append([])
            used = 0
        cut[-1].append(line)
        used += cost
    return cut


def _fitting_lines(segments: Sequence[Segment], budget: int, count: Callable[[str], int]) -> Iterable[str]:
    for segment in segments:
        if not segment.text.strip():
            continue
        line = as_line(segment)
        if count(line) < budget:
            yield line
            continue
        room = budget - count(as_line(segment, "")) - 2
        for part in _parts(segment.text, room, count):
            yield as_line(segment, part)


def _parts(text: str, budget: int, count: Callable[[str], int]) -> Iterable[str]:
    """The text in parts of at most ``budget`` tokens: sentences joined while they fit, words when one does not."""
    part = ""
    for piece in _pieces(text, budget, count):
        joined = f"{part} {piece}".strip()
        if part and count(joined) > budget:
            yield part
            joined = piece
        part = joined
    if part:
        yield part


def _pieces(text: str, budget: int, count: Callable[[str], int]) -> Iterable[str]:
    for sentence in _SENTENCE_END.split(one_line(text)):
        if count(sentence) <= budget:
            yield sentence
        else:
            yield from sentence.split(" ")
