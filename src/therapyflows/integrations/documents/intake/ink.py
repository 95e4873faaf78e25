"""What is drawn on the image of a page: lines, boxes to tick, rings and strokes of a pen.

Works on gray images (dark on light) at a known scale in pixels per point.  The same code looks at scans and at rendered
PDF pages, from which the words have been taken away before, because there are many ways to draw a box in a PDF.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from therapyflows.core.intake.page import Mark, Rect, Rule, Stroke

Gray = NDArray[np.uint8]

SHORTEST_LINE = (22.0, 14.0)
"""Points, horizontal and vertical: longer than the strokes of any letter of running text."""
BOX = (5.5, 17.0)
"""Smallest and largest side of a box to tick, in points."""
SOLID = 7.0
"""Points: a smaller solid square is a bullet, not a box filled to the rim."""
BUTTON = (7.0, 17.0)
"""Smallest and largest diameter of a radio button: larger than an O of running text."""
BUTTON_ALONE = 2.1
"""Points of white beside a radio button: more than between the letters of a typewriter."""
TICKED, EMPTY = 0.075, 0.03
"""Share of dark pixels inside a box: from the first on it is ticked, up to the second it is empty."""


@dataclass(frozen=True, slots=True)
class Ink:
    rules: tuple[Rule, ...]
    marks: tuple[Mark, ...]
    rings: tuple[Stroke, ...]
    bars: tuple[Rect, ...] = ()
    """Dark bars, such as headings in white stand on."""


def even_light(gray: Gray) -> Gray:
    """The page with shadows taken out: paper white, ink dark."""
    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 31)
    paper = cv2.resize(paper, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(gray, paper, scale=255), np.uint8)


def find_ink(gray: Gray, scale: float, words: Iterable[Rect] = ()) -> Ink:
    """Lines, boxes and rings.  ``scale`` is pixels per point; ``words`` are places of text, where they are known."""
    known = list(words)
    rules, bars = _rules_and_bars(_dark(gray), scale)
    dark = _dark(without(gray, known, scale, grow=-0.8))
    marks = [*_squares(dark, scale)]
    unruled = _dark(without(gray, [*known, *(rule.at for rule in rules)], scale))
    round_marks, rings = _rounds(unruled, scale, [mark.at for mark in marks])
    around = [mark for mark in round_marks if any(mark.at.holds(*word.center) for word in known)]
    rings.extend(Stroke(mark.at, ring=True) for mark in around)
    return Ink(rules, (*marks, *(mark for mark in round_marks if mark not in around)), tuple(rings), bars)


def without(gray: Gray, places: Iterable[Rect], scale: float, grow: float = 0.0) -> Gray:
    """A copy of the image with those places (in points) painted white."""
    cleared = gray.copy()
    for at in places:
        left, top = (max(0, round((value - grow) * scale)) for value in (at.left, at.top))
        right, bottom = (max(0, round((value + grow) * scale)) for value in (at.right, at.bottom))
        cleared[top : bottom + 1, left : right + 1] = 255
    return cleared


def find_strokes(gray: Gray, scale: float) -> tuple[Stroke, ...]:
    """What is left when words, lines and boxes are painted over: crosses, ticks, signatures."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(_dark(gray), connectivity=8)
    found = []
    for left, top, width, height, area in stats[1:count]:
        if max(width, height) >= 5 * scale and min(width, height) >= 2.5 * scale and area >= 6 * scale:
            found.append(Stroke(_points(left, top, width, height, scale)))
    return tuple(found)


def _dark(gray: Gray) -> Gray:
    return np.asarray(cv2.threshold(gray, 150, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


def _points(left: float, top: float, width: float, height: float, scale: float) -> Rect:
    return Rect(float(left / scale), float(top / scale), float((left + width) / scale), float((top + height) / scale))


def _opened(dark: Gray, width: float, height: float, scale: float) -> Gray:
    """What remains of the ink in strokes of at least that size."""
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(size, np.uint8)), np.uint8)


def _rules_and_bars(dark: Gray, scale: float) -> tuple[tuple[Rule, ...], tuple[Rect, ...]]:
    """Lines, but not the white between the letters of a dark bar."""
    found = list(_rules(dark, scale))
    bars = tuple(at for at in _bars(dark, scale))
    return tuple(r for r in found if r.horizontal or not any(bar.holds(*r.at.center) for bar in bars)), bars


