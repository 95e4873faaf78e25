"""PDF files: what stands in the text layer, what a fillable form holds, and the image of each page.

pdfium (through pypdfium2) draws and reads text; pypdf reads form fields.  No script in a PDF is ever run: pdfium comes
without a script engine, and pypdf has none; that one is there is noted.
"""

import ctypes
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from therapyflows.core.intake.model import Method
from therapyflows.core.intake.page import Mark, Page, Rect, Word
from therapyflows.integrations.documents.intake.acroform import Forms, Widgets, read_forms
from therapyflows.integrations.documents.intake.errors import (
    MAX_PAGES,
    MAX_PIXELS,
    damaged,
    needs_password,
    too_many_pages,
    too_many_pixels,
)
from therapyflows.integrations.documents.intake.ink import Gray, find_ink, find_strokes, without
from therapyflows.integrations.documents.intake.scans import read_scan

DPI = 200
FEWEST_LETTERS = 25
"""A page with fewer letters in its text layer is read as an image."""
LARGEST_SIDE = 2000
"""Points: 28 inches."""
_SYMBOL_FONTS = ("wingding", "dingbat", "symbol", "webding")


@dataclass(frozen=True, slots=True)
class Letter:
    text: str
    at: Rect
    style: str
    symbol: bool


def read_pdf(content: bytes) -> Iterator[tuple[Page, Gray, bool]]:
    """Each page with its image, and whether it was read as an image.  Raises UnusableSource."""
    document = _opened(content)
    try:
        if len(document) > MAX_PAGES:
            raise too_many_pages(len(document))
        forms = read_forms(content)
        if forms:
            document.init_forms()
        for at in range(len(document)):
            yield _read_page(document, at, forms)
    except pdfium.PdfiumError as error:
        raise damaged() from error
    finally:
        document.close()


def _opened(content: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(io.BytesIO(content))
    except pdfium.PdfiumError as error:
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD or "assword" in str(error):
            raise needs_password() from error
        raise damaged() from error


def _read_page(document: pdfium.PdfDocument, at: int, forms: Forms) -> tuple[Page, Gray, bool]:
    page = document[at]
    width, height = page.get_size()
    if max(width, height) > LARGEST_SIDE or min(width, height) < 36:
        raise too_many_pixels()
    widgets = forms.get(at, Widgets())
    shown = _drawn(page, forms=True)
    letters = [] if page.get_rotation() else list(_letters(page))
    if not (widgets.fields or widgets.toggles) and (_few(letters) or _is_one_image(page)):
        scanned, straight = read_scan(shown, at + 1, photo=False)
        return scanned, straight, True
    return _from_text(page, at + 1, (width, height), letters, widgets), shown, False


def _few(letters: list[Letter]) -> bool:
    return sum(letter.text.isalnum() for letter in letters) < FEWEST_LETTERS


def _is_one_image(page: pdfium.PdfPage) -> bool:
    """Whether one picture covers the page: a scan, with a hidden text layer of somebody else's recognizer."""
    width, height = page.get_size()
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        left, bottom, right, top = image.get_bounds()
        if (right - left) * (top - bottom) >= 0.7 * width * height:
            return True
    return False


def _drawn(page: pdfium.PdfPage, *, forms: bool) -> Gray:
    width, height = page.get_size()
    scale = DPI / 72
    if width * height * scale * scale > MAX_PIXELS:
        raise too_many_pixels()
    image = page.render(scale=scale, may_draw_forms=forms).to_numpy()
    if image.ndim == 2:
        return np.ascontiguousarray(image)
    code = cv2.COLOR_BGR2GRAY if image.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
    return np.asarray(cv2.cvtColor(image, code), np.uint8)


def _from_text(
    page: pdfium.PdfPage, number: int, size: tuple[float, float], letters: list[Letter], widgets: Widgets
) -> Page:
    scale = DPI / 72
    words = tuple(_words(letters))
    image = _drawn(page, forms=False)
    ink = find_ink(image, scale, (word.at for word in words))
    own = [mark.at for mark in widgets.marks]
    marks = [mark for mark in ink.marks if not any(mark.at.touches(at) for at in own)]
    known = (
        [*(rule.at for rule in ink.rules), *ink.bars, *ink.cells]
        + [m.at for m in marks]
        + own
        + [field.at for field in widgets.fields]
    )
    rings = [ring for ring in ink.rings if not any(ring.at.touches(at) for at in own)]
    cleared = without(image, (*known, *(ring.at for ring in rings)), scale, grow=1.2)
    strokes = find_strokes(without(cleared, (word.at for word in words), scale, grow=0.4), scale)
    return Page(
        number=number,
        width=size[0],
        height=size[1],
        method=Method.FORM_FIELD if widgets.fields or widgets.toggles else Method.LAYOUT_RULE,
        words=words,
        marks=(*marks, *(Mark(m.at, m.checked, 1.0, m.option) for m in widgets.marks)),
        rules=ink.rules,
        strokes=(*rings, *strokes),
        combs=ink.combs,
        fields=widgets.fields,
        toggles=widgets.toggles,
    )


def _letters(page: pdfium.PdfPage) -> Iterator[Letter]:
    text = page.get_textpage()
    left, _, _, top = page.get_bbox()
    box = raw.FS_RECTF()
    for at in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, at)
        if raw.FPDFText_GetLooseCharBox(text, at, box):
            place = Rect(box.left - left, top - box.top, box.right - left, top - box.bottom)
        else:
            place = Rect(0, 0, 0, 0)
        style, symbol = _style(text, at)
        yield Letter(chr(code) if 0 < code < 0x110000 else "\ufffd", place, style, symbol)


def _style(text: Any, at: int) -> tuple[str, bool]:
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    raw.FPDFText_GetFontInfo(text, at, name, 128, ctypes.byref(flags))
    font = name.value.decode("utf-8", "replace")
    symbol = any(part in font.lower() for part in _SYMBOL_FONTS)
    return f"{font} {raw.FPDFText_GetFontSize(text, at):.1f}", symbol


def _words(letters: list[Letter]) -> Iterator[Word]:
    """Letters that stand close on one line, without symbols: those are looked at as drawings."""
    taken: list[Letter] = []
    for letter in (*letters, Letter(" ", Rect(0, 0, 0, 0), "", False)):
        gone = letter.text.isspace() or letter.symbol or _is_symbol(letter.text) or not letter.text.isprintable()
        if taken and (gone or not _goes_on(taken[-1], letter)):
            yield _word(taken)
            taken = []
        if not gone:
            taken.append(letter)


def _is_symbol(text: str) -> bool:
    return 0x2190 <= ord(text) <= 0x2BFF or 0xE000 <= ord(text) <= 0xF8FF or text == "\ufffd"


def _goes_on(before: Letter, after: Letter) -> bool:
    height = max(before.at.height, 1.0)
    gap = after.at.left - before.at.right
    if gap > 0.1 * height and abs(after.at.height - before.at.height) > 0.02 * height:
        return False  # a label and, close behind it, an answer in a hand of its own
    return abs(before.at.bottom - after.at.bottom) < 0.4 * height and -0.5 * height < gap < 0.22 * height


def _word(letters: list[Letter]) -> Word:
    at = letters[0].at
    for letter in letters[1:]:
        at = at.joined(letter.at)
    return Word("".join(letter.text for letter in letters), at, 1.0, letters[0].style)
