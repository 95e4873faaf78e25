"""Forms put together by chance: each field under one of its usual names, all in one of the usual ways of asking."""

import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ..canvas import LEFT, RIGHT, Sheet, hash_of
from ..items import GAD7, PHQ9
from ..people import Person
from ._parts import joined, wrap
from ._pen import GRAY, YES_NO, Option, Pen

FONTS = (("Helvetica", "Helvetica-Bold"), ("Times-Roman", "Times-Bold"))
SEX: Sequence[Sequence[Option]] = ((("Male", "Male"), ("Female", "Female")), (("F", "Female"), ("M", "Male")))
STATUS: Sequence[Option] = (("Single", "Single"), ("Married", "Married"), ("Divorced", "Divorced"), ("Separated", "Separated"), ("Widowed", "Widowed"))  # fmt: skip
INSURED: Sequence[Option] = (("Self", "Self"), ("Spouse", "Spouse"), ("Child", "Child"), ("Other", "Other"))
BOTTOM = 740.0
CLIENT = ("birth_date", "preferred_name", "pronouns", "language", "employer", "occupation", "referred_by")
LONG = ("problem", "onset", "goals")
HISTORY = ("medical", "psychiatric", "family", "substance", "trauma")


@lru_cache(maxsize=1)
def phrases() -> dict[str, Any]:
    return dict(yaml.safe_load((Path(__file__).parents[1] / "phrases.yaml").read_text("utf-8")))


