"""A solo therapist's form from a word processor: bold labels, answers typed behind them, underscores, words in brackets.

Drawn after the rules had been made general on the other sets, without a look at their words; measured at first sight.
"""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._pen import YES_NO, Pen

SEX = (("Female", "Female"), ("Male", "Male"))
STATUS = (("Single", "Single"), ("Married", "Married"), ("Divorced", "Divorced"), ("Separated", "Separated"), ("Widow(er)", "Widowed"))  # fmt: skip


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=10)
    pen.text(LEFT, 44, "Adult & Family Counseling, PLLC", 13, bold=True)
    pen.text(LEFT, 58, "Client Intake Form - please complete before your first session", 9)
    y = 88.0
    name = " ".join(part for path in ("first", "last") if (part := who.text(f"demographics.{path}_name")))
    sheet.asked.update(("demographics.first_name", "demographics.last_name"))
    y = pen.rules(y, ("Client's full legal name", "demographics.first_name", 400, name))
    pen.text(410, y - 20, "Today's date")
    sheet.line(466, y - 18, RIGHT, y - 18, 0.6)
    sheet.answer(468, y - 20, 96, "completed_on", pen.who.text("completed_on"))
    y = pen.rules(
        y,
        ("Birthday", "demographics.birth_date", 180),
        ("Preferred name", "demographics.preferred_name", 350),
        ("Pronouns", "demographics.pronouns", RIGHT),
    )
    x = pen.text(LEFT, y, "I am (circle):") + 8
    x = pen.circle(x, y, "demographics.sex", SEX, "    ") + 24
    x = pen.text(x, y, "and (circle):") + 8
    pen.circle(x, y, "demographics.marital_status", STATUS, "    ")
    y += 24
    y = pen.rules(y, ("Mailing address", "contact.address_line", RIGHT))
    y = pen.rules(
        y, ("Town", "contact.city", 230), ("State", "contact.state", 300), ("Zip", "contact.postal_code", 410)
    )
    y = pen.rules(y, ("Best phone", "contact.phone", 240), ("Email", "contact.email", RIGHT))
    y = pen.rules(
        y, ("Job / profession", "demographics.occupation", 260), ("Place of work", "demographics.employer", RIGHT)
    )
    y = pen.rules(y, ("How did you find me?", "demographics.referred_by", 330)) + 4
    y = pen.rules(
        y,
        ("Emergency contact", "emergency_contact.name", 260),
        ("their phone", "emergency_contact.phone", 410),
        ("relationship", "emergency_contact.relationship", RIGHT),
    )
    y = (
        pen.rules(
            y,
            ("If the client is a child, parent's name", "guardian.name", 330),
            ("parent's phone", "guardian.phone", RIGHT),
        )
        + 6
    )
    pen.text(LEFT, y, "Insurance (skip if you pay yourself)", 11, bold=True)
    y += 20
    y = pen.rules(
        y, ("Company", "insurance.primary.payer", 250), ("Member number", "insurance.primary.member_id", RIGHT)
    )
    y = pen.rules(
        y,
        ("Group", "insurance.primary.group_number", 180),
        ("Policyholder (if not you)", "insurance.primary.subscriber_name", RIGHT),
    )
    y = (
        pen.rules(
            y,
            ("Policyholder's birthday", "insurance.primary.subscriber_birth_date", 260),
            ("I am the policyholder's", "insurance.primary.subscriber_relationship", 480),
        )
        + 6
    )
    pen.text(LEFT, y, "Why now?", 11, bold=True)
    y += 18
    y = pen.area(LEFT, y, 520, 2, "Please tell me a little about what is going on:", "presenting.problem", ruled=True)
    y = pen.rules(y, ("It started", "presenting.onset", 300))
    y = pen.rules(y, ("By the end of therapy I hope to", "presenting.goals", RIGHT))
    second_page(sheet, pen)


def second_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    pen.text(LEFT, 44, "Background", 11, bold=True)
    y = 64.0
    for words, path in (
        ("Physical health (conditions, surgeries):", "history.medical"),
        ("Mental health diagnoses and past therapy:", "history.psychiatric"),
        ("Mental health and addictions in your family:", "history.family"),
        ("Alcohol / cannabis / other substances:", "history.substance"),
        ("Painful or frightening experiences you want me to know about:", "history.trauma"),
        ("Allergies to medicines or foods:", "allergies"),
    ):
        y = pen.area(LEFT, y, 520, 1, words, path, ruled=True)
    pen.text(LEFT, y, "Medications, vitamins, supplements", bold=True)
    y += 4
    for at in range(3):
        y += 17
        x = pen.rule(LEFT, y, f"{at + 1})", f"medications.{at}.name", 190)
        x = pen.rule(x, y, "Dose", f"medications.{at}.dose", 290)
        x = pen.rule(x, y, "When", f"medications.{at}.frequency", 410)
        pen.rule(x, y, "Prescriber", f"medications.{at}.prescriber", RIGHT)
    y += 26
    for words, path in (
        ("Have you worked with a therapist before?", "history.prior_counseling"),
        ("Have you ever stayed in a psychiatric hospital?", "history.prior_hospitalization"),
        (
            "In the past month, have you wished you were dead or thought about killing yourself?",
            "risk.suicidal_thoughts",
        ),
        ("Have you ever tried to kill yourself?", "risk.suicide_attempt"),
        ("Are there guns in your home?", "risk.weapons_access"),
        ("Are you afraid of anyone at home?", ""),
    ):
        pen.text(LEFT, y, words)
        if path:
            pen.boxes(470, y, path, YES_NO)
        else:
            pen.text(482, y, "Yes")
            pen.text(526, y, "No")
        y += 18
    sheet.next_page()
    y = pen.prose(
        LEFT,
        44,
        520,
        "PHQ-9. Please circle one number for each line: over the last two weeks, how often were you bothered by:",
    )
    y = pen.likert(y + 6, "phq9", PHQ9, (370, 420, 470, 520), 310, "circle", total="TOTAL")
    y = pen.prose(LEFT, y, 520, "GAD-7. The same two weeks:")
    y = pen.likert(y + 6, "gad7", GAD7, (370, 420, 470, 520), 310, "circle", total="TOTAL")
    y = pen.prose(LEFT, y + 4, 520, "I understand the limits of confidentiality and I agree to begin therapy.")
    pen.rules(y + 16, ("Signed", "consents.0.signature", 340), ("Date", "consents.0.signed_on", 480))
