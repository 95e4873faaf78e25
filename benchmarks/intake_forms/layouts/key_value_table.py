"""Tables of two columns, label left and answer right; scores written into a column."""

from reportlab.lib.colors import HexColor

from ..canvas import LEFT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._parts import joined, wrap

SHADE = HexColor("#e9eef2")


def draw(sheet: Sheet, who: Person) -> None:
    sheet.print(170, 44, "CONFIDENTIAL INTAKE QUESTIONNAIRE", 13, font="Times-Bold")
    y = 60.0
    y = title(sheet, y, "1. Identifying Information")
    name = joined(who, "demographics.first_name", "demographics.middle_name", "demographics.last_name")
    y = line(
        sheet,
        who,
        y,
        "Full legal name",
        "demographics.first_name",
        name,
        also=("demographics.middle_name", "demographics.last_name"),
    )
    for label, path in (
        ("Name you go by", "demographics.preferred_name"),
        ("Date of birth (mm/dd/yyyy)", "demographics.birth_date"),
        ("Gender", "demographics.sex"),
        ("Relationship status", "demographics.marital_status"),
        ("Mailing address", "contact.address_line"),
    ):
        y = line(sheet, who, y, label, path)
    place = joined(who, "contact.city", "contact.state", between=", ")
    place = f"{place} {who.text('contact.postal_code')}".strip()
    y = line(sheet, who, y, "City, State, ZIP", "contact.city", place, also=("contact.state", "contact.postal_code"))
    for label, path in (
        ("Best phone number", "contact.phone"),
        ("Email address", "contact.email"),
        ("Occupation", "demographics.occupation"),
        ("Primary language", "demographics.language"),
        ("How did you hear about us?", "demographics.referred_by"),
    ):
        y = line(sheet, who, y, label, path)
    y = title(sheet, y, "2. Emergency Contact")
    for label, path in (
        ("Contact name", "emergency_contact.name"),
        ("Relationship to you", "emergency_contact.relationship"),
        ("Contact phone", "emergency_contact.phone"),
    ):
        y = line(sheet, who, y, label, path)
    y = title(sheet, y, "3. Insurance Information")
    for label, path in (
        ("Insurance carrier", "payer"),
        ("Member ID #", "member_id"),
        ("Group #", "group_number"),
        ("Policyholder's name", "subscriber_name"),
        ("Policyholder's date of birth", "subscriber_birth_date"),
        ("Your relationship to the policyholder", "subscriber_relationship"),
    ):
        y = line(sheet, who, y, label, f"insurance.primary.{path}")
    y = title(sheet, y, "4. Current Concerns")
    for label, path in (
        ("What brings you in today?", "presenting.problem"),
        ("How long has this been a problem?", "presenting.onset"),
        ("Goals for therapy", "presenting.goals"),
    ):
        y = line(sheet, who, y, label, path)
    sheet.next_page()
    y = title(sheet, 40, "5. Health History")
    for label, path in (
        ("Medical conditions", "history.medical"),
        ("Past mental health treatment", "history.psychiatric"),
        ("Alcohol and drug use", "history.substance"),
        ("Allergies", "allergies"),
    ):
        y = line(sheet, who, y, label, path)
    y = score_table(sheet, who, y, "6. Depression Screening (PHQ-9)", "phq9", PHQ9)
    y = score_table(sheet, who, y, "7. Anxiety Screening (GAD-7)", "gad7", GAD7)
    y = title(sheet, y, "8. Consent to Treatment")
    sheet.print(LEFT + 4, y + 13, "By signing I agree to receive services and accept the financial policy.")
    y += 20
    y = line(sheet, who, y, "Client signature", "consents.0.signature")
    line(sheet, who, y, "Date signed", "consents.0.signed_on")


def title(sheet: Sheet, y: float, text: str) -> float:
    sheet.rect(LEFT, y + 4, 522, 16, fill=SHADE)
    sheet.print(LEFT + 4, y + 15.5, text, 10, bold=True)
    return y + 20


def line(
    sheet: Sheet, who: Person, y: float, label: str, path: str, text: str | None = None, also: tuple[str, ...] = ()
) -> float:
    sheet.rect(LEFT, y, 190, 20)
    sheet.rect(LEFT + 190, y, 332, 20)
    sheet.print(LEFT + 4, y + 13.5, label, 9)
    sheet.answer(LEFT + 194, y + 13.5, 324, path, who.text(path) if text is None else text)
    sheet.asked.update(also)
    return y + 20


def score_table(sheet: Sheet, who: Person, y: float, text: str, key: str, items: tuple[str, ...]) -> float:
    y = title(sheet, y, text)
    sheet.print(
        LEFT + 4, y + 11, "0 = Not at all   1 = Several days   2 = More than half the days   3 = Nearly every day", 8
    )
    y += 15
    for at, item in enumerate(items):
        lines = wrap(item, 430, 8.5)
        height = 8 + 10 * len(lines)
        sheet.rect(LEFT, y, 450, height)
        sheet.rect(LEFT + 450, y, 72, height)
        for number, part in enumerate(lines):
            sheet.print(LEFT + 4, y + 12 + 10 * number, f"{at + 1}) {part}" if number == 0 else f"    {part}", 8.5)
        sheet.answer(LEFT + 478, y + 12, 30, f"{key}.items.{at}", who.text(f"{key}.items.{at}"))
        y += height
    sheet.rect(LEFT, y, 450, 18)
    sheet.rect(LEFT + 450, y, 72, 18)
    sheet.print(LEFT + 400, y + 12, "Total", 9, bold=True)
    sheet.answer(LEFT + 478, y + 12, 30, f"{key}.stated_total", who.text(f"{key}.stated_total"))
    return y + 18
