"""A psychiatry group's form: shaded label cells with the answers right of them, an X in a grid, boxes staff fill in.

Held out: drawn before the rules' words were looked at, measured, its failures never looked at.
"""

from collections.abc import Sequence

from reportlab.lib.colors import HexColor

from ..canvas import LEFT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._parts import joined, wrap
from ._pen import YES_NO, Pen

SHADE = HexColor("#e4e9ee")


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=8.5)
    them = Bystanders(who)
    pen.text(LEFT, 40, "Lakeshore Psychiatry & Wellness", 15, bold=True)
    pen.text(LEFT, 52, "Suite 4B, 2200 Harbor Drive, Erie, PA 16501     P: 814-555-0170     F: 814-555-0171", 8)
    y = heading(pen, 66, "SECTION A - IDENTIFYING INFORMATION")
    named = joined(who, "demographics.first_name", "demographics.middle_name", "demographics.last_name")
    sheet.asked.update(("demographics.middle_name", "demographics.last_name"))
    y = rowed(pen, y, ("Patient's complete legal name", "demographics.first_name", named), ("Nickname", "demographics.preferred_name"))  # fmt: skip
    y = rowed(pen, y, ("Birthday", "demographics.birth_date"), ("Pronouns used", "demographics.pronouns"))
    y = rowed(pen, y, ("House number and street", "contact.address_line"), ("City or town", "contact.city"))
    y = rowed(pen, y, ("State", "contact.state"), ("ZIP", "contact.postal_code"))
    y = rowed(pen, y, ("Contact number", "contact.phone"), ("E-mail (for reminders)", "contact.email"))
    y = rowed(pen, y, ("Line of work", "demographics.occupation"), ("Company", "demographics.employer"))
    y = rowed(pen, y, ("Who sent you to us?", "demographics.referred_by"), ("Language you prefer", "demographics.language"))  # fmt: skip
    y = rowed(pen, y, ("Primary care physician", "", them.doctor()), ("PCP telephone", "", them.phone()))
    y = heading(pen, y, "SECTION B - NEXT OF KIN / EMERGENCY")
    y = rowed(pen, y, ("Next of kin", "emergency_contact.name"), ("Kinship", "emergency_contact.relationship"))
    y = rowed(pen, y, ("Their phone", "emergency_contact.phone"), ("Advance directive on file", "", ""))
    y = heading(pen, y, "SECTION C - THIRD-PARTY COVERAGE")
    y = rowed(pen, y, ("Insurer", "insurance.primary.payer"), ("Certificate / ID no.", "insurance.primary.member_id"))  # fmt: skip
    y = rowed(pen, y, ("Group no.", "insurance.primary.group_number"), ("Main policy holder", "insurance.primary.subscriber_name"))  # fmt: skip
    y = rowed(pen, y, ("Policy holder's birthday", "insurance.primary.subscriber_birth_date"), ("How is patient related to policy holder?", "insurance.primary.subscriber_relationship"))  # fmt: skip
    y = heading(pen, y, "SECTION D - CLINICAL")
    for words, path in (
        ("Chief concern today", "presenting.problem"),
        ("First noticed", "presenting.onset"),
        ("Hoped-for outcome", "presenting.goals"),
        ("Physical health problems", "history.medical"),
        ("Previous psychiatric diagnoses / care", "history.psychiatric"),
        ("Relatives with psychiatric illness", "history.family"),
        ("Use of alcohol, nicotine, cannabis, other", "history.substance"),
        ("Painful or frightening life events", "history.trauma"),
        ("Allergic reactions", "allergies"),
    ):
        y = wide(pen, y, words, path)
    y = questions(pen, y + 4)
    sheet.rect(LEFT, 712, 522, 44, width=1.4)
    pen.text(LEFT + 4, 722, "STAFF ONLY", 7.5, bold=True)
    x = pen.text(LEFT + 4, 740, "Rooming nurse") + 4
    sheet.aside(x, 740, 100, "nurse", them.name())
    x = pen.text(240, 740, "Eligibility checked on") + 4
    sheet.aside(x, 740, 80, "eligibility", them.day())
    x = pen.text(430, 740, "MRN") + 4
    sheet.aside(x, 740, 80, "mrn", them.number(7))
    second_page(sheet, pen)


def heading(pen: Pen, y: float, words: str) -> float:
    pen.sheet.rect(LEFT, y, 522, 14, fill=HexColor("#44546a"))
    pen.text(LEFT + 4, y + 10, words, 8.5, bold=True, color=HexColor("#ffffff"))
    return y + 14


