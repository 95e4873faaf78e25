"""Blanks typed as underscores, options with blanks before them, numbers to circle.  Its failures were looked at once."""

from reportlab.pdfbase.pdfmetrics import stringWidth

from ..canvas import Sheet
from ..items import GAD7, PHQ9, SCALE
from ..people import Person
from ._parts import joined, printed, wrap

LEFT, FONT, SIZE = 50, "Times-Roman", 10


def draw(sheet: Sheet, who: Person) -> None:
    sheet.print(200, 46, "ADULT INTAKE FORM", 14, font="Times-Bold")
    y = 74.0
    name = joined(who, "demographics.first_name", "demographics.last_name")
    y = blanks(
        sheet, who, y, ("Client Name:", "demographics.first_name", 290, name), ("DOB:", "demographics.birth_date", 110)
    )
    sheet.asked.add("demographics.last_name")
    y = blanks(sheet, who, y, ("Address:", "contact.address_line", 440))
    y = blanks(
        sheet,
        who,
        y,
        ("City:", "contact.city", 180),
        ("State:", "contact.state", 40),
        ("Zip Code:", "contact.postal_code", 90),
    )
    y = blanks(sheet, who, y, ("Home Phone:", "contact.home_phone", 120), ("Work Phone:", "contact.work_phone", 120))
    y = blanks(sheet, who, y, ("Email:", "contact.email", 220), ("Occupation:", "demographics.occupation", 130))
    y = options(sheet, who, y, "Gender:", "demographics.sex", ("Male", "Female"))
    y = blanks(sheet, who, y, ("In case of emergency, contact:", "emergency_contact.name", 170))
    y = blanks(
        sheet,
        who,
        y,
        ("Relationship:", "emergency_contact.relationship", 120),
        ("Phone:", "emergency_contact.phone", 120),
    )
    y = head(sheet, y, "INSURANCE INFORMATION")
    y = blanks(sheet, who, y, ("Name of Insurance Company:", "insurance.primary.payer", 260))
    y = blanks(
        sheet,
        who,
        y,
        ("Policy #:", "insurance.primary.member_id", 160),
        ("Group #:", "insurance.primary.group_number", 120),
    )
    y = blanks(
        sheet,
        who,
        y,
        ("Name of Insured:", "insurance.primary.subscriber_name", 180),
        ("Insured's DOB:", "insurance.primary.subscriber_birth_date", 110),
    )
    y = head(sheet, y, "PRESENTING PROBLEM")
    y = blanks(sheet, who, y, ("Reason for seeking treatment:", "presenting.problem", 350))
    y = blanks(sheet, who, y, ("When did this problem begin?", "presenting.onset", 200))
    y = head(sheet, y, "HISTORY")
    y = options(
        sheet, who, y, "Have you ever seen a counselor or therapist before?", "history.prior_counseling", ("Yes", "No")
    )
    y = options(
        sheet,
        who,
        y,
        "Have you ever been hospitalized for psychiatric reasons?",
        "history.prior_hospitalization",
        ("Yes", "No"),
    )
    y = blanks(sheet, who, y, ("Current medical problems:", "history.medical", 300))
    y = blanks(sheet, who, y, ("Allergies:", "allergies", 250))
    y = options(sheet, who, y, "Have you ever attempted suicide?", "risk.suicide_attempt", ("Yes", "No"))
    y = options(sheet, who, y, "Do you currently have thoughts of suicide?", "risk.suicidal_thoughts", ("Yes", "No"))
    options(sheet, who, y, "Do you have access to firearms?", "risk.weapons_access", ("Yes", "No"))
    sheet.next_page()
    y = 46.0
    for title, key, items in (("PHQ-9", "phq9", PHQ9), ("GAD-7", "gad7", GAD7)):
        y = circles(sheet, who, y, title, key, items) + 22
    y = head(sheet, y, "CONSENT FOR TREATMENT")
    y = printed(
        sheet,
        LEFT,
        y,
        500,
        "I give my informed consent to treatment and understand the cancellation and payment policy.",
        font=FONT,
    )
    blanks(
        sheet, who, y + 16, ("Client Signature:", "consents.0.signature", 220), ("Date:", "consents.0.signed_on", 100)
    )


def head(sheet: Sheet, y: float, text: str) -> float:
    sheet.print(LEFT, y + 6, text, 10.5, font="Times-Bold")
    return y + 26


def blanks(sheet: Sheet, who: Person, y: float, *entries: tuple) -> float:
    x: float = LEFT
    for label, path, width, *given in entries:
        start = sheet.print(x, y, label, SIZE, font=FONT) + 3
        count = int(width / stringWidth("_", FONT, SIZE))
        end = sheet.print(start, y, "_" * count, SIZE, font=FONT)
        sheet.answer(start + 2, y - 1, width - 4, path, given[0] if given else who.text(path))
        x = end + 10
    return y + 21


def options(sheet: Sheet, who: Person, y: float, label: str, path: str, names: tuple[str, ...]) -> float:
    x = sheet.print(LEFT, y, label, SIZE, font=FONT) + 10
    if sheet.fillable:
        sheet.choice(x, y, path, names, who.get(path))
        return y + 20
    sheet.asked.add(path)
    value = who.get(path)
    for name in names:
        taken = name == value or (isinstance(value, bool) and name == ("Yes" if value else "No"))
        x = sheet.print(x, y, "_X_" if taken else "___", SIZE, font=FONT) + 2
        x = sheet.print(x, y, name, SIZE, font=FONT) + 14
    return y + 20


def circles(sheet: Sheet, who: Person, y: float, title: str, key: str, items: tuple[str, ...]) -> float:
    sheet.print(LEFT, y, title, 11, font="Times-Bold")
    for at, words in enumerate(SCALE):
        for line, part in enumerate(wrap(words, 50, 7.5, FONT)):
            sheet.print(352 + at * 54, y - 6 + 8 * line, part, 7.5, font=FONT)
    y += 26
    for at, item in enumerate(items):
        lines = wrap(f"{at + 1}. {item}", 290, 9, FONT)
        for number, part in enumerate(lines):
            sheet.print(LEFT, y + 10 * number, part, 9, font=FONT)
        sheet.asked.add(f"{key}.items.{at}")
        for value in range(4):
            x = 366 + 54 * value
            taken = who.get(f"{key}.items.{at}") == value
            if sheet.fillable:
                sheet.tick(x - 2, y, taken, f"{key}.items.{at}", str(value), round_=True)
                continue
            sheet.print(x, y, str(value), 10, font=FONT)
            if taken:
                sheet.ring(x, y, str(value))
        y += 9 + 10 * len(lines)
    return y
