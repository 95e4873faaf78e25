"""A grid of cells, a small label in the upper corner of each and the answer below it; numbers to circle."""

from ..canvas import LEFT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._parts import printed, wrap

GRAY = None


def draw(sheet: Sheet, who: Person) -> None:
    sheet.print(LEFT, 40, "Riverbend Counseling Associates", 13, bold=True, font="Times-Bold")
    sheet.print(LEFT, 54, "Patient Registration", 11, font="Times-Roman")
    y = 66.0
    y = bar(sheet, y, "PATIENT INFORMATION")
    y = row(
        sheet,
        who,
        y,
        ("Last name", "demographics.last_name", 180),
        ("First name", "demographics.first_name", 180),
        ("M.I.", "demographics.middle_name", 162),
    )
    y = row(
        sheet,
        who,
        y,
        ("Birth date", "demographics.birth_date", 130),
        ("Preferred name", "demographics.preferred_name", 200),
        ("Pronouns", "demographics.pronouns", 192),
    )
    y = ticks(
        sheet,
        who,
        y,
        ("Sex", "demographics.sex", ("Male", "Female"), 150),
        (
            "Marital status",
            "demographics.marital_status",
            ("Single", "Married", "Divorced", "Widowed", "Separated"),
            372,
        ),
    )
    y = row(
        sheet,
        who,
        y,
        ("Street address", "contact.address_line", 300),
        ("City", "contact.city", 110),
        ("State", "contact.state", 42),
        ("ZIP code", "contact.postal_code", 70),
    )
    y = row(
        sheet,
        who,
        y,
        ("Home phone", "contact.home_phone", 160),
        ("Work phone", "contact.work_phone", 160),
        ("E-mail", "contact.email", 202),
    )
    y = row(
        sheet,
        who,
        y,
        ("Employer", "demographics.employer", 262),
        ("Occupation", "demographics.occupation", 130),
        ("Language", "demographics.language", 130),
    )
    y = bar(sheet, y, "PERSON TO CONTACT IN CASE OF EMERGENCY")
    y = row(
        sheet,
        who,
        y,
        ("Name", "emergency_contact.name", 200),
        ("Relationship to patient", "emergency_contact.relationship", 160),
        ("Phone", "emergency_contact.phone", 162),
    )
    y = bar(sheet, y, "PARENT OR LEGAL GUARDIAN (IF PATIENT IS A MINOR)")
    y = row(
        sheet,
        who,
        y,
        ("Name", "guardian.name", 200),
        ("Relationship", "guardian.relationship", 160),
        ("Phone", "guardian.phone", 162),
    )
    y = bar(sheet, y, "PRIMARY INSURANCE")
    y = policy(sheet, who, y, "primary")
    y = bar(sheet, y, "SECONDARY INSURANCE")
    y = policy(sheet, who, y, "secondary")
    y = bar(sheet, y, "REASON FOR VISIT")
    for label, path in (
        ("Chief complaint", "presenting.problem"),
        ("When did this start?", "presenting.onset"),
        ("Allergies", "allergies"),
        ("Medical conditions", "history.medical"),
        ("Family history of mental illness", "history.family"),
    ):
        y = row(sheet, who, y, (label, path, 522))
    sheet.next_page()
    y = 40.0
    y = grid(sheet, who, y, "PATIENT HEALTH QUESTIONNAIRE (PHQ-9)", "phq9", PHQ9)
    y = grid(sheet, who, y + 14, "GAD-7", "gad7", GAD7)
    y = bar(sheet, y + 10, "CONSENT FOR TREATMENT")
    y = printed(
        sheet,
        LEFT,
        y + 12,
        520,
        "I consent to evaluation and treatment by the clinicians of this practice. I have received the Notice of Privacy Practices.",
    )
    row(
        sheet,
        who,
        y,
        ("Signature of patient or guardian", "consents.0.signature", 340),
        ("Date", "consents.0.signed_on", 182),
    )


def bar(sheet: Sheet, y: float, text: str) -> float:
    sheet.print(LEFT + 2, y + 11, text, 8.5, bold=True)
    return y + 15


def row(sheet: Sheet, who: Person, y: float, *cells: tuple[str, str, float]) -> float:
    x: float = LEFT
    for label, path, width in cells:
        sheet.rect(x, y, width, 28)
        sheet.print(x + 3, y + 9, label, 7)
        sheet.answer(x + 4, y + 23, width - 8, path, who.text(path))
        x += width
    return y + 28


def ticks(sheet: Sheet, who: Person, y: float, *cells: tuple[str, str, tuple[str, ...], float]) -> float:
    x: float = LEFT
    for label, path, options, width in cells:
        sheet.rect(x, y, width, 30)
        sheet.print(x + 3, y + 9, label, 7)
        sheet.choice(x + 5, y + 24, path, options, who.get(path), gap=9, size=8)
        x += width
    return y + 30


def policy(sheet: Sheet, who: Person, y: float, which: str) -> float:
    start = f"insurance.{which}."
    y = row(
        sheet,
        who,
        y,
        ("Insurance company", start + "payer", 222),
        ("Policy / ID number", start + "member_id", 160),
        ("Group number", start + "group_number", 140),
    )
    return row(
        sheet,
        who,
        y,
        ("Name of insured", start + "subscriber_name", 222),
        ("Insured's date of birth", start + "subscriber_birth_date", 160),
        ("Relationship to insured", start + "subscriber_relationship", 140),
    )


def grid(sheet: Sheet, who: Person, y: float, title: str, key: str, items: tuple[str, ...]) -> float:
    y = bar(sheet, y, title)
    sheet.print(
        LEFT,
        y + 10,
        "Over the last 2 weeks, how often have you been bothered by the following? Circle one number on each line.",
        8,
    )
    y += 18
    for at, words in enumerate(("Not at all", "Several days", "More than half the days", "Nearly every day")):
        for line, part in enumerate(wrap(words, 48, 7)):
            sheet.print(350 + at * 55, y + 8 + 8 * line, part, 7)
    y += 32
    for at, item in enumerate(items):
        lines = wrap(item, 285, 8.5)
        height = max(19, 11 * len(lines) + 6)
        sheet.rect(LEFT, y, 522, height)
        for line, part in enumerate(lines):
            sheet.print(LEFT + 4, y + 12 + 11 * line, part, 8.5)
        sheet.asked.add(f"{key}.items.{at}")
        for value in range(4):
            x = 366 + value * 55
            taken = who.get(f"{key}.items.{at}") == value
            if sheet.fillable:
                sheet.tick(x - 2, y + 13, taken, f"{key}.items.{at}", str(value), round_=True)
                continue
            sheet.print(x, y + 13, str(value), 9)
            if taken:
                sheet.ring(x, y + 13, str(value))
        y += height
    sheet.print(380, y + 13, "TOTAL SCORE:", 8, bold=True)
    sheet.answer(450, y + 13, 40, f"{key}.stated_total", who.text(f"{key}.stated_total"))
    return y + 16
