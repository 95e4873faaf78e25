"""A busy clinic's sheet full of abbreviations: blanks made of underscores, letters to circle, numbered lines for medicines.

Drawn before the rules' words were looked at; its failures were looked at after it had been measured once.
"""

from reportlab.pdfbase.pdfmetrics import stringWidth

from ..canvas import LEFT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._parts import joined
from ._pen import Pen

Y_N = (("Y", True), ("N", False))
STATUS = (("S", "Single"), ("M", "Married"), ("D", "Divorced"), ("W", "Widowed"), ("Sep", "Separated"))


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Courier", "Courier-Bold", 9)
    them = Bystanders(who)
    pen.text(LEFT, 40, "NORTHSIDE PSYCHIATRIC ASSOC., P.C.", 13, bold=True)
    pen.text(LEFT, 52, "NEW PT INFO SHEET  (pls print)", 9)
    pen.text(360, 52, "Acct #", 9)
    sheet.aside(400, 52, 100, "acct", them.number(5))
    y = 78.0
    given = joined(who, "demographics.first_name", "demographics.middle_name")
    full = f"{who.text('demographics.last_name')}, {given}"
    sheet.asked.update(("demographics.first_name", "demographics.middle_name"))
    y = row(pen, y, ("Pt name (last, first, MI):", "demographics.last_name", 34, full), ("DOB:", "demographics.birth_date", 14))  # fmt: skip
    town = joined(who, "contact.city", "contact.state", between=", ")
    town = f"{town} {who.text('contact.postal_code')}".strip()
    y = row(pen, y, ("Addr:", "contact.address_line", 34), ("SSN:", "", 14, f"{them.number(3)}-{them.number(2)}-{them.number(4)}"))  # fmt: skip
    y = row(pen, y, ("City/St/Zip:", "contact.city", 40, town))
    sheet.asked.update(("contact.state", "contact.postal_code"))
    y = row(pen, y, ("Ph (H):", "contact.home_phone", 16), ("Ph (W):", "contact.work_phone", 16))
    y = row(pen, y, ("E-mail:", "contact.email", 34))
    pen.text(LEFT, y, "Sex:")
    pen.circle(75, y, "demographics.sex", (("M", "Male"), ("F", "Female")))
    pen.text(160, y, "Marital (circle):")
    pen.circle(262, y, "demographics.marital_status", STATUS)
    y = row(pen, y + 20, ("Empl:", "demographics.employer", 30), ("Occ:", "demographics.occupation", 22))
    y = row(pen, y, ("Ref'd by:", "demographics.referred_by", 26), ("PCP:", "", 24, them.doctor()))
    y = row(pen, y, ("Emerg contact:", "emergency_contact.name", 24), ("Rel:", "emergency_contact.relationship", 11), ("Ph:", "emergency_contact.phone", 16))  # fmt: skip
    for heading, which in (("PRIMARY INS", "primary"), ("SECONDARY INS", "secondary")):
        pen.text(LEFT, y + 4, heading, 10, bold=True)
        at = f"insurance.{which}"
        y = row(pen, y + 22, ("Ins co:", f"{at}.payer", 32), ("ID#:", f"{at}.member_id", 18), ("Grp#:", f"{at}.group_number", 11))  # fmt: skip
        y = row(pen, y, ("Subscriber (if other than pt):", f"{at}.subscriber_name", 22), ("Subscr DOB:", f"{at}.subscriber_birth_date", 14))  # fmt: skip
        y = row(pen, y, ("Pt's rel to subscriber:", f"{at}.subscriber_relationship", 12))
    pen.text(LEFT, y + 4, "HX", 10, bold=True)
    y += 24
    for label, path in (
        ("CC / reason for visit:", "presenting.problem"), ("How long?", "presenting.onset"),
        ("Med hx:", "history.medical"), ("Psych hx (dx, tx):", "history.psychiatric"), ("Fam psych hx:", "history.family"),
        ("EtOH/tobacco/drugs:", "history.substance"), ("Drug allergies:", "allergies"),
    ):  # fmt: skip
        y = row(pen, y, (label, path, 70))
    pen.text(LEFT, y + 4, "CURRENT RX", 10, bold=True)
    y += 22
    for at in range(3):
        rx = f"medications.{at}"
        y = row(pen, y, (f"{at + 1})", f"{rx}.name", 22), ("dose", f"{rx}.dose", 12), ("freq", f"{rx}.frequency", 18), ("MD", f"{rx}.prescriber", 16))  # fmt: skip
    second_page(sheet, pen, them)


def row(pen: Pen, y: float, *entries: tuple) -> float:
    x: float = LEFT
    letter = stringWidth("_", pen.font, pen.size)
    for label, path, count, *said in entries:
        start = pen.text(x, y, label) + 4
        end = min(start + count * letter, 570)
        pen.text(start, y, "_" * int((end - start) / letter))
        if path:
            pen.sheet.answer(start + 1, y - 1, end - start - 2, path, said[0] if said else pen.who.text(path))
        else:
            pen.sheet.aside(start + 1, y - 1, end - start - 2, label, said[0])
        x = end + 8
    return y + 19


def second_page(sheet: Sheet, pen: Pen, them: Bystanders) -> None:
    sheet.next_page()
    pen.text(LEFT, 40, "Northside Psychiatric Assoc., P.C.      p. 2", 8)
    y = 62.0
    for words, path in (
        ("Prior outpt MH tx / counseling?", "history.prior_counseling"),
        ("Prior inpt psych admission?", "history.prior_hospitalization"),
        ("Current suicidal ideation?", "risk.suicidal_thoughts"),
        ("Hx of suicide attempt?", "risk.suicide_attempt"),
        ("Hx of self-injury?", "risk.self_harm"),
        ("Thoughts of harming others?", "risk.harm_to_others"),
        ("Firearms in home?", "risk.weapons_access"),
        ("Safe at home?", "risk.safe_at_home"),
    ):
        pen.circle(LEFT + 4, y, path, Y_N)
        pen.text(LEFT + 60, y, words)
        y += 18
    for title, key, items in (("PHQ-9 (past 2 wks)", "phq9", PHQ9), ("GAD-7 (past 2 wks)", "gad7", GAD7)):
        pen.text(LEFT, y + 6, title, 10, bold=True)
        y = pen.likert(y + 12, key, items, (380, 428, 476, 524), 320, "circle", size=8, total="TOTAL")
    y = pen.prose(LEFT, y, 520, "I authorize tx and release of info to my ins. co. for billing.", 9)
    row(pen, y + 16, ("Pt signature:", "consents.0.signature", 40), ("Date:", "consents.0.signed_on", 13))
    row(pen, y + 44, ("STAFF: entered by", "", 8, them.initials()), ("on", "", 13, them.day()))
