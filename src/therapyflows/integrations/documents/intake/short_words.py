"""Single letters and digits that the search for lines of text passes over: "Y / N", ringed numbers, a typed 1.

They are found as ink that no word, line or box accounts for, of the size of a letter, and recognized one by one.
"""

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np

from therapyflows.core.intake.page import Rect, Word
from therapyflows.integrations.documents.intake.ink import Gray, dark_ink, without
from therapyflows.integrations.documents.intake.ocr import read_piece

LETTER = (4.5, 10.5)
"""Smallest and largest height of a letter, in points."""
NARROWEST, WIDEST = 1.8, 11.0
"""Points: what is narrower than the first is a stroke or a tick of a line and could be any of ``1 I l |``."""
PEN = 14.0
"""Points: something taller, or twice as wide, is drawn by hand; pieces beside it belong to it."""
APART = 4.0
"""Points of white to the nearest word: what is closer is a piece of that word, or of a ring around it."""
LETTERS = 3
"""The most letters of a word that is looked for here: longer ones are found as lines."""
MOST_ON_A_PAGE = 80
"""Pieces that are looked at: a page with more of them is dirt, not writing, and would be looked at for minutes."""
SURE = 0.85
CROSSES = frozenset("xXvV✓√+")
"""A letter that may be a cross or a tick stays a stroke."""


def read_short_words(
    gray: Gray, words: Sequence[Rect], drawn: Iterable[Rect], rings: Sequence[Rect], scale: float
) -> tuple[Word, ...]:
    """Words apart from the known ones and from what is drawn, also in rings; none that the recognizer doubts.

    ``scale`` is pixels per point.
    """
    pieces = [piece for piece in _pieces(gray, (*words, *drawn), rings, scale) if _stands_apart(piece[0], words)]
    if len(pieces) > MOST_ON_A_PAGE:
        return ()
    return tuple(word for at, image in pieces if (word := _word(at, image)) is not None)


def _word(at: Rect, image: Gray) -> Word | None:
    text, score = read_piece(image)
    believed = _believed(text, score, at)
    if not believed or (believed == "1" and _is_slash(image)):
        return None
    return Word(believed, at, round(score, 3))


def _believed(text: str, score: float, at: Rect) -> str:
    text = text.strip(" .,_-|'")
    if score < SURE or not text.isascii() or not text.isalnum() or len(text) > LETTERS or text in CROSSES:
        return ""
    if text in {"O", "o", "0"}:
        return "0" if at.width < 0.8 * at.height else ""  # a round one is a button
    return "1" if text in {"l", "I"} else text  # with a foot or a flag, or it would be narrower


def _stands_apart(at: Rect, words: Iterable[Rect]) -> bool:
    wide = Rect(at.left - APART, at.top, at.right + APART, at.bottom)
    return not any(wide.touches(word) for word in words)


def _is_slash(image: Gray) -> bool:
    """Whether the ink goes evenly from the lower left to the upper right."""
    middles = [float(np.flatnonzero(row).mean()) for row in dark_ink(image) if row.any()]
    if len(middles) < 4:
        return False
    quarter = len(middles) // 4
    top, upper, lower, bottom = (np.mean(middles[part * quarter : (part + 1) * quarter]) for part in range(4))
    return bool(top > upper + 0.3 > lower + 0.6 > bottom + 0.9)


def _pieces(gray: Gray, known: Iterable[Rect], rings: Sequence[Rect], scale: float) -> list[tuple[Rect, Gray]]:
    """Places and images of what may be a short word, everything around it painted white."""
    dark = dark_ink(without(gray, known, scale, grow=0.5))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    letters, drawn = [], []
    for number in range(1, count):
        left, top, width, height, _ = (float(value) / scale for value in stats[number])
        at = Rect(left, top, left + width, top + height)
        if LETTER[0] <= height <= LETTER[1] and width <= WIDEST:
            letters.append((at, number))
        elif (height > PEN or width > 2 * PEN) and not any(_same(at, ring) for ring in rings):
            drawn.append(at)
    found: list[tuple[Rect, Gray]] = []
    if len(letters) > LETTERS * MOST_ON_A_PAGE:
        return found
    for group in (group for group in _beside_one_another(letters) if len(group) <= LETTERS):
        at = group[0][0].joined(group[-1][0])
        if at.width >= NARROWEST and not any(at.touches(pen, 4.0) for pen in drawn):
            found.append((at, _image(gray, labels, [number for _, number in group], at, scale)))
    return found


def _same(at: Rect, ring: Rect) -> bool:
    return at.touches(ring) and abs(at.width - ring.width) < 4 and abs(at.height - ring.height) < 4


def _beside_one_another(letters: list[tuple[Rect, int]]) -> Iterator[list[tuple[Rect, int]]]:
    """Letters of one word, left to right."""
    groups: list[list[tuple[Rect, int]]] = []
    for at, number in sorted(letters, key=lambda letter: letter[0].left):
        for group in groups:
            last = group[-1][0]
            if at.left - last.right < 3.0 and abs(at.bottom - last.bottom) < 2.5:
                group.append((at, number))
                break
        else:
            groups.append([(at, number)])
    yield from groups


def _image(gray: Gray, labels: np.ndarray, own: Sequence[int], at: Rect, scale: float) -> Gray:
    """The letters alone on white, with room around them."""
    room = round(2.5 * scale)
    left, top = round(at.left * scale), round(at.top * scale)
    right, bottom = round(at.right * scale), round(at.bottom * scale)
    mine = np.isin(labels[top:bottom, left:right], own).astype(np.uint8)
    mine = np.asarray(cv2.dilate(mine, np.ones((3, 3), np.uint8)), np.uint8)
    alone = np.where(mine > 0, gray[top:bottom, left:right], 255).astype(np.uint8)
    return np.asarray(cv2.copyMakeBorder(alone, room, room, room, room, cv2.BORDER_CONSTANT, value=(255,)), np.uint8)
