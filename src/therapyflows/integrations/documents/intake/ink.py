"""What is drawn on the image of a page: lines, boxes to tick, rings and strokes of a pen.

Works on gray images (dark on light) at a known scale in pixels per point.  The same code looks at scans and at rendered
PDF pages, from which the words have been taken away before, because there are many ways to draw a box in a PDF.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from therapyflows.core.intake.page import Comb, Mark, Rect, Rule, Stroke

Gray = NDArray[np.uint8]

SHORTEST_LINE = (22.0, 14.0)
"""Points, horizontal and vertical: longer than the strokes of any letter of running text."""
BOX = (5.5, 17.0)
"""Smallest and largest side of a box to tick, in points."""
CELL = 27.0
"""Largest side of a cell for one letter, in points."""
SOLID = 7.0
"""Points: a smaller solid square is a bullet, not a box filled to the rim."""
BUTTON = (7.0, 17.0)
"""Smallest and largest diameter of a radio button: larger than an O of running text."""
TALLEST_RING = 180.0
"""Points, with those of the lines above and below that it runs into."""
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
    combs: tuple[Comb, ...] = ()
    cells: tuple[Rect, ...] = ()
    """The cells of all combs."""


def even_light(gray: Gray) -> Gray:
    """The page with shadows taken out: paper white, ink dark."""
    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 31)
    paper = cv2.resize(paper, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(gray, paper, scale=255), np.uint8)


def find_ink(gray: Gray, scale: float, words: Iterable[Rect] = ()) -> Ink:
    """Lines, boxes and rings.  ``scale`` is pixels per point; ``words`` are places of text, where they are known."""
    known = list(words)
    rules, bars = _rules_and_bars(dark_ink(gray), scale)
    dark = _without_bars(dark_ink(without(gray, known, scale, grow=-0.8)), bars, scale)
    squares, combs = _combed(list(_squares(dark, scale)))
    cells = tuple(cell for comb in combs for cell in comb)
    marks = [mark for mark in squares if max(mark.at.width, mark.at.height) <= BOX[1] + 2]
    cores = (_core(at) for at in known)
    unruled = dark_ink(without(gray, [*cores, *(rule.at for rule in rules), *bars], scale))
    round_marks, rings = _rounds(unruled, scale, [*(mark.at for mark in marks), *cells])
    around = [mark for mark in round_marks if any(mark.at.holds(*word.center) for word in known)]
    rings.extend(Stroke(mark.at, ring=True) for mark in around)
    return Ink(
        tuple(rule for rule in rules if not any(cell.touches(rule.at, -0.5) for cell in cells)),
        (*marks, *(mark for mark in round_marks if mark not in around)),
        tuple(rings),
        bars,
        tuple(_comb(comb) for comb in combs),
        cells,
    )


def _core(word: Rect) -> Rect:
    """A word without the room for what it does not have: a tight ring runs through that."""
    margin = 0.18 * word.height
    return Rect(word.left, word.top + margin, word.right, word.bottom - margin)


def _combed(squares: list[Mark]) -> tuple[list[Mark], list[list[Rect]]]:
    """Boxes that stand alone, and rows of cells that share their edges."""
    alone: list[Mark] = []
    combs: list[list[Rect]] = []
    for chain in _chains(squares):
        if len(chain) > 1:
            combs.append([mark.at for mark in chain])
        else:
            alone.extend(chain)
    return alone, combs


def _chains(squares: list[Mark]) -> list[list[Mark]]:
    chains: list[list[Mark]] = []
    for mark in sorted(squares, key=lambda m: m.at.left):
        for chain in chains:
            last = chain[-1].at
            apart = mark.at.left - last.left
            level = abs(mark.at.top - last.top) < 2 and abs(mark.at.height - last.height) < 2.5
            touching = 0.6 * last.width < apart < last.width + 0.5
            one_missing = len(chain) > 2 and apart < 2 * last.width + 1
            if level and (touching or one_missing):
                chain.append(mark)
                break
        else:
            chains.append([mark])
    return chains


def _comb(cells: Sequence[Rect]) -> Comb:
    steps = [after.left - before.left for before, after in pairwise(cells)]
    whole = cells[0].joined(cells[-1])
    return Comb(whole, sorted(steps)[len(steps) // 2])


def without_edges(gray: Gray, cells: Iterable[Rect], scale: float) -> Gray:
    """A copy of the image without the outlines of those cells; what stands in them stays."""
    cleared = gray.copy()
    for at in cells:
        corners = [(round(x * scale), round(y * scale)) for x, y in ((at.left, at.top), (at.right, at.bottom))]
        cv2.rectangle(cleared, corners[0], corners[1], (255,), max(2, round(2.6 * scale)))
    return cleared


def without(gray: Gray, places: Iterable[Rect], scale: float, grow: float = 0.0) -> Gray:
    """A copy of the image with those places (in points) painted white."""
    cleared = gray.copy()
    for at in places:
        left, top = (max(0, round((value - grow) * scale)) for value in (at.left, at.top))
        right, bottom = (max(0, round((value + grow) * scale)) for value in (at.right, at.bottom))
        cleared[top : bottom + 1, left : right + 1] = 255
    return cleared


def as_dark_on_light(gray: Gray, bars: Iterable[Rect], scale: float) -> Gray:
    """A copy of the image with the white letters on those dark bars as dark letters on white."""
    turned = gray.copy()
    for at in bars:
        left, top, right, bottom = (round(value * scale) for value in (at.left, at.top, at.right, at.bottom))
        turned[top:bottom, left:right] = 255 - turned[top:bottom, left:right]
        cv2.rectangle(turned, (left, top), (right, bottom), (255,), 3)
    return turned


def find_strokes(gray: Gray, scale: float) -> tuple[Stroke, ...]:
    """What is left when words, lines and boxes are painted over: crosses, ticks, signatures."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(dark_ink(gray), connectivity=8)
    found = []
    for left, top, width, height, area in stats[1:count]:
        if max(width, height) >= 5 * scale and min(width, height) >= 2.5 * scale and area >= 6 * scale:
            found.append(Stroke(_points(left, top, width, height, scale)))
    return tuple(found)


