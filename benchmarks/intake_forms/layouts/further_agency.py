"""An agency's biopsychosocial assessment: a face sheet in two columns of cells, then numbered domains with long answers.

After the usual wording of such forms, written without a look at the rules' words; measured at first sight.
"""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._parts import joined
from ._pen import GRAY, YES_NO, Pen

SEX = (("F", "Female"), ("M", "Male"))
STATUS = (("Single", "Single"), ("Married", "Married"), ("Divorced", "Divorced"), ("Separated", "Separated"), ("Widowed", "Widowed"))  # fmt: skip
HALF = 306.0


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=9)
    them = Bystanders(who)
    pen.text(150, 42, "BIOPSYCHOSOCIAL ASSESSMENT - ADULT", 13, bold=True)
    y = 56.0
    y = cells(pen, y, ("Individual's Name", "demographics.first_name", joined(who, "demographics.first_name", "demographics.last_name")),
              ("Date of Assessment", "completed_on", None))  # fmt: skip
    sheet.asked.add("demographics.last_name")
    y = cells(
        pen,
        y,
        ("Date of Birth", "demographics.birth_date", None),
        ("Preferred Pronouns", "demographics.pronouns", None),
    )
    y = cells(pen, y, ("Street Address", "contact.address_line", None), ("City", "contact.city", None))
    y = cells(pen, y, ("State", "contact.state", None), ("Zip Code", "contact.postal_code", None))
    y = cells(pen, y, ("Telephone", "contact.phone", None), ("Alternate Telephone (work)", "contact.work_phone", None))
    y = cells(pen, y, ("E-mail Address", "contact.email", None), ("Primary Language", "demographics.language", None))
    y = cells(
        pen,
        y,
        ("Source of Referral", "demographics.referred_by", None),
        ("Occupation", "demographics.occupation", None),
    )
    y = ticks(pen, y, ("Gender", "demographics.sex", SEX), ("Marital Status", "demographics.marital_status", STATUS))
    y = pen.bar(y + 16, "EMERGENCY CONTACT") - 10
    y = cells(
        pen,
        y,
        ("Name", "emergency_contact.name", None),
        ("Relationship to Individual", "emergency_contact.relationship", None),
    )
    y = cells(pen, y, ("Telephone", "emergency_contact.phone", None), ("Release signed?", "", ""))
    y = pen.bar(y + 16, "PAYER INFORMATION") - 10
    y = cells(
        pen,
        y,
        ("Insurance / Funding Source", "insurance.primary.payer", None),
        ("Insurance ID", "insurance.primary.member_id", None),
    )
    y = cells(
        pen,
        y,
        ("Group", "insurance.primary.group_number", None),
        ("Policy Holder", "insurance.primary.subscriber_name", None),
    )
    y = cells(
        pen,
        y,
        ("Policy Holder's Date of Birth", "insurance.primary.subscriber_birth_date", None),
        ("Primary Care Physician", "", them.doctor()),
    )
    y = pen.bar(y + 16, "I.  PRESENTING PROBLEM")
    y = pen.area(
        LEFT,
        y,
        520,
        3,
        "Describe the reason for seeking services, in the individual's own words:",
        "presenting.problem",
    )
    y = pen.rules(y + 4, ("Onset and duration of symptoms:", "presenting.onset", RIGHT))
    pen.rules(y, ("Individual's stated goals:", "presenting.goals", RIGHT))
    domains(sheet, pen)


def cells(pen: Pen, y: float, *entries: tuple[str, str, str | None]) -> float:
    for x, (words, path, text) in zip((LEFT, HALF), entries, strict=True):
        pen.sheet.rect(x, y, 122, 19, fill=GRAY, width=0.4)
        pen.text(x + 3, y + 12, words, 7.5, bold=True)
        pen.sheet.rect(x + 122, y, 139, 19, width=0.4)
        if path:
            pen.sheet.answer(x + 126, y + 13, 132, path, pen.who.text(path) if text is None else text)
        elif text:
            pen.sheet.aside(x + 126, y + 13, 132, words, text)
    return y + 19


def ticks(pen: Pen, y: float, *entries: tuple[str, str, tuple]) -> float:
    for x, (words, path, options) in zip((LEFT, HALF), entries, strict=True):
        pen.sheet.rect(x, y, 100, 30, fill=GRAY, width=0.4)
        pen.text(x + 3, y + 12, words, 7.5, bold=True)
        pen.sheet.rect(x + 100, y, 161, 30, width=0.4)
        pen.boxes(x + 104, y + 12, path, options[:3], gap=6, size=8)
        pen.boxes(x + 104, y + 25, path, options[3:], gap=6, size=8)
    return y + 30


def domains(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = 44.0
    for title, words, path in (
        ("II.  MEDICAL", "Current medical conditions, past surgeries, hospitalizations:", "history.medical"),
        ("III.  BEHAVIORAL HEALTH TREATMENT HISTORY", "Previous outpatient/inpatient treatment and diagnoses:", "history.psychiatric"),
        ("IV.  FAMILY", "Family history of mental illness or substance use:", "history.family"),
        ("V.  SUBSTANCE USE", "Substances used, amount, frequency, last use:", "history.substance"),
        ("VI.  TRAUMA", "History of trauma, loss or violence:", "history.trauma"),
    ):  # fmt: skip
        y = pen.bar(y, title)
        y = pen.area(LEFT, y, 520, 2, words, path) + 4
    y = pen.bar(y, "VII.  MEDICATIONS")
    places = ((LEFT, 200), (200, 290), (290, 420), (420, RIGHT))
    for (start, end), words in zip(
        places, ("Medication / OTC / Herbal", "Dose/Route", "Frequency", "Prescribing MD"), strict=True
    ):
        sheet.rect(start, y - 8, end - start, 15, fill=GRAY, width=0.4)
        pen.text(start + 3, y + 3, words, 8, bold=True)
    y += 7
    for at in range(3):
        for (start, end), name in zip(places, ("name", "dose", "frequency", "prescriber"), strict=True):
            path = f"medications.{at}.{name}"
            sheet.rect(start, y, end - start, 17, width=0.4)
            sheet.answer(start + 3, y + 12, end - start - 6, path, pen.who.text(path))
        y += 17
    y = pen.rules(y + 18, ("Allergies / adverse reactions:", "allergies", RIGHT)) + 4
    y = pen.bar(y, "VIII.  RISK")
    for words, path in (
        ("Current suicidal ideation", "risk.suicidal_thoughts"),
        ("History of suicide attempts", "risk.suicide_attempt"),
        ("Self-injurious behavior", "risk.self_harm"),
        ("Homicidal ideation", "risk.harm_to_others"),
        ("Access to weapons", "risk.weapons_access"),
        ("Current abuse or domestic violence", "risk.abuse"),
    ):
        pen.text(LEFT, y, words)
        pen.boxes(260, y, path, YES_NO)
        pen.text(360, y, "If yes, explain:")
        sheet.line(425, y + 2, RIGHT, y + 2, 0.5)
        y += 17
    sheet.next_page()
    y = pen.bar(44, "IX.  SCREENING TOOLS")
    y = pen.likert(y, "phq9", PHQ9, (360, 412, 464, 516), 300, "circle", total="PHQ-9 Total:")
    y = pen.likert(y, "gad7", GAD7, (360, 412, 464, 516), 300, "circle", total="GAD-7 Total:")
    y = pen.prose(LEFT, y + 6, 520, "The information above is accurate and I consent to an assessment and to services.")
    pen.rules(y + 16, ("Individual's Signature:", "consents.0.signature", 360), ("Date:", "consents.0.signed_on", 500))