class Mixed:
    """One form: ``half`` of the phrases, ``way`` of asking."""

    def __init__(self, sheet: Sheet, who: Person, half: str, way: str) -> None:
        name = who.text("demographics.first_name") + who.text("demographics.last_name")
        self.chance = random.Random(f"{hash_of(name)} {half} {way}")
        font, bold = self.chance.choice(FONTS)
        self.pen = Pen(sheet, who, font, bold, 9.5 if way != "cells" else 8.5)
        self.sheet, self.who, self.half, self.way = sheet, who, half, way
        self.colon = self.chance.choice((":", ""))
        self.row: list[tuple[str, str, str | None]] = []
        self.y = 64.0

    def said(self, *keys: str) -> Any:
        table = phrases()
        for key in keys:
            table = table[key]
        return self.chance.choice(table[self.half])

    def label(self, words: str) -> str:
        return words if words[-1] in "?:.)" else words + self.colon

    # --- single fields, two in a row ---

    def ask(self, path: str, text: str | None = None, words: str = "") -> None:
        self.row.append((words or self.said("fields", path), path, text))
        if len(self.row) == 2:
            self.flush()

    def aside(self, section: str) -> None:
        words, answer = self.said("bystanders", section)
        self.row.append((words, "", str(answer)))
        if len(self.row) == 2:
            self.flush()

    def flush(self) -> None:
        if self.row:
            self.room(40)
            self.y = getattr(self, f"_{self.way}")(self.row)
            self.row = []

    def room(self, height: float) -> None:
        if self.y + height > BOTTOM:
            self.sheet.next_page()
            self.y = 56.0

    def _put(self, x: float, y: float, w: float, path: str, text: str | None) -> None:
        if path:
            self.sheet.answer(x, y, w, path, self.who.text(path) if text is None else text)
        else:
            self.sheet.aside(x, y, w, "aside", text or "")

    def _lines(self, row: Sequence[tuple[str, str, str | None]]) -> float:
        x, end = float(LEFT), 300.0 if len(row) > 1 else float(RIGHT)
        for words, path, text in row:
            start = self.pen.text(x, self.y, self.label(words)) + 4
            self.sheet.line(start, self.y + 2, end, self.y + 2, 0.6)
            self._put(start + 2, self.y, end - start - 3, path, text)
            x, end = 310.0, float(RIGHT)
        return self.y + 21

    def _cells(self, row: Sequence[tuple[str, str, str | None]]) -> float:
        edges = (LEFT, 306, RIGHT) if len(row) > 1 else (LEFT, RIGHT)
        for at, (words, path, text) in enumerate(row):
            x, w = edges[at], edges[at + 1] - edges[at]
            self.sheet.rect(x, self.y - 10, w, 28, width=0.5)
            self.pen.text(x + 3, self.y - 2, self.label(words), 7)
            self._put(x + 5, self.y + 12, w - 10, path, text)
        return self.y + 28

    def _boxes(self, row: Sequence[tuple[str, str, str | None]]) -> float:
        for at, (words, path, text) in enumerate(row):
            x = LEFT + at * 265
            self.pen.text(x, self.y, self.label(words))
            self.sheet.rect(x, self.y + 4, 250, 17, width=0.5)
            self._put(x + 4, self.y + 16, 242, path, text)
        return self.y + 36

    def _captions(self, row: Sequence[tuple[str, str, str | None]]) -> float:
        for at, (words, path, text) in enumerate(row):
            x = LEFT + at * 270
            self._put(x + 2, self.y, 240, path, text)
            self.sheet.line(x, self.y + 2.5, x + 250, self.y + 2.5, 0.6)
            self.pen.text(x, self.y + 11, words, 7)
        return self.y + 30

    def _table(self, row: Sequence[tuple[str, str, str | None]]) -> float:
        for words, path, text in row:
            lines = wrap(self.label(words), 205, self.pen.size, self.pen.font)
            height = 18 + 11 * (len(lines) - 1)
            self.sheet.rect(LEFT, self.y - 12, 214, height, fill=GRAY, width=0.4)
            self.sheet.rect(LEFT + 214, self.y - 12, RIGHT - LEFT - 214, height, width=0.4)
            for at, line in enumerate(lines):
                self.pen.text(LEFT + 4, self.y + 11 * at, line)
            self._put(LEFT + 219, self.y, 295, path, text)
            self.y += height
        return self.y

    def _print(self, row: Sequence[tuple[str, str, str | None]]) -> float:
        for at, (words, path, text) in enumerate(row):
            x = LEFT + at * 265
            self.pen.text(x, self.y, words, bold=True)
            self._put(x + 2, self.y + 13, 240, path, text)
        return self.y + 32

    # --- choices, long answers, headings ---

    def choose(self, path: str, options: Sequence[Option]) -> None:
        self.flush()
        self.room(40)
        words = self.said("fields", path)
        if self.way in ("boxes", "print"):
            self.pen.text(LEFT, self.y, self.label(words), bold=self.way == "print")
            self.pen.boxes(LEFT + 2, self.y + 15, path, options, gap=16)
            self.y += 34
            return
        x = self.pen.text(LEFT, self.y, f"{words}:") + 8
        self.pen.boxes(x, self.y, path, options)
        self.y += 22

    def long(self, path: str) -> None:
        self.flush()
        self.room(50)
        words = self.said("fields", path)
        if self.way == "table":
            self.y = self._table([(words, path, None)])
        elif self.way == "print":
            self.pen.text(LEFT, self.y, words, bold=True)
            self._put(LEFT + 2, self.y + 13, 510, path, None)
            self.y += 33
        else:
            self.y = self.pen.area(LEFT, self.y, 520, 1, words, path, 17, ruled=self.way in ("lines", "captions")) + 2

    def beside(self) -> None:
        """Something long that is not taken."""
        words, answer = self.said("bystanders", "history")
        self.flush()
        self.room(40)
        x = self.pen.text(LEFT, self.y, words, bold=self.way == "print") + 4
        if self.way == "print":
            self.sheet.aside(LEFT + 2, self.y + 13, 400, "aside", answer)
            self.y += 33
            return
        self.sheet.line(x, self.y + 2, RIGHT, self.y + 2, 0.6)
        self.sheet.aside(x + 2, self.y, RIGHT - x - 4, "aside", answer)
        self.y += 22

    def head(self, section: str) -> None:
        self.flush()
        self.room(70)
        words = self.said("headings", section)
        self.y += 8
        if self.way in ("cells", "table"):
            self.y = self.pen.bar(self.y, words.upper()) + 2
        else:
            self.pen.text(LEFT, self.y, words, 11.5, bold=True)
            self.y += 20

    def asks(self, paths: Sequence[str]) -> None:
        self.flush()
        for path in paths:
            self.room(30)
            words = self.said("questions", path)
            self.pen.text(LEFT, self.y, words)
            if path:
                self.pen.boxes(430, self.y, path, YES_NO)
            else:
                for x, word in ((430, "Yes"), (476, "No")):
                    self.sheet.tick(x, self.y, word == "Yes", words, word)
                    self.pen.text(x + 12, self.y, word)
            self.y += 18
        self.y += 4

    def medications(self) -> None:
        self.flush()
        self.room(100)
        edges = (LEFT, 200, 300, 420, RIGHT)
        names = ("name", "dose", "frequency", "prescriber")
        for at, name in enumerate(names):
            self.sheet.rect(edges[at], self.y - 10, edges[at + 1] - edges[at], 15, fill=GRAY, width=0.4)
            self.pen.text(edges[at] + 3, self.y, self.said("medication_heads", name), 8.5, bold=True)
        for number in range(3):
            self.y += 15 if number == 0 else 18
            for at, name in enumerate(names):
                path = f"medications.{number}.{name}"
                self.sheet.rect(edges[at], self.y - 10, edges[at + 1] - edges[at], 18, width=0.4)
                self.sheet.answer(edges[at] + 3, self.y + 3, edges[at + 1] - edges[at] - 6, path, self.who.text(path))
        self.y += 28


