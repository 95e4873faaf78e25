"""A community clinic's form in English and Spanish: each caption twice, boxes behind their words, scores written as numbers.

Drawn before the rules' words were looked at; its failures were looked at after it had been measured once.
"""

from reportlab.lib.colors import HexColor

from ..canvas import LEFT, RIGHT, Sheet
from ..items import GAD7, PHQ9
from ..people import Person
from ._bystanders import Bystanders
from ._pen import Pen

TEAL = HexColor("#1f5f66")
SPANISH9 = (
    "Poco interés o placer en hacer las cosas", "Se ha sentido decaído(a), deprimido(a) o sin esperanzas",
    "Dificultad para dormir, o ha dormido demasiado", "Cansado(a) o con poca energía", "Con poco apetito o comiendo en exceso",
    "Se ha sentido mal con usted mismo(a)", "Dificultad para concentrarse", "Se mueve o habla muy despacio, o muy inquieto(a)",
    "Pensamientos de que estaría mejor muerto(a) o de hacerse daño",
)  # fmt: skip
SPANISH7 = (
    "Nervioso(a), ansioso(a) o al límite", "No ha podido dejar de preocuparse", "Se ha preocupado demasiado",
    "Dificultad para relajarse", "Tan inquieto(a) que no puede quedarse quieto(a)", "Se irrita o enfada con facilidad", "Con miedo",
)  # fmt: skip


def draw(sheet: Sheet, who: Person) -> None:
    pen = Pen(sheet, who, "Helvetica", size=9)
    them = Bystanders(who)
    pen.text(LEFT, 42, "Clínica La Esperanza / Hope Community Clinic", 14, bold=True, color=TEAL)
    pen.text(LEFT, 56, "New Patient Registration  -  Registro de paciente nuevo", 10)
    y = 84.0
    y = pair(pen, y, ("Last name(s)", "Apellido(s)", "demographics.last_name"), ("First name", "Nombre", "demographics.first_name"))  # fmt: skip
    y = pair(pen, y, ("Date of birth", "Fecha de nacimiento", "demographics.birth_date"), ("Preferred language", "Idioma preferido", "demographics.language"))  # fmt: skip
    y = pair(pen, y, ("Street address", "Dirección", "contact.address_line"), ("City", "Ciudad", "contact.city"))
    y = pair(pen, y, ("State", "Estado", "contact.state"), ("Zip code", "Código postal", "contact.postal_code"))
    y = pair(pen, y, ("Phone", "Teléfono", "contact.phone"), ("Email", "Correo electrónico", "contact.email"))
    y = pair(pen, y, ("Job", "Ocupación", "demographics.occupation"), ("Employer", "Empleador", "demographics.employer"))  # fmt: skip
    y = asks(pen, y, "Sex / Sexo", "demographics.sex", (("Male / Hombre", "Male"), ("Female / Mujer", "Female")))
    y = asks(
        pen, y, "Marital status / Estado civil", "demographics.marital_status",
        (("Single / Soltero(a)", "Single"), ("Married / Casado(a)", "Married"), ("Divorced / Divorciado(a)", "Divorced"),
         ("Widowed / Viudo(a)", "Widowed")),
    )  # fmt: skip
    if who.get("demographics.marital_status") == "Separated":
        sheet.asked.discard("demographics.marital_status")
    y = section(pen, y, "Emergency contact / Contacto de emergencia")
    y = pair(pen, y, ("Name", "Nombre", "emergency_contact.name"), ("Relationship", "Parentesco", "emergency_contact.relationship"))  # fmt: skip
    y = pair(pen, y, ("Phone", "Teléfono", "emergency_contact.phone"), ("Interpreter needed", "¿Necesita intérprete?", "", "No"))  # fmt: skip
    y = section(pen, y, "If patient is under 18: parent or guardian / Si es menor de 18 años: padre o tutor")
    y = pair(pen, y, ("Name", "Nombre", "guardian.name"), ("Relationship", "Parentesco", "guardian.relationship"))
    y = pair(pen, y, ("Phone", "Teléfono", "guardian.phone"), ("Parent's work", "Trabajo", "", ""))
    y = section(pen, y, "Insurance / Seguro médico")
    y = pair(pen, y, ("Insurance company", "Compañía de seguro", "insurance.primary.payer"), ("Policy number", "Número de póliza", "insurance.primary.member_id"))  # fmt: skip
    y = pair(pen, y, ("Group", "Grupo", "insurance.primary.group_number"), ("Medicaid no.", "Núm. de Medicaid", "", ""))
    y = pair(pen, y, ("Insured person", "Asegurado", "insurance.primary.subscriber_name"), ("Insured's birth date", "Fecha de nac. del asegurado", "insurance.primary.subscriber_birth_date"))  # fmt: skip
    y = section(pen, y, "For clinic use / Para uso de la clínica")
    pair(pen, y, ("Provider", "Proveedor", "", them.doctor()), ("Next visit", "Próxima cita", "", them.day()))
    second_page(sheet, pen)
    third_page(sheet, pen)


def section(pen: Pen, y: float, title: str) -> float:
    pen.text(LEFT, y + 2, title, 10, bold=True, color=TEAL)
    pen.sheet.line(LEFT, y + 6, RIGHT, y + 6, 1.2)
    return y + 24


