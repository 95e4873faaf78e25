"""Rules of layout on pages that are set word by word: six points a letter, twelve a line."""

from datetime import date
from typing import Any

import pytest

from therapyflows.core.errors import UnusableSource
from therapyflows.core.intake.fields import field_at
from therapyflows.core.intake.model import FormSource, IntakeForm, Method
from therapyflows.core.intake.page import Comb, Mark, Page, Rect, Rule, Stroke, Word
from therapyflows.core.intake.reading.assembling import read_form
from therapyflows.core.measures.catalogue import measure_named

ENOUGH = (
    (700, "Emergency contact: Jon Quill"),
    (714, "Insurance company: Aetna"),
    (728, "Member ID: W00123"),
    (742, "Allergies: None known"),
    (756, "Preferred name: Addy"),
    (770, "Pronouns: she/her"),
)


def words(*lines: tuple[float, str], left: float = 40) -> list[Word]:
    found = []
    for top, text in lines:
        at = 0
        for part in text.split(" "):
            if part:
                x = left + 6 * at
                found.append(Word(part, Rect(x, top, x + 6 * len(part), top + 10)))
            at += len(part) + 1
    return found


def read(*lines: tuple[float, str], more: list[Word] | None = None, **drawn: Any) -> IntakeForm:
    page = Page(1, 612, 792, Method.LAYOUT_RULE, (*words(*ENOUGH), *words(*lines), *(more or [])), **drawn)
    return read_form([page], FormSource.TEXT_PDF, today=date(2026, 11, 20))


def value(form: IntakeForm, path: str) -> Any:
    return field_at(form, path).value


def blank(left: float, right: float, bottom: float) -> Rule:
    return Rule(Rect(left, bottom, right, bottom + 0.7))


def box(left: float, top: float, checked: bool | None = False) -> Mark:
    return Mark(Rect(left, top, left + 9, top + 9), checked)


def test_a_value_stands_behind_its_colon() -> None:
    assert value(read((100, "First Name: Ada     Last Name: Quill")), "demographics.last_name") == "Quill"


def test_a_label_without_an_answer_is_absent_and_takes_nothing_from_its_neighbours() -> None:
    form = read((100, "First Name:         Last Name: Quill"), (114, "City: Springfield"))
    assert field_at(form, "demographics.first_name").absent
    assert value(form, "contact.city") == "Springfield"


def test_an_empty_blank_line_is_absent_although_words_stand_below() -> None:
    form = read((100, "First Name"), (116, "Some printed words"), rules=(blank(110, 300, 110),))
    assert field_at(form, "demographics.first_name").absent


def test_a_value_stands_under_its_label_on_a_line() -> None:
    form = read((100, "Last name"), (113, "Quill"), rules=(blank(40, 240, 124),))
    assert value(form, "demographics.last_name") == "Quill"


def test_underscores_are_a_blank_and_no_value() -> None:
    assert field_at(read((100, "City: ______________ State: __IL__")), "contact.city").absent
    assert value(read((100, "City: ______________ State: __IL__")), "contact.state") == "IL"


def test_names_belong_to_the_section_that_they_stand_in() -> None:
    form = read(
        (60, "Client Information"),
        (80, "Name: Ada Quill"),
        (120, "Parent/Guardian Information"),
        (140, "Name: Eve Quill"),
    )
    assert value(form, "demographics.first_name") == "Ada"
    assert value(form, "guardian.name") == "Eve Quill"


def test_what_stands_beside_an_emergency_contact_is_his() -> None:
    form = read((100, "Phone: 217-555-0143"), (500, "Emergency contact: Jon Quill   Phone: 217-555-0199"))
    assert value(form, "contact.phone") == "(217) 555-0143"
    assert value(form, "emergency_contact.phone") == "(217) 555-0199"


def test_the_doctors_phone_is_nobodys() -> None:
    form = read((100, "Primary care physician: Dr. Hale   Phone: 217-555-0177"))
    assert field_at(form, "contact.phone").absent
    assert field_at(form, "emergency_contact.phone").absent


