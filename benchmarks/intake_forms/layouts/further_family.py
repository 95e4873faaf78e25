"""A child therapist's history form that parents fill in: lines behind questions, two parents, school and pediatrician beside.

After the usual wording of such forms, written without a look at the rules' words; measured at first sight.
"""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._parts import joined
from ._pen import Pen

YES_NO = (("Y", True), ("N", False))
SEX = (("boy", "Male"), ("girl", "Female"))


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Times-Roman", "Times-Bold", 11)
    them = Bystanders(who)
    pen.text(190, 46, "Child & Adolescent History Form", 14, bold=True)
    y = (
        pen.prose(
            LEFT, 64, 520, "To be completed by a parent or caregiver. Please answer as fully as you can.", step=13
        )
        + 10
    )
    name = joined(who, "demographics.first_name", "demographics.last_name")
    sheet.asked.add("demographics.last_name")
    y = pen.rules(
        y, ("Child's name", "demographics.first_name", 330, name), ("Nickname", "demographics.preferred_name", RIGHT)
    )
    x = pen.rule(LEFT, y, "Date of birth", "demographics.birth_date", 220)
    x = pen.text(x, y, "Age") + 4
    sheet.line(x, y + 2, x + 30, y + 2, 0.6)
    x = pen.text(x + 44, y, "Child is a (circle)") + 10
    pen.circle(x, y, "demographics.sex", SEX, "     ")
    y += 22
    y = pen.rules(y, ("Home address", "contact.address_line", RIGHT))
    y = pen.rules(
        y, ("City", "contact.city", 250), ("State", "contact.state", 340), ("Zip", "contact.postal_code", RIGHT)
    )
    x = pen.text(LEFT, y, "School") + 4
    sheet.line(x, y + 2, 300, y + 2, 0.6)
    x = pen.text(310, y, "Grade") + 4
    sheet.line(x, y + 2, 380, y + 2, 0.6)
    y += 24
    y = pen.rules(y, ("Parent/guardian completing this form", "guardian.name", RIGHT))
    y = pen.rules(
        y, ("Relationship to child", "guardian.relationship", 300), ("Best number to call", "guardian.phone", RIGHT)
    )
    x = pen.text(LEFT, y, "Other parent's name") + 4
    sheet.line(x, y + 2, 330, y + 2, 0.6)
    sheet.aside(x + 2, y, 180, "parent2", them.name())
    x = pen.text(340, y, "Phone") + 4
    sheet.line(x, y + 2, RIGHT, y + 2, 0.6)
    sheet.aside(x + 2, y, 150, "parent2phone", them.phone())
    y += 24
    y = pen.rules(y, ("If we cannot reach you, whom should we call?", "emergency_contact.name", RIGHT))
    y = pen.rules(
        y,
        ("Their phone", "emergency_contact.phone", 260),
        ("How related to child", "emergency_contact.relationship", RIGHT),
    )
    x = pen.text(LEFT, y, "Pediatrician") + 4
    sheet.line(x, y + 2, 300, y + 2, 0.6)
    sheet.aside(x + 2, y, 180, "pediatrician", them.doctor())
    x = pen.text(310, y, "Phone") + 4
    sheet.line(x, y + 2, RIGHT, y + 2, 0.6)
    sheet.aside(x + 2, y, 150, "pedphone", them.phone())
    y += 24
    y = pen.rules(y, ("Who referred you?", "demographics.referred_by", 300)) + 6
    pen.text(LEFT, y, "Insurance", 12, bold=True)
    y += 20
    y = pen.rules(
        y, ("Insurance company", "insurance.primary.payer", 330), ("ID #", "insurance.primary.member_id", RIGHT)
    )
    y = pen.rules(
        y,
        ("Whose name is the policy under?", "insurance.primary.subscriber_name", 400),
        ("Group #", "insurance.primary.group_number", RIGHT),
    )
    pen.rules(y, ("That parent's date of birth", "insurance.primary.subscriber_birth_date", 330))
    concerns(sheet, pen)


def concerns(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = 50.0
    for words, lines, path in (
        ("What concerns do you have about your child right now?", 2, "presenting.problem"),
        ("When did you first notice these concerns?", 1, "presenting.onset"),
        ("What changes do you hope to see?", 1, "presenting.goals"),
        ("Please list serious illnesses, injuries, hospital stays or ongoing health problems.", 1, "history.medical"),
        ("Has your child seen a counselor, psychologist or psychiatrist, and for what?", 1, "history.psychiatric"),
        (
            "Have any relatives had depression, anxiety, ADHD, addiction or other mental health problems? Who?",
            1,
            "history.family",
        ),
        ("Do you suspect or know of any use of alcohol, vaping or drugs?", 1, "history.substance"),
        (
            "Has your child been through any frightening or upsetting events (accident, death, divorce, violence)?",
            1,
            "history.trauma",
        ),
        ("Allergies (medicine, food, other):", 1, "allergies"),
    ):
        y = pen.area(LEFT, y, 520, lines, words, path, 18, True)
    pen.text(LEFT, y + 4, "Medicines your child takes", bold=True)
    y += 8
    for at in range(2):
        y += 19
        x = pen.rule(LEFT, y, "Name", f"medications.{at}.name", 190)
        x = pen.rule(x, y, "Dose", f"medications.{at}.dose", 280)
        x = pen.rule(x, y, "How often", f"medications.{at}.frequency", 420)
        pen.rule(x, y, "Doctor", f"medications.{at}.prescriber", RIGHT)
    y += 28
    for words, path in (
        ("Has your child ever had counseling before?", "history.prior_counseling"),
        ("Has your child ever been in a psychiatric hospital?", "history.prior_hospitalization"),
        ("Has your child ever talked about wanting to die or kill himself/herself?", "risk.suicidal_thoughts"),
        ("Has your child ever tried to kill himself/herself?", "risk.suicide_attempt"),
        ("Has your child hurt himself/herself on purpose?", "risk.self_harm"),
        ("Has your child been physically or sexually abused?", "risk.abuse"),
        ("Are there guns in the home?", "risk.weapons_access"),
    ):
        pen.text(LEFT, y, words)
        pen.circle(490, y, path, YES_NO, "      ")
        y += 18
    sheet.next_page()
    y = pen.prose(
        LEFT, 50, 520, "For teens to fill in themselves: over the last 2 weeks, how often have you been bothered by"
    )
    y = pen.scores(y + 8, "phq9", PHQ9, 500, 430, False, boxed=True, total="Sum")
    y = pen.prose(
        LEFT,
        y + 6,
        520,
        "and over the last 2 weeks by (0 = not at all, 1 = several days, 2 = more than half the days, 3 = nearly every day)",
    )
    y = pen.scores(y + 8, "gad7", GAD7, 500, 430, False, boxed=True, total="Sum")
    y = pen.prose(LEFT, y + 4, 520, "I give permission for my child to be evaluated and treated.")
    pen.rules(
        y + 18, ("Parent/guardian signature", "consents.0.signature", 380), ("Date", "consents.0.signed_on", RIGHT)
    )
