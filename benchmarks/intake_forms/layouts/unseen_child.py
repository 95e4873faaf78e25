"""A child clinic's form: shaded bars, two columns, "Child's" labels, check tables with a column for details.

Its failures were looked at after it had been measured twice.
"""

from reportlab.lib.colors import HexColor

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._parts import joined
from ._pen import YES_NO, Pen

TEAL = HexColor("#1f6f78")
MIDDLE = 312


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=9)
    pen.text(LEFT, 44, "Little Oaks Child & Adolescent Clinic", 14, bold=True)
    left = pen.bar(66, "ABOUT THE CHILD", LEFT, 300, TEAL)
    name = joined(who, "demographics.first_name", "demographics.last_name")
    left = pair(pen, LEFT, left, 300, "Child's name", "demographics.first_name", name)
    sheet.asked.add("demographics.last_name")
    left = pair(pen, LEFT, left, 300, "Nickname", "demographics.preferred_name")
    left = pair(pen, LEFT, left, 300, "Child's birthdate", "demographics.birth_date")
    pen.text(LEFT, left, "Gender")
    pen.boxes(118, left, "demographics.sex", (("Boy", "Male"), ("Girl", "Female")), style="fill")
    left = pair(pen, LEFT, left + 20, 300, "Home address", "contact.address_line")
    left = pair(pen, LEFT, left, 300, "City", "contact.city")
    left = pair(pen, LEFT, left, 300, "State", "contact.state")
    left = pair(pen, LEFT, left, 300, "Zip", "contact.postal_code")
    left = pair(pen, LEFT, left, 300, "Best phone", "contact.phone")
    right = pen.bar(66, "PARENT OR GUARDIAN", MIDDLE, RIGHT, TEAL)
    right = pair(pen, MIDDLE, right, RIGHT, "Name", "guardian.name")
    right = pair(pen, MIDDLE, right, RIGHT, "Relationship", "guardian.relationship")
    right = pair(pen, MIDDLE, right, RIGHT, "Phone", "guardian.phone")
    right = pen.bar(right + 6, "EMERGENCY CONTACT", MIDDLE, RIGHT, TEAL)
    right = pair(pen, MIDDLE, right, RIGHT, "Name", "emergency_contact.name")
    right = pair(pen, MIDDLE, right, RIGHT, "Relation to child", "emergency_contact.relationship")
    right = pair(pen, MIDDLE, right, RIGHT, "Phone", "emergency_contact.phone")
    left = pen.bar(left + 8, "PRIMARY INSURANCE", LEFT, 300, TEAL)
    right = left
    for which, x, end, y in (("primary", LEFT, 300, left), ("secondary", MIDDLE, RIGHT, right)):
        if which == "secondary":
            pen.bar(y - 20, "SECONDARY INSURANCE", x, end, TEAL)
        for label, field in (
            ("Company", "payer"),
            ("Member #", "member_id"),
            ("Group #", "group_number"),
            ("Policyholder", "subscriber_name"),
            ("Policyholder DOB", "subscriber_birth_date"),
        ):
            y = pair(pen, x, y, end, label, f"insurance.{which}.{field}")
        left = y
    y = pen.bar(left + 8, "CONCERNS", fill=TEAL)
    y = pen.area(LEFT, y - 2, RIGHT - LEFT, 2, "What worries you most about your child?", "presenting.problem")
    y = pen.rules(y + 4, ("When did you first notice this?", "presenting.onset", 420))
    y = pen.rules(y, ("Allergies (food, medicine, other):", "allergies", RIGHT))
    y = pen.bar(y + 6, "HISTORY AND SAFETY", fill=TEAL)
    y = table(pen, y)
    sheet.next_page()
    y = pen.bar(50, "MEDICINES YOUR CHILD TAKES", fill=TEAL)
    y = medicines(pen, y - 8)
    for title, key, items in (("DEPRESSION SCREEN (PHQ-9)", "phq9", PHQ9), ("ANXIETY SCREEN (GAD-7)", "gad7", GAD7)):
        y = pen.bar(y + 8, title, fill=TEAL)
        y = pen.likert(y - 4, key, items, (356, 412, 468, 524), 295, "box", numbered=False, frame=True, style="fill")
    y = pen.bar(y + 8, "PERMISSION", fill=TEAL)
    y = pen.prose(
        LEFT, y, 520, "I give permission for my child to be evaluated and treated, and I received the HIPAA notice."
    )
    x = pen.rule(LEFT, y + 14, "Parent/guardian signature", "consents.0.signature", 400)
    pen.rule(x, y + 14, "Date", "consents.0.signed_on", RIGHT)


def pair(pen: Pen, x: float, y: float, end: float, label: str, path: str, text: str | None = None) -> float:
    pen.text(x, y, label)
    pen.sheet.line(x + 84, y + 2, end, y + 2, 0.5)
    pen.sheet.answer(x + 86, y, end - x - 88, path, pen.who.text(path) if text is None else text)
    return y + 19


def table(pen: Pen, y: float) -> float:
    rows = (
        ("Seen a counselor before", "history.prior_counseling"),
        ("Stayed in a hospital for mental health", "history.prior_hospitalization"),
        ("Talked about wanting to die", "risk.suicidal_thoughts"),
        ("Hurt himself/herself on purpose", "risk.self_harm"),
        ("Been abused or neglected", "risk.abuse"),
    )
    uprights = (LEFT, 270, 310, 350, RIGHT)
    for at in range(len(rows) + 2):
        pen.sheet.line(LEFT, y - 11 + at * 17, RIGHT, y - 11 + at * 17, 0.5)
    for x in uprights:
        pen.sheet.line(x, y - 11, x, y - 11 + (len(rows) + 1) * 17, 0.5)
    for x, words in ((LEFT + 4, "Has your child ever..."), (281, "Yes"), (323, "No"), (356, "If yes, tell us more")):
        pen.text(x, y, words, 8.5, bold=True)
    for at, (words, path) in enumerate(rows, 1):
        pen.text(LEFT + 4, y + at * 17, words, 8.5)
        pen.sheet.asked.add(path)
        for option, x in zip(YES_NO, (285, 325), strict=True):
            pen.sheet.tick(x, y + at * 17, pen.taken(path, option), path, option[0])
    return y + 17 * (len(rows) + 1) + 8


def medicines(pen: Pen, y: float) -> float:
    heads = (
        ("Medicine", LEFT, 200, "name"),
        ("Dose", 200, 290, "dose"),
        ("When taken", 290, 420, "frequency"),
        ("Prescribed by", 420, RIGHT, "prescriber"),
    )
    for _, x, end, _ in heads:
        for at in range(4):
            pen.sheet.rect(x, y + at * 17, end - x, 17, width=0.5)
    for words, x, end, field in heads:
        pen.text(x + 4, y + 12, words, 8.5, bold=True)
        for at in range(3):
            path = f"medications.{at}.{field}"
            pen.sheet.answer(x + 4, y + 29 + at * 17, end - x - 8, path, pen.who.text(path))
    return y + 84
