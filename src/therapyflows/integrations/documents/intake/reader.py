"""A file, or several photos of one form, to an ``IntakeForm`` with the images of its pages."""

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from therapyflows.core.errors import UnusableSource
from therapyflows.core.intake.model import FormSource, IntakeForm
from therapyflows.core.intake.page import Page
from therapyflows.core.intake.reading.assembling import read_form
from therapyflows.core.intake.web_form import read_web_form
from therapyflows.core.notices import Notice
from therapyflows.integrations.documents.intake import errors
from therapyflows.integrations.documents.intake.acroform import has_script
from therapyflows.integrations.documents.intake.ink import Gray
from therapyflows.integrations.documents.intake.pdf import read_pdf
from therapyflows.integrations.documents.intake.scans import read_scan

IMAGE_WIDTH = 1275
"""Pixels of a kept page image: 150 dpi, enough to read beside the form."""
JPEG_QUALITY = 70
FEWEST_WORDS = 3
_IMAGE_KINDS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "MPO", "GIF")
SCRIPT_INSIDE = Notice(
    "form_has_script", "The PDF holds a script or starts a program. It was not run; treat the file with care."
)


@dataclass(frozen=True, slots=True)
class PageImage:
    """What a reviewer sees beside the fields: JPEG, straightened; the boxes of the form belong to it."""

    number: int
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class ReadForm:
    form: IntakeForm
    images: tuple[PageImage, ...]
    pages: tuple[Page, ...] = ()
    """The words of each page (text layer, typed answers or recognized), with their places and confidence; none of a
    web form."""


def read_intake(contents: Sequence[bytes], *, today: date) -> ReadForm:
    """Read one form; several contents are its pages in order.

    Raises UnusableSource: ``form_empty``, ``form_too_large``, ``form_wrong_kind``, ``form_needs_password``,
    ``form_damaged``, ``form_too_many_pages``, ``form_image_too_large``, ``form_nothing_readable``, ``form_not_intake``.
    """
    for content in contents:
        _require_usable(content)
    if len(contents) == 1 and _is_json(contents[0]):
        return ReadForm(read_web_form(_json(contents[0]), today=today), ())
    pages: list[Page] = []
    images: list[PageImage] = []
    scanned = False
    for content in contents:
        for page, image, as_image in _pages(content, len(pages)):
            pages.append(page)
            images.append(_kept(image, page.number))
            scanned = scanned or as_image
        if len(pages) > errors.MAX_PAGES:
            raise errors.too_many_pages(len(pages))
    if sum(len(page.words) + len(page.fields) for page in pages) < FEWEST_WORDS:
        raise errors.nothing_on_it()
    form = read_form(pages, _source(pages, scanned), today=today)
    scripted = any(content.startswith(b"%PDF") and has_script(content) for content in contents)
    form = replace(form, warnings=(*form.warnings, SCRIPT_INSIDE)) if scripted else form
    return ReadForm(form, tuple(images), tuple(page.as_words() for page in pages))


def _require_usable(content: bytes) -> None:
    if not content.strip(b"\x00 \r\n\t"):
        raise errors.empty()
    if len(content) > errors.MAX_BYTES:
        raise errors.too_large()


def _pages(content: bytes, before: int) -> Iterator[tuple[Page, Gray, bool]]:
    found = read_pdf(content) if b"%PDF-" in content[:1024] else _photos(content)
    for page, image, as_image in found:
        yield replace(page, number=page.number + before), image, as_image


def _photos(content: bytes) -> Iterator[tuple[Page, Gray, bool]]:
    """The pages of an image file; TIFF may hold several."""
    try:
        image = Image.open(io.BytesIO(content))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, Image.DecompressionBombError):
            raise errors.too_many_pixels() from error
        raise errors.wrong_kind() from error
    if image.format not in _IMAGE_KINDS:
        raise errors.wrong_kind()
    frames = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    if frames > errors.MAX_PAGES:
        raise errors.too_many_pages(frames)
    for at in range(frames):
        page, straight = read_scan(_gray(image, at), at + 1, photo=True)
        yield page, straight, True


def _gray(image: Image.Image, frame: int) -> Gray:
    if image.width * image.height > errors.MAX_PIXELS or min(image.width, image.height) < 40:
        raise errors.too_many_pixels() if min(image.width, image.height) >= 40 else errors.nothing_on_it()
    try:
        if frame:
            image.seek(frame)
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("RGBA", "LA", "P", "PA"):
            paper = Image.new("RGBA", upright.size, "white")
            paper.alpha_composite(upright.convert("RGBA"))
            upright = paper
        return np.asarray(upright.convert("L"), np.uint8)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise errors.damaged() from error


def _source(pages: Sequence[Page], scanned: bool) -> FormSource:
    if scanned:
        return FormSource.SCAN
    if any(page.fields or page.toggles for page in pages):
        return FormSource.FILLABLE_PDF
    return FormSource.TEXT_PDF


def _kept(image: Gray, number: int) -> PageImage:
    height = round(image.shape[0] * IMAGE_WIDTH / image.shape[1])
    small = cv2.resize(image, (IMAGE_WIDTH, height), interpolation=cv2.INTER_AREA)
    written, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not written:
        raise errors.damaged()
    return PageImage(number, IMAGE_WIDTH, height, encoded.tobytes())


def _is_json(content: bytes) -> bool:
    return re.match(rb"(\xef\xbb\xbf)?\s*(\{|\[\s*\{)", content) is not None


def _json(content: bytes) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UnusableSource(
            "form_damaged", "the web form is not readable JSON", remedy="Export the form from the portal again."
        ) from error
