"""What changed between two texts, word by word, for people to read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

COMPARED_AT_MOST = 4_000_000
"""Pairs of words that are compared: 2,000 words with as many.  The work grows with the pairs and not faster."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words that both texts have, that only the first has, or that only the second has.

    A blank belongs between two pieces.
    """

    kind: Literal["same", "gone", "new"]
    text: str


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces in reading order: without the new ones they read as ``before``, without the gone ones as ``after``.

    Where more was exchanged than is compared, it is one piece that is gone and one that is new.
    """
    old, new = before.split(), after.split()
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    runs = [("same", new[:head]), *_runs(old[head:old_end], new[head:new_end]), ("same", new[new_end:])]
    return tuple(_pieces(runs))


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words the two begin with alike."""
    pairs = zip(old, new, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))


_Run = tuple[Literal["same", "gone", "new"], Sequence[str]]


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[_Run]:
    if len(old) * len(new) > COMPARED_AT_MOST:
        yield from (("gone", old), ("new", new))
        return
    numbers = {word: number for number, word in enumerate(dict.fromkeys((*old, *new)))}
    for block in Indel.opcodes([numbers[word] for word in old], [numbers[word] for word in new]):
        if block.tag == "equal":
            yield "same", new[block.dest_start : block.dest_end]
        else:
            yield "gone", old[block.src_start : block.src_end]
            yield "new", new[block.dest_start : block.dest_end]


def _pieces(runs: Sequence[_Run]) -> Iterator[Piece]:
    """Runs of one kind as one piece; between two that are the same, what is gone before what is new."""
    words: dict[str, list[str]] = {"same": [], "gone": [], "new": []}

    def told(*kinds: Literal["same", "gone", "new"]) -> Iterator[Piece]:
        for kind in kinds:
            if words[kind]:
                yield Piece(kind, " ".join(words[kind]))
                words[kind] = []

    for kind, run in runs:
        if run:
            yield from told("gone", "new") if kind == "same" else told("same")
            words[kind] += run
    yield from told("same", "gone", "new")
