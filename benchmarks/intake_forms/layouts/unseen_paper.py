"""A photocopied word-processor form: captions in brackets, words and letters to circle, scores on blanks before the items.

Its failures were looked at after it had been measured twice.
"""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._pen import Pen

YN = (("Y", True), ("N", False))


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Times-Roman", "Times-Bold", 10.5)
    pen.text(190, 44, "Riverbend Family Counseling", 14, bold=True)
    pen.text(228, 58, "New Patient Registration", 11)
    y = pen.rules(
        84,
        ("Patient Name (Last)", "demographics.last_name", 265),
        ("(First)", "demographics.first_name", 420),
        ("(Middle)", "demographics.middle_name", RIGHT),
    )
    y = pen.rules(y, ("Address", "contact.address_line", RIGHT))
    y = pen.rules(
        y, ("City", "contact.city", 270), ("State", "contact.state", 350), ("Zip", "contact.postal_code", RIGHT)
    )
    x = pen.rule(LEFT, y, "Birth date", "demographics.birth_date", 210)
    x = pen.text(x, y, "Sex:") + 8
    x = pen.circle(x, y, "demographics.sex", (("M", "Male"), ("F", "Female")), "  /  ") + 20
    pen.rule(x, y, "Occupation", "demographics.occupation", RIGHT)
    y += 20
    x = pen.text(LEFT, y, "Marital status (circle one):") + 12
    pen.circle(
        x,
        y,
        "demographics.marital_status",
        [(word, word) for word in ("Single", "Married", "Widowed", "Divorced", "Separated")],
    )
    y = pen.rules(y + 20, ("Home Phone", "contact.home_phone", 300), ("Cell Phone", "contact.mobile_phone", RIGHT, ""))
    y = pen.rules(y, ("Email Address:", "contact.email", 330), ("Employer", "demographics.employer", RIGHT))
    y = pen.rules(y, ("Person to notify in an emergency", "emergency_contact.name", RIGHT))
    y = pen.rules(
        y,
        ("Relationship to patient", "emergency_contact.relationship", 300),
        ("Phone No.", "emergency_contact.phone", RIGHT),
        step=26,
    )
    pen.text(LEFT, y, "INSURANCE", 11, bold=True)
    y = pen.rules(
        y + 18, ("Ins. Co.", "insurance.primary.payer", 300), ("Policy/ID No.", "insurance.primary.member_id", RIGHT)
    )
    y = pen.rules(
        y,
        ("Group No.", "insurance.primary.group_number", 210),
        ("Name of person insured", "insurance.primary.subscriber_name", RIGHT),
    )
    y = pen.rules(
        y,
        ("Insured's birth date", "insurance.primary.subscriber_birth_date", 250),
        ("Patient is insured's (self, spouse, child)", "insurance.primary.subscriber_relationship", RIGHT),
        step=26,
    )
    pen.text(LEFT, y, "ABOUT YOUR VISIT", 11, bold=True)
    y = pen.area(
        LEFT,
        y + 16,
        RIGHT - LEFT,
        2,
        "What problem are you seeking help for today?",
        "presenting.problem",
        step=18,
        ruled=True,
    )
    y = pen.rules(y + 4, ("How long has this been going on?", "presenting.onset", 420))
    y = pen.rules(y, ("Medical problems, operations:", "history.medical", RIGHT))
    y = pen.rules(y, ("Drug allergies:", "allergies", RIGHT))
    y = pen.rules(y, ("Blood relatives with nervous or mental problems:", "history.family", RIGHT), step=24)
    pen.text(LEFT, y, "Please circle Y (yes) or N (no)", 10, bold=True)
    y += 17
    for words, path in (
        ("Have you been in counseling or psychotherapy before?", "history.prior_counseling"),
        ("Have you ever been admitted to a psychiatric hospital?", "history.prior_hospitalization"),
        ("Are you having any thoughts of killing yourself?", "risk.suicidal_thoughts"),
        ("Have you ever tried to take your own life?", "risk.suicide_attempt"),
        ("Are there guns in your home?", "risk.weapons_access"),
    ):
        pen.circle(LEFT + 4, y, path, YN, "    ")
        pen.text(LEFT + 60, y, words)
        y += 16
    sheet.next_page()
    y = 50
    for title, key, items in (
        ("Patient Health Questionnaire (PHQ-9)", "phq9", PHQ9),
        ("GAD-7 Anxiety Scale", "gad7", GAD7),
    ):
        pen.text(LEFT, y, title, 12, bold=True)
        y = pen.prose(
            LEFT,
            y + 14,
            500,
            "For each item write a number: 0 = not at all, 1 = several days, 2 = more than half the days, 3 = nearly every day",
            9,
        )
        y = pen.scores(y + 8, key, items, LEFT, 440, before=True, total="TOTAL")
    y = pen.prose(
        LEFT,
        y + 10,
        500,
        "I consent to treatment for myself or my child, and I have been offered a copy of the Notice of Privacy Practices.",
    )
    pen.rules(y + 16, ("Signed", "consents.0.signature", 360), ("Date", "consents.0.signed_on", 500))
    sheet.asked.discard("contact.mobile_phone")
