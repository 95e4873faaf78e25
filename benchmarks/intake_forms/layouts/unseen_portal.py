"""A printed web form: labels set right before gray boxes, options under one another, round buttons, large text areas.

Its failures were looked at after it had been measured twice.
"""

from reportlab.lib.colors import HexColor

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._parts import joined
from ._pen import PALE, YES_NO, Pen

EDGE = 215


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=9.5)
    pen.text(LEFT, 48, "Welcome! Let's get to know you", 15, bold=True, color=HexColor("#225588"))
    y = title(pen, 74, "The basics")
    y = entry(pen, y, "Legal first name *", "demographics.first_name")
    y = entry(pen, y, "Legal last name *", "demographics.last_name")
    y = entry(pen, y, "What should we call you?", "demographics.preferred_name")
    y = entry(pen, y, "Your pronouns", "demographics.pronouns")
    y = entry(pen, y, "Birthday *", "demographics.birth_date")
    pen.right(EDGE - 10, y, "Sex on your insurance card")
    y = pen.stack(EDGE, y, "demographics.sex", (("Female", "Female"), ("Male", "Male")), round_=True) + 6
    y = entry(pen, y, "Phone number you use most", "contact.phone")
    y = entry(pen, y, "Email", "contact.email")
    y = entry(pen, y, "Street address", "contact.address_line")
    place = f"{joined(who, 'contact.city', 'contact.state', between=', ')} {who.text('contact.postal_code')}".strip()
    y = entry(pen, y, "City, state, ZIP", "contact.city", place)
    sheet.asked.update(("contact.state", "contact.postal_code"))
    pen.right(EDGE - 10, y, "Relationship status")
    y = (
        pen.stack(
            EDGE,
            y,
            "demographics.marital_status",
            [(word, word) for word in ("Single", "Married", "Divorced", "Widowed", "Separated")],
            round_=True,
        )
        + 6
    )
    y = title(pen, y + 6, "Someone we can call if we're worried about you")
    y = entry(pen, y, "Their full name", "emergency_contact.name")
    y = entry(pen, y, "How are they related to you?", "emergency_contact.relationship")
    y = entry(pen, y, "Their phone number", "emergency_contact.phone")
    y = title(pen, y + 6, "Paying with insurance")
    y = entry(pen, y, "Insurance company", "insurance.primary.payer")
    y = entry(pen, y, "Member ID on the card", "insurance.primary.member_id")
    y = entry(pen, y, "Group number (if there is one)", "insurance.primary.group_number")
    y = entry(pen, y, "Whose plan is it?", "insurance.primary.subscriber_name")
    entry(pen, y, "Their date of birth", "insurance.primary.subscriber_birth_date")
    sheet.next_page()
    y = title(pen, 50, "What's going on")
    y = pen.area(
        LEFT, y, RIGHT - LEFT, 3, "In a few words, what brings you to therapy right now?", "presenting.problem"
    )
    y = pen.area(LEFT, y, RIGHT - LEFT, 2, "What would you like to be different?", "presenting.goals")
    y = pen.area(LEFT, y, RIGHT - LEFT, 2, "Do you have any health conditions we should know about?", "history.medical")
    y = pen.area(
        LEFT,
        y,
        RIGHT - LEFT,
        2,
        "Have you lived through anything traumatic that you'd like us to know?",
        "history.trauma",
    )
    y = pen.area(LEFT, y, RIGHT - LEFT, 1, "Anything you're allergic to?", "allergies")
    for words, path in (
        ("Have you seen a therapist before?", "history.prior_counseling"),
        ("Have you ever hurt yourself on purpose?", "risk.self_harm"),
        ("In the past month, have you thought about suicide?", "risk.suicidal_thoughts"),
        ("Do you feel safe in your home?", "risk.safe_at_home"),
    ):
        pen.text(LEFT, y, words)
        y = pen.stack(LEFT + 14, y + 14, path, YES_NO, round_=True) + 5
    sheet.next_page()
    y = title(pen, 50, "Mood check (PHQ-9)")
    y = pen.likert(y, "phq9", PHQ9, (352, 410, 468, 526), 290, "box", numbered=False, round_=True)
    y = title(pen, y, "Worry check (GAD-7)")
    y = pen.likert(y, "gad7", GAD7, (352, 410, 468, 526), 290, "box", numbered=False, round_=True)
    y = title(pen, y, "Sign")
    y = pen.prose(LEFT, y, 500, "By typing my name I agree to telehealth sessions and to the cancellation policy.")
    y = entry(pen, y + 6, "Type your full name to sign", "consents.0.signature")
    entry(pen, y, "Today's date", "consents.0.signed_on")


def title(pen: Pen, y: float, words: str) -> float:
    pen.text(LEFT, y, words, 12, bold=True, color=HexColor("#225588"))
    return y + 20


def entry(pen: Pen, y: float, label: str, path: str, text: str | None = None) -> float:
    pen.right(EDGE - 10, y, label)
    pen.sheet.rect(EDGE, y - 11.5, RIGHT - EDGE - 40, 16, fill=PALE, width=0.4)
    pen.sheet.answer(EDGE + 5, y, RIGHT - EDGE - 52, path, pen.who.text(path) if text is None else text)
    return y + 20.5