@pytest.mark.parametrize(("yes", "no", "expected"), [(True, False, True), (False, True, False), (False, False, None)])
def test_a_ticked_box_answers_yes_or_no(yes: bool, no: bool, expected: bool | None) -> None:
    form = read(
        (100, "Have you ever attempted suicide?"),
        more=[*words((100, "Yes"), left=320), *words((100, "No"), left=380)],
        marks=(box(306, 100, yes), box(366, 100, no)),
    )
    found = field_at(form, "risk.suicide_attempt")
    assert (found.value, found.absent) == (expected, expected is None)


def test_both_boxes_ticked_cannot_be_read() -> None:
    form = read(
        (100, "Have you ever attempted suicide?"),
        more=[*words((100, "Yes"), left=320), *words((100, "No"), left=380)],
        marks=(box(306, 100, True), box(366, 100, True)),
    )
    assert field_at(form, "risk.suicide_attempt").unreadable


def test_a_column_of_boxes_is_what_its_heading_says_not_what_the_boxes_are_called() -> None:
    called_yes = tuple(Mark(Rect(x, 100, x + 9, 109), x == 400, option="Yes") for x in (350, 400))
    heads = [*words((84, "Yes"), left=346), *words((84, "No"), left=398)]
    form = read((100, "Have you ever attempted suicide?"), more=heads, marks=called_yes)
    assert value(form, "risk.suicide_attempt") is False


def test_options_whose_boxes_were_not_seen_are_no_answer() -> None:
    found = field_at(read((100, "Sex: Male Female")), "demographics.sex")
    assert (found.value, found.unreadable) == (None, True)


def test_a_typed_box_is_a_box() -> None:
    form = read((100, "Marital status: [ ] Single [x] Married [ ] Divorced"))
    assert value(form, "demographics.marital_status") == "Married"


def test_yes_or_no_may_be_circled() -> None:
    more = [*words((100, "Yes"), left=320), *words((100, "No"), left=380)]
    question = (100, "Do you feel safe at home?")
    ringed = read(question, more=more, strokes=(Stroke(Rect(376, 96, 396, 114), ring=True),))
    assert value(ringed, "risk.safe_at_home") is False
    assert field_at(read(question, more=more), "risk.safe_at_home").absent


def test_a_long_answer_goes_on_over_lines() -> None:
    form = read(
        (100, "Reason for visit: I cannot sleep and I worry"),
        (112, "about work most days."),
        (140, "City: Springfield"),
    )
    assert value(form, "presenting.problem") == "I cannot sleep and I worry about work most days."


def test_a_date_that_makes_no_sense_is_unreadable_and_keeps_its_words() -> None:
    found = field_at(read((100, "Date of birth: 13/45/19x5")), "demographics.birth_date")
    assert (found.unreadable, found.raw) == (True, "13/45/19x5")


def test_a_value_knows_where_it_stands() -> None:
    found = field_at(read((396, "First Name: Ada")), "demographics.first_name")
    assert found.page == 1
    assert found.box is not None
    assert found.box.top == pytest.approx(0.5)


def test_a_letter_is_no_intake_form() -> None:
    letter = Page(
        1,
        612,
        792,
        Method.LAYOUT_RULE,
        tuple(words((100, "Dear Dr. Hale, thank you for seeing Ada."), (120, "Date: 3/4/2026"))),
    )
    with pytest.raises(UnusableSource, match="not an intake form"):
        read_form([letter], FormSource.TEXT_PDF, today=date(2026, 11, 20))


# --- questionnaires ---


def questionnaire(answers: dict[int, int], ring: bool) -> IntakeForm:
    more: list[Word] = []
    marks: list[Mark] = []
    strokes: list[Stroke] = []
    for at, text in enumerate(measure_named("gad7").texts):
        top = 100.0 + 20 * at
        more += words((top, text[:52]), left=30)
        for column in range(4):
            x = 420.0 + 40 * column
            if ring:
                more.append(Word(str(column), Rect(x, top, x + 6, top + 10)))
                if answers.get(at) == column:
                    strokes.append(Stroke(Rect(x - 5, top - 3, x + 11, top + 13), ring=True))
            else:
                marks.append(box(x, top, answers.get(at) == column))
    return read(more=more, marks=tuple(marks), strokes=tuple(strokes))


