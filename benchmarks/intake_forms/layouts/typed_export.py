"""A portal's print-out: label, colon and answer as plain text, boxes typed in brackets, no lines at all."""

from ..canvas import Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._parts import wrap

LEFT = 54


def draw(sheet: Sheet, who: Person) -> None:
    sheet.print(LEFT, 46, "Intake packet - completed online", 13, bold=True)
    y = 70.0
    y = section(sheet, y, "Client details")
    y = fact(sheet, who, y, "First name", "demographics.first_name")
    y = fact(sheet, who, y, "Middle name", "demographics.middle_name")
    y = fact(sheet, who, y, "Last name", "demographics.last_name")
    y = fact(sheet, who, y, "DOB", "demographics.birth_date")
    y = boxes(sheet, who, y, "Sex assigned at birth", "demographics.sex", ("Male", "Female"))
    y = boxes(
        sheet,
        who,
        y,
        "Marital status",
        "demographics.marital_status",
        ("Single", "Married", "Divorced", "Widowed", "Separated"),
    )
    for label, path in (
        ("Address", "contact.address_line"),
        ("City", "contact.city"),
        ("State", "contact.state"),
        ("ZIP", "contact.postal_code"),
        ("Telephone", "contact.phone"),
        ("E-mail address", "contact.email"),
        ("Preferred language", "demographics.language"),
        ("Referred by", "demographics.referred_by"),
    ):
        y = fact(sheet, who, y, label, path)
    y = section(sheet, y, "Emergency contact")
    for label, path in (
        ("Name", "emergency_contact.name"),
        ("Relationship to client", "emergency_contact.relationship"),
        ("Phone number", "emergency_contact.phone"),
    ):
        y = fact(sheet, who, y, label, path)
    y = section(sheet, y, "Parent / Guardian")
    for label, path in (
        ("Name", "guardian.name"),
        ("Relationship", "guardian.relationship"),
        ("Phone", "guardian.phone"),
    ):
        y = fact(sheet, who, y, label, path)
    y = section(sheet, y, "Primary insurance")
    for label, path in (
        ("Payer", "payer"),
        ("Subscriber ID", "member_id"),
        ("Group no.", "group_number"),
        ("Subscriber name", "subscriber_name"),
        ("Subscriber DOB", "subscriber_birth_date"),
    ):
        y = fact(sheet, who, y, label, f"insurance.primary.{path}")
    y = boxes(
        sheet,
        who,
        y,
        "Client's relationship to subscriber",
        "insurance.primary.subscriber_relationship",
        ("Self", "Spouse", "Child", "Other"),
    )
    y = section(sheet, y, "Secondary insurance")
    for label, path in (("Payer", "payer"), ("Subscriber ID", "member_id"), ("Group no.", "group_number")):
        y = fact(sheet, who, y, label, f"insurance.secondary.{path}")
    sheet.next_page()
    y = section(sheet, 40, "Reason for seeking services")
    y = fact(sheet, who, y, "Presenting concern", "presenting.problem")
    y = fact(sheet, who, y, "Onset", "presenting.onset")
    y = section(sheet, y, "History")
    for label, path in (
        ("Medical history", "history.medical"),
        ("Psychiatric history", "history.psychiatric"),
        ("Family history", "history.family"),
        ("Substance use", "history.substance"),
        ("Trauma history", "history.trauma"),
        ("Allergies", "allergies"),
    ):
        y = fact(sheet, who, y, label, path)
    y = section(sheet, y, "Risk screening")
    for question, path in (
        ("Have you had thoughts of killing yourself?", "risk.suicidal_thoughts"),
        ("Have you ever tried to kill yourself?", "risk.suicide_attempt"),
        ("Do you have thoughts of hurting other people?", "risk.harm_to_others"),
        ("Is there a gun in your home?", "risk.weapons_access"),
    ):
        y = boxes(sheet, who, y, question, path, ("Yes", "No"))
    y = answers(sheet, who, y, "PHQ-9", "phq9", PHQ9)
    y = answers(sheet, who, y, "GAD-7", "gad7", GAD7)
    y = section(sheet, y, "Acknowledgement")
    sheet.print(LEFT, y, "I acknowledge the HIPAA notice of privacy practices and consent to treatment.")
    y = fact(sheet, who, y + 14, "Electronic signature", "consents.0.signature")
    fact(sheet, who, y, "Date", "consents.0.signed_on")


def section(sheet: Sheet, y: float, text: str) -> float:
    sheet.print(LEFT, y + 8, text, 11, bold=True)
    return y + 24


def fact(sheet: Sheet, who: Person, y: float, label: str, path: str) -> float:
    end = sheet.print(LEFT, y, f"{label}:") + 4
    sheet.answer(end, y, 560 - end, path, who.text(path), size=9)
    return y + 14


def boxes(sheet: Sheet, who: Person, y: float, label: str, path: str, options: tuple[str, ...]) -> float:
    end = sheet.print(LEFT, y, label if label.endswith("?") else f"{label}:") + 8
    if sheet.fillable:
        sheet.choice(end, y, path, options, who.get(path))
        return y + 14
    sheet.asked.add(path)
    value = who.get(path)
    for option in options:
        taken = option == value or (isinstance(value, bool) and option == ("Yes" if value else "No"))
        end = sheet.print(end, y, f"[{'x' if taken else ' '}] {option}") + 10
    return y + 14


def answers(sheet: Sheet, who: Person, y: float, name: str, key: str, items: tuple[str, ...]) -> float:
    """Each item with the number that was chosen behind it."""
    y = section(sheet, y, name)
    for at, item in enumerate(items):
        lines = wrap(f"{at + 1}. {item}", 440, 8.5)
        for number, part in enumerate(lines):
            sheet.print(LEFT, y + number * 10, part, 8.5)
        sheet.answer(520, y, 30, f"{key}.items.{at}", who.text(f"{key}.items.{at}"), size=9)
        y += 3 + 10 * len(lines)
    end = sheet.print(LEFT, y + 2, "Total score:", 9) + 4
    sheet.answer(end, y + 2, 40, f"{key}.stated_total", who.text(f"{key}.stated_total"), size=9)
    return y + 8
