"""What stands on one page, whatever it came from: words, lines, boxes to tick, pen strokes, fields of a fillable PDF.

Lengths are points (1/72 inch) from the upper left corner; a photo is taken to be a page 612 points wide.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import TypeAdapter

from therapyflows.core.intake.model import Box, Method


@dataclass(frozen=True, slots=True)
class Rect:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, x: float, y: float, slack: float = 0.0) -> bool:
        return self.left - slack <= x <= self.right + slack and self.top - slack <= y <= self.bottom + slack

    def touches(self, other: "Rect", slack: float = 0.0) -> bool:
        return (
            self.left - slack <= other.right
            and other.left - slack <= self.right
            and self.top - slack <= other.bottom
            and other.top - slack <= self.bottom
        )

    def joined(self, other: "Rect") -> "Rect":
        return Rect(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    at: Rect
    confidence: float = 1.0
    style: str = ""
    """Font and size of a text layer; empty where unknown."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A box to tick or a radio button.  ``checked`` None: something is in it that is neither."""

    at: Rect
    checked: bool | None
    confidence: float = 1.0
    option: str = ""
    """What a fillable PDF calls this choice."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A drawn horizontal or vertical line."""

    at: Rect

    @property
    def horizontal(self) -> bool:
        return self.at.width >= self.at.height


@dataclass(frozen=True, slots=True)
class Stroke:
    """Something drawn that is no line and no box: a cross, a tick, a signature; ``ring`` when it goes round."""

    at: Rect
    ring: bool = False


@dataclass(frozen=True, slots=True)
class Comb:
    """A row of cells for one letter each."""

    at: Rect
    pitch: float
    """Points from letter to letter."""


@dataclass(frozen=True, slots=True)
class Field:
    """A text or choice field of a fillable PDF.  ``tooltip`` and ``name`` are what its maker called it."""

    at: Rect
    value: str
    name: str = ""
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Toggle:
    """A check box or radio button of a fillable PDF by name; its place is also a ``Mark``."""

    name: str
    tooltip: str
    option: str
    checked: bool
    at: Rect


@dataclass(frozen=True, slots=True)
class Page:
    number: int
    """From 1."""
    width: float
    height: float
    method: Literal[Method.FORM_FIELD, Method.LAYOUT_RULE, Method.OCR]
    words: tuple[Word, ...] = ()
    marks: tuple[Mark, ...] = ()
    rules: tuple[Rule, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    combs: tuple[Comb, ...] = ()
    fields: tuple[Field, ...] = ()
    toggles: tuple[Toggle, ...] = ()

    def box(self, at: Rect) -> Box:
        """The rectangle in page units, 0..1."""
        return Box(
            *(
                round(min(1.0, max(0.0, value)), 4)
                for value in (
                    at.left / self.width,
                    at.top / self.height,
                    at.right / self.width,
                    at.bottom / self.height,
                )
            )
        )

    def as_words(self) -> "Page":
        """The page with its words alone, what is typed into a fillable form among them; drawings are left out."""
        typed = (word for field in self.fields for word in _typed_words(field))
        words = (*self.words, *typed)
        return replace(self, words=words, marks=(), rules=(), strokes=(), combs=(), fields=(), toggles=())


def _typed_words(field: Field) -> Iterator[Word]:
    """The words of a typed answer, side by side on each line of the field."""
    lines = [line.split() for line in field.value.splitlines() if line.strip()]
    tall = field.at.height / max(1, len(lines))
    for row, words in enumerate(lines):
        top, left = field.at.top + row * tall, field.at.left
        step = field.at.width / max(1, sum(len(word) + 1 for word in words))
        for word in words:
            yield Word(word, Rect(left, top, left + len(word) * step, top + tall))
            left += (len(word) + 1) * step


PAGES = TypeAdapter(tuple[Page, ...])
