"""Other ways of asking: captions in cells, two languages, abbreviations, rows that label themselves."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.core.intake.reading.test_layouts import blank, box, read, value, words

from therapyflows.core.intake.fields import field_at, walk
from therapyflows.core.intake.model import Method
from therapyflows.core.intake.page import Field, Page, Rect, Rule, Stroke, Toggle, Word
from therapyflows.core.intake.reading.answers import Answer
from therapyflows.core.intake.reading.meaning import field_of
from therapyflows.core.intake.reading.named_fields import path_of_name
from therapyflows.core.intake.reading.page_reading import Label, Reading
from therapyflows.core.intake.reading.sheet import Sheet
from therapyflows.core.intake.reading.vocabulary import vocabulary
from therapyflows.core.measures.catalogue import measure_named
from therapyflows.integrations.documents.intake.ink import find_ink


def cell(left: float, top: float, right: float, bottom: float) -> list[Rule]:
    flat = [Rule(Rect(left, y, right, y + 0.7)) for y in (top, bottom)]
    return [*flat, *(Rule(Rect(x, top, x + 0.7, bottom)) for x in (left, right))]


@pytest.mark.parametrize("answered", [True, False])
def test_a_caption_at_the_bottom_of_its_cell_has_its_answer_over_it(answered: bool) -> None:
    rules = [*cell(36, 100, 200, 130), *cell(200, 100, 400, 130)]
    said = [(103, "Quill     " + " " * 18 + "Ada")] if answered else [(103, " " * 28 + "Ada")]
    form = read(*said, (119, "Legal last name             Legal first name"), rules=tuple(rules))
    assert value(form, "demographics.last_name") == ("Quill" if answered else None)
    assert value(form, "demographics.first_name") == "Ada"


@pytest.mark.parametrize(
    ("label", "section", "path"),
    [
        ("Date of birth / Fecha de nacimiento", None, "demographics.birth_date"),
        ("Apellidos", "client", "demographics.last_name"),
        ("Dirección", None, "contact.address_line"),
        ("Teléfono", "emergency", "emergency_contact.phone"),
        ("Número de póliza", None, "insurance.primary.member_id"),
        ("Pt's rel to subscriber:", None, "insurance.primary.subscriber_relationship"),
        ("Subscr DOB:", None, "insurance.primary.subscriber_birth_date"),
        ("Emerg contact:", None, "emergency_contact.name"),
        ("Ph (H):", None, "contact.home_phone"),
        ("Ph (W):", None, "contact.work_phone"),
        ("Grp#:", "insurance_primary", "insurance.primary.group_number"),
        ("Fam psych hx:", None, "history.family"),
        ("EtOH/tobacco/drugs:", None, "history.substance"),
        ("CC / reason for visit:", None, "presenting.problem"),
        ("E-mail for reminders", None, "contact.email"),
        ("Main policy holder", "insurance_primary", "insurance.primary.subscriber_name"),
        ("Company", "insurance_primary", "insurance.primary.payer"),
        ("Company", "client", "demographics.employer"),
        ("Someone we may call if there is an emergency", None, "emergency_contact.name"),
    ],
)
def test_a_label_is_known_in_both_languages_and_shortened(label: str, section: str | None, path: str) -> None:
    found = vocabulary().meaning(label, section)
    assert found is not None
    assert found.path == path


@pytest.mark.parametrize("text", ["City / Apellido", "Yes / Sí", "Self / Spouse", "and/or"])
def test_two_sides_that_do_not_say_the_same_are_no_label(text: str) -> None:
    assert vocabulary().meaning(text, None) is None


def test_the_same_question_in_another_language_is_no_answer() -> None:
    form = read((100, "Since when?  / ¿Desde cuándo?"), (114, "Reason for visit: Panic"))
    assert field_at(form, "presenting.onset").absent
    assert value(form, "presenting.problem") == "Panic"


def test_options_tell_the_field_whatever_they_are_called() -> None:
    marks = tuple(box(x, 100, x == 220) for x in (100, 160, 220))
    form = read((100, "Status:     Single    Married   Divorced"), marks=marks)
    assert value(form, "demographics.marital_status") == "Divorced"


def test_the_ends_of_a_ring_stand_for_the_ring_around_a_long_word() -> None:
    line = "Marital status: Single Separated Divorced"
    found = words((100, line))
    at = next(word.at for word in found if word.text == "Separated")
    ends = (Stroke(Rect(at.left - 5, 98, at.left - 1, 112)), Stroke(Rect(at.right + 1, 98, at.right + 5, 112)))
    assert value(read((100, line), strokes=ends), "demographics.marital_status") == "Separated"
    assert value(read((100, line), strokes=ends[:1]), "demographics.marital_status") is None


def medications(form: Any) -> list[tuple[Any, ...]]:
    return [(m.name.value, m.dose.value, m.frequency.value, m.prescriber.value) for m in form.medications]


def test_rows_of_medications_may_label_themselves() -> None:
    form = read(
        (100, "1) Trazodone   dose 50 mg   freq at bedtime   MD Dr. Smith"),
        (114, "2)   dose   freq   MD"),
    )
    assert medications(form) == [("Trazodone", "50 mg", "at bedtime", "Dr. Smith")]


def test_each_line_with_a_dose_is_a_medication_of_its_own_with_who_prescribes_it() -> None:
    form = read(
        (100, "Current medications:"),
        (112, "Trazodone 50 mg at bedtime Dr. Smith"),
        (124, "Lithium 300 mg twice daily (Dr. Ott)"),
    )
    assert medications(form) == [
        ("Trazodone", "50 mg", "at bedtime", "Dr. Smith"),
        ("Lithium", "300 mg", "twice daily", "Dr. Ott"),
    ]


def test_the_end_of_something_printed_is_no_answer() -> None:
    assert value(read((100, "Employer: card)")), "demographics.employer") is None
    assert value(read((100, "Employer: Aldi (part time)")), "demographics.employer") == "Aldi (part time)"


def test_fields_of_medications_may_be_numbered() -> None:
    form = read(
        (100, "Medicine 1      Dose 1          Taken 1"),
        (114, "Trazodone       50 mg           nightly"),
        (140, "Medicine 2      Dose 2          Taken 2"),
    )
    assert medications(form) == [("Trazodone", "50 mg", "nightly", None)]


def test_a_table_of_medications_ends_with_its_cells() -> None:
    rules = [*cell(36, 98, 200, 112), *cell(200, 98, 400, 112), *cell(36, 112, 200, 126), *cell(200, 112, 400, 126)]
    form = read(
        (100, "Medication                  Dose"),
        (114, "Trazodone                   50 mg"),
        (132, "Some words                  of the form"),
        rules=tuple(rules),
    )
    assert medications(form) == [("Trazodone", "50 mg", None, None)]


def test_an_answer_ends_where_the_letters_of_its_label_begin_again() -> None:
    def styled(style: str, *lines: tuple[float, str]) -> list[Word]:
        return [Word(word.text, word.at, style=style) for word in words(*lines)]

    more = styled("Small", (100, "Medical history:"), (124, "Something else that nobody knows"))
    form = read(more=[*more, *styled("Large", (112, "Asthma since childhood"))])
    assert value(form, "history.medical") == "Asthma since childhood"


@pytest.mark.parametrize(("step", "kept"), [(12, True), (16, False)])
def test_a_list_keeps_its_lines_and_a_question_farther_below_is_none_of_them(step: int, kept: bool) -> None:
    form = read((100, "Trauma history:"), (112, "Car accident in 2010"), (112 + step, "Sexual abuse as a child"))
    assert value(form, "history.trauma") == "Car accident in 2010" + " Sexual abuse as a child" * kept


def test_a_line_over_two_labels_separates_and_is_not_written_on() -> None:
    form = read(
        (86, "Profile"),
        (102, "First name                  Last name"),
        (115, "Ada                         Quill"),
        rules=(blank(40, 570, 99),),
    )
    assert (value(form, "demographics.first_name"), value(form, "demographics.last_name")) == ("Ada", "Quill")


def test_a_question_may_stand_right_of_its_two_boxes() -> None:
    marks = (box(40, 100, True), box(76, 100))
    line = [*words((100, "Y"), left=51), *words((100, "N"), left=87), *words((100, "Firearms in home?"), left=95)]
    assert value(read(more=line, marks=marks), "risk.weapons_access") is True


def test_today_beside_a_signature_is_the_day_of_the_signature() -> None:
    form = read((100, "I consent to treatment."), (120, "Signature: Ada Quill     Today's date: 11/20/2026"))
    assert field_at(form, "completed_on").absent
    assert str(form.consents[0].signed_on.value) == "2026-11-20"


def test_a_dark_bar_does_not_hide_the_upright_lines_that_end_at_it() -> None:
    scale = 3
    page = np.full((200 * scale, 400 * scale), 255, np.uint8)
    page[20 * scale : 35 * scale, 20 * scale : 380 * scale] = 40
    for x in (20, 120, 379):
        page[35 * scale : 95 * scale, x * scale : x * scale + 2] = 0
    upright = [rule for rule in find_ink(page, scale).rules if not rule.horizontal]
    assert [round(rule.at.left) for rule in sorted(upright, key=lambda rule: rule.at.left)] == [20, 120, 379]


def test_an_option_beside_a_ring_around_nothing_was_not_taken() -> None:
    """The ringed letter was not read; the other one is no answer."""
    ring = (Stroke(Rect(66, 97, 80, 113), ring=True),)
    line = [*words((100, "Sex:")), *words((100, "F"), left=100)]
    found = field_at(read(more=line, strokes=ring), "demographics.sex")
    assert (found.value, found.unreadable) == (None, True)
    assert value(read(more=line), "demographics.sex") == "Female"


@pytest.mark.parametrize(
    ("mark", "x", "read_as"),
    [
        ("X", 508, (2, False)),
        ("1", 552, (None, True)),
        ("0", 552, (None, True)),
        ("3", 552, (3, False)),
    ],
)
def test_a_mark_in_a_column_is_the_answer_and_a_number_under_another_column_is_none(
    mark: str, x: float, read_as: tuple[int | None, bool]
) -> None:
    """A tick or a small ring under "nearly every day" may be read as a 1 or a 0: item 9 must not be lost so."""
    more: list[Word] = []
    for at, text in enumerate(measure_named("gad7").texts):
        more += words((100.0 + 20 * at, text[:52]), left=30)
    heads = (("Not at all", 420), ("Several days", 460), ("More than half", 500), ("Nearly every day", 550))
    for text, left in heads:
        more += [Word(p, Rect(left, 60 + 8 * n, left + 4 * len(p), 67 + 8 * n)) for n, p in enumerate(text.split())]
    more.append(Word(mark, Rect(x, 140, x + 6, 150)))
    items = read(more=more).gad7.items
    assert (items[2].value, items[2].unreadable) == read_as
    assert all(item.absent for at, item in enumerate(items) if at != 2)


@pytest.mark.parametrize(
    ("name", "path"), [("emergency_contact_phone", "emergency_contact.phone"), ("Phone_2", "contact.phone")]
)
def test_a_field_that_is_named_after_somebody_else_is_not_the_clients(name: str, path: str) -> None:
    field = Field(Rect(120, 98, 220, 112), "617-555-0142", name)
    form = read((100, "Telephone:"), fields=(field,))
    assert value(form, path) == "(617) 555-0142"
    assert (value(form, "contact.phone") is None) is (path != "contact.phone")


def test_buttons_that_complete_a_sentence_say_yes_or_no() -> None:
    def buttons(taken: str) -> tuple[Toggle, ...]:
        options = enumerate(("do", "donot"))
        return tuple(
            Toggle("risk_weapons_access", "", option, option == taken, Rect(40 + 50 * at, 100, 49 + 50 * at, 109))
            for at, option in options
        )

    assert value(read(toggles=buttons("do")), "risk.weapons_access") is True
    assert value(read(toggles=buttons("donot")), "risk.weapons_access") is False
    assert value(read(toggles=buttons("")), "risk.weapons_access") is None


@pytest.mark.parametrize("name", ["Pediatrician's phone", "school_phone", "coach.address"])
def test_a_name_whose_first_words_are_not_known_is_not_the_clients(name: str) -> None:
    assert path_of_name(name) is None


@pytest.mark.parametrize(
    ("name", "path"),
    [("contact_phone", "contact.phone"), ("Home Address", "contact.address_line"), ("DOB", "demographics.birth_date")],
)
def test_a_name_of_the_clients_own_is_known(name: str, path: str) -> None:
    assert path_of_name(name) == path


@pytest.mark.parametrize(
    "names",
    [("Medication1", "Dose1", "Frequency1"), ("medications_0_name", "medications_0_dose", "medications_0_frequency"),
     ("Rx 2", "Rx 2 strength", "rx2_howOften")],
)  # fmt: skip
def test_medications_are_known_by_the_names_of_their_fields(names: tuple[str, ...]) -> None:
    values = ("Trazodone", "50 mg", "nightly")
    pairs = enumerate(zip(names, values, strict=True))
    typed = tuple(Field(Rect(40 + 150 * at, 300, 180 + 150 * at, 314), said, name) for at, (name, said) in pairs)
    assert medications(read(fields=typed)) == [("Trazodone", "50 mg", "nightly", None)]


def test_a_numbered_name_that_speaks_of_no_medication_is_none() -> None:
    fields = (Field(Rect(40, 300, 180, 314), "Jon Quill", "Name 1"), Field(Rect(40, 330, 180, 344), "x", "Dose 1"))
    assert medications(read(fields=fields)) == []


def sentences(*parts: tuple[float, str | tuple[str, int]]) -> tuple[list[Word], list[Rule]]:
    """Words and blanks one after the other on lines of 16 points; a blank is what stands on it and its width."""
    found: list[Word] = []
    rules: list[Rule] = []
    x, row = 40.0, -1.0
    for top, part in parts:
        if top != row:
            x, row = 40.0, top
        if isinstance(part, str):
            for word in part.split():
                found.append(Word(word, Rect(x, top, x + 5 * len(word), top + 10)))
                x += 5 * len(word) + 4
            continue
        said, width = part
        rules.append(blank(x, x + width, top + 10.5))
        at = x + 2
        for word in said.split():
            found.append(Word(word, Rect(at, top, at + 5 * len(word), top + 10)))
            at += 5 * len(word) + 4
        x += width + 4
    return found, rules


def test_sentences_are_completed_by_what_stands_on_their_blanks() -> None:
    found, rules = sentences(
        (100, "My full name is"), (100, ("Ada Quill", 120)), (100, ", but please call me"), (100, ("", 60)),
        (116, ". I live at"), (116, ("12 Oak Street", 150)), (116, "in the city of"), (116, ("Springfield", 90)),
        (132, "You may call me at"), (132, ("617-555-0142", 110)), (132, ". I work for"), (132, ("Harbor Press", 110)),
        (148, "If something happens to me, notify"), (148, ("Jon Stone", 90)), (148, ", who is my"),
        (148, ("brother", 70)), (164, ", at telephone number"), (164, ("617-555-0188", 110)),
        (164, ". My physician is"), (164, ("Dr. Ott", 80)),
    )  # fmt: skip
    form = read(more=found, rules=tuple(rules))
    got = {path: value(form, path) for path in (
        "demographics.first_name", "demographics.last_name", "demographics.preferred_name", "contact.address_line",
        "contact.city", "contact.phone", "demographics.employer", "emergency_contact.relationship",
        "emergency_contact.phone",
    )}  # fmt: skip
    assert got == {
        "demographics.first_name": "Ada",
        "demographics.last_name": "Quill",
        "demographics.preferred_name": "Addy",  # of the printed label below
        "contact.address_line": "12 Oak Street",
        "contact.city": "Springfield",
        "contact.phone": "(617) 555-0142",
        "demographics.employer": "Harbor Press",
        "emergency_contact.relationship": "brother",
        "emergency_contact.phone": "(617) 555-0188",
    }


@pytest.mark.parametrize("first", ["have", "(have"])
@pytest.mark.parametrize("taken", [True, False, None])
def test_half_of_a_sentence_is_circled(taken: bool | None, first: str) -> None:
    blanks = [(100.0 + 16 * n, f"I live at {n}") for n in range(5)]
    lines: list[tuple[float, str | tuple[str, int]]] = []
    for top, text in blanks:
        lines += [(top, text), (top, ("", 80))]
    found, rules = sentences(*lines, (200, f"I {first} / have not attempted suicide in the past."))
    have, _, denied, no = [word for word in found if word.at.top == 200][1:5]
    ringed = have.at if taken else denied.at.joined(no.at)
    ring = Stroke(Rect(ringed.left - 3, 197, ringed.right + 3, 213), ring=True)
    form = read(more=found, rules=tuple(rules), strokes=(ring,) if taken is not None else ())
    assert value(form, "risk.suicide_attempt") is taken


def test_numbers_that_were_hardly_read_stand_where_the_others_say() -> None:
    """The legend over the items is no head of columns; a thin 1 and what stands in a ring were not read."""
    legend = words((84, "0 = not at all   1 = several days   2 = more than half   3 = nearly every day"))
    more, rings = list(legend), []
    for at, text in enumerate(measure_named("gad7").texts):
        top = 100.0 + 20 * at
        more += words((top, text[:52]), left=150)
        taken = at % 4
        more += [Word(str(n), Rect(40.0 + 24 * n, top, 46.0 + 24 * n, top + 10)) for n in (0, 2, 3) if n != taken]
        rings.append(Stroke(Rect(35.0 + 24 * taken, top - 3, 51.0 + 24 * taken, top + 13), ring=True))
    form = read(more=more, strokes=tuple(rings))
    assert [item.value for item in form.gad7.items] == [0, 1, 2, 3, 0, 1, 2]


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        ("Job: Ocupaci\u00f3n Chef", "demographics.occupation", "Chef"),
        ("City: Ciudad", "contact.city", None),
        ("Insurance company: Name of plan", "insurance.primary.payer", None),
        ("Employer: City of Dayton", "demographics.employer", "City of Dayton"),
        ("Referred by: Phone book", "demographics.referred_by", "Phone book"),
    ],
)
def test_a_label_that_is_said_once_more_is_no_part_of_the_answer(line: str, path: str, expected: str | None) -> None:
    assert field_of_line(words((100, line)), path) == expected


def field_of_line(found: list[Word], path: str) -> Any:
    """The answer behind the colon, read as that field's, whatever else is a label on the line."""
    colon = next(at for at, word in enumerate(found) if word.text.endswith(":"))
    said = tuple(found[colon + 1 :])
    page = Page(1, 612, 792, Method.OCR, tuple(found))
    reading = Reading(Sheet.of(page))
    return field_of(path, Label(path, said[0].at, (), None), Answer(said), reading, date(2026, 11, 20)).value


