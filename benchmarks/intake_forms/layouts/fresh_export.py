"""A telehealth company's form, typed: each question over its answer on a tinted line.

Held out: drawn before the rules' words were looked at, measured, its failures never looked at.
"""

from reportlab.lib.colors import HexColor

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9, SCALE
from ..people import Person
from ._bystanders import Bystanders
from ._pen import Pen

TINT = HexColor("#eef3fb")
BLUE = HexColor("#2b4c7e")


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=8.5)
    them = Bystanders(who)
    pen.text(LEFT, 40, "CalmConnect Telehealth", 15, bold=True, color=BLUE)
    pen.text(LEFT, 53, f"Submission {them.number(8)}  |  assigned to {them.name()}  |  support@calmconnect.example", 8)
    y = 76.0
    y = part(pen, y, "Profile")
    y = two(pen, y, ("First (given) name", "demographics.first_name"), ("Last (family) name", "demographics.last_name"))
    y = two(pen, y, ("Birth date (MM/DD/YYYY)", "demographics.birth_date"), ("Legal sex", "demographics.sex"))
    y = two(pen, y, ("Your pronouns", "demographics.pronouns"), ("Relationship status", "demographics.marital_status"))
    y = two(pen, y, ("Address line 1", "contact.address_line"), ("City", "contact.city"))
    y = two(pen, y, ("State", "contact.state"), ("Zip / postal code", "contact.postal_code"))
    y = two(pen, y, ("Phone for appointments", "contact.phone"), ("Email for your account", "contact.email"))
    y = two(pen, y, ("Current job", "demographics.occupation"), ("How did you hear about CalmConnect?", "demographics.referred_by"))  # fmt: skip
    y = part(pen, y, "Emergency person")
    y = two(pen, y, ("Emergency person's name", "emergency_contact.name"), ("Relation", "emergency_contact.relationship"))  # fmt: skip
    y = two(pen, y, ("Emergency person's phone", "emergency_contact.phone"), ("Preferred pharmacy", "", them.shop()))
    y = part(pen, y, "Payment")
    y = two(pen, y, ("Insurance carrier on card", "insurance.primary.payer"), ("Member number on card", "insurance.primary.member_id"))  # fmt: skip
    y = two(pen, y, ("Group number on card", "insurance.primary.group_number"), ("Name of primary insured", "insurance.primary.subscriber_name"))  # fmt: skip
    y = two(pen, y, ("Primary insured's birth date", "insurance.primary.subscriber_birth_date"), ("You are the insured's...", "insurance.primary.subscriber_relationship"))  # fmt: skip
    y = part(pen, y, "Medication")
    for at in range(3):
        y = quarter(pen, y, at)
    pen.text(LEFT, 775, "CalmConnect Telehealth, LLC    Page 1 / 3", 7)
    sheet.next_page()
    y = part(pen, 46, "Care")
    for words, path in (
        ("Tell us why you are looking for care", "presenting.problem"),
        ("When did you begin to feel this way?", "presenting.onset"),
        ("What does success look like for you?", "presenting.goals"),
        ("Physical conditions or past surgeries", "history.medical"),
        ("Mental health conditions you were told you have, or care you got for them", "history.psychiatric"),
        ("Family members with mental health conditions", "history.family"),
        ("Alcohol, nicotine and drug use", "history.substance"),
        ("Distressing events in your past", "history.trauma"),
        ("List all allergies", "allergies"),
    ):
        y = one(pen, y, words, path, LEFT, RIGHT)
    for words, path in (
        ("I have been in therapy before", "history.prior_counseling"),
        ("I have been hospitalized for mental health reasons", "history.prior_hospitalization"),
        ("I am having thoughts of suicide", "risk.suicidal_thoughts"),
        ("I have attempted suicide", "risk.suicide_attempt"),
        ("I have hurt myself on purpose", "risk.self_harm"),
        ("I feel safe where I live", "risk.safe_at_home"),
    ):
        text = {True: "Yes", False: "No", None: ""}[who.get(path)]
        y = one(pen, y, words, path, LEFT, RIGHT, text)
    pen.text(LEFT, 775, "CalmConnect Telehealth, LLC    Page 2 / 3", 7)
    sheet.next_page()
    y = 46.0
    for title, key, items in (("PHQ-9 check-in", "phq9", PHQ9), ("GAD-7 check-in", "gad7", GAD7)):
        y = part(pen, y, title)
        for at, words in enumerate(items):
            path = f"{key}.items.{at}"
            value = who.get(path)
            said = "" if value is None else f"{SCALE[value]} ({value})"
            below = pen.prose(LEFT, y, 330, f"{at + 1}. {words}", 8, 9.5)
            sheet.answer(400, y, 160, path, said)
            y = below + 4
        y += 6
    y = part(pen, y, "Agreement")
    y = pen.prose(LEFT, y, 520, "By typing my name I agree to telehealth treatment.")
    y = two(pen, y + 4, ("Typed signature", "consents.0.signature"), ("Signature date", "consents.0.signed_on"))
    pen.text(LEFT, 775, "CalmConnect Telehealth, LLC    Page 3 / 3", 7)


def part(pen: Pen, y: float, words: str) -> float:
    pen.text(LEFT, y + 4, words, 11, bold=True, color=BLUE)
    pen.sheet.line(LEFT, y + 8, RIGHT, y + 8, 0.4)
    return y + 22


def two(pen: Pen, y: float, *entries: tuple) -> float:
    for at, (words, path, *said) in enumerate(entries):
        low = one(pen, y, words, path, LEFT + at * 266, LEFT + at * 266 + 256, *said)
    return low


def one(pen: Pen, y: float, words: str, path: str, x: float, end: float, text: str | None = None) -> float:
    pen.text(x, y, words, 7.5, color=HexColor("#555555"))
    pen.sheet.canvas.setFillColor(TINT)
    pen.sheet.canvas.rect(x, 792 - y - 19, end - x, 16, stroke=0, fill=1)
    pen.sheet.canvas.setFillColorRGB(0, 0, 0)
    if path:
        pen.sheet.answer(x + 4, y + 14.5, end - x - 8, path, pen.who.text(path) if text is None else text)
    else:
        pen.sheet.aside(x + 4, y + 14.5, end - x - 8, words, text or "")
    return y + 32


def quarter(pen: Pen, y: float, at: int) -> float:
    for number, (words, field) in enumerate((("Medicine", "name"), ("Dose", "dose"), ("Taken", "frequency"), ("Prescriber", "prescriber"))):  # fmt: skip
        one(pen, y, f"{words} {at + 1}", f"medications.{at}.{field}", LEFT + number * 132, LEFT + number * 132 + 124)
    return y + 32
