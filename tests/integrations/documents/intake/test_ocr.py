"""What the recognizer passes over or runs together, on pages drawn for it."""

import io
from collections.abc import Callable

import cv2
import numpy as np
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from therapyflows.core.intake.page import Rect
from therapyflows.integrations.documents.intake.ink import Gray, as_dark_on_light, even_light, find_ink
from therapyflows.integrations.documents.intake.ocr import apart
from therapyflows.integrations.documents.intake.scans import read_scan
from therapyflows.integrations.documents.intake.short_words import read_short_words

SCALE = 200 / 72


def scanned(draw: Callable[[Canvas], None]) -> Gray:
    """A letter page at 200 dpi; ``draw`` measures from the lower left corner, in points."""
    content = io.BytesIO()
    canvas = Canvas(content, pagesize=(612, 792))
    draw(canvas)
    canvas.save()
    page = pypdfium2.PdfDocument(content.getvalue())[0]
    return even_light(page.render(scale=SCALE, grayscale=True).to_numpy().squeeze())


def numbers_to_circle(canvas: Canvas) -> None:
    canvas.setFont("Times-Roman", 11)
    for at in range(4):
        canvas.drawString(51 + 24 * at, 600, str(at))
    canvas.ellipse(93, 596, 109, 613)
    canvas.drawString(200, 600, "X")
    canvas.line(240, 600, 240, 607)  # a tick
    canvas.line(260, 600, 263, 607)  # a slash


def test_single_numbers_are_read_also_in_a_ring_but_no_cross_no_tick_and_no_slash() -> None:
    gray = scanned(numbers_to_circle)
    rings = [ring.at for ring in find_ink(gray, SCALE).rings]
    found = read_short_words(gray, [], [], rings, SCALE)
    assert [word.text for word in sorted(found, key=lambda word: word.at.left)] == ["0", "1", "2", "3"]
    assert all(word.at.left == pytest.approx(51 + 24 * int(word.text), abs=2) for word in found)


def test_ink_beside_a_word_or_a_signature_is_no_word_of_its_own() -> None:
    gray = scanned(numbers_to_circle)
    beside = [Rect(53 + 24 * at, 182, 66 + 24 * at, 193) for at in range(4)]
    assert read_short_words(gray, beside, [], [], SCALE) == ()


def test_dirt_is_not_read_letter_by_letter() -> None:
    gray = np.full((2200, 1700), 255, np.uint8)
    gray[100:2000:30, 100:1600:30] = 0
    gray = cv2.erode(gray, np.ones((16, 8), np.uint8))  # thousands of spots of the size of a letter
    assert read_short_words(gray, [], [], [], SCALE) == ()


def test_white_letters_on_a_dark_bar_are_read() -> None:
    def bar(canvas: Canvas) -> None:
        canvas.rect(44, 592, 530, 16, fill=1)
        canvas.setFillGray(1)
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawString(50, 597, "SECONDARY INSURANCE AND PERMISSION")

    gray = scanned(bar)
    bars = find_ink(gray, SCALE).bars
    turned = as_dark_on_light(gray, bars, SCALE)
    assert len(bars) == 1
    assert (gray < 128).mean() > 8 * (turned < 128).mean() > 0
    page, _ = read_scan(gray, 1, photo=False)
    assert "SECONDARY INSURANCE AND PERMISSION" in " ".join(word.text for word in page.words)


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("(Last)Santiago", "(Last) Santiago"),
        ("Birth date05/23/2004", "Birth date 05/23/2004"),
        ("Enrollee number2932293798", "Enrollee number 2932293798"),
        ("number(842) 555-0100", "number (842) 555-0100"),
        ("Total score:13", "Total score: 13"),
        ("9.STATE", "9. STATE"),
        ("Ilive at", "I live at"),
    ],
)
def test_a_label_and_its_answer_are_two_words(seen: str, meant: str) -> None:
    assert apart(seen) == meant


@pytest.mark.parametrize(
    "text",
    [
        "B12",
        "Covid19",
        "10:30",
        "1.5mg",
        "Apt.5",
        "McDonald",
        "PHQ9",
        "H12345678",
        "ABC1234567",
        "Item",
        "ada1985@a.org",
    ],
)
def test_a_word_stays_whole(text: str) -> None:
    assert apart(text) == text