def pair(pen: Pen, y: float, *entries: tuple) -> float:
    for at, (english, spanish, path, *other) in enumerate(entries):
        x, end = LEFT + at * 265, LEFT + at * 265 + 255
        pen.text(x, y - 4, english, 9, bold=True)
        pen.sheet.print(x, y + 5, spanish, 7.5, font="Helvetica-Oblique")
        pen.sheet.line(x + 98, y + 4, end, y + 4, 0.5)
        if path:
            pen.sheet.answer(x + 101, y + 1, end - x - 104, path, pen.who.text(path))
        else:
            pen.sheet.aside(x + 101, y + 1, end - x - 104, english, other[0])
    return y + 24


def asks(pen: Pen, y: float, words: str, path: str, options: tuple) -> float:
    """The box stands behind its words."""
    pen.sheet.asked.add(path)
    x = pen.text(LEFT, y, words, bold=True) + 12
    for option in options:
        x = pen.text(x, y, option[0], 8) + 3
        pen.sheet.tick(x, y, pen.taken(path, option), path, option[0], style="check")
        x += 20
    return y + 24


def second_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = section(pen, 46, "Health history / Historia de salud")
    for words, path in (
        ("Reason for today's visit / Motivo de la consulta", "presenting.problem"),
        ("How long has this been a problem? / ¿Desde cuándo?", "presenting.onset"),
        ("Medical problems / Problemas médicos", "history.medical"),
        ("Mental health treatment in the past / Tratamiento de salud mental en el pasado", "history.psychiatric"),
        ("Mental illness in the family / Enfermedad mental en la familia", "history.family"),
        ("Alcohol, tobacco, drugs / Alcohol, tabaco, drogas", "history.substance"),
        ("Allergies / Alergias", "allergies"),
    ):
        y = pen.area(LEFT, y, 522, 1, words, path, step=22)
    y = section(pen, y + 8, "Medicines / Medicinas")
    heads = (("Medicine / Medicina", LEFT, "name"), ("Dose / Dosis", 220, "dose"), ("How often / Frecuencia", 320, "frequency"))  # fmt: skip
    for words, x, field in heads:
        pen.text(x, y, words, 8.5, bold=True)
        for at in range(3):
            path = f"medications.{at}.{field}"
            sheet.answer(x + 2, y + 18 + at * 18, 90, path, pen.who.text(path))
            sheet.line(x, y + 21 + at * 18, x + 92, y + 21 + at * 18, 0.5)
    y = section(pen, y + 86, "Please check / Por favor marque")
    for words, path in (
        ("Have you received counseling before? / ¿Ha recibido consejería antes?", "history.prior_counseling"),
        ("Do you have thoughts of suicide? / ¿Tiene pensamientos de suicidio?", "risk.suicidal_thoughts"),
        ("Have you tried to take your own life? / ¿Ha intentado quitarse la vida?", "risk.suicide_attempt"),
        ("Has someone abused you? / ¿Alguien ha abusado de usted?", "risk.abuse"),
        ("Do you feel safe at home? / ¿Se siente seguro(a) en casa?", "risk.safe_at_home"),
    ):
        pen.text(LEFT, y, words, 8.5)
        sheet.asked.add(path)
        x = 420.0
        for option in (("Yes / Sí", True), ("No", False)):
            x = pen.text(x, y, option[0]) + 3
            sheet.tick(x, y, pen.taken(path, option), path, option[0], style="check")
            x += 26
        y += 20


def third_page(sheet: Sheet, pen: Pen) -> None:
    sheet.next_page()
    y = 40.0
    for title, key, items, spanish in (
        ("PHQ-9   Last 2 weeks / Últimas 2 semanas", "phq9", PHQ9, SPANISH9),
        ("GAD-7   Last 2 weeks / Últimas 2 semanas", "gad7", GAD7, SPANISH7),
    ):
        y = section(pen, y, title)
        pen.text(LEFT, y - 6, "Write / Escriba:  0 = Not at all / Nunca   1 = Several days / Varios días   2 = More than half / Más de la mitad   3 = Nearly every day / Casi todos", 7)  # fmt: skip
        y += 8
        for at, (one, other) in enumerate(zip(items, spanish, strict=True)):
            path = f"{key}.items.{at}"
            top = y - 10
            y = pen.prose(LEFT + 3, y, 440, f"{at + 1}. {one}", 8.5, 10)
            pen.sheet.print(LEFT + 14, y, other, 7.5, font="Helvetica-Oblique")
            sheet.rect(510, top + 1, 40, 17, width=0.6)
            sheet.answer(526, top + 14, 16, path, pen.who.text(path))
            y += 14
        sheet.asked.add(f"{key}.stated_total")
        pen.rule(400, y + 2, "Total:", f"{key}.stated_total", 550)
        y += 22
    y = pen.prose(LEFT, y, 520, "I consent to treatment. / Doy mi consentimiento para recibir tratamiento.", 9)
    pen.rules(y + 14, ("Signature / Firma", "consents.0.signature", 360), ("Date / Fecha", "consents.0.signed_on", 540))
