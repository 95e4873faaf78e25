"""What several layouts draw with."""

from reportlab.pdfbase.pdfmetrics import stringWidth

from ..canvas import Sheet
from ..people import Person


def wrap(text: str, width: float, size: float, font: str = "Helvetica") -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if stringWidth(longer, font, size) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def printed(
    sheet: Sheet, x: float, y: float, width: float, text: str, size: float = 9, step: float = 11, **looks: object
) -> float:
    """Printed text over as many lines as it takes; returns the baseline after the last."""
    for line in wrap(text, width, size):
        sheet.print(x, y, line, size, **looks)  # type: ignore[arg-type]
        y += step
    return y


def joined(who: Person, *paths: str, between: str = " ") -> str:
    return between.join(text for path in paths if (text := who.text(path)))