def test_boxes_of_the_question_beside_are_no_answer() -> None:
    marks = tuple(box(x, 100, x == 508) for x in (160, 220, 448, 508))
    line = "Prior counseling?      Yes       No       Words nobody knows here       Yes       No"
    form = read((100, line), marks=marks)
    assert field_at(form, "history.prior_counseling").absent


@pytest.mark.parametrize("group", ["18063", ""])
def test_a_caption_before_a_blank_is_no_heading(group: str) -> None:
    rules = tuple(blank(left + 90, left + 230, top + 11) for left in (40, 320) for top in (120, 140))
    lines = [
        (100, "PRIMARY" + " " * 40 + "SECONDARY"),
        (120, "Health plan    Aetna" + " " * 27 + "Health plan"),
        (140, "Group number   20117" + " " * 27 + f"Group number   {group}"),
    ]
    form = read(*lines, rules=rules)
    assert value(form, "insurance.primary.group_number") == "20117"
    assert value(form, "insurance.secondary.group_number") == (group or None)


@pytest.mark.parametrize(("end", "name"), [("", "Rachel Quill"), (" signs for them.", None)])
def test_a_heading_over_the_guardian_is_known_without_bold_print(end: str, name: str | None) -> None:
    form = read((100, f"If client is under 18: parent or guardian{end}"), (116, "Name: Rachel Quill"))
    assert value(form, "guardian.name") == name