@pytest.mark.parametrize("ring", [True, False])
def test_answers_of_a_questionnaire_are_read_by_their_column(ring: bool) -> None:
    form = questionnaire({0: 0, 1: 3, 2: 1, 4: 2, 6: 3}, ring)
    assert [item.value for item in form.gad7.items] == [0, 3, 1, None, 2, None, 3]
    assert form.gad7.items[3].absent


def test_a_total_is_never_computed() -> None:
    assert questionnaire(dict.fromkeys(range(7), 1), ring=False).gad7.stated_total.absent


def test_medications_stand_in_a_table() -> None:
    more = [
        *words((300, "Medication"), (316, "Sertraline"), (332, "Bupropion XL")),
        *words((300, "Dose"), (316, "50 mg"), left=200),
        *words((300, "Prescriber"), (332, "Dr. Lee"), left=320),
    ]
    found = read(more=more).medications
    assert [(m.name.value, m.dose.value, m.prescriber.value) for m in found] == [
        ("Sertraline", "50 mg", None),
        ("Bupropion XL", None, "Dr. Lee"),
    ]


def test_no_medications_is_said_and_not_guessed() -> None:
    assert read((300, "Current medications: None")).takes_no_medications.value is True
    assert read().takes_no_medications.absent


def test_a_signature_has_its_date_and_topics() -> None:
    form = read(
        (560, "I consent to treatment and have received the Notice of Privacy Practices."),
        (590, "Client signature: Ada Quill"),
        more=words((590, "Date: 11/02/2026"), left=400),
    )
    (consent,) = form.consents
    assert (consent.signature.value, consent.signed_on.value) == ("Ada Quill", date(2026, 11, 2))
    assert [topic.value for topic in consent.topics] == ["treatment", "privacy_practices"]


def test_a_drawn_signature_is_there_and_not_readable() -> None:
    form = read(
        (590, "Client signature:"),
        rules=(blank(145, 360, 600),),
        strokes=(Stroke(Rect(170, 580, 260, 602)),),
    )
    assert form.consents[0].signature.unreadable


def test_a_caption_under_a_line_names_what_stands_on_it() -> None:
    form = read((100, "Quill"), (113, "(last name)"), (146, "Jon Quill"), (159, "Name"), rules=(blank(40, 200, 111),))
    assert value(form, "demographics.last_name") == "Quill"


def test_the_letters_of_a_comb_are_one_answer_and_its_groups_are_parts() -> None:
    cells = "01 17 2015".replace(" ", "")
    places = [140 + 15 * at + 6 * (at > 1) + 6 * (at > 3) for at in range(8)]
    letters = [Word(letter, Rect(x + 4, 100, x + 10, 110)) for letter, x in zip(cells, places, strict=True)]
    combs = [Comb(Rect(places[a], 98, places[b] + 15, 113), 15.0) for a, b in ((0, 1), (2, 3), (4, 7))]
    form = read((100, "Date of birth"), more=letters, combs=tuple(combs))
    assert value(form, "demographics.birth_date") == date(2015, 1, 17)


def test_yes_and_no_to_circle_stand_before_their_question() -> None:
    ring = Stroke(Rect(36, 98, 50, 112), ring=True)
    form = read((100, "Y  N     Have you ever attempted suicide?"), strokes=(ring,))
    assert value(form, "risk.suicide_attempt") is True
    assert value(read((100, "Y  N     Have you ever attempted suicide?")), "risk.suicide_attempt") is None


def test_options_under_one_another_belong_to_the_label_above() -> None:
    lines = ((100, "Marital status"), (114, "   Single"), (128, "   Married"), (142, "   Divorced"))
    marks = (box(42, 114), box(42, 128, True), box(42, 142))
    assert value(read(*lines, marks=marks), "demographics.marital_status") == "Married"


