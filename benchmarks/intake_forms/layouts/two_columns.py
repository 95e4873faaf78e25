"""Two columns side by side, labels over lines, no colons; X in the cells of the questionnaires."""

from ..canvas import Sheet
from ..items import GAD7, PHQ9, SCALE
from ..people import Person
from ._parts import printed, wrap

LEFT, MIDDLE, RIGHT = 40, 316, 572


def draw(sheet: Sheet, who: Person) -> None:
    sheet.print(LEFT, 42, "Welcome! Please tell us about yourself.", 14, font="Times-BoldItalic")
    left = column(
        sheet,
        who,
        LEFT,
        66,
        (
            ("About You", None),
            ("First name", "demographics.first_name"),
            ("Last name", "demographics.last_name"),
            ("Date of birth", "demographics.birth_date"),
            ("Pronouns", "demographics.pronouns"),
            ("Street", "contact.address_line"),
            ("City", "contact.city"),
            ("State", "contact.state"),
            ("Zip", "contact.postal_code"),
            ("Phone", "contact.phone"),
            ("Email", "contact.email"),
            ("Employer", "demographics.employer"),
        ),
    )
    right = column(
        sheet,
        who,
        MIDDLE,
        66,
        (
            ("Primary Insurance", None),
            ("Insurance plan", "insurance.primary.payer"),
            ("Member ID", "insurance.primary.member_id"),
            ("Group number", "insurance.primary.group_number"),
            ("Subscriber", "insurance.primary.subscriber_name"),
            ("Subscriber date of birth", "insurance.primary.subscriber_birth_date"),
            ("Emergency Contact", None),
            ("Name", "emergency_contact.name"),
            ("Relationship", "emergency_contact.relationship"),
            ("Phone", "emergency_contact.phone"),
        ),
    )
    y = max(left, right) + 6
    sheet.line(LEFT, y - 4, RIGHT, y - 4)
    sheet.print(LEFT, y + 14, "Your Concerns", 11, bold=True)
    y += 30
    for question, path, lines in (
        ("Please describe the problem that brings you here.", "presenting.problem", 2),
        ("What would you like to get out of therapy?", "presenting.goals", 1),
        ("List any medical conditions.", "history.medical", 1),
    ):
        sheet.print(LEFT, y, question, 9)
        for at in range(lines):
            sheet.line(LEFT, y + 18 + at * 17, RIGHT, y + 18 + at * 17)
        sheet.paragraph(LEFT, y + 15, RIGHT - LEFT, lines, 17, path, who.text(path))
        y += 16 + 18 * lines
    sheet.print(LEFT, y + 4, "Are you currently having thoughts of ending your life?", 9)
    sheet.choice(360, y + 4, "risk.suicidal_thoughts", ("Yes", "No"), who.get("risk.suicidal_thoughts"), style="check")
    sheet.print(LEFT, y + 20, "Have you been hospitalized for mental health reasons?", 9)
    sheet.choice(
        360,
        y + 20,
        "history.prior_hospitalization",
        ("Yes", "No"),
        who.get("history.prior_hospitalization"),
        style="check",
    )
    sheet.print(LEFT, y + 36, "Do you feel safe at home?", 9)
    sheet.choice(360, y + 36, "risk.safe_at_home", ("Yes", "No"), who.get("risk.safe_at_home"), style="check")
    sheet.next_page()
    y = 44.0
    for name, key, items in (("PHQ-9", "phq9", PHQ9), ("GAD-7", "gad7", GAD7)):
        y = crosses(sheet, who, y, name, key, items) + 24
    y = printed(
        sheet,
        LEFT,
        y + 6,
        520,
        "I agree to the telehealth policy and to release of information to my insurance company for billing.",
    )
    y += 24
    for x, right_end, label, path in (
        (LEFT, 330, "Signature", "consents.0.signature"),
        (360, RIGHT, "Date", "consents.0.signed_on"),
    ):
        start = sheet.print(x, y, label, 9) + 6
        sheet.line(start, y + 2, right_end, y + 2)
        sheet.answer(start, y, right_end - start, path, who.text(path))


def column(sheet: Sheet, who: Person, x: float, y: float, rows: tuple[tuple[str, str | None], ...]) -> float:
    for label, path in rows:
        if path is None:
            sheet.print(x, y + 12, label, 11, bold=True)
            y += 20
            continue
        sheet.print(x, y + 8, label, 7.5)
        sheet.answer(x, y + 21, 236, path, who.text(path))
        sheet.line(x, y + 24, x + 240, y + 24)
        y += 31
    return y


def crosses(sheet: Sheet, who: Person, y: float, name: str, key: str, items: tuple[str, ...]) -> float:
    sheet.print(LEFT, y, name, 11, bold=True)
    sheet.print(LEFT, y + 14, "Mark one box on each line with an X.", 8)
    for at, words in enumerate(SCALE):
        for line, part in enumerate(wrap(words, 46, 7)):
            sheet.print(352 + at * 55, y - 4 + 8 * line, part, 7)
    y += 20
    for at, item in enumerate(items):
        lines = wrap(item, 290, 8.5)
        height = 8 + 10 * len(lines)
        sheet.rect(LEFT, y, 308, height)
        for number, part in enumerate(lines):
            sheet.print(LEFT + 4, y + 12 + 10 * number, part, 8.5)
        sheet.asked.add(f"{key}.items.{at}")
        for value in range(4):
            x = 348 + value * 55
            sheet.rect(x, y, 55, height)
            taken = who.get(f"{key}.items.{at}") == value
            if sheet.fillable:
                sheet.tick(x + 22, y + height / 2 + 4, taken, f"{key}.items.{at}", str(value))
            elif taken:
                sheet.cross(x + 27, y + height / 2)
        y += height
    return y
