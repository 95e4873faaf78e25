"""One cell for each letter, labels inside of boxes, options under one another, boxes behind their words."""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._pen import YES_NO, Pen


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=9)
    pen.text(LEFT, 44, "STATE HEALTH PLAN - MEMBER INTAKE", 12, bold=True)
    y = 66.0
    for label, path, cells in (
        ("First name", "demographics.first_name", 16),
        ("Last name", "demographics.last_name", 20),
    ):
        pen.text(LEFT, y, label)
        pen.comb(140, y, cells, path, who.text(path)[:cells])
        y += 22
    pen.text(LEFT, y, "Date of birth")
    pen.comb(140, y, 8, "demographics.birth_date", groups=(2, 2, 4))
    pen.text(330, y, "Phone")
    pen.comb(370, y, 10, "contact.phone", groups=(3, 3, 4), cell=14)
    y += 22
    pen.text(LEFT, y, "ZIP code")
    short = who.text("contact.postal_code")
    pen.comb(140, y, 5, "contact.postal_code", short if len(short) == 5 else "")
    if len(short) > 5:
        sheet.asked.discard("contact.postal_code")
    y += 16
    pen.inside(LEFT, y, 270, 30, "Street", "contact.address_line")
    pen.inside(315, y, 180, 30, "City", "contact.city")
    pen.inside(495, y, 72, 30, "State", "contact.state")
    y += 30
    pen.inside(LEFT, y, 180, 30, "Emergency contact name", "emergency_contact.name")
    pen.inside(225, y, 170, 30, "Emergency contact relationship", "emergency_contact.relationship")
    pen.inside(395, y, 172, 30, "Emergency contact phone", "emergency_contact.phone")
    y += 30
    pen.inside(LEFT, y, 180, 30, "Name of carrier", "insurance.primary.payer")
    pen.inside(225, y, 170, 30, "Subscriber I.D. number", "insurance.primary.member_id")
    pen.inside(395, y, 172, 30, "Group", "insurance.primary.group_number")
    y += 50
    pen.text(LEFT, y, "Sex at birth")
    pen.stack(LEFT + 10, y + 14, "demographics.sex", (("Male", "Male"), ("Female", "Female")), round_=True)
    pen.text(200, y, "Marital status")
    pen.stack(
        210,
        y + 14,
        "demographics.marital_status",
        [(w, w) for w in ("Single", "Married", "Divorced", "Widowed", "Separated")],
        round_=True,
    )
    pen.text(380, y, "Client is the subscriber's")
    pen.stack(
        390,
        y + 14,
        "insurance.primary.subscriber_relationship",
        [(w, w) for w in ("Self", "Spouse", "Child", "Other")],
        round_=True,
    )
    y += 96
    for label, path in (
        ("Main complaint", "presenting.problem"),
        ("Since when?", "presenting.onset"),
        ("Known allergies", "allergies"),
    ):
        pen.inside(LEFT, y, RIGHT - LEFT, 30, label, path)
        y += 30
    y += 18
    for words, path in (
        ("Have you received mental health services before?", "history.prior_counseling"),
        ("Are you thinking of suicide?", "risk.suicidal_thoughts"),
        ("Is anyone hurting you?", "risk.abuse"),
        ("Do you want to harm anyone?", "risk.harm_to_others"),
    ):
        pen.text(LEFT, y, words)
        sheet.asked.add(path)
        x: float = 380
        for option in YES_NO:
            x = pen.text(x, y, option[0]) + 4
            sheet.tick(x, y, pen.taken(path, option), path, option[0], style="x")
            x += 22
        y += 17
    sheet.next_page()
    y = 56.0
    for title, key, items in (("PHQ-9", "phq9", PHQ9), ("GAD-7", "gad7", GAD7)):
        y = pen.bar(y, title)
        y = pen.scores(y, key, items, 530, 450, before=False, boxed=True)
    pen.inside(LEFT, y, 330, 32, "Client signature", "consents.0.signature")
    pen.inside(375, y, 192, 32, "Date", "consents.0.signed_on")