@pytest.mark.parametrize("first", ["Ada Quill", ""])
def test_what_is_asked_again_after_the_secondary_insurance_is_about_that_one(first: str) -> None:
    rules = tuple(blank(170, 400, top + 11) for top in (114, 142))
    form = read(
        (100, "Primary Insurance:   Aetna"), (114, f"Name of insured:     {first}"),
        (128, "Secondary Insurance: Cigna"), (142, "Name of insured:     Jon Quill"), rules=rules,
    )  # fmt: skip
    assert value(form, "insurance.primary.subscriber_name") == (first or None)
    assert value(form, "insurance.secondary.subscriber_name") == "Jon Quill"


def test_a_friendly_form_is_still_one_of_labels() -> None:
    asked = [
        (90 + 18 * at, f"{words}: yes") for at, words in enumerate(("I like", "My hobby", "I eat", "I sleep", "My pet"))
    ]
    more = [(190 + 18 * at, f"Thing {at}: no") for at in range(12)]
    rules = tuple(blank(40 + 6 * text.index(":") + 8, 400, top + 11) for top, text in (*asked, *more))
    form = read(*asked, *more, (420, "Birthday: 05/06/1980"), rules=(*rules, blank(100, 300, 431)))
    assert value(form, "demographics.birth_date") == date(1980, 5, 6)