def test_boxes_of_a_row_in_a_table_are_read_together() -> None:
    rules = [blank(40, 560, y) for y in (98, 114)]
    rules += [Rule(Rect(x, 98, x + 0.7, 114.7)) for x in (40, 300, 340, 380, 560)]
    heads = (84, " " * 45 + "Yes    No")
    form = read(
        heads, (101, " I have thoughts of suicide"), rules=tuple(rules), marks=(box(315, 102), box(355, 102, True))
    )
    assert value(form, "risk.suicidal_thoughts") is False


def test_what_goes_on_asking_is_no_answer() -> None:
    form = read((100, "Do you smoke or use drugs? How much?"), (114, "Half a pack a day"))
    assert value(form, "history.substance") == "Half a pack a day"


def test_a_field_for_somebody_named_above_is_theirs() -> None:
    form = read(
        (100, "Who should we call in an emergency?"),
        (114, "Jon"),
        (128, "a. How is this person related to you?"),
        (142, "Brother"),
    )
    assert value(form, "emergency_contact.relationship") == "Brother"


def test_the_title_of_a_form_opens_no_section() -> None:
    form = read((40, "STATE HEALTH PLAN - MEMBER INTAKE"), (100, "Date of birth: 01/17/2015"))
    assert value(form, "demographics.birth_date") == date(2015, 1, 17)


def test_numbers_on_blanks_before_the_items_are_their_answers() -> None:
    items = measure_named("phq9").texts[:4]
    lines = [
        (100 + 16 * at, f"{answer}      {at + 1}. {text}")
        for at, (text, answer) in enumerate(zip(items, "0312", strict=True))
    ]
    found = read(*lines).phq9.items
    assert [item.value for item in found[:4]] == [0, 3, 1, 2]


def test_a_letter_that_was_lost_in_its_ring_is_the_answer() -> None:
    lines = ((100, "Have you ever attempted suicide?    Y  N"), (120, "Do you feel safe at home?           Y"))
    lost = Stroke(Rect(270, 118, 286, 134), ring=True)
    form = read(*lines, strokes=(Stroke(Rect(250, 98, 266, 114), ring=True), lost))
    assert (value(form, "risk.suicide_attempt"), value(form, "risk.safe_at_home")) == (True, False)


def test_one_letter_of_a_pair_without_a_ring_is_no_answer() -> None:
    lines = ((100, "Have you ever attempted suicide?    Y  N"), (120, "Do you feel safe at home?           Y"))
    found = read(*lines, strokes=(Stroke(Rect(250, 98, 266, 114), ring=True),)).risk.safe_at_home
    assert (found.value, found.unreadable) == (None, True)


def test_a_line_in_pieces_is_one_line() -> None:
    rules = [blank(100, 220, 98), blank(222, 400, 98), blank(100, 400, 114)]
    rules += [Rule(Rect(x, 98, x + 0.7, 114.7)) for x in (100, 400)]
    form = read((101, "Name          Ada Quill"), rules=tuple(rules))
    assert value(form, "demographics.last_name") == "Quill"


def test_a_short_line_does_not_go_on_in_the_next() -> None:
    form = read(
        (100, "Who should we call in an emergency?"), (114, "Jon"), (125, "Their phone number"), (136, "(217) 555-0143")
    )
    assert value(form, "emergency_contact.phone") == "(217) 555-0143"


def scanned(*lines: tuple[float, str], **drawn: Any) -> IntakeForm:
    page = Page(1, 612, 792, Method.OCR, (*words(*ENOUGH), *words(*lines)), **drawn)
    return read_form([page], FormSource.SCAN, today=date(2026, 11, 20))


@pytest.mark.parametrize("read_of_it", ["City: Spring", "City:"])
def test_ink_that_was_not_read_leaves_no_part_of_an_answer(read_of_it: str) -> None:
    unread = Stroke(Rect(130, 100, 160, 110))
    found = scanned((100, read_of_it), strokes=(unread,)).contact.city
    assert (found.value, found.unreadable) == (None, True)