def _bars(dark: Gray, scale: float) -> Iterator[Rect]:
    wide = _opened(dark, SHORTEST_LINE[0], 1.5, scale)
    count, _, stats, _ = cv2.connectedComponentsWithStats(wide, connectivity=8)
    for left, top, width, height, area in stats[1:count]:
        if 6 * scale <= height <= 40 * scale and width >= 50 * scale and area >= 0.35 * width * height:
            yield _points(left, top, width, height, scale)


def _rules(dark: Gray, scale: float) -> Iterator[Rule]:
    thick = cv2.dilate(dark, np.ones((3, 1), np.uint8)), cv2.dilate(dark, np.ones((1, 3), np.uint8))
    lines = (
        _opened(np.asarray(thick[0], np.uint8), SHORTEST_LINE[0], 0, scale),
        _opened(np.asarray(thick[1], np.uint8), 0, SHORTEST_LINE[1], scale),
    )
    for horizontal, found in zip((True, False), lines, strict=True):
        count, _, stats, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
        for left, top, width, height, _ in stats[1:count]:
            thickness = (height if horizontal else width) / scale
            if thickness <= 5:
                yield Rule(_points(left, top, width, height, scale))
            elif horizontal and thickness <= 40:  # a bar behind a heading: its edges separate
                yield Rule(_points(left, top, width, 1, scale))
                yield Rule(_points(left, top + height - 1, width, 1, scale))


