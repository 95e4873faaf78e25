"""Questions with the answer under them or in a box, labels set right, a table of answers with details, no colons."""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._parts import joined
from ._pen import YES_NO, Pen

EDGE = 230


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=10)
    pen.text(LEFT, 48, "Hello and welcome to Brightside Therapy", 14, bold=True)
    y = 80.0
    name = joined(who, "demographics.first_name", "demographics.last_name")
    for label, path, text in (
        ("Your name", "demographics.first_name", name),
        ("Name you like to be called", "demographics.preferred_name", None),
        ("Your date of birth", "demographics.birth_date", None),
        ("Your home address", "contact.address_line", None),
        ("Your phone", "contact.phone", None),
        ("Your e-mail", "contact.email", None),
        ("Who do you have insurance with?", "insurance.primary.payer", None),
        ("Number on your insurance card", "insurance.primary.member_id", None),
    ):
        pen.right(EDGE - 10, y, label)
        sheet.rect(EDGE, y - 12, 290, 17, width=0.4)
        sheet.answer(EDGE + 4, y, 280, path, who.text(path) if text is None else text)
        y += 22
    sheet.asked.add("demographics.last_name")
    pen.right(EDGE - 10, y, "Sex")
    y = pen.stack(EDGE, y, "demographics.sex", (("Female", "Female"), ("Male", "Male"))) + 10
    pen.text(LEFT, y, "If there is an emergency, call", 11, bold=True)
    y += 18
    for label, path in (
        ("Name of this person", "emergency_contact.name"),
        ("Who are they to you?", "emergency_contact.relationship"),
        ("Their telephone number", "emergency_contact.phone"),
    ):
        pen.text(LEFT, y, label)
        pen.sheet.line(LEFT + 12, y + 19, RIGHT, y + 19, 0.5)
        pen.sheet.answer(LEFT + 14, y + 16, 400, path, who.text(path))
        y += 38
    for label, path in (
        ("Why did you decide to start therapy?", "presenting.problem"),
        ("What do you want to get out of therapy?", "presenting.goals"),
        ("Which health problems do you have?", "history.medical"),
        ("Which bad things have happened to you? (trauma)", "history.trauma"),
        ("Do you use alcohol or drugs? How much?", "history.substance"),
    ):
        y = pen.area(LEFT, y, RIGHT - LEFT, 1, label, path, step=18)
    sheet.next_page()
    y = 60.0
    rows = (
        ("I have talked to a counselor before", "history.prior_counseling"),
        ("I have been in a psychiatric hospital", "history.prior_hospitalization"),
        ("I have thoughts of suicide", "risk.suicidal_thoughts"),
        ("I have tried to kill myself", "risk.suicide_attempt"),
        ("I have been physically or sexually abused", "risk.abuse"),
    )
    for at in range(len(rows) + 2):
        sheet.line(LEFT, y - 12 + at * 18, RIGHT, y - 12 + at * 18, 0.5)
    for x in (LEFT, 280, 320, 360, RIGHT):
        sheet.line(x, y - 12, x, y - 12 + (len(rows) + 1) * 18, 0.5)
    for x, words in ((LEFT + 4, "Check one"), (291, "Yes"), (333, "No"), (366, "Details")):
        pen.text(x, y, words, 9, bold=True)
    for at, (words, path) in enumerate(rows, 1):
        pen.text(LEFT + 4, y + at * 18, words, 9)
        sheet.asked.add(path)
        for option, x in zip(YES_NO, (295, 335), strict=True):
            sheet.tick(x, y + at * 18, pen.taken(path, option), path, option[0], style="check")
    y += 140
    for title, key, items in (
        ("How is your mood? (PHQ-9)", "phq9", PHQ9),
        ("How are your nerves? (GAD-7)", "gad7", GAD7),
    ):
        pen.text(LEFT, y, title, 11, bold=True)
        y = pen.likert(y + 14, key, items, (352, 408, 464, 520), 290, "circle", numbered=False)
    y = pen.prose(LEFT, y, 500, "I agree to the office policies and consent to therapy.")
    pen.rules(y + 14, ("Your signature", "consents.0.signature", 340), ("Today's date", "consents.0.signed_on", 520))
