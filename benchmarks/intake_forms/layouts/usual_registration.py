"""The registration form of a word processor's gallery: black bars, every question in a cell with its label on top.

After the usual wording of such forms, written without a look at the rules' words; measured at first sight.
"""

from reportlab.lib.colors import black

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._pen import YES_NO, Pen

SEX = (("M", "Male"), ("F", "Female"))
STATUS = (("Single", "Single"), ("Mar", "Married"), ("Div", "Divorced"), ("Sep", "Separated"), ("Wid", "Widowed"))
INSURED = (("Self", "Self"), ("Spouse", "Spouse"), ("Child", "Child"), ("Other", "Other"))
ROW = 27.0


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, size=8)
    them = Bystanders(who)
    pen.text(230, 42, "REGISTRATION FORM", 12, bold=True)
    pen.text(265, 54, "(Please Print)", 8)
    y = 62.0
    sheet.rect(LEFT, y, RIGHT - LEFT, 18, width=0.5)
    x = pen.text(LEFT + 4, y + 12, "Today's date:") + 6
    sheet.answer(x, y + 12, 100, "completed_on", pen.who.text("completed_on"))
    x = pen.text(320, y + 12, "PCP:") + 6
    sheet.aside(x, y + 12, 150, "pcp", them.doctor())
    y = bar(pen, y + 18, "PATIENT INFORMATION")
    y = row(pen, y, ("Patient's last name:", "demographics.last_name", 200), ("First:", "demographics.first_name", 290),
            ("Middle:", "demographics.middle_name", 350), ("Marital status (circle one)", "", RIGHT))  # fmt: skip
    pen.circle(354, y - 6, "demographics.marital_status", STATUS, " / ")
    y = row(pen, y, ("Is this your legal name?", "", 150), ("If not, what is your legal name?", "", 300),
            ("(Former name):", "", 390), ("Birth date:", "demographics.birth_date", 470), ("Age:", "", 505), ("Sex:", "", RIGHT))  # fmt: skip
    x = LEFT + 6.0
    for word in ("Yes", "No"):
        sheet.tick(x, y - 6, word == "Yes", "legal", word, size=8)
        x = pen.text(x + 11, y - 6, word) + 10
    pen.boxes(508, y - 6, "demographics.sex", SEX, gap=6, size=8)
    y = row(pen, y, ("Street address:", "contact.address_line", 280), ("Social Security no.:", "", 400),
            ("Home phone no.:", "contact.home_phone", RIGHT))  # fmt: skip
    y = row(pen, y, ("P.O. box:", "", 130), ("City:", "contact.city", 300), ("State:", "contact.state", 380),
            ("ZIP Code:", "contact.postal_code", RIGHT))  # fmt: skip
    y = row(pen, y, ("Occupation:", "demographics.occupation", 200), ("Employer:", "demographics.employer", 400),
            ("Employer phone no.:", "contact.work_phone", RIGHT))  # fmt: skip
    y = row(
        pen,
        y,
        ("Email:", "contact.email", 300),
        ("Chose clinic because / referred by:", "demographics.referred_by", RIGHT),
    )
    y = row(pen, y, ("Other family members seen here:", "", RIGHT))
    y = bar(pen, y, "INSURANCE INFORMATION", "(Please give your insurance card to the receptionist.)")
    y = row(pen, y, ("Person responsible for bill:", "", 200), ("Birth date:", "", 280), ("Address (if different):", "", 440),
            ("Home phone no.:", "", RIGHT))  # fmt: skip
    sheet.aside(LEFT + 4, y - 5, 140, "payer_of_bill", them.name())
    sheet.aside(444, y - 5, 110, "payer_phone", them.phone())
    y = row(pen, y, ("Is this patient covered by insurance?", "", 230), ("Please indicate primary insurance:", "insurance.primary.payer", RIGHT))  # fmt: skip
    x = LEFT + 6.0
    for word in ("Yes", "No"):
        sheet.tick(x, y - 6, word == "Yes", "covered", word, size=8)
        x = pen.text(x + 11, y - 6, word) + 10
    y = row(pen, y, ("Subscriber's name:", "insurance.primary.subscriber_name", 200), ("Subscriber's S.S. no.:", "", 290),
            ("Birth date:", "insurance.primary.subscriber_birth_date", 360), ("Group no.:", "insurance.primary.group_number", 430),
            ("Policy no.:", "insurance.primary.member_id", 520), ("Co-payment:", "", RIGHT))  # fmt: skip
    sheet.rect(LEFT, y, RIGHT - LEFT, 18, width=0.5)
    x = pen.text(LEFT + 4, y + 12, "Patient's relationship to subscriber:") + 8
    pen.boxes(x, y + 12, "insurance.primary.subscriber_relationship", INSURED, size=8)
    y += 18
    y = row(pen, y, ("Name of secondary insurance (if applicable):", "insurance.secondary.payer", 240),
            ("Subscriber's name:", "insurance.secondary.subscriber_name", 380), ("Group no.:", "insurance.secondary.group_number", 460),
            ("Policy no.:", "insurance.secondary.member_id", RIGHT))  # fmt: skip
    y = bar(pen, y, "IN CASE OF EMERGENCY")
    y = row(pen, y, ("Name of local friend or relative (not living at same address):", "emergency_contact.name", 260),
            ("Relationship to patient:", "emergency_contact.relationship", 360), ("Home phone no.:", "emergency_contact.phone", 465),
            ("Work phone no.:", "", RIGHT))  # fmt: skip
    y = pen.prose(
        LEFT,
        y + 12,
        520,
        "The above information is true to the best of my knowledge. I authorize my insurance benefits be paid directly to"
        " the physician. I understand that I am financially responsible for any balance. I also authorize the practice or"
        " insurance company to release any information required to process my claims.",
        step=10,
    )
    pen.caption(LEFT, y + 18, 360, "consents.0.signature", "Patient/Guardian signature")
    pen.caption(400, y + 18, RIGHT, "consents.0.signed_on", "Date")
    health(sheet, pen)


