"""A scanned or photographed page as the core's page, and the straightened image that its boxes belong to."""

from statistics import median

import cv2
import numpy as np

from therapyflows.core.intake.model import Method
from therapyflows.core.intake.page import Page, Word
from therapyflows.integrations.documents.intake.ink import (
    Gray,
    as_dark_on_light,
    even_light,
    find_ink,
    find_strokes,
    without,
    without_edges,
)
from therapyflows.integrations.documents.intake.ocr import read_words
from therapyflows.integrations.documents.intake.short_words import read_short_words
from therapyflows.integrations.documents.intake.straighten import cut_out_sheet, deskew, lies_on_its_side

PAGE_WIDTH = 612.0
READ_WIDTH = 1700
"""Pixels: 200 dpi for a page of 8.5 inches."""
UPRIGHT = 0.8
"""A page whose words are read with less confidence (the median) may stand on its head."""
EMPTY = 0.00002
"""Share of dark pixels: less than one short word has."""


def read_scan(gray: Gray, number: int, *, photo: bool) -> tuple[Page, Gray]:
    """Words and ink of one page, upright.  ``photo`` looks for a sheet in surroundings."""
    straight = _straightened(gray, photo)
    page = _seen(straight, number)
    if _makes_no_sense(page):
        turned = np.ascontiguousarray(np.rot90(straight, 2))
        other = _seen(turned, number)
        if _sense(other) > _sense(page):
            return other, turned
    return page, straight


def _sense(page: Page) -> float:
    """How sure the recognizer is of the words: about 0.99 of print, 0.65 of lines that stand on their head."""
    return median(word.confidence for word in page.words) if page.words else 0.0


def _makes_no_sense(page: Page) -> bool:
    return bool(page.words) and _sense(page) < UPRIGHT


def _seen(straight: Gray, number: int) -> Page:
    scale = straight.shape[1] / PAGE_WIDTH
    even = even_light(straight)
    ink = find_ink(even, scale)
    marks = ink.marks
    cleared = without_edges(without(even, (mark.at for mark in marks), scale, grow=0.6), ink.cells, scale)
    cleared = as_dark_on_light(cleared, ink.bars, scale)
    words = read_words(cleared, scale) if _is_written(even) else ()
    drawn = [*(rule.at for rule in ink.rules), *(mark.at for mark in marks), *ink.bars, *ink.cells]
    rings = [ring.at for ring in ink.rings]
    if words:
        words += read_short_words(cleared, [word.at for word in words], drawn, rings, scale)
    known = (*drawn, *rings, *(word.at for word in words))
    strokes = find_strokes(without(even, known, scale, grow=1.2), scale)
    return Page(
        number=number,
        width=PAGE_WIDTH,
        height=straight.shape[0] / scale,
        method=Method.OCR,
        words=tuple(word for word in words if not _is_line_debris(word)),
        marks=marks,
        rules=ink.rules,
        strokes=(*ink.rings, *strokes),
        combs=ink.combs,
    )


def _is_written(even: Gray) -> bool:
    """Whether there is ink for a word: the empty back of a sheet is not looked at any longer."""
    return float(np.mean(even < 128)) > EMPTY


def _is_line_debris(word: Word) -> bool:
    """What the recognizer makes of a drawn line."""
    return not word.text.strip("_-—–|.·~=")


def _straightened(gray: Gray, photo: bool) -> Gray:
    if photo:
        gray = cut_out_sheet(gray)
    if lies_on_its_side(gray):
        gray = np.ascontiguousarray(np.rot90(gray))
    resize = READ_WIDTH / gray.shape[1]
    if not 0.97 <= resize <= 1.03:
        how = cv2.INTER_AREA if resize < 1 else cv2.INTER_CUBIC
        gray = np.asarray(cv2.resize(gray, None, fx=resize, fy=resize, interpolation=how), np.uint8)
    return deskew(gray)
