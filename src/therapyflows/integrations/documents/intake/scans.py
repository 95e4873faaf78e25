"""A scanned or photographed page as the core's page, and the straightened image that its boxes belong to."""

import cv2
import numpy as np

from therapyflows.core.intake.model import Method
from therapyflows.core.intake.page import Page, Word
from therapyflows.integrations.documents.intake.ink import Gray, even_light, find_ink, find_strokes, without
from therapyflows.integrations.documents.intake.ocr import is_upside_down, read_words
from therapyflows.integrations.documents.intake.straighten import cut_out_sheet, deskew, lies_on_its_side

PAGE_WIDTH = 612.0
READ_WIDTH = 1700
"""Pixels: 200 dpi for a page of 8.5 inches."""


def read_scan(gray: Gray, number: int, *, photo: bool) -> tuple[Page, Gray]:
    """Words and ink of one page.  ``photo`` looks for a sheet in surroundings, and for one that is turned."""
    straight = _straightened(gray, photo)
    scale = straight.shape[1] / PAGE_WIDTH
    even = even_light(straight)
    ink = find_ink(even, scale)
    marks = ink.marks
    words = read_words(without(even, (mark.at for mark in marks), scale, grow=0.6), scale)
    drawn = [rule.at for rule in ink.rules] + [mark.at for mark in marks] + [word.at for word in words] + list(ink.bars)
    strokes = find_strokes(without(even, (*drawn, *(ring.at for ring in ink.rings)), scale, grow=1.2), scale)
    page = Page(
        number=number,
        width=PAGE_WIDTH,
        height=straight.shape[0] / scale,
        method=Method.OCR,
        words=tuple(word for word in words if not _is_line_debris(word)),
        marks=marks,
        rules=ink.rules,
        strokes=(*ink.rings, *strokes),
    )
    return page, straight


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
    gray = deskew(gray)
    if photo and is_upside_down(gray):
        gray = np.ascontiguousarray(np.rot90(gray, 2))
    return gray
