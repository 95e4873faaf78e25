"""A solo practice's form: lines with captions in parentheses under them, numbers in columns to circle, words to circle.

Held out: drawn before the rules' words were looked at, measured, its failures never looked at.
"""

from reportlab.pdfbase.pdfmetrics import stringWidth

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._parts import joined
from ._pen import Pen

NO_YES = (("no", False), ("yes", True))
STATUS = (("single", "Single"), ("married", "Married"), ("separated", "Separated"), ("divorced", "Divorced"), ("widowed", "Widowed"))  # fmt: skip


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Times-Roman", "Times-Bold", 10.5)
    them = Bystanders(who)
    pen.text(200, 44, "R. Thaddeus Cole, Ph.D.", 15, bold=True)
    pen.text(222, 58, "Licensed Psychologist, NY 011234", 9)
    pen.text(222, 70, "Client Information and History", 11, bold=True)
    y = lined(
        pen, 104, (LEFT, 190, "demographics.last_name", "surname"), (200, 350, "demographics.first_name", "first"),
        (360, 440, "demographics.middle_name", "middle"), (450, RIGHT, "demographics.birth_date", "month / day / year of birth"),
    )  # fmt: skip
    place = joined(who, "contact.city", "contact.state", between=", ")
    place = f"{place} {who.text('contact.postal_code')}".strip()
    sheet.asked.update(("contact.state", "contact.postal_code"))
    y = lined(pen, y, (LEFT, 300, "contact.address_line", "number and street"), (310, RIGHT, "contact.city", "city, state, zip", place))  # fmt: skip
    y = lined(
        pen, y, (LEFT, 180, "contact.home_phone", "home telephone"), (190, 330, "contact.work_phone", "business telephone"),
        (340, RIGHT, "contact.email", "email address"),
    )  # fmt: skip
    y = lined(
        pen, y, (LEFT, 250, "demographics.employer", "where employed"), (260, 400, "demographics.occupation", "position"),
        (410, RIGHT, "demographics.referred_by", "name of person who referred you"),
    )  # fmt: skip
    y = lined(
        pen, y, (LEFT, 230, "emergency_contact.name", "in an emergency please call"),
        (240, 380, "emergency_contact.relationship", "relation to you"), (390, RIGHT, "emergency_contact.phone", "telephone"),
    )  # fmt: skip
    y = lined(pen, y, (LEFT, 250, "", "personal physician", them.doctor()), (260, 420, "", "physician's telephone", them.phone()), (430, RIGHT, "", "date of last physical exam", them.day()))  # fmt: skip
    x = pen.text(LEFT, y, "Circle one:") + 14
    pen.circle(x, y, "demographics.marital_status", STATUS, "     ")
    pen.circle(430, y, "demographics.sex", (("male", "Male"), ("female", "Female")), "     ")
    y += 34
    pen.text(LEFT, y - 8, "Insurance", bold=True)
    y = lined(
        pen, y + 14, (LEFT, 230, "insurance.primary.payer", "company"), (240, 400, "insurance.primary.member_id", "identification number"),
        (410, RIGHT, "insurance.primary.group_number", "group number"),
    )  # fmt: skip
    y = lined(
        pen, y, (LEFT, 230, "insurance.primary.subscriber_name", "name of the insured"), (240, 380, "insurance.primary.subscriber_birth_date", "insured's date of birth"),
        (390, RIGHT, "insurance.primary.subscriber_relationship", "your relationship to the insured"),
    )  # fmt: skip
    for words, path in (
        ("What difficulties bring you here?", "presenting.problem"), ("How long have they been present?", "presenting.onset"),
        ("What do you wish to gain from our work?", "presenting.goals"),
        ("Significant illnesses, operations, injuries:", "history.medical"),
        ("Earlier psychological or psychiatric treatment:", "history.psychiatric"),
    ):  # fmt: skip
        pen.text(LEFT, y, words)
        sheet.answer(LEFT + 3, y + 17, 515, path, who.text(path))
        sheet.line(LEFT, y + 20, RIGHT, y + 20, 0.6)
        y += 40
    second_page(sheet, pen)
    third_page(sheet, pen)


def lined(pen: Pen, y: float, *entries: tuple) -> float:
    for x, end, path, words, *said in entries:
        if path:
            pen.sheet.answer(x + 2, y, end - x - 3, path, said[0] if said else pen.who.text(path))
        else:
            pen.sheet.aside(x + 2, y, end - x - 3, words, said[0])
        pen.sheet.line(x, y + 2.5, end, y + 2.5, 0.6)
        under = f"({words})"
        w = stringWidth(under, pen.font, 8)
        pen.text((x + end) / 2 - w / 2, y + 11.5, under, 8)
    return y + 36


def second_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    pen.text(LEFT, 36, "R. Thaddeus Cole, Ph.D. - Client Information and History, continued", 8.5)
    y = 62.0
    for words, path in (
        ("Any psychological problems in parents, siblings, grandparents:", "history.family"),
        ("Describe your drinking, smoking, and use of drugs:", "history.substance"),
        ("Allergies, including to medication:", "allergies"),
    ):
        pen.text(LEFT, y, words)
        sheet.answer(LEFT + 3, y + 17, 515, path, pen.who.text(path))
        sheet.line(LEFT, y + 20, RIGHT, y + 20, 0.6)
        y += 40
    pen.text(LEFT, y, "Medications (name, dose, how often, prescribed by):")
    for at in range(3):
        y += 20
        for field, x, end in (("name", LEFT, 190), ("dose", 200, 280), ("frequency", 290, 420), ("prescriber", 430, RIGHT)):  # fmt: skip
            path = f"medications.{at}.{field}"
            sheet.answer(x + 1, y, end - x - 2, path, pen.who.text(path))
            sheet.line(x, y + 2.5, end, y + 2.5, 0.5)
    y += 34
    for words, path in (
        ("Have you been in psychotherapy or counseling at any time?", "history.prior_counseling"),
        ("Have you spent time in a psychiatric hospital?", "history.prior_hospitalization"),
        ("Do you currently think about suicide?", "risk.suicidal_thoughts"),
        ("Have you ever made an attempt to take your life?", "risk.suicide_attempt"),
        ("Do you think about harming anyone?", "risk.harm_to_others"),
        ("Do you keep firearms?", "risk.weapons_access"),
    ):
        pen.text(LEFT, y, words)
        pen.circle(430, y, path, NO_YES, "        ")
        y += 22
    y = pen.prose(LEFT, y + 14, 510, "By signing below I consent to psychological services and acknowledge the office policies on cancellation and fees.")  # fmt: skip
    lined(pen, y + 30, (LEFT, 330, "consents.0.signature", "signature of client"), (360, 520, "consents.0.signed_on", "date"))  # fmt: skip


def third_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = 50.0
    for title, key, items in (
        ("PHQ-9.  Circle how much each problem bothered you during the past two weeks.", "phq9", PHQ9),
        ("GAD-7.  Circle how much each problem bothered you during the past two weeks.", "gad7", GAD7),
    ):
        pen.text(LEFT, y, title, 10.5, bold=True)
        y = pen.likert(y + 14, key, items, (360, 414, 468, 522), 300, "circle", size=9.5, numbered=False, total="Add the circled numbers:") + 6  # fmt: skip
