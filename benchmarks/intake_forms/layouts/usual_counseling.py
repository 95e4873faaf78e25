"""The counselor's form that many private practices hand on to each other: captions in brackets, blanks, questions with boxes.

After the usual wording of such forms, written without a look at the rules' words; measured at first sight.
"""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._pen import Pen

NO_YES = (("No", False), ("Yes", True))
SEX = (("Male", "Male"), ("Female", "Female"))
STATUS = (("Never Married", "Single"), ("Domestic Partnership", "Partnered"), ("Married", "Married"), ("Separated", "Separated"), ("Divorced", "Divorced"), ("Widowed", "Widowed"))  # fmt: skip


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Times-Roman", "Times-Bold", 10.5)
    them = Bystanders(who)
    pen.text(255, 46, "INTAKE FORM", 14, bold=True)
    y = pen.prose(
        LEFT,
        68,
        520,
        "Please provide the following information and answer the questions below. Please note: information you provide"
        " here is protected as confidential information. Please fill out this form and bring it to your first session.",
        step=13,
    )
    y += 14
    x = pen.text(LEFT, y, "Name:") + 4
    sheet.line(x, y + 2, RIGHT, y + 2, 0.6)
    for at, path, words in (
        (x + 10, "demographics.last_name", "(Last)"),
        (260, "demographics.first_name", "(First)"),
        (430, "demographics.middle_name", "(Middle Initial)"),
    ):
        sheet.answer(at, y, 130, path, who.text(path))
        pen.text(at, y + 12, words, 8.5)
    y += 36
    y = name_under(pen, y, "Name of parent/guardian (if under 18 years):", "guardian.name")
    x = pen.rule(LEFT, y, "Birth Date:", "demographics.birth_date", 200)
    x = pen.text(x, y, "Age:") + 4
    sheet.line(x, y + 2, x + 40, y + 2, 0.6)
    x = pen.text(x + 60, y, "Gender:") + 6
    pen.boxes(x, y, "demographics.sex", SEX, gap=10)
    y += 22
    pen.text(LEFT, y, "Marital Status:")
    y += 16
    x = pen.boxes(LEFT + 12, y, "demographics.marital_status", STATUS[:3], gap=22)
    y += 16
    pen.boxes(LEFT + 12, y, "demographics.marital_status", STATUS[3:], gap=22)
    y += 22
    x = pen.text(LEFT, y, "Please list any children/age:") + 4
    sheet.line(x, y + 2, RIGHT, y + 2, 0.6)
    y += 26
    x = pen.text(LEFT, y, "Address:") + 4
    y = under(pen, x, y, RIGHT, "contact.address_line", "(Street and Number)")
    for start, end, path, words in (
        (x, 300, "contact.city", "(City)"),
        (310, 400, "contact.state", "(State)"),
        (410, RIGHT, "contact.postal_code", "(Zip)"),
    ):
        after = under(pen, start, y, end, path, words)
    y = after
    for words, path in (
        ("Home Phone:", "contact.home_phone"),
        ("Cell/Other Phone:", "contact.mobile_phone"),
        ("E-mail:", "contact.email"),
    ):
        pen.rule(LEFT, y, words, path, 300)
        x = pen.text(320, y, "May we email you?" if path.endswith("email") else "May we leave a message?") + 8
        for word in ("Yes", "No"):
            sheet.tick(x, y, word == "Yes", f"leave_{path}", word)
            x = pen.text(x + 12, y, word) + 10
        y += 22
    pen.text(LEFT, y - 6, "*Please note: Email correspondence is not considered to be a confidential medium.", 8.5)
    y += 16
    pen.rule(LEFT, y, "Referred by (if any):", "demographics.referred_by", 400)
    y += 24
    pen.text(LEFT, y, "Person to be contacted in case of emergency:")
    y += 20
    y = pen.rules(
        y,
        ("Name:", "emergency_contact.name", 260),
        ("Phone:", "emergency_contact.phone", 400),
        ("Relationship:", "emergency_contact.relationship", RIGHT),
    )
    treatment(sheet, pen, them)


def name_under(pen: Pen, y: float, words: str, path: str) -> float:
    """A line of its own under the words."""
    pen.text(LEFT, y, words)
    pen.sheet.line(LEFT, y + 20, RIGHT, y + 20, 0.6)
    pen.sheet.answer(LEFT + 3, y + 18, 400, path, pen.who.text(path))
    return y + 40


def under(pen: Pen, x: float, y: float, end: float, path: str, words: str) -> float:
    pen.sheet.answer(x + 2, y, end - x - 3, path, pen.who.text(path))
    pen.sheet.line(x, y + 2, end, y + 2, 0.6)
    pen.text(x, y + 12, words, 8.5)
    return y + 32


