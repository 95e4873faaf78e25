"""Colons and blank lines, two fields a line.  Used while the extraction was written, so it is not part of the figures."""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9, SCALE
from ..people import RISKS, Person


def draw(sheet: Sheet, who: Person) -> None:
    sheet.print(LEFT, 50, "New Client Intake Form", 16, bold=True)
    y = 80.0
    y = heading(sheet, y, "Client Information")
    y = pair(sheet, who, y, ("First Name", "demographics.first_name"), ("Last Name", "demographics.last_name"))
    y = pair(
        sheet, who, y, ("Preferred Name", "demographics.preferred_name"), ("Date of Birth", "demographics.birth_date")
    )
    sheet.print(LEFT, y, "Sex:")
    sheet.choice(LEFT + 30, y, "demographics.sex", ("Male", "Female"), who.get("demographics.sex"))
    sheet.print(310, y, "Marital Status:")
    sheet.choice(
        380,
        y,
        "demographics.marital_status",
        ("Single", "Married", "Divorced", "Widowed", "Separated"),
        who.get("demographics.marital_status"),
        gap=3,
        size=7,
    )
    y += 20
    y = pair(sheet, who, y, ("Address", "contact.address_line"), ("City", "contact.city"))
    y = pair(sheet, who, y, ("State", "contact.state"), ("Zip", "contact.postal_code"))
    y = pair(sheet, who, y, ("Phone", "contact.phone"), ("Email", "contact.email"))
    y = pair(sheet, who, y, ("Employer", "demographics.employer"), ("Referred by", "demographics.referred_by"))
    y = heading(sheet, y, "Emergency Contact")
    y = pair(sheet, who, y, ("Name", "emergency_contact.name"), ("Relationship", "emergency_contact.relationship"))
    y = pair(sheet, who, y, ("Phone", "emergency_contact.phone"), None)
    y = heading(sheet, y, "Insurance")
    y = pair(
        sheet, who, y, ("Insurance Company", "insurance.primary.payer"), ("Member ID", "insurance.primary.member_id")
    )
    y = pair(
        sheet,
        who,
        y,
        ("Group #", "insurance.primary.group_number"),
        ("Subscriber Name", "insurance.primary.subscriber_name"),
    )
    y = heading(sheet, y, "Presenting Problem")
    sheet.print(LEFT, y, "What brings you to counseling at this time?")
    for at in range(2):
        sheet.line(LEFT, y + 20 + at * 18, RIGHT, y + 20 + at * 18)
    sheet.paragraph(LEFT, y + 17, RIGHT - LEFT, 2, 18, "presenting.problem", who.text("presenting.problem"))
    y += 58
    y = pair(sheet, who, y, ("Allergies", "allergies"), ("Medical history", "history.medical"))
    y = heading(sheet, y, "Safety")
    for name, text in zip(
        RISKS[:3],
        ("Are you having thoughts of suicide?", "Have you ever attempted suicide?", "Do you hurt yourself on purpose?"),
        strict=True,
    ):
        sheet.print(LEFT, y, text)
        sheet.choice(300, y, f"risk.{name}", ("Yes", "No"), who.get(f"risk.{name}"))
        y += 17
    sheet.next_page()
    y = 60.0
    y = grid(sheet, who, y, "PHQ-9", "phq9", PHQ9)
    y = grid(sheet, who, y + 20, "GAD-7", "gad7", GAD7)
    sheet.print(LEFT, y + 30, "Medication", bold=True)
    sheet.print(230, y + 30, "Dose", bold=True)
    sheet.print(330, y + 30, "Frequency", bold=True)
    sheet.print(450, y + 30, "Prescriber", bold=True)
    for at in range(3):
        row = y + 48 + at * 18
        for x, w, name in ((LEFT, 180, "name"), (230, 90, "dose"), (330, 110, "frequency"), (450, 110, "prescriber")):
            sheet.answer(x, row, w, f"medications.{at}.{name}", who.text(f"medications.{at}.{name}"))
            sheet.line(x, row + 2, x + w, row + 2)
    y += 130
    sheet.print(LEFT, y, "I consent to treatment and have received the Notice of Privacy Practices.")
    y += 30
    pair(sheet, who, y, ("Signature", "consents.0.signature"), ("Date", "consents.0.signed_on"))


def heading(sheet: Sheet, y: float, text: str) -> float:
    sheet.print(LEFT, y + 8, text, 11, bold=True)
    return y + 28


def pair(sheet: Sheet, who: Person, y: float, one: tuple[str, str], other: tuple[str, str] | None) -> float:
    for x, right, entry in ((LEFT, 295, one), (310, RIGHT, other)):
        if entry is None:
            continue
        start = sheet.print(x, y, f"{entry[0]}:") + 4
        sheet.line(start, y + 2, right, y + 2)
        sheet.answer(start, y, right - start, entry[1], who.text(entry[1]))
    return y + 20


def grid(sheet: Sheet, who: Person, y: float, title: str, key: str, items: tuple[str, ...]) -> float:
    sheet.print(LEFT, y, title, 11, bold=True)
    for at, words in enumerate(SCALE):
        for line, part in enumerate(words.split(" ", 1)):
            sheet.print(365 + at * 52, y + 4 + line * 9, part, 7)
    y += 30
    for at, item in enumerate(items):
        rows = wrap(item, 60)
        for line, part in enumerate(rows):
            sheet.print(LEFT, y + line * 10, f"{at + 1}. {part}" if line == 0 else f"    {part}", 8.5)
        sheet.asked.add(f"{key}.items.{at}")
        for value in range(4):
            sheet.tick(372 + value * 52, y, who.get(f"{key}.items.{at}") == value, f"{key}.items.{at}", str(value))
        y += 8 + 10 * len(rows)
    sheet.print(300, y + 4, "Total:")
    sheet.answer(335, y + 4, 40, f"{key}.stated_total", who.text(f"{key}.stated_total"))
    return y + 12


def wrap(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
