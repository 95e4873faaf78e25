"""A group practice's packet: ruled cells with the caption under the answer, a box that staff fill in, insurance cards.

Drawn before the rules' words were looked at; its failures were looked at after it had been measured once.
"""

from ..canvas import LEFT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._pen import YES_NO, Pen

PRACTICE = "Riverbend Counseling Associates, LLC"
COVERED = (("self", "Self"), ("spouse", "Spouse"), ("child", "Child"), ("other", "Other"))


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Times-Roman", "Times-Bold", 9.5)
    them = Bystanders(who)
    pen.text(LEFT, 42, PRACTICE, 14, bold=True)
    pen.text(LEFT, 54, "1420 Mill Street, Suite 210, Dayton, OH 45402", 8)
    pen.text(LEFT, 64, "Tel (937) 555-0144   Fax (937) 555-0145   office@riverbendcounseling.example", 8)
    office(pen, them)
    y = pen.bar(112, "ABOUT THE PATIENT") - 14
    y = cells(
        pen, y,
        (150, "Legal last name", "demographics.last_name", None), (140, "Legal first name", "demographics.first_name", None),
        (100, "Middle name or initial", "demographics.middle_name", None), (132, "Likes to be called", "demographics.preferred_name", None),
    )  # fmt: skip
    y = cells(
        pen, y,
        (240, "Mailing address (number, street, apt.)", "contact.address_line", None), (130, "Town", "contact.city", None),
        (50, "State", "contact.state", None), (102, "Postal code", "contact.postal_code", None),
    )  # fmt: skip
    y = cells(
        pen, y,
        (130, "Best number to reach you", "contact.phone", None), (130, "Number at work", "contact.work_phone", None),
        (262, "Electronic mail", "contact.email", None),
    )  # fmt: skip
    y = cells(
        pen, y,
        (110, "Birthdate", "demographics.birth_date", None), (110, "Social Security no.", "", f"{them.number(3)}-{them.number(2)}-{them.number(4)}"),
        (150, "Place of employment", "demographics.employer", None), (152, "Job title", "demographics.occupation", None),
    )  # fmt: skip
    pen.text(LEFT, y + 12, "Sex assigned at birth:")
    pen.boxes(150, y + 12, "demographics.sex", (("M", "Male"), ("F", "Female")))
    pen.text(250, y + 12, "Status:")
    pen.boxes(286, y + 12, "demographics.marital_status", [(w, w) for w in ("Single", "Married", "Divorced", "Widowed", "Separated")], gap=7)  # fmt: skip
    y = cells(
        pen, y + 20,
        (200, "Someone we may call if there is an emergency", "emergency_contact.name", None),
        (130, "This person is your ...", "emergency_contact.relationship", None), (192, "Their telephone", "emergency_contact.phone", None),
    )  # fmt: skip
    y = cells(
        pen, y,
        (150, "Family doctor", "", them.doctor()), (110, "Doctor's telephone", "", them.phone()),
        (152, "Pharmacy", "", them.shop()), (110, "Pharmacy telephone", "", them.phone()),
    )  # fmt: skip
    y = pen.bar(y + 18, "COVERAGE  (please let us copy the front and back of your card)") - 8
    card(pen, LEFT, y, "PRIMARY", "primary")
    card(pen, 311, y, "SECONDARY (leave blank if none)", "secondary")
    footer(pen, 1)
    second_page(sheet, pen)
    third_page(sheet, pen, them)


def office(pen: Pen, them: Bystanders) -> None:
    pen.sheet.rect(385, 28, 182, 64, width=1.2)
    pen.text(430, 37, "FOR OFFICE USE ONLY", 7.5, bold=True)
    for at, (label, text) in enumerate(
        (
            ("Clinician:", them.doctor()),
            ("Chart no.:", them.number(6)),
            ("Date received:", them.day()),
            ("Copay:", "$25"),
        )
    ):
        x = pen.text(390, 50 + at * 12, label, 8)
        pen.sheet.aside(x + 3, 50 + at * 12, 100, f"office {label}", text)
        pen.sheet.line(x + 2, 52 + at * 12, 560, 52 + at * 12, 0.4)


def footer(pen: Pen, number: int) -> None:
    pen.text(LEFT, 775, f"{PRACTICE}  -  Adult intake packet (rev. 03/2024)", 7)
    pen.text(520, 775, f"Page {number} of 3", 7)


def cells(pen: Pen, y: float, *entries: tuple[float, str, str, str | None]) -> float:
    x: float = LEFT
    for w, caption, path, text in entries:
        pen.sheet.rect(x, y, w, 27, width=0.6)
        if path:
            pen.sheet.answer(x + 3, y + 14, w - 6, path, pen.who.text(path))
        else:
            pen.sheet.aside(x + 3, y + 14, w - 6, caption, text or "")
        pen.text(x + 3, y + 24, caption, 7)
        x += w
    return y + 27


