"""An agency's form: numbered cells with tiny labels inside, one cell for each letter, scores in a column of cells.

Its failures were looked at after it had been measured twice.
"""

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._pen import YES_NO, Pen


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=8.5)
    pen.text(LEFT, 40, "COUNTY BEHAVIORAL HEALTH SERVICES", 12, bold=True)
    pen.text(LEFT, 52, "Client Enrollment Record - print clearly, one letter in each box", 8)
    pen.text(LEFT, 72, "1. LAST NAME")
    pen.comb(LEFT, 88, 17, "demographics.last_name", who.text("demographics.last_name")[:17])
    pen.text(310, 72, "2. FIRST NAME")
    pen.comb(310, 88, 14, "demographics.first_name")
    pen.text(530, 72, "3. MI")
    pen.text(LEFT, 106, "4. DATE OF BIRTH (MM/DD/YYYY)")
    pen.comb(LEFT, 122, 8, "demographics.birth_date", groups=(2, 2, 4))
    pen.text(210, 106, "5. TELEPHONE")
    pen.comb(210, 122, 10, "contact.phone", groups=(3, 3, 4))
    pen.text(400, 106, "6. SEX")
    pen.boxes(400, 122, "demographics.sex", (("Male", "Male"), ("Female", "Female")))
    y = 136
    pen.inside(LEFT, y, 300, 28, "7. RESIDENCE ADDRESS (Street, Apt. No.)", "contact.address_line")
    pen.inside(345, y, 130, 28, "8. CITY", "contact.city")
    pen.inside(475, y, 30, 28, "9. ST", "contact.state")
    pen.inside(505, y, 62, 28, "10. ZIP CODE", "contact.postal_code")
    y += 28
    pen.inside(LEFT, y, 200, 28, "11. E-MAIL", "contact.email")
    pen.inside(245, y, 150, 28, "12. LANGUAGE SPOKEN AT HOME", "demographics.language")
    pen.inside(395, y, 172, 28, "13. HOW REFERRED", "demographics.referred_by")
    y += 28
    pen.inside(LEFT, y, 240, 28, "14. IN EMERGENCY NOTIFY (Name)", "emergency_contact.name")
    pen.inside(285, y, 130, 28, "15. RELATIONSHIP", "emergency_contact.relationship")
    pen.inside(415, y, 152, 28, "16. EMERGENCY TELEPHONE", "emergency_contact.phone")
    y += 28
    pen.inside(LEFT, y, 240, 28, "17. LEGAL GUARDIAN (if client is under 18)", "guardian.name")
    pen.inside(285, y, 130, 28, "18. GUARDIAN RELATIONSHIP", "guardian.relationship")
    pen.inside(415, y, 152, 28, "19. GUARDIAN TELEPHONE", "guardian.phone")
    y = pen.bar(y + 42, "THIRD PARTY PAYER") - 10
    pen.inside(LEFT, y, 200, 28, "20. NAME OF INSURANCE PLAN OR PROGRAM", "insurance.primary.payer")
    pen.inside(245, y, 180, 28, "21. INSURED'S I.D. NUMBER", "insurance.primary.member_id")
    pen.inside(425, y, 142, 28, "22. POLICY GROUP NUMBER", "insurance.primary.group_number")
    y += 28
    pen.inside(LEFT, y, 200, 28, "23. INSURED'S NAME (First Last)", "insurance.primary.subscriber_name")
    pen.inside(245, y, 120, 28, "24. INSURED'S DATE OF BIRTH", "insurance.primary.subscriber_birth_date")
    sheet.rect(365, y, 202, 28)
    pen.text(367.5, y + 8, "25. CLIENT RELATIONSHIP TO INSURED", 6.5)
    pen.boxes(
        370,
        y + 22,
        "insurance.primary.subscriber_relationship",
        [(word, word) for word in ("Self", "Spouse", "Child", "Other")],
        gap=8,
    )
    y = pen.bar(y + 42, "CLINICAL INFORMATION") - 10
    for label, path in (
        ("26. PRESENTING PROBLEM (in client's own words)", "presenting.problem"),
        ("27. DURATION OF PROBLEM", "presenting.onset"),
        ("28. CHRONIC MEDICAL CONDITIONS", "history.medical"),
        ("29. ALCOHOL / TOBACCO / DRUG USE", "history.substance"),
        ("30. ALLERGIES / ADVERSE DRUG REACTIONS", "allergies"),
    ):
        pen.inside(LEFT, y, RIGHT - LEFT, 28, label, path)
        y += 28
    y += 14
    y = pen.columns(
        y,
        (
            ("31. Prior outpatient mental health services", "history.prior_counseling"),
            ("32. Prior psychiatric inpatient admission", "history.prior_hospitalization"),
            ("33. Current thoughts of suicide", "risk.suicidal_thoughts"),
            ("34. Prior suicide attempt", "risk.suicide_attempt"),
            ("35. Current thoughts of harming others", "risk.harm_to_others"),
            ("36. Victim of physical, sexual or emotional abuse", "risk.abuse"),
        ),
        YES_NO,
        (440, 500),
        style="x",
    )
    sheet.next_page()
    y = pen.bar(50, "PHQ-9    Over the last 2 weeks, how often have you been bothered by any of the following?")
    pen.text(LEFT, y, "0 Not at all   1 Several days   2 More than half the days   3 Nearly every day", 8)
    pen.text(520, y, "SCORE", 8, bold=True)
    y = pen.scores(y + 16, "phq9", PHQ9, 530, 450, before=False, boxed=True)
    y = pen.bar(y + 10, "GAD-7")
    y = pen.scores(y + 4, "gad7", GAD7, 530, 450, before=False, boxed=True)
    y = pen.bar(y + 10, "AUTHORIZATION")
    y = pen.prose(
        LEFT,
        y,
        520,
        "I voluntarily consent to outpatient treatment services and authorize release of information needed to process claims.",
    )
    pen.inside(LEFT, y + 2, 340, 30, "37. SIGNATURE OF CLIENT OR LEGAL REPRESENTATIVE", "consents.0.signature")
    pen.inside(385, y + 2, 182, 30, "38. DATE SIGNED", "consents.0.signed_on")