def test_a_call_for_an_emergency_over_its_own_small_form_is_a_heading() -> None:
    form = read(
        (100, "IN CASE OF EMERGENCY, WE SHOULD CALL"), (116, "Name: Ben Quill     Telephone: (617) 555-0188"),
        (90, "Phone: (617) 555-0142"),
    )  # fmt: skip
    assert value(form, "contact.phone") == "(617) 555-0142"
    assert value(form, "emergency_contact.phone") == "(617) 555-0188"


def test_options_of_two_questions_on_a_line_are_told_apart() -> None:
    marks = tuple(box(x, 100, x in (136, 346)) for x in (136, 190, 286, 346))
    form = read((100, "I am a client:    Female   Male   Status:   Single    Married"), marks=marks)
    assert value(form, "demographics.sex") == "Female"
    assert value(form, "demographics.marital_status") == "Married"


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("Consumer's Last Name:", "demographics.last_name"),
        ("LOCAL ADDRESS (STREET OR HALL)", "contact.address_line"),
        ("I am the policyholder's", "insurance.primary.subscriber_relationship"),
        ("It started", "presenting.onset"),
        ("By the end of therapy I hope to", "presenting.goals"),
        ("Past therapy or psychiatric care?", "history.psychiatric"),
    ],
)
def test_more_words_for_the_same(label: str, path: str) -> None:
    meaning = vocabulary().meaning(label, "insurance_primary" if path.startswith("insurance") else "client")
    assert (meaning.path if meaning else vocabulary().question(label)) == path


