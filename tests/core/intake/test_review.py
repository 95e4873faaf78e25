"""What a reviewer does, and what keeps an intake from being approved."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.intake.conftest import form_of

from therapyflows.core.chart import Client
from therapyflows.core.errors import Invalid, NotFound
from therapyflows.core.intake import review
from therapyflows.core.intake.draft import IntakeDraft, QualityFinding, RiskFlag, RiskLevel
from therapyflows.core.intake.duplicates import DuplicateCandidate
from therapyflows.core.intake.examining import Beside, Examined, Greeting, examine
from therapyflows.core.intake.fields import field_at, walk, with_field
from therapyflows.core.intake.model import Extracted, IntakeForm, Method
from therapyflows.core.intake.record import identity_of_client
from therapyflows.core.intake.welcome import WelcomeTemplate

BLOCKING = QualityFinding("birth_date_given", True, "The birth date is missing.", ("demographics.birth_date",))
WARNING = QualityFinding("address_given", False, "No address.", ("contact.address_line",))
PATHS = [path for path, _ in walk(form_of())]


def recheck(form: IntakeForm) -> Examined:
    missing = form.demographics.birth_date.value is None
    return Examined((BLOCKING,) if missing else (), ())


def codes(draft: IntakeDraft) -> list[str]:
    return [point.code for point in review.open_points(draft)]


def test_a_plain_form_has_nothing_open_and_warnings_do_not_block() -> None:
    assert codes(IntakeDraft(form_of(), findings=(WARNING,))) == []


def test_a_blocking_finding_goes_away_when_the_form_is_corrected() -> None:
    draft = IntakeDraft(with_field(form_of(), "demographics.birth_date", Extracted()), findings=(BLOCKING,))
    assert codes(draft) == ["birth_date_given"]
    corrected = review.correct_field(draft, "demographics.birth_date", "1991-04-03", recheck)
    assert codes(corrected) == []
    found = corrected.form.demographics.birth_date
    assert (found.value, found.method, found.confidence) == (date(1991, 4, 3), Method.PERSON, 1.0)


def test_a_blocking_finding_may_stand_with_a_reason_and_not_without() -> None:
    draft = IntakeDraft(form_of(), findings=(BLOCKING,))
    with pytest.raises(Invalid, match="reason_missing"):
        review.settle_finding(draft, BLOCKING.key, "  ")
    settled = review.settle_finding(draft, BLOCKING.key, "The client will bring it.")
    assert codes(settled) == []
    assert "bring it" not in repr(settled)
    with pytest.raises(NotFound):
        review.settle_finding(draft, "no_such_check", "x")


def test_what_a_language_model_found_waits_for_a_persons_eyes() -> None:
    found = Extracted("I lie awake", confidence=0.6, method=Method.MODEL)
    draft = IntakeDraft(with_field(form_of(), "presenting.problem", found))
    assert codes(draft) == ["found_by_model"]
    assert codes(review.accept_field(draft, "presenting.problem")) == []
    assert codes(review.correct_field(draft, "presenting.problem", "I wake up early", recheck)) == []


def test_a_reason_does_not_outlive_its_finding() -> None:
    draft = IntakeDraft(with_field(form_of(), "demographics.birth_date", Extracted()), findings=(BLOCKING,))
    settled = review.settle_finding(draft, BLOCKING.key, "Later.")
    corrected = review.correct_field(settled, "demographics.birth_date", "1991-04-03", recheck)
    assert corrected.settled == ()
    emptied = review.correct_field(corrected, "demographics.birth_date", "", recheck)
    assert codes(emptied) == ["birth_date_given"]


def test_what_cannot_be_read_is_typed_in_or_confirmed() -> None:
    draft = IntakeDraft(with_field(form_of(), "presenting.goals", Extracted(unreadable=True)))
    assert codes(draft) == ["unreadable"]
    assert codes(review.accept_field(draft, "presenting.goals")) == []
    typed = review.correct_field(draft, "presenting.goals", "Sleep through the night", recheck)
    assert codes(typed) == []
    assert typed.form.presenting.goals.value == "Sleep through the night"


def test_every_flag_of_risk_is_confirmed_by_a_person() -> None:
    flags = (RiskFlag("phq9_item9", RiskLevel.URGENT, "phq9.items.8"),)
    draft = IntakeDraft(form_of(), risks=flags)
    assert codes(draft) == ["risk_not_seen"]
    assert codes(review.accept_field(draft, "phq9.items.8")) == []


def test_a_possible_duplicate_is_answered_and_the_same_person_is_never_written_twice() -> None:
    draft = IntakeDraft(form_of(), duplicates=(DuplicateCandidate("c-9", 31.0, ("birth_date",), ()),))
    assert codes(draft) == ["duplicate_unanswered"]
    assert codes(review.answer_duplicate(draft, "somebody_else")) == []
    assert codes(review.answer_duplicate(draft, "same_person")) == ["duplicate"]


TWIN = Client(id="c-9", first_name="Imogen", last_name="Hale", birth_date=date(1991, 4, 3), phone="617-555-0142")
SELF = Client(id="c-1", first_name="Imogen", last_name="Hale")


def beside_twin(form: IntakeForm) -> Examined:
    """The search and the greeting as the practice has them."""
    greeting = Greeting(WelcomeTemplate("Welcome", "Dear {name}, {clinician} awaits you."), "Harbor Practice")
    beside = Beside(SELF, "Clin Example", (identity_of_client(SELF), identity_of_client(TWIN)))
    return examine(form, beside, check=lambda form, today: ("1", ()), greeting=greeting, today=date(2026, 11, 25))


def draft_beside_twin(form: IntakeForm) -> IntakeDraft:
    found = beside_twin(form)
    return IntakeDraft(form, risks=found.risks, duplicates=found.duplicates, welcome=found.welcome)


def test_a_corrected_birth_date_finds_who_is_a_client_already() -> None:
    misread = with_field(form_of(), "demographics.birth_date", Extracted(date(1957, 8, 30)))
    misread = with_field(misread, "contact.phone", Extracted())
    draft = draft_beside_twin(misread)
    assert codes(draft) == []
    corrected = review.correct_field(draft, "demographics.birth_date", "1991-04-03", beside_twin)
    assert [candidate.client_id for candidate in corrected.duplicates] == ["c-9"]
    assert codes(corrected) == ["duplicate_unanswered"]


def test_an_answer_about_a_duplicate_is_asked_again_once_it_looks_likelier() -> None:
    form = with_field(form_of(), "demographics.birth_date", Extracted(date(1991, 4, 8)))  # one digit off
    draft = review.answer_duplicate(draft_beside_twin(form), "somebody_else")
    assert codes(draft) == []
    unrelated = review.correct_field(draft, "presenting.goals", "Sleep", beside_twin)
    assert codes(unrelated) == []
    likelier = review.correct_field(draft, "demographics.birth_date", "1991-04-03", beside_twin)
    assert codes(likelier) == ["duplicate_unanswered"]


def test_that_it_is_the_same_person_does_not_outlive_the_likeness() -> None:
    draft = review.answer_duplicate(draft_beside_twin(form_of()), "same_person")
    assert codes(draft) == ["duplicate"]
    for path, typed in (
        ("demographics.birth_date", "1957-08-30"),
        ("demographics.last_name", "Ostrander"),
        ("contact.phone", ""),
    ):
        draft = review.correct_field(draft, path, typed, beside_twin)
    assert (draft.duplicates, draft.same_person) == ((), "unanswered")
    assert codes(draft) == []


def test_the_welcome_greets_the_name_as_corrected() -> None:
    draft = review.correct_field(draft_beside_twin(form_of()), "demographics.first_name", "Imogene", beside_twin)
    assert draft.welcome.body == "Dear Imogene, Clin Example awaits you."


def test_the_reviewers_own_welcome_is_kept_and_asked_about_when_the_name_changes() -> None:
    draft = review.answer_duplicate(draft_beside_twin(form_of()), "somebody_else")
    draft = review.change_welcome(draft, "Hello", "Dear Imogen, bring your card.")
    assert codes(review.correct_field(draft, "contact.city", "Boston", beside_twin)) == []
    renamed = review.correct_field(draft, "demographics.first_name", "Imogene", beside_twin)
    assert renamed.welcome.body == "Dear Imogen, bring your card."
    assert codes(renamed) == ["welcome_outdated"]
    assert codes(review.change_welcome(renamed, "Hello", "Dear Imogene, bring your card.")) == []
    assert codes(review.change_welcome(renamed, "", "")) == []


def test_unusual_values_come_first() -> None:
    form = with_field(form_of(), "contact.city", Extracted("Cambr1dge", confidence=0.3, method=Method.OCR))
    form = with_field(form, "contact.phone", Extracted("(617) 555-0142", confidence=0.99, method=Method.OCR))
    form = with_field(form, "presenting.goals", Extracted(unreadable=True))
    flags = (RiskFlag("phq9_item9", RiskLevel.URGENT, "phq9.items.8"),)
    draft = IntakeDraft(form, findings=(BLOCKING,), risks=flags)
    paths = ["contact.phone", "contact.city", "presenting.goals", "demographics.birth_date", "phq9.items.8"]
    assert review.unusual_first(draft, paths) == [*reversed(paths[1:]), paths[0]]


@pytest.mark.parametrize(
    ("path", "typed"),
    [("demographics.birth_date", "03/09/84"), ("phq9.items.0", "two"), ("risk.abuse", "perhaps")],
)
def test_what_is_no_value_of_its_kind_is_refused_and_changes_nothing(path: str, typed: str) -> None:
    with pytest.raises(Invalid, match="value_malformed"):
        review.correct_field(IntakeDraft(form_of()), path, typed, recheck)


def test_a_field_that_does_not_exist_is_not_found() -> None:
    for path in ("demographics.shoe_size", "phq9.items.99", "demographics", "", "__class__"):
        with pytest.raises(NotFound):
            review.accept_field(IntakeDraft(form_of()), path)


def test_every_field_has_a_kind() -> None:
    for path in PATHS:
        assert review.kind_of(path) in ("text", "day", "yes_no", "number")


@given(st.sampled_from(PATHS), st.text(max_size=40))
def test_a_correction_changes_one_field_or_nothing(path: str, typed: str) -> None:
    draft = IntakeDraft(form_of())
    try:
        corrected = review.correct_field(draft, path, typed, lambda form: Examined((), ()))
    except Invalid:
        return
    for other in PATHS:
        if other != path:
            assert field_at(corrected.form, other) == field_at(draft.form, other)
    assert replace(corrected, form=draft.form, accepted=()) == draft
