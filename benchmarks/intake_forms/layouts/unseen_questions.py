"""A long questionnaire: everything is a numbered question, the answer under it; boxes behind their words, dotted lines.

Its failures were looked at after it had been measured twice.
"""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._parts import joined
from ._pen import Pen

YES_NO = (("YES", True), ("NO", False))


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=10)
    pen.text(LEFT, 46, "Getting Started Questionnaire", 16, bold=True)
    number = iter(range(1, 60))
    y = 76.0
    name = joined(who, "demographics.first_name", "demographics.last_name")
    y = asked(pen, y, f"{next(number)}. What is your full legal name?", "demographics.first_name", name)
    sheet.asked.add("demographics.last_name")
    y = asked(pen, y, f"{next(number)}. When were you born? (month, day, year)", "demographics.birth_date")
    y = asked(
        pen, y, f"{next(number)}. Where do you live? (street, city, state, ZIP)", "contact.address_line", place(who)
    )
    if who.get("contact.address_line"):
        sheet.asked.update(("contact.city", "contact.state", "contact.postal_code"))
    y = asked(pen, y, f"{next(number)}. What is the best phone number to reach you?", "contact.phone")
    y = asked(pen, y, f"{next(number)}. What is your e-mail address?", "contact.email")
    y = asked(pen, y, f"{next(number)}. Which pronouns do you use?", "demographics.pronouns")
    y = asked(pen, y, f"{next(number)}. What do you do for work?", "demographics.occupation")
    y = asked(pen, y, f"{next(number)}. How did you find out about our practice?", "demographics.referred_by")
    y = asked(pen, y, f"{next(number)}. Who should we call in an emergency?", "emergency_contact.name")
    y = asked(pen, y, "    a. How is this person related to you?", "emergency_contact.relationship")
    y = asked(pen, y, "    b. What is this person's phone number?", "emergency_contact.phone")
    y = asked(pen, y, f"{next(number)}. What is the name of your health insurance?", "insurance.primary.payer")
    y = asked(pen, y, "    a. What is your member ID?", "insurance.primary.member_id")
    y = asked(pen, y, "    b. What is the group number on the card?", "insurance.primary.group_number")
    asked(pen, y, f"{next(number)}. What made you decide to come to counseling?", "presenting.problem")
    sheet.next_page()
    y = 56.0
    y = asked(pen, y, f"{next(number)}. How long have you been dealing with this?", "presenting.onset")
    y = asked(pen, y, f"{next(number)}. What are your goals for counseling?", "presenting.goals")
    y = asked(pen, y, f"{next(number)}. What medical conditions have you been diagnosed with?", "history.medical")
    y = asked(
        pen, y, f"{next(number)}. Which mental health diagnoses or treatment have you had?", "history.psychiatric"
    )
    y = asked(pen, y, f"{next(number)}. Does mental illness or addiction run in your family?", "history.family")
    y = asked(pen, y, f"{next(number)}. How much do you drink, smoke or use other drugs?", "history.substance")
    y = asked(pen, y, f"{next(number)}. What are you allergic to?", "allergies")
    for words, path in (
        ("Have you been to counseling before?", "history.prior_counseling"),
        ("Have you ever stayed overnight in a psychiatric hospital?", "history.prior_hospitalization"),
        ("Have you had thoughts of ending your life?", "risk.suicidal_thoughts"),
        ("Have you ever attempted to end your life?", "risk.suicide_attempt"),
        ("Do you cut, burn or otherwise injure yourself?", "risk.self_harm"),
        ("Do you have a gun or other weapon at home?", "risk.weapons_access"),
        ("Are you safe where you are living now?", "risk.safe_at_home"),
    ):
        pen.text(LEFT, y, f"{next(number)}. {words}")
        sheet.asked.add(path)
        x: float = 400
        for option in YES_NO:
            x = pen.text(x, y, option[0]) + 5
            sheet.tick(x, y, pen.taken(path, option), path, option[0], style="check")
            x += 24
        y += 19
    sheet.next_page()
    y = 56.0
    for title, key, items in (
        ("PHQ-9: How often in the last two weeks?", "phq9", PHQ9),
        ("GAD-7: How often in the last two weeks?", "gad7", GAD7),
    ):
        pen.text(LEFT, y, title, 11, bold=True)
        y = pen.likert(y + 16, key, items, (350, 408, 466, 524), 285, "box", total="Add up your score:", style="check")
    pen.text(LEFT, y, "Your signature", 11, bold=True)
    y = pen.prose(
        LEFT, y + 16, 520, "I understand the risks and benefits and give my informed consent to begin counseling."
    )
    pen.rules(y + 14, ("Sign here:", "consents.0.signature", 360), ("Date signed:", "consents.0.signed_on", 540))


def place(who: Person) -> str:
    """Street, city, state and ZIP; nothing without a street."""
    if not who.get("contact.address_line"):
        return ""
    parts = joined(who, "contact.address_line", "contact.city", "contact.state", between=", ")
    return f"{parts} {who.text('contact.postal_code')}".strip()


def asked(pen: Pen, y: float, question: str, path: str, text: str | None = None) -> float:
    pen.text(LEFT, y, question)
    pen.sheet.canvas.setDash(1, 2)
    pen.sheet.line(LEFT + 18, y + 20, RIGHT, y + 20, 0.7)
    pen.sheet.canvas.setDash()
    pen.sheet.answer(LEFT + 20, y + 17, RIGHT - LEFT - 30, path, pen.who.text(path) if text is None else text)
    return y + 43
