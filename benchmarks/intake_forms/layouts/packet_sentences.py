"""A small practice's form in sentences with blanks to fill, words to circle, measures with numbers to circle.

Drawn before the rules' words were looked at; its failures were looked at after it had been measured once.
"""

from collections.abc import Sequence

from reportlab.pdfbase.pdfmetrics import stringWidth

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._parts import joined
from ._pen import Pen

Blank = tuple[str, float] | tuple[str, float, str]
HAVE = (("have", True), ("have not", False))
DO = (("do", True), ("do not", False))
AM = (("am", True), ("am not", False))


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Times-Roman", "Times-Bold", 11)
    them = Bystanders(who)
    pen.text(190, 48, "Tell Me About Yourself", 18, bold=True)
    pen.text(200, 62, "Margaret Hollis, LCSW - 88 Orchard Lane - (518) 555-0162", 8.5)
    named = joined(who, "demographics.first_name", "demographics.middle_name", "demographics.last_name")
    sheet.asked.update(("demographics.middle_name", "demographics.last_name"))
    y = flow(
        pen, 96,
        "My full name is", ("demographics.first_name", 230, named), ", but please call me", ("demographics.preferred_name", 120),
        ". I was born on", ("demographics.birth_date", 100), ". My pronouns are", ("demographics.pronouns", 90), ".",
    )  # fmt: skip
    y = flow(
        pen, y,
        "I live at", ("contact.address_line", 240), "in the city of", ("contact.city", 130), ", state of", ("contact.state", 40),
        ", zip code", ("contact.postal_code", 80), ". You may call me at", ("contact.phone", 120), "or write to me by e-mail at",
        ("contact.email", 210), ".",
    )  # fmt: skip
    y = flow(
        pen, y,
        "I work for", ("demographics.employer", 180), "as a", ("demographics.occupation", 130), ". I heard of this office from",
        ("demographics.referred_by", 150), ".",
    )  # fmt: skip
    y = flow(
        pen, y,
        "If something happens to me, notify", ("emergency_contact.name", 170), ", who is my", ("emergency_contact.relationship", 90),
        ", at telephone number", ("emergency_contact.phone", 120), ". My physician is", ("", 130, them.doctor()), ".",
    )  # fmt: skip
    y = flow(
        pen, y,
        "My health insurance is with", ("insurance.primary.payer", 190), ". The number on my card is", ("insurance.primary.member_id", 110),
        "and the group is", ("insurance.primary.group_number", 80), ". The card belongs to", ("insurance.primary.subscriber_name", 150),
        ", born on", ("insurance.primary.subscriber_birth_date", 100), ".",
    )  # fmt: skip
    y = flow(
        pen, y + 6,
        "I have come to therapy because", ("presenting.problem", 440), ". This has been going on for", ("presenting.onset", 140),
        ". When we are done I would like to", ("presenting.goals", 260), ".",
    )  # fmt: skip
    y = flow(
        pen, y,
        "My medical problems are", ("history.medical", 230), ". In the past I was treated for these emotional problems:",
        ("history.psychiatric", 270), ". In my family,", ("history.family", 240),
        ". As for alcohol and drugs,", ("history.substance", 230), ". I am allergic to", ("allergies", 170), ".",
    )  # fmt: skip
    pen.text(LEFT, y + 2, "Circle what is true:", bold=True)
    y += 22
    for before, path, options, after in (
        ("I", "history.prior_counseling", HAVE, "been in counseling before."),
        ("I", "history.prior_hospitalization", HAVE, "been admitted to a psychiatric hospital."),
        ("I", "risk.suicidal_thoughts", AM, "having thoughts of suicide."),
        ("I", "risk.suicide_attempt", HAVE, "attempted suicide in the past."),
        ("I", "risk.weapons_access", DO, "have access to firearms or other weapons."),
        ("I", "risk.safe_at_home", DO, "feel safe at home."),
    ):
        x = pen.circle(pen.text(LEFT, y, before) + 9, y, path, options, "    /    ")
        pen.text(x + 9, y, after)
        y += 20
    second_page(sheet, pen)


def second_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = 54.0
    for title, key, items in (
        ("In the last 2 weeks (PHQ-9) - circle one number on each line", "phq9", PHQ9),
        ("In the last 2 weeks (GAD-7) - circle one number on each line", "gad7", GAD7),
    ):
        pen.text(LEFT, y, title, 11.5, bold=True)
        pen.text(
            LEFT, y + 14, "0 = not at all   1 = several days   2 = more than half the days   3 = nearly every day", 9
        )
        y = numbers(pen, y + 34, key, items)
    pen.text(LEFT, y, "Medicines I take", 11.5, bold=True)
    for at in range(3):
        y = flow(
            pen, y + 18,
            f"{at + 1}.", (f"medications.{at}.name", 120), "dose", (f"medications.{at}.dose", 70), "how often",
            (f"medications.{at}.frequency", 100), "doctor", (f"medications.{at}.prescriber", 100),
        ) - 18  # fmt: skip
    flow(
        pen, y + 40,
        "I agree to be treated by Ms. Hollis and have been told of the limits of confidentiality. Signed",
        ("consents.0.signature", 200), "on", ("consents.0.signed_on", 100),
    )  # fmt: skip


def numbers(pen: Pen, y: float, key: str, items: Sequence[str]) -> float:
    """The numbers stand before the question."""
    for at, words in enumerate(items):
        path = f"{key}.items.{at}"
        pen.sheet.asked.add(path)
        for value in range(4):
            pen._point(LEFT + 4 + value * 24, y, path, value, "circle")
        y = pen.prose(LEFT + 110, y, RIGHT - LEFT - 115, words, 10, 11) + 5
    return y + 8


def flow(pen: Pen, y: float, *parts: str | Blank) -> float:
    """Sentences that run over the lines, their blanks with them."""
    x: float = LEFT
    space = stringWidth(" ", pen.font, pen.size)
    for part in parts:
        if isinstance(part, str):
            for word in part.split():
                w = stringWidth(word, pen.font, pen.size)
                if x + w > RIGHT:
                    x, y = LEFT, y + 21
                x = pen.text(x - (space if word in ".," else 0), y, word) + space
            continue
        path, w, *said = part
        if x + w > RIGHT:
            x, y = LEFT, y + 21
        pen.sheet.line(x, y + 2, x + w, y + 2, 0.6)
        if path:
            pen.sheet.answer(x + 2, y, w - 4, path, said[0] if said else pen.who.text(path))
        else:
            pen.sheet.aside(x + 2, y, w - 4, "other", said[0])
        x += w + space
    return y + 25
