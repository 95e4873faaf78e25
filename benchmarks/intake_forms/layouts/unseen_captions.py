"""A private practice's form in a serif face: captions under the lines, No before Yes, numbers to circle, initials.

Its failures were looked at after it had been measured twice.
"""

from reportlab.lib.colors import HexColor

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._pen import Pen

NO_YES = (("No", False), ("Yes", True))


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Times-Roman", "Times-Bold", 10)
    pen.text(205, 44, "Eleanor Whitcombe, Psy.D.", 15, bold=True)
    pen.text(225, 58, "Confidential Client Questionnaire", 10.5)
    y = lined(
        pen,
        88,
        (LEFT, 230, "demographics.first_name", "First name"),
        (240, 290, "demographics.middle_name", "M.I."),
        (300, RIGHT, "demographics.last_name", "Last name"),
    )
    y = lined(
        pen,
        y,
        (LEFT, 300, "contact.address_line", "Street address"),
        (310, 430, "contact.city", "City"),
        (440, 480, "contact.state", "State"),
        (490, RIGHT, "contact.postal_code", "Zip"),
    )
    y = lined(
        pen,
        y,
        (LEFT, 170, "contact.home_phone", "Telephone (home)"),
        (180, 305, "contact.work_phone", "Telephone (work)"),
        (315, RIGHT, "contact.email", "E-mail"),
    )
    y = lined(
        pen,
        y,
        (LEFT, 170, "demographics.birth_date", "Date of birth"),
        (180, 370, "demographics.employer", "Employer"),
        (380, RIGHT, "demographics.referred_by", "Referred by"),
    )
    y = lined(
        pen,
        y,
        (LEFT, 250, "emergency_contact.name", "Emergency contact"),
        (260, 400, "emergency_contact.relationship", "Relationship"),
        (410, RIGHT, "emergency_contact.phone", "Telephone"),
    )
    pen.text(LEFT, y, "Insurance", 11, bold=True)
    y = lined(
        pen,
        y + 22,
        (LEFT, 230, "insurance.primary.payer", "Carrier"),
        (240, 410, "insurance.primary.member_id", "Identification no."),
        (420, RIGHT, "insurance.primary.group_number", "Group no."),
    )
    y = lined(
        pen,
        y,
        (LEFT, 250, "insurance.primary.subscriber_name", "Name of insured"),
        (260, 400, "insurance.primary.subscriber_birth_date", "Insured's date of birth"),
        (410, RIGHT, "insurance.primary.subscriber_relationship", "Relationship to insured"),
    )
    pen.text(LEFT, y, "Presenting concerns", 11, bold=True)
    y = pen.area(
        LEFT,
        y + 15,
        RIGHT - LEFT,
        2,
        "Briefly describe the difficulties that led you to seek an appointment at this time.",
        "presenting.problem",
        step=18,
        ruled=True,
    )
    y = pen.area(
        LEFT, y, RIGHT - LEFT, 1, "What do you hope to accomplish in therapy?", "presenting.goals", step=18, ruled=True
    )
    y = pen.area(
        LEFT,
        y,
        RIGHT - LEFT,
        1,
        "Describe any significant medical conditions, past or present.",
        "history.medical",
        step=18,
        ruled=True,
    )
    y = pen.area(
        LEFT,
        y,
        RIGHT - LEFT,
        1,
        "Has anyone in your family had emotional or psychiatric difficulties? Please describe.",
        "history.family",
        step=18,
        ruled=True,
    )
    y = pen.area(
        LEFT,
        y,
        RIGHT - LEFT,
        1,
        "Please describe your current use of alcohol, tobacco and other substances.",
        "history.substance",
        step=18,
        ruled=True,
    )
    sheet.next_page()
    pen.text(LEFT, 48, "Current medications", 11, bold=True)
    y = 66.0
    heads = (
        ("Medication", LEFT, 200, "name"),
        ("Dosage", 210, 290, "dose"),
        ("How taken", 300, 420, "frequency"),
        ("Prescribing physician", 430, RIGHT, "prescriber"),
    )
    for words, x, _, _ in heads:
        pen.text(x, y, words, 9, bold=True)
    for at in range(3):
        for _, x, end, field in heads:
            path = f"medications.{at}.{field}"
            sheet.answer(x + 1, y + 18 + at * 18, end - x - 2, path, who.text(path))
            sheet.line(x, y + 21 + at * 18, end, y + 21 + at * 18, 0.5)
    y = pen.columns(
        y + 90,
        (
            ("Have you previously consulted a psychologist, psychiatrist or counselor?", "history.prior_counseling"),
            ("Have you ever been hospitalized for emotional difficulties?", "history.prior_hospitalization"),
            ("Are you presently experiencing suicidal thoughts?", "risk.suicidal_thoughts"),
            ("Have you made a suicide attempt in the past?", "risk.suicide_attempt"),
            ("Do you have thoughts of hurting another person?", "risk.harm_to_others"),
            ("Has anyone hit, threatened or abused you?", "risk.abuse"),
        ),
        NO_YES,
        (460, 510),
        style="check",
    )
    for title, key, items in (("PHQ-9", "phq9", PHQ9), ("GAD-7", "gad7", GAD7)):
        pen.text(LEFT, y, title, 11, bold=True)
        y = pen.likert(y + 2, key, items, (370, 420, 470, 520), 305, "circle", total="Sum of items:") + 2
    sheet.next_page()
    pen.text(LEFT, 60, "Agreement", 12, bold=True, color=HexColor("#333333"))
    y = pen.prose(
        LEFT,
        78,
        500,
        "My signature below indicates that I have read and agree to the office policies on fees, missed appointments and limits of confidentiality, and that I consent to psychotherapy.",
    )
    lined(
        pen,
        y + 26,
        (LEFT, 330, "consents.0.signature", "Signature of client"),
        (360, 500, "consents.0.signed_on", "Date"),
    )


def lined(pen: Pen, y: float, *entries: tuple[float, float, str, str]) -> float:
    for x, end, path, words in entries:
        pen.caption(x, y, end, path, words, size=7.5)
    return y + 34