def test_the_number_of_a_case_is_no_number_of_a_cell_phone() -> None:
    form = read((100, "Case #: 988644"))
    assert field_at(form, "contact.phone").absent


def test_one_line_with_three_captions_is_parted_among_them() -> None:
    form = read(
        (100, "Name:  Quill              Ada                 B"),
        (113, "       (Last)             (First)             (Middle)"),
        rules=(blank(76, 400, 110),),
    )
    names = [value(form, f"demographics.{part}_name") for part in ("first", "middle", "last")]
    assert names == ["Ada", "B", "Quill"]


def test_a_name_is_asked_for_and_heads_no_section() -> None:
    form = read(
        (100, "Name of parent/guardian (if under 18 years):"),
        (114, "Rosa Quill"),
        (140, "City: Springfield"),
        rules=(blank(40, 500, 124),),
    )
    assert value(form, "guardian.name") == "Rosa Quill"
    assert value(form, "contact.city") == "Springfield"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Is this your legal name?", None),
        ("Are you currently employed?", None),
        ("May we email you?", None),
        ("Person responsible for bill:", None),
        ("Insurance phone number", None),
        ("How would you rate your physical health?", None),
        ("Name of primary insurance", "insurance.primary.payer"),
        ("Who is your insurance provider?", "insurance.primary.payer"),
        ("Are you allergic to any medications or foods?", "allergies"),
        ("Phone number (work)", "contact.work_phone"),
    ],
)
def test_what_a_question_may_ask_for(text: str, path: str | None) -> None:
    form = read((100, f"{text} Quill (555) 555-0123"), rules=(blank(40 + 6 * len(text) + 4, 560, 110),))
    asked_anyway = {at for at, field in walk(read()) if field.value is not None}
    found = {at for at, field in walk(form) if field.value is not None} - asked_anyway
    assert found <= ({path} if path else set())
    meaning = vocabulary().meaning(text, None)
    asked = vocabulary().question(text) if meaning is None else meaning.path
    assert path is None or asked == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Have you intentionally injured yourself without wanting to die?", "risk.self_harm"),
        ("Are you having thoughts of hurting or killing yourself?", "risk.suicidal_thoughts"),
        ("Have you been thinking that you would be better off dead?", "risk.suicidal_thoughts"),
        ("Are you in an abusive relationship?", "risk.abuse"),
        ("Family history of substance abuse or mental illness:", "history.family"),
        ("Please describe any abuse, neglect or violence in your past.", "history.trauma"),
    ],
)
def test_questions_about_risk_are_told_apart(text: str, path: str) -> None:
    assert vocabulary().question(text) == path


