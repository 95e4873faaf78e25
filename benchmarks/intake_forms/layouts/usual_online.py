"""What an online form builder prints of a finished questionnaire: a question in bold, under it the answer or all its options.

After the usual wording of such forms, written without a look at the rules' words; measured at first sight.
"""

from reportlab.lib.colors import HexColor

from ..canvas import LEFT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._pen import YES_NO, Pen

GENDER = (("Woman", "Female"), ("Man", "Male"), ("Prefer not to say", "None"))
STATUS = (("Single", "Single"), ("Married", "Married"), ("Separated", "Separated"), ("Divorced", "Divorced"), ("Widowed", "Widowed"))  # fmt: skip
RELATION = (("Myself", "Self"), ("My spouse", "Spouse"), ("My parent", "Child"), ("Someone else", "Other"))
BLUE = HexColor("#1f4e79")


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=9)
    pen.text(LEFT, 46, "New Client Intake Questionnaire", 17, color=BLUE)
    pen.text(LEFT, 60, "Submitted through the client portal", 8, color=HexColor("#777777"))
    y = 88.0
    y = pair(pen, y, ("First name", "demographics.first_name"), ("Last name", "demographics.last_name"))
    y = pair(
        pen, y, ("Name you'd like us to use", "demographics.preferred_name"), ("Your pronouns", "demographics.pronouns")
    )
    y = pair(pen, y, ("Birth date", "demographics.birth_date"), ("Mobile", "contact.mobile_phone"))
    y = pair(pen, y, ("Email", "contact.email"), ("Street address", "contact.address_line"))
    y = pair(pen, y, ("City", "contact.city"), ("State", "contact.state"))
    y = pair(
        pen,
        y,
        ("Zip code", "contact.postal_code"),
        ("What language are you most comfortable in?", "demographics.language"),
    )
    y = options(pen, y, "What is your gender?", "demographics.sex", GENDER)
    y = options(pen, y, "What is your relationship status?", "demographics.marital_status", STATUS)
    y = pair(
        pen,
        y,
        ("What do you do for work?", "demographics.occupation"),
        ("Who do you work for?", "demographics.employer"),
    )
    y = asked(pen, y, "How did you hear about our practice?", "demographics.referred_by")
    y = section(pen, y, "Someone we can reach in an emergency")
    y = pair(pen, y, ("Their name", "emergency_contact.name"), ("Their phone number", "emergency_contact.phone"))
    y = asked(pen, y, "How do you know them?", "emergency_contact.relationship")
    y = section(pen, y, "Your insurance")
    y = pair(
        pen,
        y,
        ("Who is your insurance provider?", "insurance.primary.payer"),
        ("Member ID", "insurance.primary.member_id"),
    )
    y = pair(
        pen,
        y,
        ("Group number", "insurance.primary.group_number"),
        ("Name of the primary policy holder", "insurance.primary.subscriber_name"),
    )
    sheet.next_page()
    y = 56.0
    y = asked(pen, y, "Primary policy holder's date of birth", "insurance.primary.subscriber_birth_date")
    y = options(pen, y, "Who is the primary policy holder?", "insurance.primary.subscriber_relationship", RELATION)
    y = section(pen, y, "What brings you in")
    y = asked(pen, y, "In your own words, what has been bothering you?", "presenting.problem")
    y = asked(pen, y, "How long has it been going on?", "presenting.onset")
    y = asked(pen, y, "What would you like to get out of therapy?", "presenting.goals")
    y = section(pen, y, "Your health")
    for words, path in (
        ("Do you have any medical conditions we should know about?", "history.medical"),
        ("Have you ever been diagnosed with a mental health condition? Which?", "history.psychiatric"),
        ("Has anyone in your family struggled with mental health or addiction?", "history.family"),
        ("Tell us about your use of alcohol, nicotine and other substances.", "history.substance"),
        ("Have you been through anything traumatic that you would like us to know about?", "history.trauma"),
        ("Any allergies?", "allergies"),
    ):
        y = asked(pen, y, words, path)
    pen.text(LEFT, y, "What medications do you take?", bold=True)
    y += 14
    for at in range(3):
        said = " - ".join(t for name in ("name", "dose", "frequency") if (t := who.text(f"medications.{at}.{name}")))
        for name in ("name", "dose", "frequency"):
            sheet.asked.add(f"medications.{at}.{name}")
        sheet.aside(LEFT + 6, y, 400, f"medication {at + 1}", said)
        y += 15
    risks(sheet, pen)


def risks(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = 56.0
    for words, path in (
        ("Have you been in therapy before?", "history.prior_counseling"),
        ("Have you ever been hospitalized for mental health reasons?", "history.prior_hospitalization"),
        ("Are you currently having any suicidal thoughts?", "risk.suicidal_thoughts"),
        ("Have you ever made a suicide attempt?", "risk.suicide_attempt"),
        ("Have you ever intentionally hurt yourself?", "risk.self_harm"),
        ("Do you currently have thoughts of harming others?", "risk.harm_to_others"),
        ("Is anyone hurting or threatening you?", "risk.abuse"),
        ("Do you have access to firearms?", "risk.weapons_access"),
        ("Do you feel safe at home?", "risk.safe_at_home"),
    ):
        y = options(pen, y, words, path, YES_NO)
    y = section(pen, y + 6, "Agreement")
    y = pen.prose(LEFT, y, 520, "By typing my name I agree to the practice's policies and consent to treatment.") + 6
    pair(pen, y, ("Electronic signature", "consents.0.signature"), ("Date signed", "consents.0.signed_on"))
    sheet.next_page()
    y = section(pen, 56, "PHQ-9")
    y = pen.likert(y, "phq9", PHQ9, (360, 412, 464, 516), 300, "box", round_=True, total="Score")
    y = section(pen, y, "GAD-7")
    pen.likert(y, "gad7", GAD7, (360, 412, 464, 516), 300, "box", round_=True, total="Score")


def section(pen: Pen, y: float, title: str) -> float:
    pen.text(LEFT, y + 6, title, 12.5, color=BLUE)
    return y + 28


def asked(pen: Pen, y: float, words: str, path: str, x: float = LEFT, w: float = 500) -> float:
    pen.text(x, y, words, bold=True)
    pen.sheet.answer(x + 4, y + 14, w, path, pen.who.text(path))
    return y + 32


def pair(pen: Pen, y: float, left: tuple[str, str], right: tuple[str, str]) -> float:
    asked(pen, y, *left, w=240)
    return asked(pen, y, *right, x=310, w=240)


def options(pen: Pen, y: float, words: str, path: str, choices: tuple[tuple[str, object], ...]) -> float:
    pen.text(LEFT, y, words, bold=True)
    pen.boxes(LEFT + 6, y + 15, path, choices, gap=22, round_=True)
    return y + 34
