"""Captions under lines, letters to circle behind the questions, scores before the items, two blocks side by side."""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._pen import Pen


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Times-Roman", "Times-Bold", 10)
    pen.text(LEFT, 46, "Northgate Psychological Associates", 13, bold=True)
    pen.text(LEFT, 60, "Adult background form", 10)
    y = 90.0
    for row in (
        (
            (LEFT, 250, "demographics.last_name", "(last name)"),
            (260, 430, "demographics.first_name", "(first name)"),
            (440, 500, "demographics.middle_name", "(middle)"),
        ),
        ((LEFT, 340, "contact.address_line", "(number and street)"), (350, RIGHT, "contact.city", "(city)")),
        (
            (LEFT, 120, "contact.state", "(state)"),
            (130, 230, "contact.postal_code", "(zip)"),
            (240, 390, "contact.home_phone", "(home telephone)"),
            (400, RIGHT, "contact.work_phone", "(work telephone)"),
        ),
        (
            (LEFT, 180, "demographics.birth_date", "(birth date)"),
            (190, 380, "demographics.occupation", "(occupation)"),
            (390, RIGHT, "contact.email", "(e-mail)"),
        ),
    ):
        for x, end, path, words in row:
            pen.caption(x, y, end, path, words, size=7.5)
        y += 33
    pen.text(LEFT, y, "Gender (please circle):")
    pen.circle(190, y, "demographics.sex", (("male", "Male"), ("female", "Female")))
    y += 22
    pen.text(LEFT, y, "Closest person for emergencies", 10, bold=True)
    pen.text(320, y, "Insurance", 10, bold=True)
    for at, (label, path, other, its) in enumerate(
        (
            ("Full name", "emergency_contact.name", "Plan", "insurance.primary.payer"),
            ("Relation to you", "emergency_contact.relationship", "ID #", "insurance.primary.member_id"),
            ("Tel.", "emergency_contact.phone", "Group #", "insurance.primary.group_number"),
        )
    ):
        pen.rule(LEFT, y + 18 + at * 19, label, path, 290)
        pen.rule(320, y + 18 + at * 19, other, its, RIGHT)
    y += 88
    y = pen.area(
        LEFT,
        y,
        RIGHT - LEFT,
        2,
        "Please state in your own words why you are seeking help now.",
        "presenting.problem",
        step=18,
        ruled=True,
    )
    y = pen.area(
        LEFT,
        y,
        RIGHT - LEFT,
        1,
        "Tell us about any serious illness, injury or operation.",
        "history.medical",
        step=18,
        ruled=True,
    )
    y = pen.area(
        LEFT,
        y,
        RIGHT - LEFT,
        1,
        "Have family members had emotional problems? If so, explain.",
        "history.family",
        step=18,
        ruled=True,
    )
    for words, path in (
        ("Have you had therapy before?", "history.prior_counseling"),
        ("Have you been a patient in a mental hospital?", "history.prior_hospitalization"),
        ("Do you think about ending your life?", "risk.suicidal_thoughts"),
        ("Have you injured yourself deliberately?", "risk.self_harm"),
        ("Do you own or have access to a firearm?", "risk.weapons_access"),
    ):
        pen.text(LEFT, y, words)
        pen.circle(420, y, path, (("Y", True), ("N", False)), "     ")
        y += 17
    sheet.next_page()
    y = 56.0
    for title, key, items in (("PHQ-9", "phq9", PHQ9), ("GAD-7", "gad7", GAD7)):
        pen.text(LEFT, y, title, 12, bold=True)
        y = pen.scores(y + 18, key, items, LEFT, 440, before=True, total="Total score:")
    y = pen.prose(LEFT, y + 6, 500, "I agree to be treated and accept responsibility for payment of fees.")
    for x, end, path, words in (
        (LEFT, 330, "consents.0.signature", "(signature)"),
        (360, 500, "consents.0.signed_on", "(date)"),
    ):
        pen.caption(x, y + 24, end, path, words, size=7.5)
