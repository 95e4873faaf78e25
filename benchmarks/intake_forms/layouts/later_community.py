"""A community mental health center's registration sheet: numbered sections, labels with colons on ruled lines, check boxes.

Drawn after the rules had been made general on the other sets, without a look at their words; measured at first sight.
"""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._pen import YES_NO, Pen

SEX = (("M", "Male"), ("F", "Female"))
STATUS = (("Never married", "Single"), ("Married", "Married"), ("Separated", "Separated"), ("Divorced", "Divorced"), ("Widowed", "Widowed"))  # fmt: skip
INSURED = (("Self", "Self"), ("Spouse", "Spouse"), ("Child", "Child"), ("Other", "Other"))


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=9)
    them = Bystanders(who)
    pen.text(LEFT, 42, "Riverbend Community Mental Health Center", 14, bold=True)
    pen.text(LEFT, 56, "Consumer Registration", 11)
    pen.text(400, 42, "Case #:")
    sheet.aside(436, 42, 110, "case", them.number(6))
    y = pen.bar(82, "Section 1: Consumer Information")
    y = pen.rules(
        y, ("Consumer's Last Name:", "demographics.last_name", 270), ("First:", "demographics.first_name", 440),
        ("Middle:", "demographics.middle_name", RIGHT),
    )  # fmt: skip
    y = pen.rules(
        y, ("Name consumer goes by:", "demographics.preferred_name", 270), ("D.O.B.:", "demographics.birth_date", 400)
    )
    x = pen.text(LEFT, y, "Sex on insurance card:") + 6
    x = pen.boxes(x, y, "demographics.sex", SEX, gap=10) + 20
    pen.rule(x, y, "Primary language spoken:", "demographics.language", RIGHT)
    y += 20
    y = pen.rules(y, ("Residence Address:", "contact.address_line", 350), ("City:", "contact.city", RIGHT))
    y = pen.rules(y, ("State:", "contact.state", 120), ("Zip:", "contact.postal_code", 220))
    y = pen.rules(
        y,
        ("Main phone #:", "contact.phone", 210),
        ("Home #:", "contact.home_phone", 380),
        ("Work #:", "contact.work_phone", RIGHT),
    )
    y = pen.rules(y, ("E-mail:", "contact.email", 280), ("Employer/School:", "demographics.employer", RIGHT))
    x = pen.text(LEFT, y, "Marital status:") + 6
    pen.boxes(x, y, "demographics.marital_status", STATUS, gap=10)
    y += 20
    y = pen.rules(y, ("Who sent you to us?", "demographics.referred_by", 330)) + 6
    y = pen.bar(y, "Section 2: Person to Notify in an Emergency")
    y = (
        pen.rules(
            y,
            ("Name:", "emergency_contact.name", 260),
            ("Relation:", "emergency_contact.relationship", 390),
            ("Phone:", "emergency_contact.phone", RIGHT),
        )
        + 6
    )
    y = pen.bar(y, "Section 3: Parent/Legal Guardian (minors and wards only)")
    y = (
        pen.rules(
            y,
            ("Name:", "guardian.name", 260),
            ("Relation:", "guardian.relationship", 390),
            ("Phone:", "guardian.phone", RIGHT),
        )
        + 6
    )
    y = pen.bar(y, "Section 4: Payment Source")
    for which, title in (("primary", "Primary Insurance:"), ("secondary", "Secondary Insurance:")):
        y = pen.rules(y, (title, f"insurance.{which}.payer", 330))
        y = pen.rules(
            y,
            ("Policy/ID #:", f"insurance.{which}.member_id", 280),
            ("Group #:", f"insurance.{which}.group_number", 430),
        )
        y = pen.rules(
            y,
            ("Insured's Name:", f"insurance.{which}.subscriber_name", 300),
            ("Insured's D.O.B.:", f"insurance.{which}.subscriber_birth_date", RIGHT),
        )
        x = pen.text(LEFT, y, "Consumer's relationship to insured:") + 6
        pen.boxes(x, y, f"insurance.{which}.subscriber_relationship", INSURED, gap=10)
        y += 24
    second_page(sheet, pen)
    third_page(sheet, pen)


def second_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = pen.bar(44, "Section 5: Reason for Services")
    y = pen.area(
        LEFT, y, 520, 3, "What is the main reason you are seeking services today?", "presenting.problem", ruled=True
    )
    y = pen.rules(y, ("When did this problem begin?", "presenting.onset", 360))
    y = pen.rules(y, ("What would you like to be different?", "presenting.goals", RIGHT)) + 6
    y = pen.bar(y, "Section 6: Health")
    y = pen.rules(y, ("Current or past medical conditions:", "history.medical", RIGHT))
    y = pen.rules(y, ("Past mental health diagnoses and treatment:", "history.psychiatric", RIGHT))
    y = pen.rules(y, ("Family history of mental illness or addiction:", "history.family", RIGHT))
    y = pen.rules(y, ("Alcohol, tobacco and drug use:", "history.substance", RIGHT))
    y = pen.rules(y, ("Allergies (food, drug, other):", "allergies", RIGHT))
    y = pen.columns(
        y + 4,
        (
            ("Have you received counseling services before?", "history.prior_counseling"),
            ("Have you been hospitalized for a mental health reason?", "history.prior_hospitalization"),
            ("Are you having thoughts of suicide now?", "risk.suicidal_thoughts"),
            ("Have you attempted suicide?", "risk.suicide_attempt"),
            ("Have you hurt yourself on purpose?", "risk.self_harm"),
            ("Are you having thoughts of harming someone else?", "risk.harm_to_others"),
            ("Do you feel safe where you live?", "risk.safe_at_home"),
        ),
        YES_NO,
        (440, 500),
    )
    pen.text(LEFT, y, "Current medications", bold=True)
    y += 15
    for x, words in ((LEFT, "Medication"), (200, "Dosage"), (290, "How taken"), (420, "Prescribing provider")):
        pen.text(x + 3, y, words, 8, bold=True)
    for at in range(3):
        y += 17
        for (x, end), name in zip(((LEFT, 200), (200, 290), (290, 420), (420, RIGHT)), ("name", "dose", "frequency", "prescriber"), strict=True):  # fmt: skip
            path = f"medications.{at}.{name}"
            sheet.rect(x, y - 12, end - x, 17, width=0.5)
            sheet.answer(x + 3, y, end - x - 6, path, pen.who.text(path))


def third_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = pen.bar(44, "Section 7: Screening")
    y = pen.prose(
        LEFT, y, 520, "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
    )
    y = pen.likert(y + 6, "phq9", PHQ9, (340, 400, 460, 520), 285, "box", total="Score:")
    y = pen.likert(y + 6, "gad7", GAD7, (340, 400, 460, 520), 285, "box", total="Score:")
    y = pen.prose(LEFT, y + 6, 520, "I request and consent to services from Riverbend Community Mental Health Center.")
    y = pen.rules(
        y + 14,
        ("Signature of consumer or guardian:", "consents.0.signature", 400),
        ("Date:", "consents.0.signed_on", RIGHT),
    )
