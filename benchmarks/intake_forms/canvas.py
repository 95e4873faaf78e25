"""A sheet to draw a form on: as flat text, or as a fillable PDF with the same looks.  y runs from the top."""

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.colors import Color, black, white
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 612, 792
LEFT, RIGHT = 45, 567


class Sheet:
    """Draws what a layout asks for and remembers which fields the form asks for."""

    def __init__(
        self, *, fillable: bool, hand: str = "Courier", hand_size: float = 9.5, clear_names: bool = True
    ) -> None:
        self._buffer = io.BytesIO()
        self.canvas = Canvas(self._buffer, pagesize=(WIDTH, HEIGHT), invariant=1)
        self.fillable = fillable
        self.hand, self.hand_size = hand, hand_size
        self.clear_names = clear_names
        self.asked: set[str] = set()
        self._count = 0
        self._radios: dict[str, bool] = {}

    def content(self) -> bytes:
        self.canvas.save()
        return self._buffer.getvalue()

    def next_page(self) -> None:
        self.canvas.showPage()

    def print(
        self, x: float, y: float, text: str, size: float = 9, bold: bool = False, font: str = "", color: Color = black
    ) -> float:
        """Printed text; returns where it ends."""
        name = font or ("Helvetica-Bold" if bold else "Helvetica")
        self.canvas.setFillColor(color)
        self.canvas.setFont(name, size)
        self.canvas.drawString(x, HEIGHT - y, text)
        self.canvas.setFillColor(black)
        return x + stringWidth(text, name, size)

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.7) -> None:
        self.canvas.setLineWidth(width)
        self.canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)

    def rect(self, x: float, y: float, w: float, h: float, fill: Color | None = None, width: float = 0.7) -> None:
        """``y`` is the upper edge."""
        self.canvas.setLineWidth(width)
        if fill is not None:
            self.canvas.setFillColor(fill)
        self.canvas.rect(x, HEIGHT - y - h, w, h, stroke=1, fill=1 if fill is not None else 0)
        self.canvas.setFillColor(black)

    def answer(self, x: float, y: float, w: float, path: str, text: str, size: float | None = None) -> None:
        """A written answer on the baseline ``y``, at most ``w`` wide (smaller letters if need be)."""
        self.asked.add(path)
        size = size or self.hand_size
        if self.fillable:
            self._field(x, y - size - 0.5, w, size + 4.5, path, text)
            return
        while stringWidth(text, self.hand, size) > w and size > 6:
            size -= 0.25
        self.canvas.setFont(self.hand, size)
        self.canvas.drawString(x + 1, HEIGHT - y, text)

    def aside(self, x: float, y: float, w: float, name: str, text: str) -> None:
        """A written answer that none of our fields asks for: of staff, or of somebody else than the client."""
        if self.fillable:
            self._field(x, y - self.hand_size - 0.5, w, self.hand_size + 4.5, name, text)
            return
        size = self.hand_size
        while stringWidth(text, self.hand, size) > w and size > 6:
            size -= 0.25
        self.canvas.setFont(self.hand, size)
        self.canvas.drawString(x + 1, HEIGHT - y, text)

    def paragraph(self, x: float, y: float, w: float, lines: int, step: float, path: str, text: str) -> None:
        """A long answer over several lines."""
        self.asked.add(path)
        if self.fillable:
            self._field(x, y - self.hand_size - 1, w, lines * step, path, text, multiline=True)
            return
        self.canvas.setFont(self.hand, self.hand_size)
        for at, part in enumerate(self._wrapped(text, w)[:lines]):
            self.canvas.drawString(x + 1, HEIGHT - y - at * step, part)

    def _wrapped(self, text: str, w: float) -> list[str]:
        lines: list[str] = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if stringWidth(longer, self.hand, self.hand_size) > w and lines[-1]:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def _name(self, path: str) -> str:
        self._count += 1
        return path.replace(".", "_") if self.clear_names else f"Text{self._count}"

    def _field(self, x: float, y: float, w: float, h: float, path: str, text: str, multiline: bool = False) -> None:
        self.canvas.acroForm.textfield(
            name=self._name(path), value=text, x=x, y=HEIGHT - y - h, width=w, height=h, fontName="Helvetica", fontSize=8.5,
            borderWidth=0, fillColor=white, borderColor=None, forceBorder=False, fieldFlags="multiline" if multiline else "",
        )  # fmt: skip

    def tick(
        self,
        x: float,
        y: float,
        checked: bool,
        name: str,
        option: str,
        size: float = 9,
        style: str = "x",
        round_: bool = False,
    ) -> None:
        """A box (or a radio button) on the baseline ``y``; style of the tick: x, check, fill."""
        if self.fillable:
            self._button(x, y - size + 1, size, checked, name, option, round_)
            return
        low = HEIGHT - y - 1
        self.canvas.setLineWidth(0.8)
        if round_:
            self.canvas.circle(x + size / 2, low + size / 2, size / 2)
            if checked:
                self.canvas.circle(x + size / 2, low + size / 2, size / 4.2, fill=1)
            return
        self.canvas.rect(x, low, size, size)
        if checked and style == "x":
            self.canvas.line(x + 1, low + 1, x + size - 1, low + size - 1)
            self.canvas.line(x + 1, low + size - 1, x + size - 1, low + 1)
        elif checked and style == "check":
            self.canvas.setLineWidth(1.3)
            self.canvas.line(x + 1.5, low + size / 2, x + size / 2.4, low + 1.5)
            self.canvas.line(x + size / 2.4, low + 1.5, x + size + 2, low + size + 2)
        elif checked:
            self.canvas.rect(x + 1.8, low + 1.8, size - 3.6, size - 3.6, fill=1)

    def _button(self, x: float, y: float, size: float, checked: bool, name: str, option: str, round_: bool) -> None:
        form = self.canvas.acroForm
        place: dict[str, Any] = {"x": x, "y": HEIGHT - y - size, "size": size, "borderWidth": 0.8}
        if round_:
            form.radio(
                name=self._group(name),
                value=option.replace(" ", "") or "on",
                selected=checked,
                buttonStyle="circle",
                **place,
            )
        else:
            form.checkbox(
                name=f"{self._group(name)}_{option.replace(' ', '')}{self._next()}",
                checked=checked,
                buttonStyle="check",
                **place,
            )

    def _group(self, name: str) -> str:
        return name.replace(".", "_") if self.clear_names else f"Group{abs(hash_of(name)) % 10000}"

    def _next(self) -> int:
        self._count += 1
        return self._count

    def choice(
        self,
        x: float,
        y: float,
        path: str,
        options: Sequence[str],
        value: Any,
        gap: float = 12,
        size: float = 9,
        **looks: Any,
    ) -> float:
        """Boxes with their words; returns where they end."""
        self.asked.add(path)
        for option in options:
            taken = value is not None and (
                option == value or (isinstance(value, bool) and option == ("Yes" if value else "No"))
            )
            self.tick(x, y, taken, path, option, **looks)
            x = self.print(x + looks.get("size", 9) + 3, y, option, size) + gap
        return x

    def ring(self, x: float, y: float, text: str, size: float = 9) -> None:
        """A ring around text that begins at ``x`` on the baseline ``y``."""
        w = stringWidth(text, "Helvetica", size)
        self.canvas.setLineWidth(1.1)
        self.canvas.ellipse(x - 5, HEIGHT - y - 4.5, x + w + 5, HEIGHT - y + size + 1.5)

    def cross(self, x: float, y: float, size: float = 8) -> None:
        self.canvas.setLineWidth(1.2)
        self.canvas.line(x - size / 2, HEIGHT - y - size / 2, x + size / 2, HEIGHT - y + size / 2)
        self.canvas.line(x - size / 2, HEIGHT - y + size / 2, x + size / 2, HEIGHT - y - size / 2)


def hash_of(text: str) -> int:
    return sum((at + 1) * ord(letter) for at, letter in enumerate(text))