def test_options_go_on_in_a_second_row_and_end_before_the_next_question() -> None:
    form = read(
        (100, "Marital status:"),
        (116, "    Single          Married"),
        (132, "    Separated       Widowed"),
        (150, "Gender:"),
        (166, "    Female          Male"),
        marks=(
            box(50, 117), box(146, 117), box(50, 133), box(146, 133, True), box(50, 167, True), box(146, 167),
        ),
    )  # fmt: skip
    assert value(form, "demographics.marital_status") == "Widowed"
    assert value(form, "demographics.sex") == "Female"


@pytest.mark.parametrize("between", [", ", " - "])
def test_a_medication_is_one_whatever_stands_between_its_parts(between: str) -> None:
    said = between.join(("Trazodone", "50 mg", "at bedtime"))
    form = read((100, f"Medications: {said}"))
    assert [(m.name.value, m.dose.value, m.frequency.value) for m in form.medications] == [
        ("Trazodone", "50 mg", "at bedtime")
    ]


def test_different_numbers_under_one_another_are_written_in_one_place_whatever_the_legend_says() -> None:
    items = measure_named("gad7").texts
    lines = [(100 + 14 * at, text) for at, text in enumerate(items)]
    numbers = [Word(str(at % 3), Rect(520, 100 + 14 * at, 526, 110 + 14 * at)) for at in range(len(items))]
    legend = (80, "0 = not at all, 1 = several days, 2 = more than half the days, 3 = nearly every day")
    form = read(legend, *lines, more=numbers)
    assert [item.value for item in form.gad7.items] == [at % 3 for at in range(len(items))]


