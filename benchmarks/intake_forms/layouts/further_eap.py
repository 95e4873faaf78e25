"""A short intake of an employee assistance program: gray labels above white boxes in three columns, one page and a screening.

After the usual wording of such forms, written without a look at the rules' words; measured at first sight.
"""

from reportlab.lib.colors import HexColor

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._pen import YES_NO, Pen

GENDER = (("Female", "Female"), ("Male", "Male"))
STATUS = (("Single", "Single"), ("Married", "Married"), ("Separated", "Separated"), ("Divorced", "Divorced"), ("Widowed", "Widowed"))  # fmt: skip
THIRD = 174.0
DARK, SOFT = HexColor("#345"), HexColor("#555555")


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=8.5)
    pen.text(LEFT, 44, "EAP Client Intake", 16, bold=True, color=DARK)
    y = 64.0
    y = thirds(
        pen,
        y,
        ("Legal First Name", "demographics.first_name"),
        ("M.I.", "demographics.middle_name"),
        ("Legal Last Name", "demographics.last_name"),
    )
    y = thirds(
        pen,
        y,
        ("Goes by", "demographics.preferred_name"),
        ("Date of Birth (mm/dd/yyyy)", "demographics.birth_date"),
        ("Today's Date", "completed_on"),
    )
    y = thirds(
        pen, y, ("Home Street Address", "contact.address_line"), ("City", "contact.city"), ("State", "contact.state")
    )
    y = thirds(
        pen,
        y,
        ("ZIP", "contact.postal_code"),
        ("Best Phone to Reach You", "contact.phone"),
        ("Personal Email", "contact.email"),
    )
    y = thirds(
        pen,
        y,
        ("Company You Work For", "demographics.employer"),
        ("Job Title", "demographics.occupation"),
        ("Preferred Language", "demographics.language"),
    )
    y = choice(pen, y, "Gender", "demographics.sex", GENDER)
    y = choice(pen, y, "Relationship Status", "demographics.marital_status", STATUS)
    y = head(pen, y, "In case of emergency")
    y = thirds(
        pen,
        y,
        ("Contact Name", "emergency_contact.name"),
        ("Relationship to You", "emergency_contact.relationship"),
        ("Contact Phone", "emergency_contact.phone"),
    )
    y = head(pen, y, "Health coverage (if you continue after your EAP sessions)")
    y = thirds(
        pen,
        y,
        ("Carrier", "insurance.primary.payer"),
        ("Member ID", "insurance.primary.member_id"),
        ("Group", "insurance.primary.group_number"),
    )
    y = head(pen, y, "About your visit")
    y = wide(pen, y, "What would you like to talk about?", "presenting.problem", 2)
    y = wide(pen, y, "About how long has this been on your mind?", "presenting.onset")
    y = wide(pen, y, "What would a good outcome look like for you?", "presenting.goals")
    wide(pen, y, "Current medications and what they are for", "", 1)
    sheet.next_page()
    y = head(pen, 44, "Your background")
    y = wide(pen, y, "Health conditions", "history.medical")
    y = wide(pen, y, "Past counseling, psychiatric treatment or diagnoses", "history.psychiatric")
    y = wide(pen, y, "Mental health or substance use problems in your family", "history.family")
    y = wide(pen, y, "Alcohol, tobacco, cannabis or other drug use", "history.substance")
    y = wide(pen, y, "Allergies", "allergies")
    for words, path in (
        ("Have you had counseling before?", "history.prior_counseling"),
        ("Are you having thoughts of hurting or killing yourself?", "risk.suicidal_thoughts"),
        ("Have you ever made a suicide attempt?", "risk.suicide_attempt"),
        ("Are you having thoughts of hurting someone else?", "risk.harm_to_others"),
        ("Is anyone at home or work making you feel unsafe?", ""),
    ):
        pen.text(LEFT, y, words)
        if path:
            pen.boxes(400, y, path, YES_NO, round_=True)
        else:
            for x, word in ((400, "Yes"), (440, "No")):
                sheet.tick(x, y, False, "unsafe", word, round_=True)
                pen.text(x + 12, y, word)
        y += 17
    sheet.next_page()
    y = head(pen, 44, "Mood (PHQ-9)")
    y = pen.likert(y, "phq9", PHQ9, (360, 412, 464, 516), 300, "box", round_=True, total="Total", frame=True)
    y = head(pen, y, "Worry (GAD-7)")
    y = pen.likert(y, "gad7", GAD7, (360, 412, 464, 516), 300, "box", round_=True, total="Total", frame=True)
    y = pen.prose(LEFT, y + 4, 520, "I understand the EAP's statement of understanding and agree to participate.") + 2
    thirds(pen, y, ("Signature of Client", "consents.0.signature"), ("Date Signed", "consents.0.signed_on"))


def head(pen: Pen, y: float, title: str) -> float:
    pen.text(LEFT, y + 8, title, 11.5, bold=True, color=DARK)
    pen.sheet.line(LEFT, y + 12, RIGHT, y + 12, 0.8)
    return y + 24


def thirds(pen: Pen, y: float, *entries: tuple[str, str]) -> float:
    for at, (words, path) in enumerate(entries):
        x = LEFT + at * THIRD
        pen.text(x, y, words, 7.5, color=SOFT)
        pen.sheet.rect(x, y + 3, THIRD - 10, 16, width=0.5)
        pen.sheet.answer(x + 3, y + 14.5, THIRD - 18, path, pen.who.text(path))
    return y + 30


def wide(pen: Pen, y: float, words: str, path: str, lines: int = 1) -> float:
    pen.text(LEFT, y, words, 7.5, color=SOFT)
    pen.sheet.rect(LEFT, y + 3, RIGHT - LEFT - 10, 13 * lines + 4, width=0.5)
    if path:
        pen.sheet.paragraph(LEFT + 3, y + 14, 490, lines, 12.5, path, pen.who.text(path))
    return y + 13 * lines + 18


def choice(pen: Pen, y: float, words: str, path: str, options: tuple) -> float:
    pen.text(LEFT, y, words, 7.5, color=SOFT)
    pen.boxes(LEFT + 2, y + 13, path, options, gap=20, round_=True)
    return y + 28
