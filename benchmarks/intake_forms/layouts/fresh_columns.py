"""A child and family center's form in two columns, captions over rounded boxes, the parents' answers beside the child's.

Held out: drawn before the rules' words were looked at, measured, its failures never looked at.
"""

from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._pen import Pen

GREEN = HexColor("#3d6b4f")
NO_YES = (("No", False), ("Yes", True))


def draw(sheet: Sheet, who: Person) -> None:
    for name, file in (("Vera", "Vera.ttf"), ("VeraBd", "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, file))
    pen = Pen(sheet, who, "Vera", "VeraBd", 8)
    them = Bystanders(who)
    pen.text(LEFT, 42, "Maple Grove Child & Family Center", 14, bold=True, color=GREEN)
    pen.text(LEFT, 54, "Intake for children, teens and young people", 9)
    left = title(pen, LEFT, 76, "The young person")
    for words, path, text in (
        ("Given name", "demographics.first_name", None),
        ("Family name", "demographics.last_name", None),
        ("Name used at home", "demographics.preferred_name", None),
        ("Born on", "demographics.birth_date", None),
        ("Pronouns", "demographics.pronouns", None),
        ("Home address", "contact.address_line", None),
        ("City", "contact.city", None),
        ("State", "contact.state", None),
        ("Zip", "contact.postal_code", None),
        ("Pediatrician", "", them.doctor()),
        ("Pediatrician's phone", "", them.phone()),
    ):
        left = boxed(pen, LEFT, left, words, path, text)
    right = title(pen, 312, 76, "Parent or guardian")
    for words, path in (
        ("Parent / guardian full name", "guardian.name"),
        ("Relationship to child", "guardian.relationship"),
        ("Parent's phone", "guardian.phone"),
        ("Email", "contact.email"),
    ):
        right = boxed(pen, 312, right, words, path)
    right = title(pen, 312, right + 6, "Another adult to call")
    for words, path in (
        ("Full name", "emergency_contact.name"),
        ("How do they know the child?", "emergency_contact.relationship"),
        ("Best phone", "emergency_contact.phone"),
    ):
        right = boxed(pen, 312, right, words, path)
    right = title(pen, 312, right + 6, "Health plan")
    for words, path in (
        ("Name of plan", "insurance.primary.payer"),
        ("Member no.", "insurance.primary.member_id"),
        ("Group", "insurance.primary.group_number"),
        ("Subscriber", "insurance.primary.subscriber_name"),
        ("Subscriber's date of birth", "insurance.primary.subscriber_birth_date"),
    ):
        right = boxed(pen, 312, right, words, path)
    pen.text(LEFT, left + 8, "Gender on birth certificate")
    pen.boxes(LEFT + 130, left + 8, "demographics.sex", (("Male", "Male"), ("Female", "Female")), round_=True)
    pen.text(LEFT, 770, "Maple Grove - 1 of 3 - office: rec'd by", 7)
    sheet.aside(200, 770, 60, "received", them.initials())
    second_page(sheet, pen)
    third_page(sheet, pen)


def title(pen: Pen, x: float, y: float, words: str) -> float:
    pen.text(x, y, words, 10, bold=True, color=GREEN)
    return y + 14


def boxed(pen: Pen, x: float, y: float, words: str, path: str, text: str | None = None) -> float:
    pen.text(x, y, words)
    pen.sheet.canvas.setLineWidth(0.6)
    pen.sheet.canvas.roundRect(x, 792 - y - 22, 255, 18, 5)
    if path:
        pen.sheet.answer(x + 5, y + 16.5, 245, path, pen.who.text(path) if text is None else text)
    else:
        pen.sheet.aside(x + 5, y + 16.5, 245, words, text or "")
    return y + 36


def second_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = title(pen, LEFT, 48, "What is going on")
    for words, lines, path in (
        ("What worries you most right now?", 3, "presenting.problem"),
        ("Since when?", 1, "presenting.onset"),
        ("What changes would you like to see?", 2, "presenting.goals"),
        ("Medical conditions and surgeries", 2, "history.medical"),
        ("Mental health care so far", 2, "history.psychiatric"),
        ("Mental health or addiction among relatives", 2, "history.family"),
        ("Upsetting things that have happened (accidents, losses, bullying, violence)", 2, "history.trauma"),
        ("Smoking, vaping, drinking, drugs", 2, "history.substance"),
        ("Allergic to", 1, "allergies"),
    ):
        pen.text(LEFT, y, words)
        pen.sheet.canvas.roundRect(LEFT, 792 - y - 7 - lines * 13, RIGHT - LEFT, lines * 13 + 3, 5)
        sheet.paragraph(LEFT + 5, y + 14, RIGHT - LEFT - 12, lines, 13, path, pen.who.text(path))
        y += lines * 13 + 22
    y = title(pen, LEFT, y + 4, "Please mark one answer in each row")
    pen.columns(
        y,
        (
            ("Seen a therapist, counselor or school social worker before", "history.prior_counseling"),
            ("Stayed in a hospital for mental health", "history.prior_hospitalization"),
            ("Talks or thinks about suicide", "risk.suicidal_thoughts"),
            ("Has tried suicide", "risk.suicide_attempt"),
            ("Self-injury such as cutting or burning", "risk.self_harm"),
            ("Has been abused or neglected", "risk.abuse"),
            ("Firearms in the home", "risk.weapons_access"),
        ),
        NO_YES,
        (440, 500),
        round_=True,
    )


def third_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = title(pen, LEFT, 42, "Medication list")
    for words, x in (("Medication", 60), ("Dose", 230), ("When taken", 320), ("Doctor", 450)):
        pen.text(x, y, words, 8, bold=True)
    for at in range(3):
        y += 18
        pen.text(LEFT, y, f"{at + 1}.")
        for field, x, end in (("name", 60, 222), ("dose", 230, 312), ("frequency", 320, 442), ("prescriber", 450, 566)):
            path = f"medications.{at}.{field}"
            sheet.answer(x + 1, y, end - x - 2, path, pen.who.text(path))
            sheet.line(x, y + 2.5, end, y + 2.5, 0.5)
    y = title(pen, LEFT, y + 28, "PHQ-9: past 14 days")
    y = pen.likert(y, "phq9", PHQ9, (350, 408, 466, 524), 290, "box", size=7.5, round_=True, total="Points")
    y = title(pen, LEFT, y, "GAD-7: past 14 days")
    y = pen.likert(y, "gad7", GAD7, (350, 408, 466, 524), 290, "box", size=7.5, round_=True, total="Points")
    y = title(pen, LEFT, y, "Permission for treatment")
    y = pen.prose(LEFT, y, 520, "I give permission for the center to evaluate and treat the young person named above.")
    pen.caption(LEFT, y + 24, 330, "consents.0.signature", "Signature of client, parent or guardian")
    pen.caption(360, y + 24, 500, "consents.0.signed_on", "Date signed")