def test_a_heading_in_capitals_is_no_answer_and_a_medicine_in_capitals_is() -> None:
    form = read((100, "Known allergies:"), (114, "HISTORY AND SAFETY"))
    assert value(form, "allergies") == "None known"  # what is asked again below
    said = read((100, "Medical conditions:"), (114, "CROHN DISEASE"))
    assert value(said, "history.medical") == "CROHN DISEASE"


def test_an_emergency_heading_need_not_stand_out_over_its_own_small_form() -> None:
    form = read(
        (100, "Person to contact in an emergency"),
        (116, "Contact's name: Rosa Quill"),
        (130, "Cell phone: (555) 555-0123"),
    )
    assert value(form, "emergency_contact.phone") == "(555) 555-0123"
    assert field_at(form, "contact.mobile_phone").absent


def test_a_state_and_its_zip_code_that_were_read_as_one_word_are_no_city() -> None:
    form = read((100, "City, State, ZIP: MN57854"))
    place = [value(form, f"contact.{part}") for part in ("city", "state", "postal_code")]
    assert place == [None, "MN", "57854"]


def test_somebody_else_who_is_read_into_the_label_before_the_blank_does_not_give_the_client_a_telephone() -> None:
    form = read(
        (100, "PediatricianDr. Okafor    Phone (555) 555-0123"), rules=(blank(112, 184, 110), blank(232, 400, 110))
    )
    assert field_at(form, "contact.phone").absent


def test_yes_and_no_that_nobody_circled_are_told_by_nobody_as_a_history() -> None:
    form = read((100, "Have you ever been physically or sexually abused?  Yes  No"))
    assert field_at(form, "risk.abuse").absent
    assert field_at(form, "history.trauma").absent


def test_yes_and_no_that_are_both_circled_stay_a_risk_answer_that_cannot_be_read() -> None:
    asked = "Have you ever been physically or sexually abused?  Yes  No"
    rings = tuple(
        Stroke(Rect(40 + 6 * at - 4, 96, 40 + 6 * (at + size) + 4, 114), ring=True) for at, size in ((51, 3), (56, 2))
    )
    form = read((100, asked), strokes=rings)
    assert field_at(form, "risk.abuse").unreadable
    assert field_at(form, "history.trauma").absent


def test_what_is_told_under_a_question_about_abuse_is_kept_as_a_history() -> None:
    form = read((100, "Have you ever been physically or sexually abused?"), (114, "my uncle hit me when I was nine"))
    assert value(form, "history.trauma") == "my uncle hit me when I was nine"