def bar(pen: Pen, y: float, title: str, after: str = "") -> float:
    from reportlab.lib.colors import white

    pen.sheet.rect(LEFT, y, RIGHT - LEFT, 14, fill=black, width=0.5)
    pen.text(200, y + 10, title, 9, bold=True, color=white)
    y += 14
    if after:
        pen.sheet.rect(LEFT, y, RIGHT - LEFT, 13, width=0.5)
        pen.text(205, y + 9, after, 7.5)
        y += 13
    return y


def row(pen: Pen, y: float, *cells: tuple[str, str, float]) -> float:
    """Cells side by side; one without a path is drawn alone."""
    x: float = LEFT
    for words, path, end in cells:
        pen.sheet.rect(x, y, end - x, ROW, width=0.5)
        pen.text(x + 3, y + 9, words, 7.5)
        if path:
            pen.sheet.answer(x + 4, y + ROW - 5, end - x - 7, path, pen.who.text(path))
        x = end
    return y + ROW


def health(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = bar(pen, 40, "HEALTH HISTORY QUESTIONNAIRE")
    for words, path in (
        ("Reason for your visit today:", "presenting.problem"),
        ("How long have you had this problem?", "presenting.onset"),
        ("Childhood illnesses, surgeries, and chronic conditions:", "history.medical"),
        ("Prior psychiatric care (where, when, for what):", "history.psychiatric"),
        ("Illnesses that run in your family, mental illness included:", "history.family"),
        ("Tobacco, alcohol, recreational drugs (kind and amount):", "history.substance"),
        ("Allergies to medications:", "allergies"),
    ):
        sheet.rect(LEFT, y, RIGHT - LEFT, 30, width=0.5)
        pen.text(LEFT + 3, y + 10, words, 8)
        sheet.answer(LEFT + 6, y + 24, 500, path, pen.who.text(path))
        y += 30
    y = bar(pen, y, "PRESCRIBED DRUGS AND OVER-THE-COUNTER DRUGS")
    places = ((LEFT, 230), (230, 330), (330, 450), (450, RIGHT))
    for (start, end), words in zip(
        places, ("Name the Drug", "Strength", "Frequency Taken", "Prescribed by"), strict=True
    ):
        sheet.rect(start, y, end - start, 15, width=0.5)
        pen.text(start + 3, y + 10, words, 8)
    y += 15
    for at in range(3):
        for (start, end), name in zip(places, ("name", "dose", "frequency", "prescriber"), strict=True):
            path = f"medications.{at}.{name}"
            sheet.rect(start, y, end - start, 18, width=0.5)
            sheet.answer(start + 4, y + 13, end - start - 7, path, pen.who.text(path))
        y += 18
    y = bar(pen, y, "MENTAL HEALTH")
    for words, path in (
        ("Have you ever seen a counselor or psychiatrist?", "history.prior_counseling"),
        ("Have you ever been admitted to a hospital for your mental health?", "history.prior_hospitalization"),
        ("Have you ever seriously thought about hurting yourself?", ""),
        ("Have you ever attempted suicide?", "risk.suicide_attempt"),
        ("Do you have thoughts of suicide now?", "risk.suicidal_thoughts"),
        ("Do you have trouble sleeping?", ""),
        ("Is there a firearm in your household?", "risk.weapons_access"),
    ):
        sheet.rect(LEFT, y, RIGHT - LEFT, 17, width=0.5)
        pen.text(LEFT + 3, y + 12, words, 8.5)
        if path:
            pen.boxes(480, y + 12, path, YES_NO, size=8)
        else:
            for x, word in ((480, "Yes"), (520, "No")):
                sheet.tick(x, y + 12, False, f"other{y}", word, size=8)
                pen.text(x + 12, y + 12, word)
        y += 17
    sheet.next_page()
    y = bar(pen, 40, "PHQ-9") + 14
    y = pen.likert(y, "phq9", PHQ9, (350, 406, 462, 518), 290, "box", frame=True, total="Total score:")
    y = bar(pen, y, "GAD-7") + 14
    pen.likert(y, "gad7", GAD7, (350, 406, 462, 518), 290, "box", frame=True, total="Total score:")