def card(pen: Pen, x: float, y: float, title: str, which: str) -> None:
    pen.sheet.canvas.roundRect(x, 792 - y - 130, 256, 130, 8)
    pen.text(x + 8, y + 13, title, 8.5, bold=True)
    for at, (caption, field) in enumerate(
        (
            ("Health plan", "payer"),
            ("Enrollee number", "member_id"),
            ("Group / account number", "group_number"),
            ("Policy is in the name of", "subscriber_name"),
            ("That person's birthdate", "subscriber_birth_date"),
        )
    ):
        pen.rule(x + 8, y + 31 + at * 19, caption, f"insurance.{which}.{field}", x + 248)
    end = pen.text(x + 8, y + 124, "Patient is policyholder's:", 7.5) + 4
    pen.boxes(end, y + 124, f"insurance.{which}.subscriber_relationship", COVERED, gap=3, size=7)


def second_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    pen.text(LEFT, 40, PRACTICE, 9, bold=True)
    y = pen.bar(64, "YOUR CONCERNS")
    y = pen.area(LEFT, y, 522, 3, "In your own words, what would you like help with?", "presenting.problem")
    y = pen.area(LEFT, y, 522, 1, "When did this start?", "presenting.onset", step=18)
    y = pen.area(LEFT, y, 522, 2, "What would be different if treatment is successful?", "presenting.goals")
    y = pen.prose(LEFT, y, 520, "Please check anything that has troubled you in the past month:")
    for at, word in enumerate(
        ("Sadness", "Panic", "Anger", "Nightmares", "Poor sleep", "Overeating", "Hearing voices", "Racing thoughts")
    ):
        x, low = LEFT + at % 4 * 130, y + at // 4 * 14
        sheet.tick(x, low, False, "trouble", word)
        pen.text(x + 13, low, word)
    y = pen.bar(y + 48, "YOUR BACKGROUND")
    y = pen.area(
        LEFT,
        y,
        522,
        2,
        "Illnesses, surgeries, and conditions for which you have been under a doctor's care",
        "history.medical",
    )
    y = pen.area(LEFT, y, 522, 2, "Emotional or psychiatric problems you have been treated for", "history.psychiatric")
    y = pen.area(LEFT, y, 522, 2, "Blood relatives who have had emotional or drinking problems", "history.family")
    y = pen.area(
        LEFT, y, 522, 2, "How much alcohol, tobacco, marijuana or other drugs do you use?", "history.substance"
    )
    y = pen.area(LEFT, y, 522, 1, "Medicines, foods or other things you are allergic to", "allergies", step=18)
    pen.columns(
        y,
        (
            ("Have you talked with a therapist or counselor before?", "history.prior_counseling"),
            ("Have you been a patient in a psychiatric hospital?", "history.prior_hospitalization"),
            ("Are you thinking about killing yourself?", "risk.suicidal_thoughts"),
            ("Have you ever tried to kill yourself?", "risk.suicide_attempt"),
            ("Do you ever hurt yourself on purpose, for instance by cutting?", "risk.self_harm"),
            ("Are you having thoughts about hurting somebody else?", "risk.harm_to_others"),
            ("Are there guns where you live?", "risk.weapons_access"),
        ),
        YES_NO,
        (430, 490),
        ruled=True,
        style="check",
    )
    footer(pen, 2)


def third_page(sheet: Sheet, pen: Pen, them: Bystanders) -> None:
    sheet.next_page()
    pen.text(LEFT, 40, PRACTICE, 9, bold=True)
    y = medicines(pen, 64)
    y = pen.bar(y + 22, "PHQ-9   Over the last two weeks how often were you bothered by")
    y = pen.likert(y, "phq9", PHQ9, (360, 412, 464, 516), 300, "box", size=8, frame=True, total="Score:", style="x")
    y = pen.bar(y, "GAD-7   Write 0, 1, 2 or 3 in the box")
    y = pen.scores(y, "gad7", GAD7, 530, 450, before=False, boxed=True, total="Score:")
    y = pen.prose(LEFT, y, 520, "I have read the practice policies and consent to evaluation and treatment.")
    pen.caption(LEFT, y + 22, 330, "consents.0.signature", "Patient or parent signs here")
    pen.caption(350, y + 22, 500, "consents.0.signed_on", "Date")
    sheet.aside(LEFT + 2, y + 52, 200, "witness", them.name())
    sheet.line(LEFT, y + 54, 330, y + 54, 0.6)
    pen.text(LEFT, y + 63, "Staff witness", 7)
    footer(pen, 3)


def medicines(pen: Pen, y: float) -> float:
    heads = (
        (LEFT, 150, "Name of medicine", "name"),
        (195, 80, "Strength", "dose"),
        (275, 120, "How often taken", "frequency"),
        (395, 172, "Who prescribes it", "prescriber"),
    )
    for row in range(5):
        for x, w, words, field in heads:
            pen.sheet.rect(x, y + row * 17, w, 17, width=0.5)
            if row == 0:
                pen.text(x + 3, y + 12, words, 8.5, bold=True)
            elif row < 4:
                path = f"medications.{row - 1}.{field}"
                pen.sheet.answer(x + 3, y + row * 17 + 12.5, w - 6, path, pen.who.text(path))
    return y + 85