def treatment(sheet: Sheet, pen: Pen, them: Bystanders) -> None:
    sheet.next_page()
    who = pen.who
    y = pen.prose(
        LEFT,
        50,
        520,
        "Have you previously received any type of mental health services (psychotherapy, psychiatric services, etc.)?",
    )
    pen.boxes(LEFT + 12, y + 4, "history.prior_counseling", NO_YES[:1])
    x = pen.boxes(LEFT + 12, y + 20, "history.prior_counseling", NO_YES[1:], gap=2)
    x = pen.text(x, y + 20, ", previous therapist/practitioner:") + 4
    sheet.line(x, y + 22, RIGHT, y + 22, 0.6)
    if who.get("history.prior_counseling"):
        sheet.aside(x + 2, y + 20, RIGHT - x - 4, "therapist", them.doctor())
    y += 44
    pen.text(LEFT, y, "Have you ever been hospitalized for psychiatric reasons?")
    pen.boxes(400, y, "history.prior_hospitalization", NO_YES)
    y += 22
    pen.text(
        LEFT, y, "Are you currently taking any prescription medication? If yes, please list (name, dose, how often):"
    )
    for at in range(3):
        y += 20
        sheet.line(LEFT, y + 2, RIGHT, y + 2, 0.6)
        said = ", ".join(
            part for name in ("name", "dose", "frequency") if (part := who.text(f"medications.{at}.{name}"))
        )
        sheet.aside(LEFT + 3, y, 500, f"meds{at}", said)
        for name in ("name", "dose", "frequency"):
            sheet.asked.add(f"medications.{at}.{name}")
    y += 30
    pen.text(170, y, "GENERAL HEALTH AND MENTAL HEALTH INFORMATION", 11, bold=True)
    y += 22
    y = pen.prose(LEFT, y, 520, "1. How would you rate your current physical health? (please circle)")
    x = LEFT + 30.0
    for at, word in enumerate(("Poor", "Unsatisfactory", "Satisfactory", "Good", "Very good")):
        if at == 3 and not sheet.fillable:
            sheet.ring(x, y + 4, word, 10)
        x = pen.text(x, y + 4, word) + 24
    y += 26
    y = pen.area(
        LEFT,
        y,
        520,
        2,
        "Please list any specific health problems you are currently experiencing:",
        "history.medical",
        18,
        True,
    )
    y = pen.area(LEFT, y, 520, 1, "2. Do you have any allergies? Please list:", "allergies", 18, True)
    y = pen.area(
        LEFT, y, 520, 1, "3. How often do you drink alcohol or use recreational drugs?", "history.substance", 18, True
    )
    y = pen.area(
        LEFT,
        y,
        520,
        1,
        "4. Have you been given a mental health diagnosis in the past, or been treated for one?",
        "history.psychiatric",
        18,
        True,
    )
    y = pen.area(
        LEFT,
        y,
        520,
        1,
        "5. Is there a history of mental health problems in your family? Who, and what?",
        "history.family",
        18,
        True,
    )
    y = pen.area(
        LEFT,
        y,
        520,
        1,
        "6. What significant life changes or stressful events have you experienced recently?",
        "stress",
        18,
        True,
    )
    sheet.asked.discard("stress")
    pen.text(230, y + 4, "ADDITIONAL INFORMATION", 11, bold=True)
    y += 24
    y = pen.area(LEFT, y, 520, 2, "What brings you to counseling at this time?", "presenting.problem", 18, True)
    pen.area(
        LEFT,
        y,
        520,
        1,
        "What would you like to accomplish out of your time in therapy?",
        "presenting.goals",
        18,
        True,
    )
    screening(sheet, pen)


def screening(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = 50.0
    for words, path in (
        ("Are you currently having thoughts of ending your life?", "risk.suicidal_thoughts"),
        ("Have you attempted suicide in the past?", "risk.suicide_attempt"),
        ("Have you engaged in self-injury (cutting, burning)?", "risk.self_harm"),
        ("Do you have thoughts of hurting another person?", "risk.harm_to_others"),
    ):
        pen.text(LEFT, y, words)
        pen.boxes(400, y, path, NO_YES)
        y += 18
    y = pen.prose(LEFT, y + 8, 520, "PHQ-9: Over the last 2 weeks, how often have you been bothered by the following?")
    y = pen.likert(y + 4, "phq9", PHQ9, (360, 412, 464, 516), 300, "circle", total="Total")
    y = pen.prose(LEFT, y, 520, "GAD-7: Over the last 2 weeks, how often have you been bothered by the following?")
    y = pen.likert(y + 4, "gad7", GAD7, (360, 412, 464, 516), 300, "circle", total="Total")
    y = pen.prose(LEFT, y, 520, "I have read and understood the above and consent to treatment.")
    y += 20
    pen.caption(LEFT, y, 330, "consents.0.signature", "Client Signature (Client's Parent/Guardian if under 18)", size=8)
    pen.caption(380, y, 520, "consents.0.signed_on", "Today's Date", size=8)