def _squares(dark: Gray, scale: float) -> Iterator[Mark]:
    """Closed squares of the size of a tick box.  Strokes across them fall away before the corners are looked for."""
    edges = _opened(dark, 4.2, 0, scale) | _opened(dark, 0, 4.2, scale)
    edges = np.asarray(cv2.dilate(edges, np.ones((2, 2), np.uint8)), np.uint8)
    contours, tree = cv2.findContours(edges, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    for contour, (_, _, child, parent) in zip(contours, tree[0] if tree is not None else (), strict=True):
        left, top, width, height = cv2.boundingRect(contour)
        if not _box_sized(width, height, scale, 0.75):
            continue
        if parent < 0:
            solid = cv2.contourArea(contour) >= 0.85 * width * height and min(width, height) >= SOLID * scale
            if child < 0 and solid and _stands_alone(dark, left, top, width, height, scale):
                yield Mark(_points(left, top, width, height, scale), True, 0.9)
            continue
        framed = cv2.contourArea(contour) >= 0.7 * width * height or _fills(contours[parent], width, height, scale)
        if framed and _stands_alone(dark, left, top, width, height, scale):
            yield _mark(dark, (left, top, width, height), scale, inset=0.14)


def _fills(outline: NDArray[Any], width: int, height: int, scale: float) -> bool:
    """Whether a square outline lies close around a hollow that something nearly fills."""
    _, _, across, down = cv2.boundingRect(outline)
    close = max(across - width, down - height) <= 3.5 * scale
    return bool(close and cv2.contourArea(outline) >= 0.85 * across * down)


def _box_sized(width: float, height: float, scale: float, slender: float) -> bool:
    low, high = BOX[0] * scale * 0.85, BOX[1] * scale
    return low <= width <= high and low <= height <= high and slender <= width / height <= 1 / slender


def _stands_alone(dark: Gray, left: int, top: int, width: int, height: int, scale: float, clear: float = 0.8) -> bool:
    """Whether there is white left and right of the outline, as there is not within a word or a table."""
    edge, wide = (round(1.6 * scale), max(1, round(clear * scale))) if clear < 1 else (1, round(clear * scale))
    middle = dark[top + height // 4 : top + height - height // 4]
    sides = (middle[:, max(0, left - edge - wide) : max(1, left - edge)], middle[:, left + width + edge :][:, :wide])
    return all(side.size == 0 or float(np.mean(side > 0)) < (0.35 if clear < 1 else 0.04) for side in sides)


def _mark(dark: Gray, hollow: Sequence[int], scale: float, inset: float) -> Mark:
    """``hollow`` is the inside of the outline: left, top, width, height."""
    left, top, width, height = hollow
    across, down = max(1, round(width * inset)), max(1, round(height * inset))
    inside = dark[top + down : top + height - down, left + across : left + width - across]
    share = float(np.mean(inside > 0)) if inside.size else 0.0
    checked = True if share >= TICKED else False if share <= EMPTY else None
    distance = min(abs(share - TICKED), abs(share - EMPTY))
    outline = round(1.0 * scale)
    at = _points(left - outline, top - outline, width + 2 * outline, height + 2 * outline, scale)
    return Mark(at, checked, confidence=round(min(0.99, 0.8 + 8 * distance), 3))


def _rounds(dark: Gray, scale: float, squares: list[Rect]) -> tuple[list[Mark], list[Stroke]]:
    """Radio buttons, and rings drawn around a number or a word."""
    marks: list[Mark] = []
    rings: list[Stroke] = []
    whole = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
    contours, tree = cv2.findContours(whole, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for at, contour in enumerate(contours):
        _, _, child, parent = tree[0][at]
        box = cv2.boundingRect(contour)
        if parent >= 0 or max(box[2:]) > 75 * scale or min(box[2:]) < BUTTON[0] * scale:
            continue
        place = _points(box[0], box[1], box[2], box[3], scale)
        if any(square.touches(place) for square in squares) or not _is_round(contour, *box[2:]):
            continue
        hole = max((contours[c] for c in _holes(tree[0], child)), key=cv2.contourArea, default=None)
        if hole is not None and _goes_round_text(dark, hole):
            rings.append(Stroke(place, ring=True))
        elif _is_button(dark, box, scale):
            marks.append(_button(dark, contour, hole, place, scale))
        elif hole is not None and min(place.width, place.height) >= 9:
            rings.append(Stroke(place, ring=True))
    return marks, rings


def _is_button(dark: Gray, box: Sequence[int], scale: float) -> bool:
    """Whether it has a radio button's size and shape, and stands farther from its neighbors than letters do."""
    left, top, width, height = box
    sized = max(width, height) <= BUTTON[1] * scale and 0.92 <= width / height <= 1 / 0.92
    return sized and _stands_alone(dark, left, top, width, height, scale, clear=BUTTON_ALONE)


def _button(dark: Gray, contour: NDArray[Any], hole: NDArray[Any] | None, place: Rect, scale: float) -> Mark:
    if hole is None or cv2.contourArea(hole) < 0.45 * cv2.contourArea(contour):
        return Mark(place, True, 0.9)  # filled to the rim
    return _mark(dark, cv2.boundingRect(hole), scale, inset=0.2)


def _holes(tree: NDArray[Any], child: int) -> Iterator[int]:
    while child >= 0:
        yield child
        child = int(tree[child][0])


def _is_round(contour: NDArray[Any], width: int, height: int) -> bool:
    """Whether the outline is an ellipse: it fills pi/4 of its box, and its hull as well."""
    area, hull = cv2.contourArea(contour), cv2.contourArea(cv2.convexHull(contour))
    return 0.66 <= area / (width * height) <= 0.88 and area >= 0.93 * hull


def _goes_round_text(dark: Gray, hole: NDArray[Any]) -> bool:
    """Whether what stands in the ring looks like a character: slender, or small and with white in it."""
    left, top, width, height = cv2.boundingRect(hole)
    inner = np.zeros((height, width), np.uint8)
    cv2.drawContours(inner, [hole - np.array([left, top])], -1, 255, -1)
    rim = max(3, round(0.2 * min(width, height)))
    kernel = np.ones((rim, rim), np.uint8)
    inner = np.asarray(cv2.erode(inner, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(0,)), np.uint8)
    inside = np.where(inner > 0, dark[top : top + height, left : left + width], 0).astype(np.uint8)
    if float(np.mean(inside > 0)) < 0.02:
        return False
    _, _, across, down = cv2.boundingRect(inside)
    slender = across / max(1, down)
    full = float(np.count_nonzero(inside)) / max(1, across * down)
    return slender < 0.8 or slender > 1.3 or (down < 0.55 * height and full < 0.62)
