"""A college counseling center's form: numbered questions, the answer under each, options in stacks, captions inside of boxes.

Drawn after the rules had been made general on the other sets, without a look at their words; measured at first sight.
"""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._pen import YES_NO, Pen

SEX = (("Male", "Male"), ("Female", "Female"))
STATUS = (("Single", "Single"), ("Married", "Married"), ("Separated", "Separated"), ("Divorced", "Divorced"), ("Widowed", "Widowed"))  # fmt: skip
PRONOUNS = (("she/her", "she/her"), ("he/him", "he/him"), ("they/them", "they/them"))


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Times-Roman", "Times-Bold", 10)
    pen.text(190, 42, "STUDENT COUNSELING SERVICES", 13, bold=True)
    pen.text(226, 57, "Information Sheet for New Students", 10)
    y, h = 72.0, 30.0
    rows = (
        ((LEFT, 180, "LAST NAME", "demographics.last_name"), (224, 170, "FIRST NAME", "demographics.first_name"), (394, 60, "M.I.", "demographics.middle_name"), (454, 112, "BIRTH DATE", "demographics.birth_date")),
        ((LEFT, 240, "LOCAL ADDRESS (STREET OR HALL)", "contact.address_line"), (284, 130, "CITY", "contact.city"), (414, 60, "STATE", "contact.state"), (474, 92, "ZIP CODE", "contact.postal_code")),
        ((LEFT, 180, "PHONE", "contact.phone"), (224, 210, "E-MAIL WE MAY USE", "contact.email"), (434, 132, "NAME YOU USE", "demographics.preferred_name")),
        ((LEFT, 220, "CAMPUS JOB OR EMPLOYER", "demographics.employer"), (264, 150, "OCCUPATION", "demographics.occupation"), (414, 152, "WHO REFERRED YOU?", "demographics.referred_by")),
    )  # fmt: skip
    for row in rows:
        for x, w, label, path in row:
            pen.inside(x, y, w, h, label, path)
        y += h
    y += 18
    pen.text(LEFT, y, "Gender:", bold=True)
    pen.text(220, y, "Pronouns:", bold=True)
    pen.text(390, y, "Relationship status:", bold=True)
    pen.stack(LEFT + 6, y + 15, "demographics.sex", SEX, round_=True)
    pen.stack(226, y + 15, "demographics.pronouns", PRONOUNS, round_=True)
    end = pen.stack(396, y + 15, "demographics.marital_status", STATUS, round_=True)
    y = end + 14
    pen.text(LEFT, y, "IN CASE OF EMERGENCY, WE SHOULD CALL", bold=True)
    y += 8
    for x, w, label, path in (
        (LEFT, 220, "NAME", "emergency_contact.name"), (264, 140, "HOW RELATED TO YOU", "emergency_contact.relationship"),
        (404, 162, "TELEPHONE", "emergency_contact.phone"),
    ):  # fmt: skip
        pen.inside(x, y, w, h, label, path)
    y += h + 18
    pen.text(LEFT, y, "HEALTH INSURANCE (you may attach a copy of your card)", bold=True)
    y += 8
    for row in (
        ((LEFT, 220, "PLAN", "payer"), (264, 160, "SUBSCRIBER ID", "member_id"), (424, 142, "GROUP", "group_number")),
        ((LEFT, 220, "SUBSCRIBER", "subscriber_name"), (264, 160, "SUBSCRIBER'S BIRTH DATE", "subscriber_birth_date"), (424, 142, "YOU ARE THE SUBSCRIBER'S", "subscriber_relationship")),
    ):  # fmt: skip
        for x, w, label, name in row:
            pen.inside(x, y, w, h, label, f"insurance.primary.{name}")
        y += h
    y += 22
    for number, (words, path, lines) in enumerate(
        (
            ("What concerns bring you to counseling?", "presenting.problem", 2),
            ("How long has this been a concern?", "presenting.onset", 1),
            ("What do you hope counseling will do for you?", "presenting.goals", 1),
        ),
        1,
    ):
        y = pen.area(LEFT, y, 520, lines, f"{number}. {words}", path, step=17)
    second_page(sheet, pen)


def second_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = 44.0
    for number, (words, path) in enumerate(
        (
            ("Do you have any medical problems? Please describe.", "history.medical"),
            ("Describe any earlier counseling or psychiatric care.", "history.psychiatric"),
            ("Has anyone in your family had emotional or substance problems? Please describe.", "history.family"),
            ("How much do you drink, smoke, or use other drugs?", "history.substance"),
            ("Has anything traumatic happened to you?", "history.trauma"),
            ("Are you allergic to anything?", "allergies"),
        ),
        4,
    ):
        y = pen.area(LEFT, y, 520, 1, f"{number}. {words}", path, step=17)
    for number, (words, path) in enumerate(
        (
            ("Have you ever seen a counselor?", "history.prior_counseling"),
            ("Have you ever been in a hospital for psychiatric reasons?", "history.prior_hospitalization"),
            ("Do you have thoughts of ending your life?", "risk.suicidal_thoughts"),
            ("Have you ever tried to end your life?", "risk.suicide_attempt"),
            ("Has anyone hit you, hurt you or forced you into sex?", "risk.abuse"),
            ("Do you have a gun or other weapon where you live?", "risk.weapons_access"),
        ),
        10,
    ):
        pen.text(LEFT, y, f"{number}. {words}")
        pen.boxes(440, y, path, YES_NO)
        y += 18
    sheet.next_page()
    pen.text(
        LEFT,
        40,
        "How often in the past two weeks? Write 0 (not at all), 1 (several days), 2 (more than half the days) or 3 (nearly every day).",
        9.5,
    )
    y = pen.scores(64, "phq9", PHQ9, 520, 440, False, boxed=True, total="Sum of the numbers above:")
    y = pen.scores(y + 8, "gad7", GAD7, 520, 440, False, boxed=True, total="Sum of the numbers above:")
    y = pen.prose(
        LEFT, y + 10, 520, "I have read the statement on confidentiality and agree to take part in counseling."
    )
    pen.caption(LEFT, y + 26, 340, "consents.0.signature", "Student's signature", size=8)
    pen.caption(380, y + 26, RIGHT, "consents.0.signed_on", "Date", size=8)