def dark_ink(gray: Gray) -> Gray:
    """The ink of the page: 255 where it is dark, else 0."""
    return np.asarray(cv2.threshold(gray, 150, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


def _points(left: float, top: float, width: float, height: float, scale: float) -> Rect:
    return Rect(float(left / scale), float(top / scale), float((left + width) / scale), float((top + height) / scale))


def _opened(dark: Gray, width: float, height: float, scale: float) -> Gray:
    """What remains of the ink in strokes of at least that size."""
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(size, np.uint8)), np.uint8)


def _rules_and_bars(dark: Gray, scale: float) -> tuple[tuple[Rule, ...], tuple[Rect, ...]]:
    """Lines, but not the white between the letters of a dark bar."""
    bars = tuple(at for at in _bars(dark, scale))
    found = list(_rules(dark, _without_bars(dark, bars, scale), scale))
    return tuple(r for r in found if r.horizontal or not any(bar.holds(*r.at.center) for bar in bars)), bars


def _without_bars(dark: Gray, bars: Iterable[Rect], scale: float) -> Gray:
    """A bar is as high as a short vertical line: it would make one shape of all the lines that end at it.

    And the white letters on it would be taken for boxes.
    """
    kept = dark.copy()
    for at in bars:
        kept[round(at.top * scale) : round(at.bottom * scale), round(at.left * scale) : round(at.right * scale)] = 0
    return kept


def _bars(dark: Gray, scale: float) -> Iterator[Rect]:
    wide = _opened(dark, SHORTEST_LINE[0], 1.5, scale)
    count, _, stats, _ = cv2.connectedComponentsWithStats(wide, connectivity=8)
    for left, top, width, height, area in stats[1:count]:
        if 6 * scale <= height <= 40 * scale and width >= 50 * scale and area >= 0.35 * width * height:
            yield _points(left, top, width, height, scale)


def _rules(dark: Gray, without_bars: Gray, scale: float) -> Iterator[Rule]:
    thick = cv2.dilate(dark, np.ones((3, 1), np.uint8)), cv2.dilate(without_bars, np.ones((1, 3), np.uint8))
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
        if parent < 0 and max(width, height) <= BOX[1] * scale:
            solid = cv2.contourArea(contour) >= 0.85 * width * height and min(width, height) >= SOLID * scale
            if child < 0 and solid and _stands_alone(dark, left, top, width, height, scale):
                yield Mark(_points(left, top, width, height, scale), True, 0.9)
        if parent < 0:
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
    low, high = BOX[0] * scale * 0.85, CELL * scale
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
        if parent >= 0 or max(box[2:]) > TALLEST_RING * scale or min(box[2:]) < BUTTON[0] * scale:
            continue
        place = _points(box[0], box[1], box[2], box[3], scale)
        if any(square.touches(place) for square in squares):
            continue
        holes = [contours[c] for c in _holes(tree[0], child)]
        if not _is_round(contour, *box[2:]):
            rings.extend(_touching_rings(dark, holes, scale))
            continue
        if max(box[2:]) > 75 * scale:
            continue
        hole = max(holes, key=cv2.contourArea, default=None)
        if hole is not None and _goes_round_text(dark, hole):
            rings.append(Stroke(place, ring=True))
        elif _is_button(dark, box, scale):
            marks.append(_button(dark, contour, hole, place, scale))
        elif hole is not None and min(place.width, place.height) >= 9:
            rings.append(Stroke(place, ring=True))
    return marks, rings


def _touching_rings(dark: Gray, holes: Sequence[NDArray[Any]], scale: float) -> Iterator[Stroke]:
    """Rings on neighboring lines that run into one another: by what they go round."""
    boxes = [(hole, cv2.boundingRect(hole)) for hole in holes]
    inner = [box for hole, box in boxes if min(box[2:]) >= BUTTON[0] * scale and _is_round(hole, box[2], box[3])]
    if len(inner) > 1:
        yield from (Stroke(_points(left, top, w, h, scale), ring=True) for left, top, w, h in inner)


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
