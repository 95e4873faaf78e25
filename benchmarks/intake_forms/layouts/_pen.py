"""A pen that draws the ways in which forms ask: labels beside, above, below and inside; lines, boxes, combs, options."""

from collections.abc import Sequence

from reportlab.lib.colors import Color, HexColor, white
from reportlab.pdfbase.pdfmetrics import stringWidth

from ..canvas import LEFT, RIGHT, Sheet
from ..items import SCALE
from ..people import Person
from ._parts import wrap

Option = tuple[str, object]
"""What is printed, and the answer that it means."""
YES_NO: tuple[Option, ...] = (("Yes", True), ("No", False))
GRAY, PALE = HexColor("#d8dde2"), HexColor("#f1f1f1")


class Pen:
    """One form in the hand of one person, in one typeface."""

    def __init__(self, sheet: Sheet, who: Person, font: str = "Helvetica", bold: str = "", size: float = 9.5) -> None:
        self.sheet, self.who = sheet, who
        self.font, self.size = font, size
        self.bold = bold or f"{font}-Bold"

    # --- printed text ---

    def text(
        self, x: float, y: float, words: str, size: float = 0, bold: bool = False, color: Color | None = None
    ) -> float:
        looks = {} if color is None else {"color": color}
        return self.sheet.print(x, y, words, size or self.size, font=self.bold if bold else self.font, **looks)

    def right(self, x: float, y: float, words: str, **looks: object) -> None:
        self.text(x - stringWidth(words, self.font, self.size), y, words, **looks)  # type: ignore[arg-type]

    def prose(self, x: float, y: float, width: float, words: str, size: float = 0, step: float = 11.5) -> float:
        for line in wrap(words, width, size or self.size, self.font):
            self.text(x, y, line, size)
            y += step
        return y

    def bar(
        self, y: float, title: str, x: float = LEFT, end: float = RIGHT, fill: Color = GRAY, color: Color | None = None
    ) -> float:
        self.sheet.rect(x, y - 10, end - x, 14, fill=fill, width=0.3)
        self.text(x + 5, y, title, 10, bold=True, color=color or (white if fill not in (GRAY, PALE) else None))
        return y + 20

    # --- where an answer goes ---

    def _said(self, path: str, text: str | None) -> str:
        return self.who.text(path) if text is None else text

    def rule(
        self, x: float, y: float, label: str, path: str, end: float, text: str | None = None, gap: float = 4
    ) -> float:
        """Label, then a line to write on."""
        start = self.text(x, y, label) + gap
        self.sheet.line(start, y + 2, end, y + 2, 0.6)
        self.sheet.answer(start + 2, y, end - start - 3, path, self._said(path, text))
        return end + 8

    def rules(self, y: float, *entries: tuple, step: float = 20) -> float:
        x: float = LEFT
        for label, path, end, *text in entries:
            x = self.rule(x, y, label, path, end, *text)
        return y + step

    def caption(
        self, x: float, y: float, end: float, path: str, words: str, text: str | None = None, size: float = 7
    ) -> None:
        """A line, what it is for printed small under it."""
        self.sheet.answer(x + 2, y, end - x - 3, path, self._said(path, text))
        self.sheet.line(x, y + 2.5, end, y + 2.5, 0.6)
        self.text(x, y + 10.5, words, size)

    def inside(
        self, x: float, y: float, w: float, h: float, label: str, path: str, text: str | None = None, size: float = 6.5
    ) -> None:
        """A box with its small label in the upper left corner."""
        self.sheet.rect(x, y, w, h)
        self.text(x + 2.5, y + size + 1.5, label, size)
        self.sheet.answer(x + 4, y + h - 4.5, w - 8, path, self._said(path, text))

    def over(
        self,
        x: float,
        y: float,
        w: float,
        label: str,
        path: str,
        text: str | None = None,
        h: float = 17,
        fill: Color | None = None,
    ) -> float:
        """A label, and under it a box."""
        self.text(x, y, label)
        self.sheet.rect(x, y + 4, w, h, fill=fill, width=0.5)
        self.sheet.answer(x + 4, y + h - 1.5, w - 8, path, self._said(path, text))
        return y + h + 20

    def area(
        self, x: float, y: float, w: float, lines: int, label: str, path: str, step: float = 15, ruled: bool = False
    ) -> float:
        """A question, and room to write under it: a box or ruled lines."""
        y = self.prose(x, y, w, label)
        if ruled:
            for at in range(lines):
                self.sheet.line(x, y + 4 + at * step, x + w, y + 4 + at * step, 0.5)
        else:
            self.sheet.rect(x, y - 7, w, lines * step, width=0.5)
        self.sheet.paragraph(x + 3, y + (2 if ruled else 4), w - 8, lines, step, path, self.who.text(path))
        return y + lines * step + 8

    def comb(
        self,
        x: float,
        y: float,
        count: int,
        path: str,
        text: str | None = None,
        cell: float = 15,
        groups: Sequence[int] = (),
    ) -> float:
        """One small cell for each letter."""
        said = self._said(path, text)
        cuts = groups or (count,)
        start = x
        for cells in cuts:
            for at in range(cells):
                self.sheet.rect(x + at * cell, y - 11.5, cell, 15, width=0.5)
            x += cells * cell + (6 if groups else 0)
        if self.sheet.fillable:
            self.sheet.answer(start, y, x - start, path, said)
            return x
        self.sheet.asked.add(path)
        letters, at = iter(said.upper() if not groups else [c for c in said if c.isalnum()]), start
        for cells in cuts:
            for _ in range(cells):
                letter = next(letters, " ")
                w = stringWidth(letter, self.sheet.hand, 10)
                self.sheet.canvas.setFont(self.sheet.hand, 10)
                self.sheet.canvas.drawString(at + (cell - w) / 2, 792 - y, letter)
                at += cell
            at += 6 if groups else 0
        return x

    # --- options ---

    def taken(self, path: str, option: Option) -> bool:
        value = self.who.get(path)
        return value is not None and value == option[1] and type(value) is type(option[1])

    def boxes(
        self, x: float, y: float, path: str, options: Sequence[Option], gap: float = 14, **looks: object
    ) -> float:
        """Options in a row, each behind its box."""
        self.sheet.asked.add(path)
        for option in options:
            self.sheet.tick(x, y, self.taken(path, option), path, option[0], **looks)  # type: ignore[arg-type]
            x = self.text(x + 12, y, option[0]) + gap
        return x

    def stack(
        self, x: float, y: float, path: str, options: Sequence[Option], step: float = 14, **looks: object
    ) -> float:
        """Options under one another."""
        for option in options:
            self.boxes(x, y, path, (option,), **looks)
            y += step
        return y

    def circle(self, x: float, y: float, path: str, options: Sequence[Option], between: str = "   ") -> float:
        """Words of which one is circled."""
        if self.sheet.fillable:
            return self.boxes(x, y, path, options, round_=True)
        self.sheet.asked.add(path)
        for at, option in enumerate(options):
            if self.taken(path, option):
                w = stringWidth(option[0], self.font, self.size)
                self.sheet.canvas.setLineWidth(1.1)
                self.sheet.canvas.ellipse(x - 4, 792 - y - 4, x + w + 4, 792 - y + self.size + 1)
            x = self.text(x, y, option[0])
            x = self.text(x, y, between) if at + 1 < len(options) else x
        return x

    def columns(
        self,
        y: float,
        rows: Sequence[tuple[str, str]],
        options: Sequence[Option],
        places: Sequence[float],
        width: float = 370,
        ruled: bool = False,
        x: float = LEFT,
        **looks: object,
    ) -> float:
        """Questions with a column for each answer."""
        for option, place in zip(options, places, strict=True):
            self.text(place - 3, y, option[0], 8.5, bold=True)
        y += 15
        for words, path in rows:
            self.sheet.asked.add(path)
            for option, place in zip(options, places, strict=True):
                self.sheet.tick(place, y, self.taken(path, option), path, option[0], **looks)  # type: ignore[arg-type]
            after = self.prose(x, y, width, words)
            if ruled:
                self.sheet.line(x, after - 7, RIGHT, after - 7, 0.3)
            y = after + 5
        return y + 4

    # --- measures ---

    def likert(
        self,
        y: float,
        key: str,
        items: Sequence[str],
        places: Sequence[float],
        width: float,
        how: str,
        size: float = 8.5,
        numbered: bool = True,
        frame: bool = False,
        total: str = "",
        heads: Sequence[str] = SCALE,
        **looks: object,
    ) -> float:
        """Items with four columns: ``box``, ``circle`` (numbers to circle)."""
        step = places[1] - places[0]
        for place, words in zip(places, heads, strict=True):
            for at, part in enumerate(wrap(words, step - 6, 7, self.font)):
                w = stringWidth(part, self.font, 7)
                self.text(place + 4 - w / 2, y + at * 8, part, 7)
        y += 8 * max(len(wrap(words, step - 6, 7, self.font)) for words in heads) + 8
        for number, item in enumerate(items):
            path = f"{key}.items.{number}"
            self.sheet.asked.add(path)
            lines = wrap(f"{number + 1}. {item}" if numbered else item, width, size, self.font)
            top = y - size - 1
            for at, part in enumerate(lines):
                self.text(LEFT + 2, y + at * (size + 1.5), part, size)
            middle = y + (len(lines) - 1) * (size + 1.5) / 2
            for value, place in enumerate(places):
                self._point(place, middle, path, value, how, **looks)
            y += len(lines) * (size + 1.5) + 5
            if frame:
                self.sheet.rect(LEFT, top, RIGHT - LEFT, y - size - 1 - top, width=0.4)
        if total:
            self.rule(330, y + 5, total, f"{key}.stated_total", 520)
            y += 18
        return y + 8

    def _point(self, x: float, y: float, path: str, value: int, how: str, **looks: object) -> None:
        taken = self.who.get(path) == value
        if how == "box" or self.sheet.fillable:
            self.sheet.tick(x, y, taken, path, str(value), **looks)  # type: ignore[arg-type]
            return
        self.text(x + 2, y, str(value))
        if taken:
            self.sheet.ring(x + 2, y, str(value))

    def scores(
        self,
        y: float,
        key: str,
        items: Sequence[str],
        x: float,
        width: float,
        before: bool,
        boxed: bool = False,
        total: str = "",
    ) -> float:
        """Items with one place each for a number: a blank before them, or a cell behind them."""
        for number, item in enumerate(items):
            path = f"{key}.items.{number}"
            lines = wrap(f"{number + 1}. {item}", width, 9, self.font)
            for at, part in enumerate(lines):
                self.text(LEFT + (34 if before else 2), y + at * 10.5, part, 9)
            if boxed:
                self.sheet.rect(LEFT, y - 10, RIGHT - LEFT, len(lines) * 10.5 + 5, width=0.4)
                self.sheet.line(x - 8, y - 10, x - 8, y - 5 + len(lines) * 10.5, 0.4)
            else:
                self.sheet.line(x, y + 2, x + 26, y + 2, 0.6)
            self.sheet.answer(x + 7, y, 16, path, self.who.text(path))
            y += len(lines) * 10.5 + 5
        if total:
            self.rule(330, y + 6, total, f"{key}.stated_total", 520)
            y += 18
        return y + 8
