"""White titles on dark bars, numbered questions, yes and no as columns, captions under the lines.  Its failures were looked at once."""

from reportlab.lib.colors import HexColor, white

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9, SCALE
from ..people import Person
from ._parts import joined, wrap

DARK = HexColor("#2b3a4a")


def draw(sheet: Sheet, who: Person) -> None:
    sheet.print(LEFT, 42, "HARBOR BEHAVIORAL HEALTH - CLIENT INTAKE", 13, bold=True)
    y = bar(sheet, 52, "SECTION 1: CLIENT INFORMATION")
    name = joined(who, "demographics.last_name", "demographics.first_name", between=", ")
    y = numbered(sheet, who, y, "1. Full name (Last, First)", "demographics.last_name", name)
    sheet.asked.add("demographics.first_name")
    y = numbered(sheet, who, y, "2. Date of birth (MM/DD/YYYY)", "demographics.birth_date")
    y = numbered(sheet, who, y, "3. Address (street)", "contact.address_line")
    place = f"{joined(who, 'contact.city', 'contact.state', between=', ')} {who.text('contact.postal_code')}".strip()
    y = numbered(sheet, who, y, "4. City / State / Zip", "contact.city", place)
    sheet.asked.update(("contact.state", "contact.postal_code"))
    y = numbered(sheet, who, y, "5. Contact number", "contact.phone")
    y = numbered(sheet, who, y, "6. E-mail", "contact.email")
    y = numbered(sheet, who, y, "7. Preferred pronouns", "demographics.pronouns")
    y = bar(sheet, y, "SECTION 2: EMERGENCY CONTACT")
    y = numbered(sheet, who, y, "8. Name of contact", "emergency_contact.name")
    y = numbered(sheet, who, y, "9. Relationship to client", "emergency_contact.relationship")
    y = numbered(sheet, who, y, "10. Phone", "emergency_contact.phone")
    y = bar(sheet, y, "SECTION 3: INSURANCE")
    for label, path in (
        ("11. Name of insurance company", "payer"),
        ("12. Identification number", "member_id"),
        ("13. Group number", "group_number"),
        ("14. Subscriber's name", "subscriber_name"),
        ("15. Relationship to subscriber", "subscriber_relationship"),
    ):
        y = numbered(sheet, who, y, label, f"insurance.primary.{path}")
    y = bar(sheet, y, "SECTION 4: PRESENTING PROBLEM AND HISTORY")
    for label, path in (
        ("16. Presenting problem", "presenting.problem"),
        ("17. Past psychiatric history", "history.psychiatric"),
        ("18. Family mental health history", "history.family"),
        ("19. Allergies", "allergies"),
    ):
        y = numbered(sheet, who, y, label, path)
    y = bar(sheet, y, "SECTION 5: SAFETY")
    sheet.print(452, y + 8, "Yes", 8, bold=True)
    sheet.print(502, y + 8, "No", 8, bold=True)
    y += 12
    for text, path in (
        ("20. Are you thinking about suicide?", "risk.suicidal_thoughts"),
        ("21. Have you harmed yourself on purpose?", "risk.self_harm"),
        ("22. Are you being abused or hurt by anyone?", "risk.abuse"),
        ("23. Do you feel safe where you live?", "risk.safe_at_home"),
    ):
        sheet.print(LEFT, y + 10, text, 9)
        sheet.asked.add(path)
        for x, option, value in ((454, "Yes", True), (503, "No", False)):
            sheet.tick(x, y + 10, who.get(path) is value, path, option)
        y += 16
    sheet.next_page()
    y = bar(sheet, 36, "SECTION 6: CURRENT MEDICATIONS")
    columns = (
        (LEFT, 180, "Name of medication", "name"),
        (235, 80, "Dose", "dose"),
        (325, 110, "Frequency", "frequency"),
        (445, 120, "Prescriber", "prescriber"),
    )
    for x, _, label, _name in columns:
        sheet.print(x, y + 10, label, 8, bold=True)
    for at in range(3):
        for x, width, _, field in columns:
            sheet.answer(
                x,
                y + 26 + at * 17,
                width - 6,
                f"medications.{at}.{field}",
                who.text(f"medications.{at}.{field}"),
                size=9,
            )
            sheet.line(x, y + 28.5 + at * 17, x + width - 6, y + 28.5 + at * 17)
    y += 70
    for text, key, items in (("SECTION 7: PHQ-9", "phq9", PHQ9), ("SECTION 8: GAD-7", "gad7", GAD7)):
        y = grid(sheet, who, y, text, key, items)
    y = bar(sheet, y + 4, "SECTION 9: CONSENT TO TREATMENT AND NOTICE OF PRIVACY PRACTICES")
    y += 26
    for x, end, label, path in (
        (LEFT, 330, "Signature of client", "consents.0.signature"),
        (370, RIGHT, "Date", "consents.0.signed_on"),
    ):
        sheet.answer(x, y, end - x, path, who.text(path))
        sheet.line(x, y + 3, end, y + 3)
        sheet.print(x, y + 13, label, 8)


def bar(sheet: Sheet, y: float, text: str) -> float:
    sheet.rect(LEFT, y + 4, RIGHT - LEFT, 15, fill=DARK)
    sheet.print(LEFT + 5, y + 15, text, 9.5, bold=True, color=white)
    return y + 24


def numbered(sheet: Sheet, who: Person, y: float, label: str, path: str, text: str | None = None) -> float:
    sheet.print(LEFT, y + 11, label, 9)
    sheet.line(215, y + 13.5, RIGHT, y + 13.5)
    sheet.answer(217, y + 11, RIGHT - 220, path, who.text(path) if text is None else text)
    return y + 19


def grid(sheet: Sheet, who: Person, y: float, title: str, key: str, items: tuple[str, ...]) -> float:
    y = bar(sheet, y, title)
    for at, words in enumerate(SCALE):
        for line, part in enumerate(wrap(words, 48, 7)):
            sheet.print(350 + at * 55, y + 6 + 8 * line, part, 7)
    y += 27
    for at, item in enumerate(items):
        lines = wrap(item, 295, 8.5)
        for number, part in enumerate(lines):
            sheet.print(LEFT, y + 6 + number * 10, part, 8.5)
        sheet.asked.add(f"{key}.items.{at}")
        for value in range(4):
            sheet.tick(
                366 + value * 55,
                y + 6,
                who.get(f"{key}.items.{at}") == value,
                f"{key}.items.{at}",
                str(value),
                style="fill",
            )
        y += 6 + 10 * len(lines)
    sheet.print(380, y + 8, "Total:", 9, bold=True)
    sheet.line(412, y + 10, 460, y + 10)
    sheet.answer(415, y + 8, 40, f"{key}.stated_total", who.text(f"{key}.stated_total"))
    return y + 12
