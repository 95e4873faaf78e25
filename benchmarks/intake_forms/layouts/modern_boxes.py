"""A designed form: light labels over rounded boxes, radio buttons, tables for medications and questionnaires."""

from reportlab.lib.colors import HexColor

from ..canvas import HEIGHT, Sheet
from ..items import GAD7, PHQ9, SCALE
from ..people import Person
from ._parts import wrap

LEFT, FULL = 40, 532
INK = HexColor("#35506b")


def draw(sheet: Sheet, who: Person) -> None:
    sheet.print(LEFT, 46, "Let's get started", 18, color=INK, bold=True)
    y = 62.0
    y = heading(sheet, y, "Personal details")
    y = fields(
        sheet, who, y, ("Given name", "demographics.first_name", 0.5), ("Family name", "demographics.last_name", 0.5)
    )
    y = fields(
        sheet,
        who,
        y,
        ("What would you like to be called?", "demographics.preferred_name", 0.5),
        ("Birthdate", "demographics.birth_date", 0.5),
    )
    y = radios(sheet, who, y, "Sex on insurance card", "demographics.sex", ("Male", "Female"))
    y = fields(sheet, who, y, ("Home address", "contact.address_line", 0.6), ("Town", "contact.city", 0.4))
    y = fields(
        sheet,
        who,
        y,
        ("State", "contact.state", 0.2),
        ("Postal code", "contact.postal_code", 0.3),
        ("Primary phone", "contact.phone", 0.5),
    )
    y = fields(sheet, who, y, ("Email", "contact.email", 0.5), ("Occupation", "demographics.occupation", 0.5))
    y = heading(sheet, y, "Who should we call in an emergency?")
    y = fields(
        sheet,
        who,
        y,
        ("Full name", "emergency_contact.name", 0.4),
        ("Relationship", "emergency_contact.relationship", 0.3),
        ("Phone", "emergency_contact.phone", 0.3),
    )
    y = heading(sheet, y, "Your insurance")
    y = fields(
        sheet,
        who,
        y,
        ("Insurance provider", "insurance.primary.payer", 0.5),
        ("Member number", "insurance.primary.member_id", 0.5),
    )
    y = fields(
        sheet,
        who,
        y,
        ("Group ID", "insurance.primary.group_number", 0.3),
        ("Policy holder", "insurance.primary.subscriber_name", 0.4),
        ("Policy holder DOB", "insurance.primary.subscriber_birth_date", 0.3),
    )
    y = radios(
        sheet,
        who,
        y,
        "Relationship to policy holder",
        "insurance.primary.subscriber_relationship",
        ("Self", "Spouse", "Child", "Other"),
    )
    y = heading(sheet, y, "What brings you here")
    y = area(sheet, who, y, "Main concern", "presenting.problem")
    y = area(sheet, who, y, "How long have you felt this way?", "presenting.onset")
    sheet.next_page()
    y = heading(sheet, 36, "Medications")
    y = medicines(sheet, who, y)
    y = fields(
        sheet, who, y, ("Drug allergies", "allergies", 0.5), ("Physical health conditions", "history.medical", 0.5)
    )
    y = heading(sheet, y, "Your safety")
    for question, path in (
        ("Do you have thoughts of suicide?", "risk.suicidal_thoughts"),
        ("Have you ever attempted suicide?", "risk.suicide_attempt"),
        ("Have you experienced abuse or neglect?", "risk.abuse"),
    ):
        sheet.print(LEFT, y + 10, question, 9)
        sheet.choice(330, y + 10, path, ("Yes", "No"), who.get(path), round_=True)
        y += 17
    for name, key, items in (("PHQ-9", "phq9", PHQ9), ("GAD-7", "gad7", GAD7)):
        y = grid(sheet, who, y + 4, name, key, items)
    y = heading(sheet, y, "Agreements")
    for topic in ("I consent to treatment.", "I have read the privacy notice."):
        sheet.print(LEFT, y + 8, topic, 9)
        y += 12
    fields(
        sheet, who, y, ("Your signature", "consents.0.signature", 0.6), ("Today's date", "consents.0.signed_on", 0.4)
    )


def heading(sheet: Sheet, y: float, text: str) -> float:
    sheet.print(LEFT, y + 16, text, 12, bold=True, color=INK)
    return y + 22


def fields(sheet: Sheet, who: Person, y: float, *cells: tuple[str, str, float]) -> float:
    x: float = LEFT
    for label, path, share in cells:
        width = FULL * share - 8
        sheet.print(x, y + 8, label, 7.5, color=INK)
        sheet.canvas.setLineWidth(0.6)
        sheet.canvas.roundRect(x, HEIGHT - y - 28, width, 17, 3)
        sheet.answer(x + 3, y + 23, width - 6, path, who.text(path))
        x += FULL * share
    return y + 33


def area(sheet: Sheet, who: Person, y: float, label: str, path: str) -> float:
    sheet.print(LEFT, y + 8, label, 7.5, color=INK)
    sheet.canvas.setLineWidth(0.6)
    sheet.canvas.roundRect(LEFT, HEIGHT - y - 46, FULL - 8, 35, 3)
    sheet.paragraph(LEFT + 4, y + 23, FULL - 20, 2, 13, path, who.text(path))
    return y + 51


def radios(sheet: Sheet, who: Person, y: float, label: str, path: str, options: tuple[str, ...]) -> float:
    sheet.print(LEFT, y + 8, label, 7.5, color=INK)
    sheet.choice(LEFT + 2, y + 23, path, options, who.get(path), gap=20, round_=True)
    return y + 32


def medicines(sheet: Sheet, who: Person, y: float) -> float:
    columns = (
        ("Medication", "name", 170),
        ("Dosage", "dose", 90),
        ("How often", "frequency", 130),
        ("Prescribed by", "prescriber", 134),
    )
    for at in range(4):
        x: float = LEFT
        for label, name, width in columns:
            sheet.rect(x, y, width, 18)
            if at == 0:
                sheet.print(x + 4, y + 12, label, 8, bold=True)
            else:
                sheet.answer(
                    x + 4,
                    y + 12.5,
                    width - 8,
                    f"medications.{at - 1}.{name}",
                    who.text(f"medications.{at - 1}.{name}"),
                    size=8.5,
                )
            x += width
        y += 18
    return y + 6


def grid(sheet: Sheet, who: Person, y: float, name: str, key: str, items: tuple[str, ...]) -> float:
    sheet.print(LEFT, y + 14, name, 11, bold=True, color=INK)
    for at, words in enumerate(SCALE):
        for line, part in enumerate(wrap(words, 50, 6.5)):
            sheet.print(350 + at * 56, y + 6 + 7 * line, part, 6.5)
    y += 26
    for at, item in enumerate(items):
        lines = wrap(f"{at + 1}. {item}", 300, 8)
        for number, part in enumerate(lines):
            sheet.print(LEFT, y + 6 + number * 9, part, 8)
        sheet.asked.add(f"{key}.items.{at}")
        for value in range(4):
            sheet.tick(
                362 + value * 56,
                y + 6,
                who.get(f"{key}.items.{at}") == value,
                f"{key}.items.{at}",
                str(value),
                size=8.5,
                round_=True,
            )
        y += 5 + 9 * len(lines)
    return y