def rowed(pen: Pen, y: float, *entries: tuple) -> float:
    for at, (words, path, *said) in enumerate(entries):
        x = LEFT + at * 261
        pen.sheet.rect(x, y, 100, 19, fill=SHADE, width=0.4)
        pen.sheet.rect(x + 100, y, 161, 19, width=0.4)
        lines = wrap(words, 94, 7.5)
        for number, line in enumerate(lines):
            pen.text(x + 3, y + (12.5 if len(lines) == 1 else 8 + number * 8), line, 7.5)
        if path:
            pen.sheet.answer(x + 103, y + 13, 154, path, said[0] if said else pen.who.text(path))
        else:
            pen.sheet.aside(x + 103, y + 13, 154, words, said[0])
    return y + 19


def wide(pen: Pen, y: float, words: str, path: str) -> float:
    pen.sheet.rect(LEFT, y, 160, 19, fill=SHADE, width=0.4)
    pen.sheet.rect(LEFT + 160, y, 362, 19, width=0.4)
    pen.text(LEFT + 3, y + 12.5, words, 8)
    pen.sheet.answer(LEFT + 163, y + 13, 355, path, pen.who.text(path))
    return y + 19


def questions(pen: Pen, y: float) -> float:
    rows = (
        ("Any outpatient therapy or counseling in the past", "history.prior_counseling"),
        ("Any inpatient psychiatric stays", "history.prior_hospitalization"),
        ("Suicidal thoughts at present", "risk.suicidal_thoughts"),
        ("Any attempt on your life", "risk.suicide_attempt"),
        ("Urges to harm others", "risk.harm_to_others"),
        ("Gun or other weapon within reach", "risk.weapons_access"),
    )
    for at, (words, path) in enumerate(rows):
        x, low = LEFT + at % 2 * 261, y + 12 + at // 2 * 17
        pen.text(x + 3, low, words)
        pen.boxes(x + 198, low, path, YES_NO, gap=6)
    return y + 60


def second_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    pen.text(LEFT, 36, "Lakeshore Psychiatry & Wellness   |   Intake, page 2   |   Confidential", 8)
    y = heading(pen, 46, "SECTION E - MEDICATIONS YOU TAKE NOW")
    heads = (("Drug", 0, 150, "name"), ("Mg / amount", 150, 90, "dose"), ("Directions", 240, 130, "frequency"), ("Ordered by", 370, 152, "prescriber"))  # fmt: skip
    for row in range(5):
        for words, x, w, field in heads:
            sheet.rect(LEFT + x, y, w, 17, fill=SHADE if row == 0 else None, width=0.4)
            if row == 0:
                pen.text(LEFT + x + 3, y + 12, words, 8, bold=True)
            elif row < 4:
                path = f"medications.{row - 1}.{field}"
                sheet.answer(LEFT + x + 3, y + 12.5, w - 6, path, pen.who.text(path))
        y += 17
    y = heading(pen, y + 10, "SECTION F - PHQ-9   Put an X under the answer that fits the last two weeks")
    y = grid(pen, y, "phq9", PHQ9)
    y = heading(pen, y + 10, "SECTION G - GAD-7   Put an X under the answer that fits the last two weeks")
    y = grid(pen, y, "gad7", GAD7)
    y = heading(pen, y + 10, "SECTION H - AGREEMENT TO TREATMENT")
    y = pen.prose(LEFT, y + 14, 520, "I agree to receive mental health services from this practice.")
    pen.rules(y + 14, ("Signature", "consents.0.signature", 330), ("Date", "consents.0.signed_on", 500))


def grid(pen: Pen, y: float, key: str, items: Sequence[str]) -> float:
    """Cells without boxes; the person writes an X."""
    heads = ("0 Not at all", "1 Several days", "2 Over half the days", "3 Nearly every day")
    pen.sheet.rect(LEFT, y, 522, 20, fill=SHADE, width=0.4)
    for at, words in enumerate(heads):
        for number, part in enumerate(wrap(words, 48, 7)):
            pen.text(LEFT + 306 + at * 54, y + 8 + number * 8, part, 7)
    y += 20
    for number, item in enumerate(items):
        path = f"{key}.items.{number}"
        pen.sheet.asked.add(path)
        lines = wrap(f"{number + 1}. {item}", 294, 8)
        h = len(lines) * 9.5 + 5
        pen.sheet.rect(LEFT, y, 302, h, width=0.4)
        for at, part in enumerate(lines):
            pen.text(LEFT + 3, y + 9.5 + at * 9.5, part, 8)
        for value in range(4):
            x = LEFT + 302 + value * 55
            pen.sheet.rect(x, y, 55, h, width=0.4)
            if pen.sheet.fillable:
                pen.sheet.tick(x + 23, y + h / 2 + 4, pen.who.get(path) == value, path, str(value))
            elif pen.who.get(path) == value:
                pen.sheet.cross(x + 27, y + h / 2, 8)
        y += h
    return y