def draw(sheet: Sheet, who: Person, half: str, way: str) -> None:
    form = Mixed(sheet, who, half, way)
    form.pen.text(LEFT, 42, "Harbor Lane Counseling - New Client Form", 13, bold=True)
    form.head("client")
    if form.chance.random() < 0.6:
        form.ask("demographics.first_name")
        form.ask("demographics.last_name")
    else:
        name = joined(who, "demographics.first_name", "demographics.last_name")
        form.ask("demographics.first_name", name, form.said("fields", "demographics.full_name"))
        sheet.asked.add("demographics.last_name")
    for part in CLIENT:
        form.ask(f"demographics.{part}")
    form.choose("demographics.sex", form.chance.choice(SEX))
    form.choose("demographics.marital_status", STATUS)
    for part in ("address_line", "city", "state", "postal_code", "phone", "home_phone", "work_phone", "email"):
        form.ask(f"contact.{part}")
    form.aside("client")
    form.head("emergency")
    for part in ("name", "relationship", "phone"):
        form.ask(f"emergency_contact.{part}")
    form.head("guardian")
    for part in ("name", "relationship", "phone"):
        form.ask(f"guardian.{part}")
    form.head("insurance")
    for part in ("payer", "member_id", "group_number", "subscriber_name", "subscriber_birth_date"):
        form.ask(f"insurance.primary.{part}")
    form.aside("insurance")
    form.choose("insurance.primary.subscriber_relationship", INSURED)
    form.head("presenting")
    for part in LONG:
        form.long(f"presenting.{part}")
    form.head("history")
    for part in HISTORY:
        form.long(f"history.{part}")
    form.long("allergies")
    form.beside()
    form.asks(("history.prior_counseling", "history.prior_hospitalization"))
    form.head("medications")
    form.medications()
    form.head("risk")
    risks = [path for path in phrases()["questions"] if path.startswith("risk.")]
    form.asks((*risks, ""))
    _screening(form)


def _screening(form: Mixed) -> None:
    form.sheet.next_page()
    y = form.pen.prose(
        LEFT, 50, 520, "PHQ-9: over the last 2 weeks, how often have you been bothered by the following?"
    )
    how = form.chance.choice(("box", "circle"))
    y = form.pen.likert(y + 4, "phq9", PHQ9, (360, 412, 464, 516), 300, how, total="Total")
    y = form.pen.prose(LEFT, y, 520, "GAD-7: over the last 2 weeks, how often have you been bothered by the following?")
    y = form.pen.likert(y + 4, "gad7", GAD7, (360, 412, 464, 516), 300, how, total="Total")
    form.y = y
    form.head("consent")
    form.y = form.pen.prose(LEFT, form.y, 520, form.said("agreement")) + 14
    form.ask("consents.0.signature", None, form.said("signature"))
    form.ask("consents.0.signed_on", None, form.said("signed_on"))
    form.flush()
